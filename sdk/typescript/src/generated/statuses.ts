// Made by generate.mjs from the OpenAPI document. Do not edit.
import type { ReturnCode, Status, StatusOperation } from "../catalogue.js";

/** The status values of each operation, and of the redirect, as in the document. */
export const statusTable: Readonly<Record<StatusOperation, readonly Omit<Status, "operation" | "retryable">[]>> = {
 "create_order": [
  {
   "value": -68,
   "name": "DUPLICATE_APPS_TRANS_ID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Mã giao dịch bị trùng",
    "en": "Duplicate transaction identifier"
   },
   "meaning": {
    "vi": "Ứng dụng đã dùng app_trans_id này cho một đơn hàng khác, dù đơn đó đã kết thúc thế nào. Không có đơn hàng thứ hai nào được tạo.",
    "en": "The app has used this app_trans_id for an order before, whatever became of it. No second order was made."
   },
   "action": {
    "vi": "Truy vấn đơn hàng đã có, hoặc tạo đơn mới với app_trans_id khác.",
    "en": "Query the order that exists, or create a new one under another app_trans_id."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu tạo đơn hàng thiếu tham số hoặc có tham số không hợp lệ: sai kiểu, quá dài, tiền tố yyMMdd của app_trans_id không phải ngày hiện tại theo giờ GMT+7, hoặc app_time lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the create request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or app_time is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|app_user|amount|app_time|embed_data|item), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|app_user|amount|app_time|embed_data|item), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với app_time là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current app_time, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known."
   },
   "action": {
    "vi": "Truy vấn đơn hàng theo app_trans_id. Nếu chưa có đơn hàng, tạo lại với chính app_trans_id đó.",
    "en": "Query the order by app_trans_id. If there is none, create it again under the same app_trans_id."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ đơn hàng đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The order service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với app_time là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current app_time."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Đơn hàng đã được tạo và đang chờ thanh toán. Chưa có khoản tiền nào được chuyển.",
    "en": "The order was created and waits to be paid. No money has moved."
   },
   "action": {
    "vi": "Đưa người trả tiền đến order_url.",
    "en": "Send the payer to order_url."
   }
  }
 ],
 "query_order": [
  {
   "value": -54,
   "name": "TIME_INVALID",
   "return_code": 2,
   "retry": "never",
   "finality": "final",
   "documented": true,
   "text": {
    "vi": "Đơn hàng đã hết hạn",
    "en": "The order has expired"
   },
   "meaning": {
    "vi": "Đơn hàng đã quá hạn mà chưa được thanh toán, hoặc đã bị hủy; khi bị hủy, thông báo nói rõ điều đó.",
    "en": "The order passed its expiry unpaid, or was cancelled; the message of a cancelled order says so."
   },
   "action": {
    "vi": "Ngừng truy vấn. Nếu khách vẫn muốn mua, tạo đơn mới với app_trans_id mới.",
    "en": "Stop asking. If the customer still wants to buy, create a new order under a new app_trans_id."
   }
  },
  {
   "value": -63,
   "name": "ZPW_BALANCE_NOT_ENOUGH",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Số dư ví không đủ",
    "en": "The wallet balance is too low"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất thất bại vì số dư ví của người trả tiền không đủ. Đơn hàng vẫn thanh toán được cho đến khi hết hạn.",
    "en": "The last attempt to pay failed because the balance of the payer's wallet was too low. The order can still be paid until it expires."
   },
   "action": {
    "vi": "Báo khách nạp thêm tiền hoặc chọn nguồn tiền khác rồi trả lại; tiếp tục truy vấn cho đến khi có kết quả cuối cùng.",
    "en": "Ask the customer to add money or choose another source and pay again; keep querying until the result is final."
   }
  },
  {
   "value": -92,
   "name": "APPTRANSID_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Mã giao dịch không hợp lệ",
    "en": "Invalid transaction identifier"
   },
   "meaning": {
    "vi": "app_trans_id không đúng định dạng: sáu ký tự đầu không phải ngày yyMMdd, dài quá 40 ký tự hoặc có ký tự không được phép.",
    "en": "The app_trans_id is not of the required form: its first six characters are no yyMMdd date, it is longer than 40 characters, or it has a character that is not allowed."
   },
   "action": {
    "vi": "Sửa app_trans_id rồi truy vấn lại.",
    "en": "Correct app_trans_id and query again."
   }
  },
  {
   "value": -101,
   "name": "ORDER_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Đơn hàng không tồn tại",
    "en": "The order does not exist"
   },
   "meaning": {
    "vi": "Ứng dụng này không có đơn hàng nào mang app_trans_id đó.",
    "en": "This app has no order under that app_trans_id."
   },
   "action": {
    "vi": "Kiểm tra app_trans_id và app_id. Nếu lệnh tạo đơn chưa tới nơi, tạo đơn lại.",
    "en": "Check app_trans_id and app_id. If the create request never arrived, create the order again."
   }
  },
  {
   "value": -217,
   "name": "BANK_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Ngân hàng từ chối giao dịch",
    "en": "The bank refused the payment"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất thất bại tại ngân hàng của người trả tiền: ngân hàng từ chối, thẻ bị báo mất, tài khoản không đủ tiền hoặc ngân hàng không trả lời kịp.",
    "en": "The last attempt to pay failed at the payer's bank: it declined, the card is reported stolen, the account lacks money, or the bank did not answer in time."
   },
   "action": {
    "vi": "Báo khách dùng thẻ hoặc nguồn tiền khác cho chính đơn này; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another card or source for the same order; keep querying until the result is final, and cancel it before you create another."
   }
  },
  {
   "value": -332,
   "name": "PROMOTION_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Khuyến mãi không áp dụng được",
    "en": "The promotion is not available"
   },
   "meaning": {
    "vi": "Chương trình khuyến mãi nêu trong promotioninfo không tồn tại, không trong thời gian áp dụng hoặc đã hết lượt.",
    "en": "The campaign named in promotioninfo is unknown, is not running, or is used up."
   },
   "action": {
    "vi": "Hủy đơn, rồi tạo đơn mới không kèm chương trình này, hoặc với chương trình đang áp dụng; chưa hủy thì tiếp tục truy vấn.",
    "en": "Cancel the order, then create one without this campaign, or with one that is running; keep querying while it is not cancelled."
   }
  },
  {
   "value": -333,
   "name": "PROMOTION_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Không đủ điều kiện khuyến mãi",
    "en": "Not eligible for the promotion"
   },
   "meaning": {
    "vi": "Người trả tiền hoặc đơn hàng không đủ điều kiện của chương trình khuyến mãi: số tiền dưới mức tối thiểu, người trả tiền đã hết lượt, hoặc ứng dụng không tham gia chương trình.",
    "en": "The payer or the order is not eligible for the campaign: the amount is below its minimum, the payer has used it as often as allowed, or the app takes no part in it."
   },
   "action": {
    "vi": "Hủy đơn, rồi tạo đơn mới không kèm chương trình này, hoặc sửa đơn cho đủ điều kiện; chưa hủy thì tiếp tục truy vấn.",
    "en": "Cancel the order, then create one without this campaign, or one that meets its terms; keep querying while it is not cancelled."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu truy vấn đơn hàng thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài. Chưa có gì được thực hiện.",
    "en": "A member of the order query is missing or invalid: a wrong type or too long. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|key1), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|key1), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes. If it goes on, contact the operator."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ đơn hàng đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The order service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  },
  {
   "value": -1330,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền, tính trên mọi nguồn tiền.",
    "en": "The last attempt to pay passed the payer's daily limit over all sources."
   },
   "action": {
    "vi": "Báo khách thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1331,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền đối với thanh toán từ số dư ví.",
    "en": "The last attempt to pay passed the payer's daily limit on payments from the wallet balance."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1332,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền đối với thanh toán từ tài khoản ngân hàng đã liên kết và thẻ nội địa.",
    "en": "The last attempt to pay passed the payer's daily limit on payments from linked bank accounts and domestic cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1333,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền đối với thanh toán từ thẻ quốc tế.",
    "en": "The last attempt to pay passed the payer's daily limit on payments from international cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1340,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền, tính trên mọi nguồn tiền.",
    "en": "The last attempt to pay passed the payer's monthly limit over all sources."
   },
   "action": {
    "vi": "Báo khách thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1341,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền đối với thanh toán từ số dư ví.",
    "en": "The last attempt to pay passed the payer's monthly limit on payments from the wallet balance."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1342,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền đối với thanh toán từ tài khoản ngân hàng đã liên kết và thẻ nội địa.",
    "en": "The last attempt to pay passed the payer's monthly limit on payments from linked bank accounts and domestic cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1343,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền đối với thanh toán từ thẻ quốc tế.",
    "en": "The last attempt to pay passed the payer's monthly limit on payments from international cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Đơn hàng đã được thanh toán.",
    "en": "The order is paid."
   },
   "action": {
    "vi": "Giao hàng hoặc cung cấp dịch vụ.",
    "en": "Deliver what was bought."
   }
  },
  {
   "value": 3,
   "name": "PROCESSING",
   "return_code": 3,
   "retry": "same",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch chưa được thực hiện",
    "en": "The order is not paid yet"
   },
   "meaning": {
    "vi": "Đơn hàng chưa được thanh toán, hoặc đang được thanh toán.",
    "en": "The order is not paid yet, or a payment of it is in flight."
   },
   "action": {
    "vi": "Chờ callback, hoặc truy vấn lại sau khoảng một phút cho đến khi có kết quả cuối cùng.",
    "en": "Wait for the callback, or query again about once a minute until the result is final."
   }
  }
 ],
 "cancel_order": [
  {
   "value": -101,
   "name": "ORDER_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Đơn hàng không tồn tại",
    "en": "The order does not exist"
   },
   "meaning": {
    "vi": "Ứng dụng này không có đơn hàng nào mang app_trans_id đó.",
    "en": "This app has no order under that app_trans_id."
   },
   "action": {
    "vi": "Kiểm tra app_trans_id và app_id. Nếu lệnh tạo đơn chưa tới nơi, tạo đơn lại.",
    "en": "Check app_trans_id and app_id. If the create request never arrived, create the order again."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu hủy đơn hàng thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài. Chưa có gì được thực hiện.",
    "en": "A member of the cancel request is missing or invalid: a wrong type or too long. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -403,
   "name": "ORDER_ALREADY_CAPTURED",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Đơn hàng đã được thanh toán",
    "en": "The order is already paid"
   },
   "meaning": {
    "vi": "Đơn hàng đã được thanh toán, hoặc đang có một lần thanh toán được xử lý, nên không hủy được nữa.",
    "en": "The order is paid, or a payment of it is in flight, so it can no longer be cancelled."
   },
   "action": {
    "vi": "Truy vấn đơn hàng. Nếu đã thanh toán, hoàn tiền thay vì hủy.",
    "en": "Query the order. If it is paid, refund it instead."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known."
   },
   "action": {
    "vi": "Gửi lại yêu cầu hủy: hủy một đơn hàng đã hủy không gây thêm thay đổi.",
    "en": "Send the cancel request again: cancelling a cancelled order changes nothing more."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ đơn hàng đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The order service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Đơn hàng đã được hủy và không thanh toán được nữa.",
    "en": "The order is cancelled and can no longer be paid."
   },
   "action": {
    "vi": "Không cần làm gì thêm.",
    "en": "Nothing is left to do."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|key1), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|key1), then send the request again."
   }
  }
 ],
 "refund_order": [
  {
   "value": 0,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không khởi tạo được hoàn tiền",
    "en": "The refund could not be started"
   },
   "meaning": {
    "vi": "Không kết nối được với kênh thanh toán phải thực hiện hoàn tiền. Không có gì được ghi nhận.",
    "en": "The payment channel that must carry the refund could not be reached. Nothing was recorded."
   },
   "action": {
    "vi": "Gửi lại sau ít phút với chính m_refund_id đó, với timestamp là thời điểm hiện tại. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send it again in a few minutes under the same m_refund_id, with a current timestamp. If it goes on, contact the operator."
   }
  },
  {
   "value": -13,
   "name": "ORDER_REFUND_EXPIRED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Yêu cầu hoàn tiền quá thời gian",
    "en": "The refund request is out of time"
   },
   "meaning": {
    "vi": "timestamp lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "The timestamp is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Chỉnh lại đồng hồ máy và gửi lại với timestamp hiện tại, tính bằng mili giây.",
    "en": "Set the clock of the machine right and send it again with the present timestamp, in milliseconds."
   }
  },
  {
   "value": -101,
   "name": "ORDER_NOT_FOUND",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy giao dịch",
    "en": "The payment was not found"
   },
   "meaning": {
    "vi": "Ứng dụng này không có khoản thanh toán nào mang zp_trans_id đó.",
    "en": "This app has no payment under that zp_trans_id."
   },
   "action": {
    "vi": "Lấy đúng zp_trans_id từ callback hoặc truy vấn đơn hàng, rồi gửi lại.",
    "en": "Take zp_trans_id from the callback or from a query of the order, then send the refund again."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu hoàn tiền thiếu tham số hoặc có tham số không hợp lệ: sai kiểu, quá dài, hoặc m_refund_id không có dạng yyMMdd_appid_hậu tố của ngày hiện tại theo giờ GMT+7. Chưa có gì được thực hiện.",
    "en": "A member of the refund request is missing or invalid: a wrong type, too long, or an m_refund_id that is not yyMMdd_appid_suffix for the current day at GMT+7. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|zp_trans_id|amount|description|timestamp), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|zp_trans_id|amount|description|timestamp), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với timestamp là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current timestamp, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known."
   },
   "action": {
    "vi": "Truy vấn hoàn tiền theo m_refund_id. Nếu không tìm thấy, gửi lại với chính m_refund_id đó để không hoàn hai lần.",
    "en": "Query the refund by m_refund_id. If there is none, send it again under the same m_refund_id, so that the money is not returned twice."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ hoàn tiền đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The refund service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với timestamp là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current timestamp."
   }
  },
  {
   "value": -32,
   "name": "NOT_SUPPORT_PARTIAL_REFUND",
   "return_code": 2,
   "retry": "changed",
   "finality": "final",
   "documented": true,
   "text": {
    "vi": "Giao dịch không hỗ trợ hoàn tiền một phần",
    "en": "Partial refund is not supported"
   },
   "meaning": {
    "vi": "Khoản thanh toán dùng ví điện tử đối tác hoặc có khuyến mãi, nên chỉ hoàn được toàn bộ số tiền.",
    "en": "The payment was made through a partner e-wallet or with a promotion applied, so only its full amount can be refunded."
   },
   "action": {
    "vi": "Gửi yêu cầu hoàn toàn bộ số tiền.",
    "en": "Ask for the refund of the full amount."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Yêu cầu hoàn tiền đã được nhận.",
    "en": "The refund was accepted."
   },
   "action": {
    "vi": "Truy vấn hoàn tiền để biết kết quả cuối cùng.",
    "en": "Query the refund for the final result."
   }
  },
  {
   "value": 2,
   "name": "REFUND_PROCESSING",
   "return_code": 3,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch đang refund!",
    "en": "The refund is being processed"
   },
   "meaning": {
    "vi": "Yêu cầu hoàn tiền đã được nhận và đang xử lý.",
    "en": "The refund was accepted and is being processed."
   },
   "action": {
    "vi": "Truy vấn hoàn tiền theo m_refund_id cho đến khi có kết quả cuối cùng. Không gửi lại dưới mã khác.",
    "en": "Query the refund by m_refund_id until the result is final. Do not send it again under another identifier."
   }
  },
  {
   "value": -23,
   "name": "DUPLICATE_M_REFUND_ID",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Mã hoàn tiền bị trùng",
    "en": "Duplicate refund identifier"
   },
   "meaning": {
    "vi": "Ứng dụng đã dùng m_refund_id này. Không có lệnh hoàn tiền thứ hai nào được tạo.",
    "en": "The app has used this m_refund_id before. No second refund was made."
   },
   "action": {
    "vi": "Truy vấn hoàn tiền theo m_refund_id đó. Nếu thật sự muốn hoàn thêm, dùng m_refund_id mới.",
    "en": "Query the refund under that m_refund_id. If another refund is really wanted, use a new one."
   }
  }
 ],
 "query_refund": [
  {
   "value": -1,
   "name": "REFUND_PENDING",
   "return_code": 3,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Giao dịch hoàn tiền đang chờ duyệt",
    "en": "The refund waits for approval"
   },
   "meaning": {
    "vi": "Số tiền hoàn đạt hoặc vượt ngưỡng phải duyệt của ứng dụng; lệnh đang chờ người vận hành duyệt hoặc từ chối.",
    "en": "The amount is at or over the approval threshold of the app; the refund waits for an operator to approve or reject it."
   },
   "action": {
    "vi": "Tiếp tục truy vấn. Nếu chờ lâu, liên hệ đơn vị vận hành.",
    "en": "Keep querying. If it takes long, contact the operator."
   }
  },
  {
   "value": -2,
   "name": "REFUND_TYPE_INVALID",
   "return_code": 2,
   "retry": "never",
   "finality": "final",
   "documented": true,
   "text": {
    "vi": "Loại hoàn tiền không hợp lệ",
    "en": "The payment cannot be refunded"
   },
   "meaning": {
    "vi": "Kênh thanh toán của giao dịch này không hỗ trợ hoàn tiền.",
    "en": "The channel by which this payment was made cannot refund."
   },
   "action": {
    "vi": "Trả lại tiền cho khách bằng cách khác.",
    "en": "Return the money to the customer in another way."
   }
  },
  {
   "value": -13,
   "name": "REFUND_EXPIRE_TIME",
   "return_code": 2,
   "retry": "never",
   "finality": "final",
   "documented": true,
   "text": {
    "vi": "Đã quá thời hạn hoàn tiền",
    "en": "The refund period is over"
   },
   "meaning": {
    "vi": "Đã quá thời hạn hoàn tiền của ứng dụng, tính từ lúc thanh toán.",
    "en": "The refund period of the app, counted from the payment, is over."
   },
   "action": {
    "vi": "Trả lại tiền cho khách bằng cách khác.",
    "en": "Return the money to the customer in another way."
   }
  },
  {
   "value": -14,
   "name": "REFUND_AMOUNT_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "final",
   "documented": true,
   "text": {
    "vi": "Số tiền hoàn không hợp lệ",
    "en": "The refund amount is not acceptable"
   },
   "meaning": {
    "vi": "Số tiền lớn hơn phần còn có thể hoàn, tính cả các lệnh đang xử lý; hoặc bị người vận hành từ chối vì số tiền.",
    "en": "The amount is more than what is left to refund, running refunds counted; or an operator rejected it for its amount."
   },
   "action": {
    "vi": "Kiểm tra số tiền đã hoàn, rồi gửi lại với số tiền đúng và m_refund_id mới.",
    "en": "Check what has been refunded, then ask again with a right amount and a new m_refund_id."
   }
  },
  {
   "value": -16,
   "name": "INSERT_REFUND_LOG_AR_FAIL",
   "return_code": 3,
   "retry": "same",
   "finality": "open",
   "documented": true,
   "text": {
    "vi": "Giao dịch hoàn tiền đang chờ đủ tiền",
    "en": "The refund waits for funds"
   },
   "meaning": {
    "vi": "Số dư của đơn vị bán hàng và hạn mức công nợ không đủ cho khoản hoàn, nên chưa ghi nhận công nợ được. Lệnh tự chạy tiếp khi có tiền.",
    "en": "The merchant's balance and its receivable limit do not cover the refund, so it could not be booked as a receivable. It runs on when funds arrive."
   },
   "action": {
    "vi": "Nạp thêm tiền vào tài khoản của đơn vị bán hàng và tiếp tục truy vấn; không gửi lệnh hoàn khác.",
    "en": "Add funds to the merchant account and keep querying; do not send another refund."
   }
  },
  {
   "value": -32,
   "name": "NOT_SUPPORT_PARTIAL_REFUND",
   "return_code": 2,
   "retry": "changed",
   "finality": "final",
   "documented": true,
   "text": {
    "vi": "Giao dịch không hỗ trợ hoàn tiền một phần",
    "en": "Partial refund is not supported"
   },
   "meaning": {
    "vi": "Khoản thanh toán dùng ví điện tử đối tác hoặc có khuyến mãi, nên chỉ hoàn được toàn bộ số tiền.",
    "en": "The payment was made through a partner e-wallet or with a promotion applied, so only its full amount can be refunded."
   },
   "action": {
    "vi": "Gửi yêu cầu hoàn toàn bộ số tiền với m_refund_id mới.",
    "en": "Ask for the refund of the full amount under a new m_refund_id."
   }
  },
  {
   "value": -101,
   "name": "M_REFUND_ID_NOT_FOUND",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy giao dịch hoàn tiền",
    "en": "The refund was not found"
   },
   "meaning": {
    "vi": "Ứng dụng này không có lệnh hoàn tiền nào mang m_refund_id đó.",
    "en": "This app has no refund under that m_refund_id."
   },
   "action": {
    "vi": "Kiểm tra m_refund_id. Nếu lệnh hoàn chưa tới nơi, gửi lại với chính mã đó.",
    "en": "Check m_refund_id. If the refund request never arrived, send it again under the same identifier."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu truy vấn hoàn tiền thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc timestamp lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the refund query is missing or invalid: a wrong type or too long, or timestamp is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|m_refund_id|timestamp), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|m_refund_id|timestamp), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với timestamp là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current timestamp, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút, với timestamp là thời điểm hiện tại. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes, with a current timestamp. If it goes on, contact the operator."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ hoàn tiền đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The refund service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với timestamp là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current timestamp."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công!",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Đã hoàn tiền cho người trả tiền.",
    "en": "The money was returned to the payer."
   },
   "action": {
    "vi": "Ghi nhận hoàn tiền thành công.",
    "en": "Record the refund as done."
   }
  },
  {
   "value": 2,
   "name": "REFUND_PROCESSING",
   "return_code": 3,
   "retry": "same",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch đang refund!",
    "en": "The refund is being processed"
   },
   "meaning": {
    "vi": "Lệnh hoàn tiền đang được xử lý.",
    "en": "The refund is being processed."
   },
   "action": {
    "vi": "Truy vấn lại sau.",
    "en": "Query again later."
   }
  },
  {
   "value": 0,
   "name": "REFUND_FAILED",
   "return_code": 2,
   "retry": "changed",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Hoàn tiền thất bại",
    "en": "The refund failed"
   },
   "meaning": {
    "vi": "Hoàn tiền thất bại mà không có nguyên nhân cụ thể hơn.",
    "en": "The refund failed; no closer reason is given."
   },
   "action": {
    "vi": "Liên hệ đơn vị vận hành, hoặc gửi lại với m_refund_id mới.",
    "en": "Contact the operator, or ask for the refund again under a new m_refund_id."
   }
  }
 ],
 "create_binding_wallet": [
  {
   "value": -68,
   "name": "DUPLICATE_APPS_TRANS_ID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Mã giao dịch bị trùng",
    "en": "Duplicate transaction identifier"
   },
   "meaning": {
    "vi": "Ứng dụng đã dùng app_trans_id này cho một liên kết ví hoặc thẻ khác. Không có liên kết mới nào được tạo.",
    "en": "The app has used this app_trans_id for a wallet or card binding before. No new binding was made."
   },
   "action": {
    "vi": "Truy vấn liên kết đã có bằng API truy vấn token, hoặc tạo liên kết mới với app_trans_id khác.",
    "en": "Query the existing binding with the token query, or start a new one under another app_trans_id."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu liên kết ví thiếu tham số hoặc có tham số không hợp lệ: sai kiểu, quá dài, tiền tố yyMMdd của app_trans_id không phải ngày hiện tại theo giờ GMT+7, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the wallet binding request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|binding_data|binding_type|identifier|max_amount|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|binding_data|binding_type|identifier|max_amount|req_date), then send the request again."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known."
   },
   "action": {
    "vi": "Truy vấn token theo app_trans_id. Nếu chưa có liên kết, gửi lại với chính app_trans_id đó.",
    "en": "Query the token by app_trans_id. If there is no binding, send the request again under the same app_trans_id."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công.",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Yêu cầu liên kết đã được tạo và đang chờ người dùng xác nhận trong 15 phút.",
    "en": "The binding was started and waits up to 15 minutes for the user to confirm."
   },
   "action": {
    "vi": "Đưa người dùng đến deep_link hoặc binding_qr_link.",
    "en": "Send the user to deep_link or binding_qr_link."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  }
 ],
 "query_payment_token_wallet": [
  {
   "value": -101,
   "name": "APP_TRANS_ID_NOT_FOUND",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy liên kết",
    "en": "The binding was not found"
   },
   "meaning": {
    "vi": "Ứng dụng này không có liên kết nào mang app_trans_id đó, hoặc liên kết không được xác nhận trong 15 phút.",
    "en": "This app has no binding under that app_trans_id, or it was never confirmed within its 15 minutes."
   },
   "action": {
    "vi": "Kiểm tra app_trans_id. Nếu liên kết đã quá hạn, tạo liên kết mới với app_trans_id mới.",
    "en": "Check app_trans_id. If the binding ran out, start a new one under a new app_trans_id."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu truy vấn token thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the token query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|req_date), then send the request again."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút, với req_date là thời điểm hiện tại. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes, with a current req_date. If it goes on, contact the operator."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công.",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Người dùng đã trả lời yêu cầu liên kết; status cho biết liên kết đang có hiệu lực (1), đã hủy (3) hay bị vô hiệu hóa (4).",
    "en": "The user has answered the binding; status says whether it is confirmed (1), cancelled (3) or disabled (4)."
   },
   "action": {
    "vi": "Khi status là 1, lưu pay_token và binding_id.",
    "en": "When status is 1, keep pay_token and binding_id."
   }
  },
  {
   "value": 3,
   "name": "PROCESSING",
   "return_code": 3,
   "retry": "same",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Liên kết đang chờ xác nhận",
    "en": "The binding waits for confirmation"
   },
   "meaning": {
    "vi": "Người dùng chưa xác nhận liên kết; yêu cầu còn hiệu lực trong 15 phút kể từ khi tạo.",
    "en": "The user has not confirmed the binding yet; it stays open for 15 minutes after it was started."
   },
   "action": {
    "vi": "Chờ callback, hoặc truy vấn lại sau.",
    "en": "Wait for the callback, or query again later."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  },
  {
   "value": -7002,
   "name": "WRONG_PARAMETER",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tham số không hợp lệ",
    "en": "Invalid parameter"
   },
   "meaning": {
    "vi": "Yêu cầu truy vấn liên kết thẻ thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the card binding query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  }
 ],
 "query_balance_wallet": [
  {
   "value": -101,
   "name": "TOKEN_NOT_EXITS",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Token không tồn tại",
    "en": "The token does not exist"
   },
   "meaning": {
    "vi": "Không có pay_token này.",
    "en": "The pay_token is unknown."
   },
   "action": {
    "vi": "Dùng đúng pay_token nhận được khi liên kết, hoặc liên kết lại.",
    "en": "Use the pay_token received when binding, or bind again."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu kiểm tra số dư thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the balance query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|pay_token|identifier|amount|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|pay_token|identifier|amount|req_date), then send the request again."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút, với req_date là thời điểm hiện tại. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes, with a current req_date. If it goes on, contact the operator."
   }
  },
  {
   "value": -1002,
   "name": "AGREEMENT NOT VALID",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết không còn hiệu lực",
    "en": "The binding is no longer valid"
   },
   "meaning": {
    "vi": "Liên kết đã bị người dùng, đơn vị bán hàng hoặc đơn vị vận hành chấm dứt.",
    "en": "The binding was ended by the user, the merchant or the operator."
   },
   "action": {
    "vi": "Không dùng token này nữa; mời người dùng liên kết lại.",
    "en": "Do not use this token any more; ask the user to bind again."
   }
  },
  {
   "value": -1007,
   "name": "ARGREEMENT_EXPIRED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết đã hết hạn",
    "en": "The binding has expired"
   },
   "meaning": {
    "vi": "Token đã qua ngày hết hạn của chính nó.",
    "en": "The token is past its own end date."
   },
   "action": {
    "vi": "Không dùng token này nữa; mời người dùng liên kết lại.",
    "en": "Do not use this token any more; ask the user to bind again."
   }
  },
  {
   "value": -1009,
   "name": "USER_HAS_BEEN_LOCKED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tài khoản người dùng đã bị khóa",
    "en": "The user's account is locked"
   },
   "meaning": {
    "vi": "Ví của người dùng đang bị khóa.",
    "en": "The user's wallet is locked."
   },
   "action": {
    "vi": "Báo người dùng liên hệ bộ phận hỗ trợ ví; chọn cách thanh toán khác.",
    "en": "Ask the user to contact the wallet's support; offer another way to pay."
   }
  },
  {
   "value": -1011,
   "name": "PERMISSION_DENIED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không có quyền thực hiện",
    "en": "Permission denied"
   },
   "meaning": {
    "vi": "Token thuộc về ứng dụng khác, hoặc identifier không phải là identifier đã dùng khi liên kết.",
    "en": "The token belongs to another app, or the identifier is not the one it was made for."
   },
   "action": {
    "vi": "Dùng app_id và identifier của lần liên kết đã tạo ra token.",
    "en": "Use the app_id and the identifier of the binding that made the token."
   }
  },
  {
   "value": -1800,
   "name": "USER EXCEED KYC LIMIT",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức định danh của người dùng",
    "en": "Over the user's verification limit"
   },
   "meaning": {
    "vi": "Số tiền vượt hạn mức theo mức xác minh (KYC) của ví trong một lần thanh toán hoặc trong một năm gần nhất.",
    "en": "The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year."
   },
   "action": {
    "vi": "Mời người dùng nâng mức xác minh, hoặc chọn cách thanh toán khác.",
    "en": "Ask the user to raise their level of identification, or offer another way to pay."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM IS MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công.",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Token có hiệu lực; payable cho biết ví có thanh toán được số tiền này hay không.",
    "en": "The token is valid; payable says whether the wallet can pay this amount."
   },
   "action": {
    "vi": "Chỉ thanh toán khi payable là true.",
    "en": "Pay only when payable is true."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  }
 ],
 "pay_by_token_wallet": [
  {
   "value": -101,
   "name": "TOKEN_NOT_EXITS",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Token không tồn tại",
    "en": "The token does not exist"
   },
   "meaning": {
    "vi": "Không có pay_token này.",
    "en": "The pay_token is unknown."
   },
   "action": {
    "vi": "Dùng đúng pay_token nhận được khi liên kết, hoặc liên kết lại.",
    "en": "Use the pay_token received when binding, or bind again."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu thanh toán bằng token thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện. Đơn hàng không có, đã hết hạn hoặc đã hủy cũng nhận giá trị này.",
    "en": "A member of the token payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done. An order that is unknown, expired or cancelled is answered with this value too."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|identifier|zp_trans_token|pay_token|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|identifier|zp_trans_token|pay_token|req_date), then send the request again."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known."
   },
   "action": {
    "vi": "Truy vấn đơn hàng trước khi thanh toán lại, vì tiền có thể đã được trừ.",
    "en": "Query the order before paying again, because the money may have moved."
   }
  },
  {
   "value": -1002,
   "name": "AGREEMENT NOT VALID",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết không còn hiệu lực",
    "en": "The binding is no longer valid"
   },
   "meaning": {
    "vi": "Liên kết đã bị người dùng, đơn vị bán hàng hoặc đơn vị vận hành chấm dứt.",
    "en": "The binding was ended by the user, the merchant or the operator."
   },
   "action": {
    "vi": "Không dùng token này nữa; mời người dùng liên kết lại.",
    "en": "Do not use this token any more; ask the user to bind again."
   }
  },
  {
   "value": -1007,
   "name": "AGREEMENT_EXPIRED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết đã hết hạn",
    "en": "The binding has expired"
   },
   "meaning": {
    "vi": "Token đã qua ngày hết hạn của chính nó.",
    "en": "The token is past its own end date."
   },
   "action": {
    "vi": "Không dùng token này nữa; mời người dùng liên kết lại.",
    "en": "Do not use this token any more; ask the user to bind again."
   }
  },
  {
   "value": -1009,
   "name": "USER_HAS_BEEN_LOCKED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tài khoản người dùng đã bị khóa",
    "en": "The user's account is locked"
   },
   "meaning": {
    "vi": "Ví của người dùng đang bị khóa.",
    "en": "The user's wallet is locked."
   },
   "action": {
    "vi": "Báo người dùng liên hệ bộ phận hỗ trợ ví; chọn cách thanh toán khác.",
    "en": "Ask the user to contact the wallet's support; offer another way to pay."
   }
  },
  {
   "value": -1010,
   "name": "USER_CANNOT_PAY",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Người dùng không thể thanh toán",
    "en": "The user cannot pay"
   },
   "meaning": {
    "vi": "Ví không thanh toán được: số dư không đủ, chủ ví đã tắt thanh toán, hoặc chưa đặt mã PIN.",
    "en": "The wallet cannot pay: its balance is too low, its owner has switched payments off, or no PIN is set."
   },
   "action": {
    "vi": "Báo người dùng kiểm tra ví rồi thử lại, hoặc chọn cách thanh toán khác.",
    "en": "Ask the user to look at the wallet and try again, or offer another way to pay."
   }
  },
  {
   "value": -1011,
   "name": "PERMISSION_DENIED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không có quyền thực hiện",
    "en": "Permission denied"
   },
   "meaning": {
    "vi": "Token thuộc về ứng dụng khác, hoặc identifier không phải là identifier đã dùng khi liên kết.",
    "en": "The token belongs to another app, or the identifier is not the one it was made for."
   },
   "action": {
    "vi": "Dùng app_id và identifier của lần liên kết đã tạo ra token.",
    "en": "Use the app_id and the identifier of the binding that made the token."
   }
  },
  {
   "value": -1013,
   "name": "PAYMENT_AMOUNT_EXCEED_LIMIT",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Số tiền thanh toán vượt hạn mức",
    "en": "The amount is over the limit"
   },
   "meaning": {
    "vi": "Số tiền vượt max_amount của liên kết, hoặc vượt hạn mức ngày hay tháng của ví.",
    "en": "The amount is over the max_amount of the binding, or over the wallet's daily or monthly limit."
   },
   "action": {
    "vi": "Báo người dùng; tạo đơn với số tiền nhỏ hơn, hoặc chọn cách thanh toán khác.",
    "en": "Tell the user; create an order with a smaller amount, or offer another way to pay."
   }
  },
  {
   "value": -1019,
   "name": "USER_EXCEED_MERCHANT_LIMIT_BINDING",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức liên kết của người bán",
    "en": "Over the merchant's binding limit"
   },
   "meaning": {
    "vi": "Vượt giới hạn mà ứng dụng đặt cho mỗi liên kết: số tiền hoặc số lần thanh toán bằng token trong ngày.",
    "en": "Over the app's own limit per binding: the amount or the number of token payments in a day."
   },
   "action": {
    "vi": "Thử lại vào ngày khác, hoặc chọn cách thanh toán khác.",
    "en": "Try again on another day, or offer another way to pay."
   }
  },
  {
   "value": -1800,
   "name": "USER EXCEED KYC LIMIT",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức định danh của người dùng",
    "en": "Over the user's verification limit"
   },
   "meaning": {
    "vi": "Số tiền vượt hạn mức theo mức xác minh (KYC) của ví trong một lần thanh toán hoặc trong một năm gần nhất.",
    "en": "The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year."
   },
   "action": {
    "vi": "Mời người dùng nâng mức xác minh, hoặc chọn cách thanh toán khác.",
    "en": "Ask the user to raise their level of identification, or offer another way to pay."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM IS MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công.",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Đơn hàng đã được thanh toán bằng token.",
    "en": "The order was paid with the token."
   },
   "action": {
    "vi": "Giao hàng hoặc cung cấp dịch vụ.",
    "en": "Deliver what was bought."
   }
  },
  {
   "value": 3,
   "name": "PROCESSING",
   "return_code": 3,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch đang xử lý",
    "en": "The transaction is being processed"
   },
   "meaning": {
    "vi": "Lệnh thanh toán đã được nhận và đang xử lý.",
    "en": "The payment was accepted and is being processed."
   },
   "action": {
    "vi": "Chờ callback hoặc truy vấn đơn hàng; không thanh toán lại khi chưa có kết quả.",
    "en": "Wait for the callback or query the order; do not pay again before there is a result."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  },
  {
   "value": -7002,
   "name": "WRONG_PARAMETER",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tham số không hợp lệ",
    "en": "Invalid parameter"
   },
   "meaning": {
    "vi": "Yêu cầu thanh toán bằng thẻ đã lưu thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the stored-card payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -7202,
   "name": "ZPTOKEN_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "zp_trans_token không hợp lệ",
    "en": "Invalid zp_trans_token"
   },
   "meaning": {
    "vi": "zp_trans_token sai định dạng, hoặc thuộc về ứng dụng khác.",
    "en": "The zp_trans_token is malformed, or belongs to another app."
   },
   "action": {
    "vi": "Dùng zp_trans_token nhận được khi tạo đơn hàng bằng chính app_id này.",
    "en": "Use the zp_trans_token received when this app_id created the order."
   }
  },
  {
   "value": -7032,
   "name": "ORDER_NOT_FOUND",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy đơn hàng",
    "en": "The order was not found"
   },
   "meaning": {
    "vi": "zp_trans_token đúng định dạng nhưng đơn hàng của nó không có, đã hết hạn, đã hủy hoặc đã thanh toán.",
    "en": "The zp_trans_token is well formed, but its order is unknown, expired, cancelled or paid."
   },
   "action": {
    "vi": "Truy vấn đơn hàng. Nếu chưa thanh toán, tạo đơn mới rồi thanh toán đơn đó.",
    "en": "Query the order. If it is not paid, create a new one and pay that."
   }
  },
  {
   "value": -7041,
   "name": "TOKEN_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Token không tồn tại",
    "en": "The token does not exist"
   },
   "meaning": {
    "vi": "pay_token không tồn tại, hoặc thuộc về ứng dụng khác.",
    "en": "The pay_token is unknown, or belongs to another app."
   },
   "action": {
    "vi": "Dùng đúng pay_token nhận được khi liên kết thẻ bằng app_id này.",
    "en": "Use the pay_token received when a card was bound with this app_id."
   }
  },
  {
   "value": -7217,
   "name": "TOKEN_STATUS_INVALID",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Trạng thái token không hợp lệ",
    "en": "The token cannot be used in its state"
   },
   "meaning": {
    "vi": "Có token này, nhưng liên kết của nó chưa được xác nhận, đã chấm dứt hoặc đã bị vô hiệu hóa.",
    "en": "The token is known, but its binding is unconfirmed, ended or disabled."
   },
   "action": {
    "vi": "Mời người dùng hoàn tất liên kết, hoặc liên kết thẻ lại.",
    "en": "Ask the user to finish the binding, or to bind the card again."
   }
  },
  {
   "value": -7223,
   "name": "TOKEN_NOT_FOUND",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy thẻ của token",
    "en": "No card is stored for the token"
   },
   "meaning": {
    "vi": "Token còn hiệu lực, nhưng kho thẻ không còn giữ thẻ của nó: thẻ đã bị xóa, hoặc đã hết hạn và được dọn đi.",
    "en": "The token is valid, but the vault no longer holds its card: it was deleted, or it expired and was removed."
   },
   "action": {
    "vi": "Mời người dùng liên kết thẻ lại.",
    "en": "Ask the user to bind a card again."
   }
  }
 ],
 "unbinding_wallet": [
  {
   "value": -101,
   "name": "BINDING_NOT_EXITS",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết không tồn tại",
    "en": "The binding does not exist"
   },
   "meaning": {
    "vi": "Không có liên kết nào mang binding_id này, hoặc liên kết đã chấm dứt.",
    "en": "There is no binding under this binding_id, or it has already ended."
   },
   "action": {
    "vi": "Kiểm tra binding_id. Nếu liên kết đã chấm dứt thì không cần làm gì thêm.",
    "en": "Check binding_id. If the binding has ended there is nothing left to do."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu hủy liên kết ví thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the wallet unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|identifier|binding_id|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|identifier|binding_id|req_date), then send the request again."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known."
   },
   "action": {
    "vi": "Gửi lại yêu cầu; nếu nhận -101 thì liên kết đã được hủy.",
    "en": "Send the request again; -101 then means that the binding has ended."
   }
  },
  {
   "value": -1011,
   "name": "PERMISSION_DENIED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không có quyền thực hiện",
    "en": "Permission denied"
   },
   "meaning": {
    "vi": "Liên kết thuộc về ứng dụng khác, hoặc identifier không phải là identifier đã dùng khi liên kết.",
    "en": "The binding belongs to another app, or the identifier is not the one it was made for."
   },
   "action": {
    "vi": "Dùng app_id và identifier đã dùng khi liên kết.",
    "en": "Use the app_id and the identifier that made the binding."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công.",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Liên kết đã chấm dứt và token không dùng được nữa.",
    "en": "The binding has ended and its token is dead."
   },
   "action": {
    "vi": "Xóa pay_token đã lưu.",
    "en": "Delete the stored pay_token."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  },
  {
   "value": -7002,
   "name": "WRONG_PARAMETER",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tham số không hợp lệ",
    "en": "Invalid parameter"
   },
   "meaning": {
    "vi": "Yêu cầu hủy liên kết thẻ thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the card unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -7216,
   "name": "IDENTIFIER_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "identifier không hợp lệ",
    "en": "Invalid identifier"
   },
   "meaning": {
    "vi": "identifier không phải là identifier đã dùng khi liên kết thẻ.",
    "en": "The identifier is not the one with which the card was bound."
   },
   "action": {
    "vi": "Gửi lại với identifier đã dùng khi liên kết.",
    "en": "Send the request again with the identifier used when binding."
   }
  }
 ],
 "query_user_info": [
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu truy vấn người dùng thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the user query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|access_token|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|access_token|req_date), then send the request again."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút, với req_date là thời điểm hiện tại. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes, with a current req_date. If it goes on, contact the operator."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công.",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Token có hiệu lực; số điện thoại được trả về ở dạng đã che.",
    "en": "The token is valid; the phone number is given in masked form."
   },
   "action": {
    "vi": "Không cần làm gì thêm.",
    "en": "Nothing is left to do."
   }
  },
  {
   "value": -101,
   "name": "TOKEN_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Token không tồn tại",
    "en": "The token does not exist"
   },
   "meaning": {
    "vi": "Không có access_token này.",
    "en": "The access_token is unknown."
   },
   "action": {
    "vi": "Dùng đúng pay_token nhận được khi liên kết, hoặc liên kết lại.",
    "en": "Use the pay_token received when binding, or bind again."
   }
  },
  {
   "value": -1002,
   "name": "AGREEMENT_NOT_VALID",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Liên kết không còn hiệu lực",
    "en": "The binding is no longer valid"
   },
   "meaning": {
    "vi": "Liên kết đã bị người dùng, đơn vị bán hàng hoặc đơn vị vận hành chấm dứt.",
    "en": "The binding was ended by the user, the merchant or the operator."
   },
   "action": {
    "vi": "Không dùng token này nữa; mời người dùng liên kết lại.",
    "en": "Do not use this token any more; ask the user to bind again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  }
 ],
 "create_binding_card": [
  {
   "value": -68,
   "name": "DUPLICATE_APPS_TRANS_ID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Mã giao dịch bị trùng",
    "en": "Duplicate transaction identifier"
   },
   "meaning": {
    "vi": "Ứng dụng đã dùng app_trans_id này cho một liên kết ví hoặc thẻ khác. Không có liên kết mới nào được tạo.",
    "en": "The app has used this app_trans_id for a wallet or card binding before. No new binding was made."
   },
   "action": {
    "vi": "Truy vấn liên kết đã có, hoặc tạo liên kết mới với app_trans_id khác.",
    "en": "Query the existing binding, or start a new one under another app_trans_id."
   }
  },
  {
   "value": -500,
   "name": "INTERNAL_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa. Khi dịch vụ thẻ bảo trì, câu trả lời cũng là giá trị này.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known. During a maintenance of the card service this value is the answer as well."
   },
   "action": {
    "vi": "Truy vấn liên kết theo app_trans_id. Nếu chưa có, gửi lại với chính app_trans_id đó.",
    "en": "Query the binding by app_trans_id. If there is none, send the request again under the same app_trans_id."
   }
  },
  {
   "value": -7002,
   "name": "WRONG_PARAMETER",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tham số không hợp lệ",
    "en": "Invalid parameter"
   },
   "meaning": {
    "vi": "Yêu cầu liên kết thẻ thiếu tham số hoặc có tham số không hợp lệ: sai kiểu, quá dài, tiền tố yyMMdd của app_trans_id không phải ngày hiện tại theo giờ GMT+7, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the card binding request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Yêu cầu liên kết thẻ đã được tạo và đang chờ chủ thẻ.",
    "en": "The card binding was started and waits for the card holder."
   },
   "action": {
    "vi": "Đưa chủ thẻ đến binding_url.",
    "en": "Send the card holder to binding_url."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|identifier|binding_mode|binding_type|device_type|binding_data|payment_data|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|identifier|binding_mode|binding_type|device_type|binding_data|payment_data|req_date), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  }
 ],
 "query_binding_card": [
  {
   "value": -101,
   "name": "APP_TRANS_ID_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy liên kết",
    "en": "The binding was not found"
   },
   "meaning": {
    "vi": "Ứng dụng này không có liên kết nào mang app_trans_id đó, hoặc liên kết không được xác nhận trong 15 phút.",
    "en": "This app has no binding under that app_trans_id, or it was never confirmed within its 15 minutes."
   },
   "action": {
    "vi": "Kiểm tra app_trans_id. Nếu liên kết đã quá hạn, tạo liên kết mới với app_trans_id mới.",
    "en": "Check app_trans_id. If the binding ran out, start a new one under a new app_trans_id."
   }
  },
  {
   "value": -500,
   "name": "INTERNAL_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì. Khi dịch vụ thẻ bảo trì, câu trả lời cũng là giá trị này.",
    "en": "The gateway failed while handling the request. A query changes nothing. During a maintenance of the card service this value is the answer as well."
   },
   "action": {
    "vi": "Gửi lại sau ít phút, với req_date là thời điểm hiện tại. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes, with a current req_date. If it goes on, contact the operator."
   }
  },
  {
   "value": -7002,
   "name": "WRONG_PARAMETER",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tham số không hợp lệ",
    "en": "Invalid parameter"
   },
   "meaning": {
    "vi": "Yêu cầu truy vấn liên kết thẻ thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the card binding query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Chủ thẻ đã trả lời yêu cầu liên kết; status cho biết liên kết đang có hiệu lực (1), đã hủy (3) hay bị vô hiệu hóa (4).",
    "en": "The card holder has answered the binding; status says whether it is confirmed (1), cancelled (3) or disabled (4)."
   },
   "action": {
    "vi": "Khi status là 1, lưu pay_token và binding_id.",
    "en": "When status is 1, keep pay_token and binding_id."
   }
  },
  {
   "value": 3,
   "name": "PROCESSING",
   "return_code": 3,
   "retry": "same",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Liên kết đang chờ xác nhận",
    "en": "The binding waits for confirmation"
   },
   "meaning": {
    "vi": "Người dùng chưa xác nhận liên kết; yêu cầu còn hiệu lực trong 15 phút kể từ khi tạo.",
    "en": "The user has not confirmed the binding yet; it stays open for 15 minutes after it was started."
   },
   "action": {
    "vi": "Chờ callback, hoặc truy vấn lại sau.",
    "en": "Wait for the callback, or query again later."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|req_date), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu truy vấn token thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the token query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  }
 ],
 "pay_by_token_card": [
  {
   "value": -500,
   "name": "INTERNAL_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa. Khi dịch vụ thẻ bảo trì, câu trả lời cũng là giá trị này.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known. During a maintenance of the card service this value is the answer as well."
   },
   "action": {
    "vi": "Truy vấn đơn hàng trước khi thanh toán lại, vì thẻ có thể đã bị trừ tiền.",
    "en": "Query the order before paying again, because the card may have been charged."
   }
  },
  {
   "value": -7002,
   "name": "WRONG_PARAMETER",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tham số không hợp lệ",
    "en": "Invalid parameter"
   },
   "meaning": {
    "vi": "Yêu cầu thanh toán bằng thẻ đã lưu thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the stored-card payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -7202,
   "name": "ZPTOKEN_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "zp_trans_token không hợp lệ",
    "en": "Invalid zp_trans_token"
   },
   "meaning": {
    "vi": "zp_trans_token sai định dạng, hoặc thuộc về ứng dụng khác.",
    "en": "The zp_trans_token is malformed, or belongs to another app."
   },
   "action": {
    "vi": "Dùng zp_trans_token nhận được khi tạo đơn hàng bằng chính app_id này.",
    "en": "Use the zp_trans_token received when this app_id created the order."
   }
  },
  {
   "value": -7032,
   "name": "ORDER_NOT_FOUND",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy đơn hàng",
    "en": "The order was not found"
   },
   "meaning": {
    "vi": "zp_trans_token đúng định dạng nhưng đơn hàng của nó không có, đã hết hạn, đã hủy hoặc đã thanh toán.",
    "en": "The zp_trans_token is well formed, but its order is unknown, expired, cancelled or paid."
   },
   "action": {
    "vi": "Truy vấn đơn hàng. Nếu chưa thanh toán, tạo đơn mới rồi thanh toán đơn đó.",
    "en": "Query the order. If it is not paid, create a new one and pay that."
   }
  },
  {
   "value": -7041,
   "name": "TOKEN_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Token không tồn tại",
    "en": "The token does not exist"
   },
   "meaning": {
    "vi": "pay_token không tồn tại, hoặc thuộc về ứng dụng khác.",
    "en": "The pay_token is unknown, or belongs to another app."
   },
   "action": {
    "vi": "Dùng đúng pay_token nhận được khi liên kết thẻ bằng app_id này.",
    "en": "Use the pay_token received when a card was bound with this app_id."
   }
  },
  {
   "value": -7217,
   "name": "TOKEN_STATUS_INVALID",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Trạng thái token không hợp lệ",
    "en": "The token cannot be used in its state"
   },
   "meaning": {
    "vi": "Có token này, nhưng liên kết của nó chưa được xác nhận, đã chấm dứt hoặc đã bị vô hiệu hóa.",
    "en": "The token is known, but its binding is unconfirmed, ended or disabled."
   },
   "action": {
    "vi": "Mời người dùng hoàn tất liên kết, hoặc liên kết thẻ lại.",
    "en": "Ask the user to finish the binding, or to bind the card again."
   }
  },
  {
   "value": -7223,
   "name": "TOKEN_NOT_FOUND",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không tìm thấy thẻ của token",
    "en": "No card is stored for the token"
   },
   "meaning": {
    "vi": "Token còn hiệu lực, nhưng kho thẻ không còn giữ thẻ của nó: thẻ đã bị xóa, hoặc đã hết hạn và được dọn đi.",
    "en": "The token is valid, but the vault no longer holds its card: it was deleted, or it expired and was removed."
   },
   "action": {
    "vi": "Mời người dùng liên kết thẻ lại.",
    "en": "Ask the user to bind a card again."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Đơn hàng đã được thanh toán bằng thẻ đã lưu.",
    "en": "The order was paid with the stored card."
   },
   "action": {
    "vi": "Giao hàng hoặc cung cấp dịch vụ.",
    "en": "Deliver what was bought."
   }
  },
  {
   "value": 3,
   "name": "PROCESSING",
   "return_code": 3,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch đang xử lý",
    "en": "The transaction is being processed"
   },
   "meaning": {
    "vi": "Lệnh thanh toán đã được nhận; có thể đang chờ chủ thẻ xác thực tại verification_url.",
    "en": "The payment was accepted; it may be waiting for the card holder to verify at verification_url."
   },
   "action": {
    "vi": "Nếu có verification_url thì đưa chủ thẻ đến đó. Sau đó chờ callback hoặc truy vấn đơn hàng.",
    "en": "If there is a verification_url, send the card holder there. Then wait for the callback or query the order."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|identifier|zp_trans_token|pay_token|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|identifier|zp_trans_token|pay_token|req_date), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu thanh toán bằng token thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện. Đơn hàng không có, đã hết hạn hoặc đã hủy cũng nhận giá trị này.",
    "en": "A member of the token payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done. An order that is unknown, expired or cancelled is answered with this value too."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -101,
   "name": "TOKEN_NOT_EXITS",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Token không tồn tại",
    "en": "The token does not exist"
   },
   "meaning": {
    "vi": "Không có pay_token này.",
    "en": "The pay_token is unknown."
   },
   "action": {
    "vi": "Dùng đúng pay_token nhận được khi liên kết, hoặc liên kết lại.",
    "en": "Use the pay_token received when binding, or bind again."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM IS MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": -1002,
   "name": "AGREEMENT NOT VALID",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết không còn hiệu lực",
    "en": "The binding is no longer valid"
   },
   "meaning": {
    "vi": "Liên kết đã bị người dùng, đơn vị bán hàng hoặc đơn vị vận hành chấm dứt.",
    "en": "The binding was ended by the user, the merchant or the operator."
   },
   "action": {
    "vi": "Không dùng token này nữa; mời người dùng liên kết lại.",
    "en": "Do not use this token any more; ask the user to bind again."
   }
  },
  {
   "value": -1007,
   "name": "AGREEMENT_EXPIRED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết đã hết hạn",
    "en": "The binding has expired"
   },
   "meaning": {
    "vi": "Token đã qua ngày hết hạn của chính nó.",
    "en": "The token is past its own end date."
   },
   "action": {
    "vi": "Không dùng token này nữa; mời người dùng liên kết lại.",
    "en": "Do not use this token any more; ask the user to bind again."
   }
  },
  {
   "value": -1009,
   "name": "USER_HAS_BEEN_LOCKED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tài khoản người dùng đã bị khóa",
    "en": "The user's account is locked"
   },
   "meaning": {
    "vi": "Ví của người dùng đang bị khóa.",
    "en": "The user's wallet is locked."
   },
   "action": {
    "vi": "Báo người dùng liên hệ bộ phận hỗ trợ ví; chọn cách thanh toán khác.",
    "en": "Ask the user to contact the wallet's support; offer another way to pay."
   }
  },
  {
   "value": -1011,
   "name": "PERMISSION_DENIED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không có quyền thực hiện",
    "en": "Permission denied"
   },
   "meaning": {
    "vi": "Token thuộc về ứng dụng khác, hoặc identifier không phải là identifier đã dùng khi liên kết.",
    "en": "The token belongs to another app, or the identifier is not the one it was made for."
   },
   "action": {
    "vi": "Dùng app_id và identifier của lần liên kết đã tạo ra token.",
    "en": "Use the app_id and the identifier of the binding that made the token."
   }
  },
  {
   "value": -1800,
   "name": "USER EXCEED KYC LIMIT",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức định danh của người dùng",
    "en": "Over the user's verification limit"
   },
   "meaning": {
    "vi": "Số tiền vượt hạn mức theo mức xác minh (KYC) của ví trong một lần thanh toán hoặc trong một năm gần nhất.",
    "en": "The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year."
   },
   "action": {
    "vi": "Mời người dùng nâng mức xác minh, hoặc chọn cách thanh toán khác.",
    "en": "Ask the user to raise their level of identification, or offer another way to pay."
   }
  },
  {
   "value": -1010,
   "name": "USER_CANNOT_PAY",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Người dùng không thể thanh toán",
    "en": "The user cannot pay"
   },
   "meaning": {
    "vi": "Ví không thanh toán được: số dư không đủ, chủ ví đã tắt thanh toán, hoặc chưa đặt mã PIN.",
    "en": "The wallet cannot pay: its balance is too low, its owner has switched payments off, or no PIN is set."
   },
   "action": {
    "vi": "Báo người dùng kiểm tra ví rồi thử lại, hoặc chọn cách thanh toán khác.",
    "en": "Ask the user to look at the wallet and try again, or offer another way to pay."
   }
  },
  {
   "value": -1013,
   "name": "PAYMENT_AMOUNT_EXCEED_LIMIT",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Số tiền thanh toán vượt hạn mức",
    "en": "The amount is over the limit"
   },
   "meaning": {
    "vi": "Số tiền vượt max_amount của liên kết, hoặc vượt hạn mức ngày hay tháng của ví.",
    "en": "The amount is over the max_amount of the binding, or over the wallet's daily or monthly limit."
   },
   "action": {
    "vi": "Báo người dùng; tạo đơn với số tiền nhỏ hơn, hoặc chọn cách thanh toán khác.",
    "en": "Tell the user; create an order with a smaller amount, or offer another way to pay."
   }
  },
  {
   "value": -1019,
   "name": "USER_EXCEED_MERCHANT_LIMIT_BINDING",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Vượt hạn mức liên kết của người bán",
    "en": "Over the merchant's binding limit"
   },
   "meaning": {
    "vi": "Vượt giới hạn mà ứng dụng đặt cho mỗi liên kết: số tiền hoặc số lần thanh toán bằng token trong ngày.",
    "en": "Over the app's own limit per binding: the amount or the number of token payments in a day."
   },
   "action": {
    "vi": "Thử lại vào ngày khác, hoặc chọn cách thanh toán khác.",
    "en": "Try again on another day, or offer another way to pay."
   }
  }
 ],
 "unbinding_card": [
  {
   "value": -101,
   "name": "BINDING_NOT_EXIST",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Liên kết không tồn tại",
    "en": "The binding does not exist"
   },
   "meaning": {
    "vi": "Không có liên kết nào mang binding_id này, hoặc liên kết đã chấm dứt.",
    "en": "There is no binding under this binding_id, or it has already ended."
   },
   "action": {
    "vi": "Kiểm tra binding_id. Nếu liên kết đã chấm dứt thì không cần làm gì thêm.",
    "en": "Check binding_id. If the binding has ended there is nothing left to do."
   }
  },
  {
   "value": -500,
   "name": "INTERNAL_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa. Khi dịch vụ thẻ bảo trì, câu trả lời cũng là giá trị này.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known. During a maintenance of the card service this value is the answer as well."
   },
   "action": {
    "vi": "Gửi lại yêu cầu; nếu nhận -101 thì liên kết đã được hủy.",
    "en": "Send the request again; -101 then means that the binding has ended."
   }
  },
  {
   "value": -7002,
   "name": "WRONG_PARAMETER",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Tham số không hợp lệ",
    "en": "Invalid parameter"
   },
   "meaning": {
    "vi": "Yêu cầu hủy liên kết thẻ thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the card unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -7216,
   "name": "IDENTIFIER_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "identifier không hợp lệ",
    "en": "Invalid identifier"
   },
   "meaning": {
    "vi": "identifier không phải là identifier đã dùng khi liên kết thẻ.",
    "en": "The identifier is not the one with which the card was bound."
   },
   "action": {
    "vi": "Gửi lại với identifier đã dùng khi liên kết.",
    "en": "Send the request again with the identifier used when binding."
   }
  },
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Liên kết thẻ đã chấm dứt và token không dùng được nữa.",
    "en": "The card binding has ended and its token is dead."
   },
   "action": {
    "vi": "Xóa pay_token đã lưu.",
    "en": "Delete the stored pay_token."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|identifier|binding_id|req_date), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|identifier|binding_id|req_date), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với req_date là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current req_date, and space requests out."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu hủy liên kết ví thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc req_date lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the wallet unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -1801,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ ví đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The wallet service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với req_date là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current req_date."
   }
  },
  {
   "value": -1011,
   "name": "PERMISSION_DENIED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": true,
   "text": {
    "vi": "Không có quyền thực hiện",
    "en": "Permission denied"
   },
   "meaning": {
    "vi": "Liên kết thuộc về ứng dụng khác, hoặc identifier không phải là identifier đã dùng khi liên kết.",
    "en": "The binding belongs to another app, or the identifier is not the one it was made for."
   },
   "action": {
    "vi": "Dùng app_id và identifier đã dùng khi liên kết.",
    "en": "Use the app_id and the identifier that made the binding."
   }
  }
 ],
 "quick_pay": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Đơn hàng đã được tạo và thanh toán bằng mã mà người trả tiền đưa ra.",
    "en": "The order was made and paid with the code that the payer showed."
   },
   "action": {
    "vi": "Giao hàng hoặc cung cấp dịch vụ.",
    "en": "Deliver what was bought."
   }
  },
  {
   "value": -68,
   "name": "DUPLICATE_APPS_TRANS_ID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Mã giao dịch bị trùng",
    "en": "Duplicate transaction identifier"
   },
   "meaning": {
    "vi": "Ứng dụng đã dùng app_trans_id này cho một đơn hàng khác, dù đơn đó đã kết thúc thế nào. Không có gì được thực hiện, mã thanh toán vẫn còn nguyên.",
    "en": "The app has used this app_trans_id for an order before, whatever became of it. Nothing was done, and the payment code is as it was."
   },
   "action": {
    "vi": "Nếu câu trả lời trước bị mất, truy vấn đơn hàng đó, không quét lại. Nếu không, gửi lại với app_trans_id khác.",
    "en": "If an answer was lost, query that order and do not scan again. Otherwise send the request under another app_trans_id."
   }
  },
  {
   "value": -101,
   "name": "PAYMENT_CODE_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Mã thanh toán không dùng được",
    "en": "The payment code can't be used"
   },
   "meaning": {
    "vi": "Không có mã thanh toán này, mã đã hết hạn hoặc đã trả cho một đơn khác. Đơn hàng đã được tạo nhưng chưa được thanh toán.",
    "en": "There is no such payment code, its time is up, or it has paid another order. The order was made, and is not paid."
   },
   "action": {
    "vi": "Quét mã mà ví đang hiển thị và gửi lại với app_trans_id mới.",
    "en": "Scan the code that the wallet shows now, and send it under a new app_trans_id."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu thiếu tham số hoặc có tham số không hợp lệ: sai kiểu, quá dài, tiền tố yyMMdd của app_trans_id không phải ngày hiện tại theo giờ GMT+7, hoặc app_time lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or app_time is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|app_trans_id|app_user|amount|app_time|embed_data|item|payment_code), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|app_trans_id|app_user|amount|app_time|embed_data|item|payment_code), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với app_time là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current app_time, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ đơn hàng đã được thanh toán hay chưa.",
    "en": "The gateway failed while handling the request. Whether the order was paid is not known."
   },
   "action": {
    "vi": "Truy vấn đơn hàng theo app_trans_id trước khi quét lại, vì tiền có thể đã được trừ.",
    "en": "Query the order by app_trans_id before scanning again, because the money may have moved."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The service is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với app_time là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current app_time."
   }
  },
  {
   "value": -1009,
   "name": "USER_HAS_BEEN_LOCKED",
   "return_code": 2,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Tài khoản người dùng đã bị khóa",
    "en": "The user's account is locked"
   },
   "meaning": {
    "vi": "Ví của người trả tiền đang bị khóa. Đơn hàng đã được tạo nhưng chưa được thanh toán.",
    "en": "The payer's wallet is locked. The order was made, and is not paid."
   },
   "action": {
    "vi": "Báo người trả tiền liên hệ bộ phận hỗ trợ ví; chọn cách thanh toán khác.",
    "en": "Ask the payer to contact the wallet's support; offer another way to pay."
   }
  },
  {
   "value": -1010,
   "name": "USER_CANNOT_PAY",
   "return_code": 2,
   "retry": "changed",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Người dùng không thể thanh toán",
    "en": "The user cannot pay"
   },
   "meaning": {
    "vi": "Ví không thanh toán được: số dư không đủ, chủ ví đã tắt thanh toán, chưa đặt mã PIN, hoặc không áp dụng được khuyến mãi của đơn. Đơn hàng đã được tạo nhưng chưa được thanh toán.",
    "en": "The wallet cannot pay: its balance is too low, its owner has switched payments off, no PIN is set, or the promotion of the order is not available. The order was made, and is not paid."
   },
   "action": {
    "vi": "Báo người trả tiền kiểm tra ví, rồi quét lại với app_trans_id mới, hoặc chọn cách thanh toán khác.",
    "en": "Ask the payer to look at the wallet, then scan again under a new app_trans_id, or offer another way to pay."
   }
  },
  {
   "value": -1013,
   "name": "PAYMENT_AMOUNT_EXCEED_LIMIT",
   "return_code": 2,
   "retry": "changed",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Số tiền thanh toán vượt hạn mức",
    "en": "The amount is over the limit"
   },
   "meaning": {
    "vi": "Số tiền vượt mức mà một mã thanh toán trả được, hoặc vượt hạn mức ngày hay tháng của ví. Đơn hàng đã được tạo nhưng chưa được thanh toán.",
    "en": "The amount is more than a payment code pays, or over the wallet's daily or monthly limit. The order was made, and is not paid."
   },
   "action": {
    "vi": "Tạo đơn có order_url để người trả tiền xác nhận bằng mã PIN, hoặc chọn cách thanh toán khác.",
    "en": "Create an order with an order_url, which the payer confirms with the PIN, or offer another way to pay."
   }
  },
  {
   "value": -1800,
   "name": "USER EXCEED KYC LIMIT",
   "return_code": 2,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức định danh của người dùng",
    "en": "Over the user's verification limit"
   },
   "meaning": {
    "vi": "Số tiền vượt hạn mức theo mức xác minh (KYC) của ví trong một lần thanh toán hoặc trong một năm gần nhất. Đơn hàng đã được tạo nhưng chưa được thanh toán.",
    "en": "The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year. The order was made, and is not paid."
   },
   "action": {
    "vi": "Mời người trả tiền nâng mức xác minh, hoặc chọn cách thanh toán khác.",
    "en": "Ask the payer to raise their level of identification, or offer another way to pay."
   }
  }
 ],
 "list_banks": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Danh sách ngân hàng được trả về.",
    "en": "The list of banks is given."
   },
   "action": {
    "vi": "Không cần làm gì thêm.",
    "en": "Nothing is left to do."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu lấy danh sách ngân hàng thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài, hoặc reqtime lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the bank list request is missing or invalid: a wrong type or too long, or reqtime is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (appid|reqtime), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (appid|reqtime), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, với reqtime là thời điểm hiện tại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, with a current reqtime, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút, với reqtime là thời điểm hiện tại. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes, with a current reqtime. If it goes on, contact the operator."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Danh sách ngân hàng đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "The bank list is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại, với reqtime là thời điểm hiện tại.",
    "en": "Send the request again after the maintenance, with a current reqtime."
   }
  }
 ],
 "get_bank_deep_links": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Các liên kết được trả về trong data.",
    "en": "The links are in data."
   },
   "action": {
    "vi": "Mở deep_link của ngân hàng mà người trả tiền chọn.",
    "en": "Open the deep_link of the bank that the payer chooses."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Không đọc được yêu cầu: body không phải JSON hay form, hoặc một trường được gửi hai lần. Chưa có gì được thực hiện.",
    "en": "The request can't be read: the body is neither JSON nor a form, or a member is given twice. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -6100,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi, hoặc đang bảo trì. Yêu cầu này không làm thay đổi gì.",
    "en": "The gateway failed, or is closed for maintenance. This request changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes. If it goes on, contact the operator."
   }
  },
  {
   "value": -6101,
   "name": "APP_ID_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "app_id không hợp lệ",
    "en": "Invalid app_id"
   },
   "meaning": {
    "vi": "app_id bị thiếu, không phải là số, không tồn tại hoặc đang bị khóa.",
    "en": "The app_id is missing, no number, unknown or switched off."
   },
   "action": {
    "vi": "Kiểm tra app_id rồi gửi lại.",
    "en": "Check app_id, then send the request again."
   }
  },
  {
   "value": -6102,
   "name": "OS_TYPE_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "os_type không hợp lệ",
    "en": "Invalid os_type"
   },
   "meaning": {
    "vi": "os_type bị thiếu, hoặc không phải ios hay android.",
    "en": "The os_type is missing, or neither ios nor android."
   },
   "action": {
    "vi": "Gửi lại với os_type là ios hoặc android.",
    "en": "Send the request again with ios or android as os_type."
   }
  },
  {
   "value": -6103,
   "name": "MAC_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "mac không hợp lệ",
    "en": "Invalid mac"
   },
   "meaning": {
    "vi": "mac bị thiếu, hoặc không khớp với các giá trị nhận được.",
    "en": "The mac is missing, or does not match the values received."
   },
   "action": {
    "vi": "Kiểm tra key1 và thứ tự các giá trị khi tính mac (app_id|bank_codes|os_type|order_token), rồi gửi lại.",
    "en": "Check key1 and the order of the values under the mac (app_id|bank_codes|os_type|order_token), then send the request again."
   }
  },
  {
   "value": -6105,
   "name": "BANK_CODES_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "bank_codes không hợp lệ",
    "en": "Invalid bank_codes"
   },
   "meaning": {
    "vi": "bank_codes không phải các mã cách nhau bằng dấu phẩy, không có dấu cách, hoặc có mã mà ở đây không có.",
    "en": "The bank_codes are not codes with commas between them and no spaces, or one of them is not known here."
   },
   "action": {
    "vi": "Bỏ mã lạ, hoặc bỏ cả bank_codes để lấy mọi ngân hàng.",
    "en": "Leave the unknown code out, or all of bank_codes to get every bank."
   }
  },
  {
   "value": -6106,
   "name": "ORDER_TOKEN_INVALID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "order_token không hợp lệ",
    "en": "Invalid order_token"
   },
   "meaning": {
    "vi": "Ứng dụng này không có đơn hàng nào mang order_token đó, hoặc đơn hàng không còn thanh toán được: đã trả, đang trả, đã hủy hoặc hết hạn.",
    "en": "This app has no order with that order_token, or the order can't be paid: it is paid, being paid, cancelled or expired."
   },
   "action": {
    "vi": "Truy vấn đơn hàng. Nếu chưa thanh toán và đã hết hạn, tạo đơn mới.",
    "en": "Query the order. If it is not paid and has expired, create a new one."
   }
  }
 ],
 "create_zod": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Hóa đơn ZOD đã được tạo và đang chờ thanh toán, trong một tháng. Chưa có khoản tiền nào được chuyển.",
    "en": "The ZOD invoice was created and waits to be paid, for a month. No money has moved."
   },
   "action": {
    "vi": "Cho người nhận hàng quét orderUrl dưới dạng mã QR.",
    "en": "Show orderUrl to the receiver as a QR code."
   }
  },
  {
   "value": -68,
   "name": "DUPLICATE_MC_REF_ID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Mã giao dịch bị trùng",
    "en": "Duplicate transaction identifier"
   },
   "meaning": {
    "vi": "Ứng dụng đã dùng mcRefId này cho một hóa đơn, hoặc cho app_trans_id của một đơn hàng, dù nội dung có giống hay không. Không có hóa đơn thứ hai nào được tạo.",
    "en": "The app has used this mcRefId for an invoice, or as the app_trans_id of an order, before, with the same content or not. No second invoice was made."
   },
   "action": {
    "vi": "Lấy orderUrl của hóa đơn đã có bằng GET /v2/zod/invoice, hoặc tạo hóa đơn mới với mcRefId khác.",
    "en": "Get the orderUrl of the invoice that exists with GET /v2/zod/invoice, or create a new one under another mcRefId."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu tạo hóa đơn thiếu tham số hoặc có tham số không hợp lệ: sai kiểu hoặc quá dài. Chưa có gì được thực hiện.",
    "en": "A member of the invoice request is missing or invalid: a wrong type or too long. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "appId không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The appId is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra appId, key1 và thứ tự các giá trị khi tính mac (appId|mcRefId|amount|mcExtInfo), rồi gửi lại.",
    "en": "Check appId, key1 and the order of the values under the mac (appId|mcRefId|amount|mcExtInfo), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ yêu cầu đã được thực hiện hay chưa.",
    "en": "The gateway failed while handling the request. Whether it was carried out is not known."
   },
   "action": {
    "vi": "Hỏi hóa đơn theo mcRefId. Nếu chưa có, tạo lại với chính mcRefId đó.",
    "en": "Query the invoice by mcRefId. If there is none, create it again under the same mcRefId."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "ZOD đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "ZOD is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  }
 ],
 "query_zod_invoice": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Hóa đơn có thật, dù đã thanh toán hay chưa.",
    "en": "There is such an invoice, paid or not."
   },
   "action": {
    "vi": "Dùng orderUrl. Muốn biết đã thanh toán chưa, hỏi GET /v2/zod/status.",
    "en": "Use orderUrl. To know whether it is paid, ask GET /v2/zod/status."
   }
  },
  {
   "value": -101,
   "name": "INVOICE_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hóa đơn không tồn tại",
    "en": "The invoice does not exist"
   },
   "meaning": {
    "vi": "Ứng dụng này không có hóa đơn ZOD nào mang mcRefId đó.",
    "en": "This app has no ZOD invoice under that mcRefId."
   },
   "action": {
    "vi": "Kiểm tra mcRefId và appId. Nếu lệnh tạo hóa đơn chưa tới nơi, tạo lại.",
    "en": "Check mcRefId and appId. If the create request never arrived, create the invoice again."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu hỏi hóa đơn thiếu tham số hoặc có tham số không hợp lệ. Chưa có gì được thực hiện.",
    "en": "A member of the invoice query is missing or invalid. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "appId không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The appId is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra appId, key1 và thứ tự các giá trị khi tính mac (appId|mcRefId), rồi gửi lại.",
    "en": "Check appId, key1 and the order of the values under the mac (appId|mcRefId), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes. If it goes on, contact the operator."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "ZOD đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "ZOD is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  }
 ],
 "query_zod_status": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Trạng thái của hóa đơn được trả về trong status: 1 đã thanh toán, 2 không thanh toán được nữa, 3 chưa thanh toán.",
    "en": "The state of the invoice is in status: 1 paid, 2 can't be paid any more, 3 not paid yet."
   },
   "action": {
    "vi": "Đọc status. Khi là 3, hỏi lại sau, hoặc chờ callback.",
    "en": "Read status. While it is 3, ask again later, or wait for the callback."
   }
  },
  {
   "value": -101,
   "name": "INVOICE_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hóa đơn không tồn tại",
    "en": "The invoice does not exist"
   },
   "meaning": {
    "vi": "Ứng dụng này không có hóa đơn ZOD nào mang mcRefId đó.",
    "en": "This app has no ZOD invoice under that mcRefId."
   },
   "action": {
    "vi": "Kiểm tra mcRefId và appId. Nếu lệnh tạo hóa đơn chưa tới nơi, tạo lại.",
    "en": "Check mcRefId and appId. If the create request never arrived, create the invoice again."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu hỏi trạng thái thiếu tham số hoặc có tham số không hợp lệ. Chưa có gì được thực hiện.",
    "en": "A member of the status query is missing or invalid. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "ILLEGAL_APP/SIGNATURE_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "appId không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The appId is unknown or switched off, or the mac does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Kiểm tra appId, key1 và thứ tự các giá trị khi tính mac (appId|mcRefId), rồi gửi lại.",
    "en": "Check appId, key1 and the order of the values under the mac (appId|mcRefId), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Truy vấn không làm thay đổi gì.",
    "en": "The gateway failed while handling the request. A query changes nothing."
   },
   "action": {
    "vi": "Gửi lại sau ít phút. Nếu lỗi kéo dài, liên hệ đơn vị vận hành.",
    "en": "Send the request again in a few minutes. If it goes on, contact the operator."
   }
  },
  {
   "value": -999,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "ZOD đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "ZOD is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  }
 ],
 "disbursement_user": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Successful"
   },
   "meaning": {
    "vi": "Có ví với số điện thoại này. m_u_id dùng để chi tiền cho ví.",
    "en": "There is a wallet with this telephone number. m_u_id is what to pay it out under."
   },
   "action": {
    "vi": "Cho người nhận xác nhận tên, rồi gọi /v2/disbursement/topup với m_u_id.",
    "en": "Let the receiver confirm the name, then call /v2/disbursement/topup with m_u_id."
   }
  },
  {
   "value": -101,
   "name": "USER_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Người nhận không tồn tại",
    "en": "The receiver does not exist"
   },
   "meaning": {
    "vi": "Không có ví nào với số điện thoại này.",
    "en": "There is no wallet with this telephone number."
   },
   "action": {
    "vi": "Kiểm tra số điện thoại, hoặc đưa người nhận đến onboarding_url.",
    "en": "Check the telephone number, or send the receiver to onboarding_url."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu thiếu tham số, có tham số không hợp lệ, hoặc time lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the request is missing or invalid, or time is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "UNAUTHORIZED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|phone|time), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|phone|time), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu.",
    "en": "The gateway failed while handling the request."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại.",
    "en": "Wait a moment, then send the request again."
   }
  },
  {
   "value": -503,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ chi tiền đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "Disbursement is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  },
  {
   "value": -1011,
   "name": "USER_ACCOUNT_LOCKED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Tài khoản người nhận đang bị khóa",
    "en": "The receiver's account is locked"
   },
   "meaning": {
    "vi": "Ví của người nhận đang bị đơn vị vận hành khóa. Không có khoản tiền nào được chi.",
    "en": "The receiver's wallet is locked by the operator. Nothing was paid out."
   },
   "action": {
    "vi": "Báo người nhận liên hệ đơn vị vận hành ví, hoặc trả tiền bằng cách khác.",
    "en": "Tell the receiver to contact the operator of the wallet, or pay in another way."
   }
  }
 ],
 "disbursement_topup": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Successful"
   },
   "meaning": {
    "vi": "Lệnh chi đã được nhận; data.status cho biết tiền đã vào ví (1) hay còn chờ (3, 4).",
    "en": "The disbursement was accepted; data.status says whether the money is in the wallet (1) or still to come (3, 4)."
   },
   "action": {
    "vi": "Nếu status là 3 hoặc 4, truy vấn bằng /v2/disbursement/txn cho đến khi là 1 hoặc 2.",
    "en": "While status is 3 or 4, ask /v2/disbursement/txn until it is 1 or 2."
   }
  },
  {
   "value": -68,
   "name": "DUPLICATE_PARTNER_ORDER_ID",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Mã giao dịch bị trùng",
    "en": "Duplicate partner_order_id"
   },
   "meaning": {
    "vi": "Ứng dụng đã dùng partner_order_id này cho một lệnh chi khác, dù kết quả thế nào. Không có lệnh chi thứ hai nào được tạo.",
    "en": "The app has used this partner_order_id for a disbursement before, whatever became of it. Nothing was paid out a second time."
   },
   "action": {
    "vi": "Truy vấn lệnh chi đã có bằng /v2/disbursement/txn.",
    "en": "Ask /v2/disbursement/txn for the one that there is."
   }
  },
  {
   "value": -101,
   "name": "USER_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Người nhận không tồn tại",
    "en": "The receiver does not exist"
   },
   "meaning": {
    "vi": "m_u_id không phải là giá trị mà /v2/disbursement/user đã trả cho ứng dụng này.",
    "en": "The m_u_id is none that /v2/disbursement/user has given this app."
   },
   "action": {
    "vi": "Gọi /v2/disbursement/user với số điện thoại của người nhận và dùng m_u_id nhận được.",
    "en": "Call /v2/disbursement/user with the receiver's telephone number and use the m_u_id that it answers."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu thiếu tham số, có tham số không hợp lệ, hoặc payment_id không phải của ứng dụng, hoặc time lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the request is missing or invalid, the payment_id is not that of the app, or time is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "UNAUTHORIZED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, ứng dụng chưa đăng ký khóa công khai, hoặc sig không khớp với các giá trị nhận được. Chưa có gì được thực hiện.",
    "en": "The app_id is unknown or switched off, the app has no public key registered, or the sig does not match the values received. Nothing was done."
   },
   "action": {
    "vi": "Tính HMAC-SHA256 bằng key1 của (app_id|payment_id|partner_order_id|m_u_id|amount|description|partner_embed_data|extra_info|time), viết thành hex chữ thường, rồi ký chuỗi hex đó bằng khóa riêng RSA (PKCS #1 v1.5, SHA-256) và gửi chữ ký dạng base64 trong sig.",
    "en": "Compute the HMAC-SHA256 with key1 of (app_id|payment_id|partner_order_id|m_u_id|amount|description|partner_embed_data|extra_info|time), write it in lower-case hexadecimal, sign that text with the RSA private key (PKCS #1 v1.5, SHA-256), and send the signature in base64 as sig."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu. Chưa rõ tiền đã được chi hay chưa.",
    "en": "The gateway failed while handling the request. Whether the money was paid out is not known."
   },
   "action": {
    "vi": "Truy vấn bằng /v2/disbursement/txn. Nếu không có lệnh chi nào, gửi lại với chính partner_order_id đó.",
    "en": "Ask /v2/disbursement/txn. If there is no disbursement, send the request again under the same partner_order_id."
   }
  },
  {
   "value": -503,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ chi tiền đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "Disbursement is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  },
  {
   "value": -406,
   "name": "FUND_IN_LIMIT",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Ví của người nhận đã đạt giới hạn nhận tiền",
    "en": "The receiver's wallet has reached its limit for money coming in"
   },
   "meaning": {
    "vi": "Với khoản tiền này ví sẽ chứa nhiều hơn mức xác minh của người nhận cho phép. Không có khoản tiền nào được chi.",
    "en": "With this amount the wallet would hold more than the receiver's level of verification allows. Nothing was paid out."
   },
   "action": {
    "vi": "Đưa người nhận đến upgrade_url, hoặc chi ít hơn.",
    "en": "Send the receiver to upgrade_url, or pay out less."
   }
  },
  {
   "value": -1011,
   "name": "USER_ACCOUNT_LOCKED",
   "return_code": 2,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Tài khoản người nhận đang bị khóa",
    "en": "The receiver's account is locked"
   },
   "meaning": {
    "vi": "Ví của người nhận đang bị đơn vị vận hành khóa. Không có khoản tiền nào được chi.",
    "en": "The receiver's wallet is locked by the operator. Nothing was paid out."
   },
   "action": {
    "vi": "Báo người nhận liên hệ đơn vị vận hành ví, hoặc trả tiền bằng cách khác.",
    "en": "Tell the receiver to contact the operator of the wallet, or pay in another way."
   }
  }
 ],
 "disbursement_txn": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Successful"
   },
   "meaning": {
    "vi": "Có lệnh chi này; data.status cho biết kết quả: 1 thành công, 2 thất bại, 3 đang xử lý, 4 chờ đơn vị vận hành.",
    "en": "There is such a disbursement; data.status says what became of it: 1 paid, 2 failed, 3 running, 4 waiting for the operator."
   },
   "action": {
    "vi": "Nếu status là 3 hoặc 4, truy vấn lại sau. 1 và 2 không thay đổi nữa.",
    "en": "While status is 3 or 4, ask again later. 1 and 2 never change."
   }
  },
  {
   "value": -101,
   "name": "ORDER_NOT_EXIST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lệnh chi không tồn tại",
    "en": "The disbursement does not exist"
   },
   "meaning": {
    "vi": "Ứng dụng này không có lệnh chi nào mang partner_order_id đó: lệnh bị từ chối không được lưu.",
    "en": "This app has no disbursement under that partner_order_id: one that was refused is not kept."
   },
   "action": {
    "vi": "Kiểm tra partner_order_id và app_id. Nếu lệnh chi chưa tới nơi, gửi lại với chính partner_order_id đó.",
    "en": "Check partner_order_id and app_id. If the request never arrived, send it again under the same partner_order_id."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu thiếu tham số, có tham số không hợp lệ, hoặc time lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the request is missing or invalid, or time is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "UNAUTHORIZED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|partner_order_id|time), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|partner_order_id|time), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu.",
    "en": "The gateway failed while handling the request."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại.",
    "en": "Wait a moment, then send the request again."
   }
  },
  {
   "value": -503,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ chi tiền đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "Disbursement is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  }
 ],
 "disbursement_balance": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "never",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Successful"
   },
   "meaning": {
    "vi": "data.balance là số tiền còn lại trong tài khoản chi của ứng dụng.",
    "en": "data.balance is what is left in the disbursement account of the app."
   },
   "action": {
    "vi": "Nếu số dư thấp, nạp thêm tiền qua đơn vị vận hành.",
    "en": "When it is low, have the operator add funds."
   }
  },
  {
   "value": -401,
   "name": "ILLEGAL_DATA_REQUEST",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Dữ liệu yêu cầu không hợp lệ",
    "en": "Invalid request data"
   },
   "meaning": {
    "vi": "Yêu cầu thiếu tham số, có tham số không hợp lệ, hoặc payment_id không phải của ứng dụng, hoặc time lệch quá 15 phút so với đồng hồ máy chủ. Chưa có gì được thực hiện.",
    "en": "A member of the request is missing or invalid, the payment_id is not that of the app, or time is more than 15 minutes from the server's clock. Nothing was done."
   },
   "action": {
    "vi": "Sửa tham số rồi gửi lại.",
    "en": "Correct the members and send the request again."
   }
  },
  {
   "value": -402,
   "name": "UNAUTHORIZED",
   "return_code": 2,
   "retry": "changed",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Thông tin xác thực không đúng",
    "en": "Invalid app or signature"
   },
   "meaning": {
    "vi": "app_id không tồn tại hoặc đang bị khóa, hoặc mac không khớp với các giá trị nhận được.",
    "en": "The app_id is unknown or switched off, or the mac does not match the values received."
   },
   "action": {
    "vi": "Kiểm tra app_id, key1 và thứ tự các giá trị khi tính mac (app_id|payment_id|time), rồi gửi lại.",
    "en": "Check app_id, key1 and the order of the values under the mac (app_id|payment_id|time), then send the request again."
   }
  },
  {
   "value": -429,
   "name": "LIMIT_REQUEST_REACH",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Vượt quá giới hạn số lần gọi",
    "en": "Request limit reached"
   },
   "meaning": {
    "vi": "Ứng dụng đã gửi loại yêu cầu này nhiều hơn giới hạn cho phép. Chưa có gì được thực hiện.",
    "en": "The app has sent more requests of this kind than its limit allows. Nothing was done."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại, và giãn cách các yêu cầu.",
    "en": "Wait a moment, then send the request again, and space requests out."
   }
  },
  {
   "value": -500,
   "name": "SYSTEM_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Lỗi hệ thống",
    "en": "System error"
   },
   "meaning": {
    "vi": "Cổng thanh toán gặp lỗi khi xử lý yêu cầu.",
    "en": "The gateway failed while handling the request."
   },
   "action": {
    "vi": "Chờ một lát rồi gửi lại.",
    "en": "Wait a moment, then send the request again."
   }
  },
  {
   "value": -503,
   "name": "SYSTEM_MAINTENANCE",
   "return_code": 2,
   "retry": "same",
   "finality": "none",
   "documented": false,
   "text": {
    "vi": "Hệ thống đang bảo trì",
    "en": "System under maintenance"
   },
   "meaning": {
    "vi": "Dịch vụ chi tiền đang bảo trì theo thông báo của đơn vị vận hành. Chưa có gì được thực hiện.",
    "en": "Disbursement is closed for a maintenance announced by the operator. Nothing was done."
   },
   "action": {
    "vi": "Chờ hết thời gian bảo trì rồi gửi lại.",
    "en": "Send the request again after the maintenance."
   }
  }
 ],
 "redirect": [
  {
   "value": 1,
   "name": "SUCCESS",
   "return_code": 1,
   "retry": "query",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Giao dịch thành công",
    "en": "Transaction successful"
   },
   "meaning": {
    "vi": "Trang thanh toán báo đơn hàng đã được thanh toán.",
    "en": "The payment page reports the order as paid."
   },
   "action": {
    "vi": "Chờ callback hoặc truy vấn đơn hàng trước khi giao hàng.",
    "en": "Wait for the callback or query the order before delivering."
   }
  },
  {
   "value": -49,
   "name": "TRANS_INFO_NOT_FOUND",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Người dùng chưa thanh toán",
    "en": "The payer left without paying"
   },
   "meaning": {
    "vi": "Người trả tiền rời trang mà chưa thanh toán. Đơn hàng vẫn thanh toán được cho đến khi hết hạn.",
    "en": "The payer left the page without paying. The order can still be paid until it expires."
   },
   "action": {
    "vi": "Cho khách quay lại order_url, hoặc hủy đơn hàng; truy vấn để biết trạng thái cuối cùng.",
    "en": "Let the customer go back to order_url, or cancel the order; query it for the final state."
   }
  },
  {
   "value": -59,
   "name": "PAYMENT_FAILED",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Thanh toán thất bại",
    "en": "The payment failed"
   },
   "meaning": {
    "vi": "Lần thanh toán trên trang đã thất bại; giá trị này không cho biết nguyên nhân.",
    "en": "The attempt on the page failed; the value does not tell why."
   },
   "action": {
    "vi": "Truy vấn đơn hàng để biết trạng thái.",
    "en": "Query the order for its state."
   }
  },
  {
   "value": -54,
   "name": "TIME_INVALID",
   "return_code": 2,
   "retry": "never",
   "finality": "final",
   "documented": false,
   "text": {
    "vi": "Đơn hàng đã hết hạn",
    "en": "The order has expired"
   },
   "meaning": {
    "vi": "Đơn hàng đã quá hạn mà chưa được thanh toán, hoặc đã bị hủy; khi bị hủy, thông báo nói rõ điều đó.",
    "en": "The order passed its expiry unpaid, or was cancelled; the message of a cancelled order says so."
   },
   "action": {
    "vi": "Ngừng truy vấn. Nếu khách vẫn muốn mua, tạo đơn mới với app_trans_id mới.",
    "en": "Stop asking. If the customer still wants to buy, create a new order under a new app_trans_id."
   }
  },
  {
   "value": -63,
   "name": "ZPW_BALANCE_NOT_ENOUGH",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Số dư ví không đủ",
    "en": "The wallet balance is too low"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất thất bại vì số dư ví của người trả tiền không đủ. Đơn hàng vẫn thanh toán được cho đến khi hết hạn.",
    "en": "The last attempt to pay failed because the balance of the payer's wallet was too low. The order can still be paid until it expires."
   },
   "action": {
    "vi": "Báo khách nạp thêm tiền hoặc chọn nguồn tiền khác rồi trả lại; tiếp tục truy vấn cho đến khi có kết quả cuối cùng.",
    "en": "Ask the customer to add money or choose another source and pay again; keep querying until the result is final."
   }
  },
  {
   "value": -217,
   "name": "BANK_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Ngân hàng từ chối giao dịch",
    "en": "The bank refused the payment"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất thất bại tại ngân hàng của người trả tiền: ngân hàng từ chối, thẻ bị báo mất, tài khoản không đủ tiền hoặc ngân hàng không trả lời kịp.",
    "en": "The last attempt to pay failed at the payer's bank: it declined, the card is reported stolen, the account lacks money, or the bank did not answer in time."
   },
   "action": {
    "vi": "Báo khách dùng thẻ hoặc nguồn tiền khác cho chính đơn này; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another card or source for the same order; keep querying until the result is final, and cancel it before you create another."
   }
  },
  {
   "value": -332,
   "name": "PROMOTION_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Khuyến mãi không áp dụng được",
    "en": "The promotion is not available"
   },
   "meaning": {
    "vi": "Chương trình khuyến mãi nêu trong promotioninfo không tồn tại, không trong thời gian áp dụng hoặc đã hết lượt.",
    "en": "The campaign named in promotioninfo is unknown, is not running, or is used up."
   },
   "action": {
    "vi": "Hủy đơn, rồi tạo đơn mới không kèm chương trình này, hoặc với chương trình đang áp dụng; chưa hủy thì tiếp tục truy vấn.",
    "en": "Cancel the order, then create one without this campaign, or with one that is running; keep querying while it is not cancelled."
   }
  },
  {
   "value": -333,
   "name": "PROMOTION_ERROR",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Không đủ điều kiện khuyến mãi",
    "en": "Not eligible for the promotion"
   },
   "meaning": {
    "vi": "Người trả tiền hoặc đơn hàng không đủ điều kiện của chương trình khuyến mãi: số tiền dưới mức tối thiểu, người trả tiền đã hết lượt, hoặc ứng dụng không tham gia chương trình.",
    "en": "The payer or the order is not eligible for the campaign: the amount is below its minimum, the payer has used it as often as allowed, or the app takes no part in it."
   },
   "action": {
    "vi": "Hủy đơn, rồi tạo đơn mới không kèm chương trình này, hoặc sửa đơn cho đủ điều kiện; chưa hủy thì tiếp tục truy vấn.",
    "en": "Cancel the order, then create one without this campaign, or one that meets its terms; keep querying while it is not cancelled."
   }
  },
  {
   "value": -1330,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền, tính trên mọi nguồn tiền.",
    "en": "The last attempt to pay passed the payer's daily limit over all sources."
   },
   "action": {
    "vi": "Báo khách thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1331,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền đối với thanh toán từ số dư ví.",
    "en": "The last attempt to pay passed the payer's daily limit on payments from the wallet balance."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1332,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền đối với thanh toán từ tài khoản ngân hàng đã liên kết và thẻ nội địa.",
    "en": "The last attempt to pay passed the payer's daily limit on payments from linked bank accounts and domestic cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1333,
   "name": "EXCEED_MAX_FUND_OUT_PER_DAY",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong ngày",
    "en": "Over the daily spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong ngày của người trả tiền đối với thanh toán từ thẻ quốc tế.",
    "en": "The last attempt to pay passed the payer's daily limit on payments from international cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào hôm khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay on another day; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1340,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền, tính trên mọi nguồn tiền.",
    "en": "The last attempt to pay passed the payer's monthly limit over all sources."
   },
   "action": {
    "vi": "Báo khách thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1341,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền đối với thanh toán từ số dư ví.",
    "en": "The last attempt to pay passed the payer's monthly limit on payments from the wallet balance."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1342,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền đối với thanh toán từ tài khoản ngân hàng đã liên kết và thẻ nội địa.",
    "en": "The last attempt to pay passed the payer's monthly limit on payments from linked bank accounts and domestic cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  },
  {
   "value": -1343,
   "name": "EXCEED_MAX_FUND_OUT_PER_MONTH",
   "return_code": 2,
   "retry": "query",
   "finality": "open",
   "documented": false,
   "text": {
    "vi": "Vượt hạn mức chi tiêu trong tháng",
    "en": "Over the monthly spending limit"
   },
   "meaning": {
    "vi": "Lần thanh toán gần nhất vượt hạn mức trong tháng của người trả tiền đối với thanh toán từ thẻ quốc tế.",
    "en": "The last attempt to pay passed the payer's monthly limit on payments from international cards."
   },
   "action": {
    "vi": "Báo khách dùng nguồn tiền khác hoặc thanh toán vào tháng khác; tiếp tục truy vấn cho đến khi có kết quả cuối cùng, và hủy đơn trước khi tạo đơn khác.",
    "en": "Ask the customer to use another source or pay in another month; keep querying until the result is final, and cancel the order before you create another."
   }
  }
 ]
};

