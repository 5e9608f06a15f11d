package apiv2

import (
	"errors"

	"sen/internal/fault"
)

// wordsInVietnamese is the message of a refusal in Vietnamese. A refusal that is
// made as it happens has the words of the one that is its cause. What has none,
// which a test looks for, is said in English.
func wordsInVietnamese(e *fault.Error) string {
	for next := e; next != nil; {
		if vi, ok := refusalsInVietnamese[next.Code]; ok {
			return vi
		}
		cause, ok := errors.AsType[*fault.Error](next.Unwrap())
		if !ok {
			break
		}
		next = cause
	}
	return e.Message
}

// refusalsInVietnamese are the refusals that this API has values for, by code.
var refusalsInVietnamese = map[string]string{
	"request_malformed":      "Một trường của yêu cầu bị thiếu hoặc không đúng dạng.",
	"app_trans_id_malformed": "app_trans_id không đúng dạng.",
	"scenario_invalid":       "Không đọc được quy tắc.",
	"scenario_value":         "Thao tác này không có giá trị đó.",
	"method":                 "API dành cho đơn vị bán hàng được gọi bằng POST.",
	"too_large":              "Body lớn hơn 128 kB.",
	"unsupported":            "Body được mã hóa theo cách mà API này không đọc.",
	"amount_invalid":         "Số tiền không phải số nguyên (đồng) trong khoảng cho phép.",
	"clock":                  "Thời gian trong yêu cầu lệch quá 15 phút so với đồng hồ máy chủ.",
	"date_prefix":            "Mã phải bắt đầu bằng ngày hôm nay dạng yyMMdd theo GMT+7.",
	"app_unknown":            "Không có ứng dụng nào mang app_id này, hoặc ứng dụng đang bị tắt.",
	"mac_wrong":              "mac không đúng.",
	"bank_unknown":           "Ở đây không có ngân hàng này.",
	"maintenance":            "Thao tác này đang đóng để bảo trì.",
	"rate":                   "Ứng dụng gọi thao tác này quá dồn dập.",
	"crowded":                "Cổng đang có nhiều lệnh hơn mức xử lý được: hãy gọi lại sau một giây.",

	"order_duplicate":   "Ứng dụng đã dùng app_trans_id này rồi.",
	"order_not_found":   "Ứng dụng này không có đơn hàng như vậy.",
	"order_paid":        "Đơn hàng đã được trả.",
	"order_expired":     "Đơn hàng đã hết thời gian.",
	"order_cancelled":   "Đơn vị bán hàng đã hủy đơn.",
	"order_in_flight":   "Đơn hàng đang được trả.",
	"payment_not_found": "Ứng dụng này không có khoản thanh toán như vậy.",

	"refund_not_found": "Ứng dụng này không có lần hoàn tiền như vậy.",
	"refund_clock":     "timestamp của lần hoàn tiền lệch quá 15 phút so với đồng hồ máy chủ.",
	"refund_replayed":  "Đã có một lần hoàn tiền với mac này, dưới m_refund_id khác.",
	"refund_duplicate": "Ứng dụng đã dùng m_refund_id này rồi.",
	"refund_partial":   "Khoản thanh toán có khuyến mãi nên chỉ hoàn được toàn bộ.",
	"refund_channel":   "Không kết nối được kênh phải thực hiện hoàn tiền; chưa ghi nhận gì.",

	"binding_duplicate":    "Ứng dụng đã dùng app_trans_id này cho một liên kết.",
	"binding_not_found":    "Ứng dụng này không có liên kết như vậy.",
	"binding_ended":        "Liên kết đã chấm dứt.",
	"token_unknown":        "Không có token như vậy.",
	"token_foreign":        "Token hoặc liên kết thuộc về ứng dụng khác hay người dùng khác.",
	"token_expired":        "Token đã quá ngày hết hạn.",
	"identifier_wrong":     "identifier không phải là identifier lúc liên kết thẻ.",
	"order_token_invalid":  "zp_trans_token không đúng dạng, hoặc thuộc về ứng dụng khác.",
	"card_token_unknown":   "Không có token thẻ như vậy.",
	"card_token_state":     "Liên kết của token chưa được xác nhận, hoặc đã chấm dứt.",
	"card_order_not_found": "Không có đơn hàng nào trả được đằng sau zp_trans_token này.",
	"card_not_found":       "Kho thẻ không còn giữ thẻ của token này.",

	"wallet_locked":        "Ví đang bị khóa.",
	"wallet_payments_off":  "Chủ ví đã tắt thanh toán.",
	"pin_not_set":          "Ví chưa có PIN.",
	"balance_low":          "Số dư ví không đủ.",
	"promotion":            "Chương trình khuyến mãi của đơn không tồn tại, không còn chạy hoặc đã hết ngân sách.",
	"promotion_eligible":   "Người trả hoặc đơn hàng không đủ điều kiện nhận khuyến mãi.",
	"over_max_amount":      "Số tiền lớn hơn mức mà người dùng đã đồng ý.",
	"over_app_limit":       "Hạn mức trong ngày của ứng dụng cho một liên kết đã hết.",
	"limit":                "Khoản thanh toán vượt hạn mức chi tiêu của người trả.",
	"kyc":                  "Khoản thanh toán vượt mức cho phép với mức xác minh của ví.",
	"payment_code_unknown": "Không có mã thanh toán như vậy, hoặc mã đã hết hạn từ lâu.",
	"payment_code_expired": "Mã thanh toán đã hết hạn: hãy quét mã mà ví đang hiện.",
	"payment_code_used":    "Mã thanh toán đã trả cho một đơn rồi: hãy quét mã mà ví đang hiện.",
	"payment_code_amount":  "Một mã thanh toán trả tối đa 2.000.000 đồng; muốn trả nhiều hơn thì dùng PIN.",

	"phone_invalid":          "Số điện thoại phải có mười chữ số và bắt đầu bằng 0.",
	"payment_id_unknown":     "payment_id không phải của app này.",
	"disbursement_off":       "App chưa đăng ký khóa công khai nên không chi tiền được: dùng 'sen disbursement key set' để đăng ký.",
	"receiver_unknown":       "Ứng dụng này không có người nhận như vậy: hãy hỏi /v2/disbursement/user theo số điện thoại.",
	"receiver_locked":        "Ví của người nhận đang bị khóa.",
	"fund_in_limit":          "Ví của người nhận sẽ chứa nhiều hơn mức cho phép với mức xác minh của ví.",
	"disbursement_duplicate": "Ứng dụng đã dùng partner_order_id này rồi.",
	"disbursement_not_found": "Ứng dụng này không có lệnh chi như vậy.",
}