/** The values of return_code. */
export const returnCodeTable: readonly ReturnCode[] = [
 {
  "value": 1,
  "name": "SUCCESS",
  "text": {
   "vi": "Giao dịch thành công",
   "en": "Transaction successful"
  },
  "meaning": {
   "vi": "Yêu cầu đã được thực hiện.",
   "en": "The operation was carried out."
  },
  "action": {
   "vi": "Tiếp tục.",
   "en": "Go on."
  }
 },
 {
  "value": 2,
  "name": "FAIL",
  "text": {
   "vi": "Giao dịch thất bại",
   "en": "Transaction failed"
  },
  "meaning": {
   "vi": "Yêu cầu bị từ chối hoặc thất bại; sub_return_code cho biết lý do.",
   "en": "The operation was refused or failed; sub_return_code says why."
  },
  "action": {
   "vi": "Đọc sub_return_code để biết lý do.",
   "en": "Read sub_return_code for the reason."
  }
 },
 {
  "value": 3,
  "name": "PROCESSING",
  "text": {
   "vi": "Giao dịch đang xử lý",
   "en": "The transaction is being processed"
  },
  "meaning": {
   "vi": "Chưa có kết quả cuối cùng.",
   "en": "There is no final result yet."
  },
  "action": {
   "vi": "Truy vấn lại sau bằng API truy vấn tương ứng, hoặc chờ callback.",
   "en": "Ask again later with the matching query, or wait for the callback."
  }
 }
];
