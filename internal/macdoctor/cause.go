package macdoctor

import (
	"strings"

	"sen"
)

// A Cause is the stable code of a mistake.
type Cause string

// The causes. The comment is what the client did.
const (
	Withheld Cause = "withheld" // not looked for, because it may not be told
	Good     Cause = "good"     // nothing: the mac verifies
	Unknown  Cause = "unknown"  // nothing that we know
	MACForm  Cause = "mac_form" // sent something that is no mac

	// How the mac is written.
	MACBase64       Cause = "mac_base64"
	MACHexTwice     Cause = "mac_hex_twice"
	MACPadded       Cause = "mac_padded"        // spaces, quotes or a prefix around it
	MACHyphens      Cause = "mac_hyphens"       // something between its digits
	MACLeadingZeros Cause = "mac_leading_zeros" // lost zeros
	MACSignExtended Cause = "mac_sign_extended" // printed signed bytes
	MACDecimal      Cause = "mac_decimal"
	MACTruncated    Cause = "mac_truncated"

	// Which function made it.
	OtherHash        Cause = "other_hash"
	PlainHash        Cause = "plain_hash" // no HMAC
	ArgumentsSwapped Cause = "arguments_swapped"
	HashTwice        Cause = "hash_twice"

	// Under which key.
	Key2             Cause = "key2"
	OtherAppKey      Cause = "other_app_key"
	KeyPadded        Cause = "key_padded"
	KeyTruncated     Cause = "key_truncated"
	KeyDecodedHex    Cause = "key_decoded_hex"
	KeyDecodedBase64 Cause = "key_decoded_base64"
	KeyEncoded       Cause = "key_encoded"
	KeyCase          Cause = "key_case"
	KeyEmpty         Cause = "key_empty"
	KeyPlaceholder   Cause = "key_placeholder"
	KeyHashed        Cause = "key_hashed"
	KeyJoined        Cause = "key_joined"

	// How the members were joined.
	OrderOfMembers Cause = "order_of_members"
	MemberMissing  Cause = "member_missing"
	MemberExtra    Cause = "member_extra"
	OtherMember    Cause = "other_member"
	RefundFee      Cause = "refund_fee"
	Separator      Cause = "separator"
	Key1Missing    Cause = "key1_missing"
	Key1Added      Cause = "key1_added"
	OtherFormula   Cause = "other_formula" // that of another operation
	NamesInText    Cause = "names_in_text"
	LiteralNames   Cause = "literal_names"
	BodySigned     Cause = "body_signed"

	// Which values they had.
	MemberEmpty       Cause = "member_empty"
	EmptyOrDefault    Cause = "empty_or_default"
	NullInText        Cause = "null_in_text"
	NumberFormat      Cause = "number_format"
	AmountUnit        Cause = "amount_unit"
	QuotedValue       Cause = "quoted_value"
	TimeUnit          Cause = "time_unit"
	TimeZone          Cause = "time_zone"
	TimeFormat        Cause = "time_format"
	TimeTakenTwice    Cause = "time_taken_twice"
	IDPrefix          Cause = "id_prefix"
	JSONSpacing       Cause = "json_spacing"
	JSONKeyOrder      Cause = "json_key_order"
	JSONEscapes       Cause = "json_escapes"
	JSONNumbers       Cause = "json_numbers"
	JSONReserialised  Cause = "json_reserialised" // several of the four above
	JSONDoubleEncoded Cause = "json_double_encoded"
	ObjectText        Cause = "object_text"
	URLEncoded        Cause = "url_encoded"
	URLDecoded        Cause = "url_decoded"
	PlusAsSpace       Cause = "plus_as_space"
	HTMLEntities      Cause = "html_entities"
	Newline           Cause = "newline"
	Spaces            Cause = "spaces"
	UnicodeForm       Cause = "unicode_form"
	Mojibake          Cause = "mojibake"
	Charset           Cause = "charset"
	Accents           Cause = "accents"
	ValueCase         Cause = "value_case"
	ValueTruncated    Cause = "value_truncated"
	TextEncoded       Cause = "text_encoded"

	// How an RSA signature is written.
	SigMAC          Cause = "sig_mac"
	SigForm         Cause = "sig_form" // cannot be read
	SigHex          Cause = "sig_hex"
	SigURLSafe      Cause = "sig_url_safe"
	SigUnpadded     Cause = "sig_unpadded"
	SigLineBreaks   Cause = "sig_line_breaks"
	SigPlusAsSpace  Cause = "sig_plus_as_space"
	SigURLEncoded   Cause = "sig_url_encoded"
	SigPadded       Cause = "sig_padded"
	SigEncodedTwice Cause = "sig_encoded_twice"

	// Whose key made it, and how.
	SigNoKey       Cause = "sig_no_key" // none is registered
	SigKeySize     Cause = "sig_key_size"
	SigOtherKey    Cause = "sig_other_key"
	SigOtherAppKey Cause = "sig_other_app_key"
	SigPSS         Cause = "sig_pss"
	SigOtherHash   Cause = "sig_other_hash"
	SigNoDigest    Cause = "sig_no_digest"
	SigEncrypted   Cause = "sig_encrypted"
	SigNoPadding   Cause = "sig_no_padding"
	SigByteOrder   Cause = "sig_byte_order"

	// What it signs.
	SigPlainText   Cause = "sig_plain_text"
	SigMACBytes    Cause = "sig_mac_bytes"
	SigMACCase     Cause = "sig_mac_case"
	SigMACBase64   Cause = "sig_mac_base64"
	SigMACPadded   Cause = "sig_mac_padded"
	SigHashedTwice Cause = "sig_hashed_twice"
	CodeOtherKey   Cause = "code_other_key" // an encrypted payment code that is none of this key
	SigOtherText   Cause = "sig_other_text" // by the right key, and nothing that we know
)

// advice is what a client did and should do. The note of a finding takes the
// place of %s; without one, the words around it go too.
type advice struct{ what, fix sen.Text }

func (a advice) with(note string) advice {
	fill := func(t string) string {
		if note == "" {
			t = strings.NewReplacer(" (%s)", "", ": %s", "", " %s", "").Replace(t)
		}
		return strings.ReplaceAll(t, "%s", note)
	}
	return advice{
		sen.Text{EN: fill(a.what.EN), VI: fill(a.what.VI)},
		sen.Text{EN: fill(a.fix.EN), VI: fill(a.fix.VI)},
	}
}

func say(whatEN, whatVI, fixEN, fixVI string) advice {
	return advice{sen.Text{EN: whatEN, VI: whatVI}, sen.Text{EN: fixEN, VI: fixVI}}
}

var advices = map[Cause]advice{
	Withheld: say("is wrong", "không đúng", "check key, members and their order", "kiểm tra key, các trường và thứ tự của chúng"),
	Good:     say("is right", "đúng", "nothing to change", "không cần sửa gì"),
	Unknown: say("is wrong, and no usual mistake fits", "không đúng, và không giống lỗi thường gặp nào",
		"compare the text that you sign with ours, character by character, and the key with the app's key1",
		"so sánh từng ký tự chuỗi bạn ký với chuỗi của chúng tôi, và key với key1 của app"),
	MACForm: say("has %s characters instead of 64", "có %s ký tự thay vì 64",
		"send the HMAC-SHA256 as 64 hexadecimal digits", "gửi HMAC-SHA256 dưới dạng 64 chữ số hex"),

	MACBase64: say("is in base64 (%s)", "ở dạng base64 (%s)",
		"write the HMAC in hexadecimal digits: digest('hex'), hexdigest()", "viết HMAC dưới dạng hex: digest('hex'), hexdigest()"),
	MACHexTwice: say("was written in hexadecimal twice", "bị chuyển sang hex hai lần",
		"your library returns hexadecimal digits already: send those", "thư viện đã trả về dạng hex: gửi nguyên như vậy"),
	MACPadded: say("has other characters around its 64 digits", "có ký tự thừa quanh 64 chữ số",
		"send the digits only, without spaces, quotes or a prefix", "chỉ gửi các chữ số, không có dấu cách, dấu nháy hay tiền tố"),
	MACHyphens: say("has characters between its digits", "có ký tự chen giữa các chữ số",
		"send 64 digits without any, as in BitConverter.ToString(hash).Replace(\"-\", \"\")",
		"gửi liền 64 chữ số, như BitConverter.ToString(hash).Replace(\"-\", \"\")"),
	MACLeadingZeros: say("has lost zeros", "bị mất số 0",
		"write each byte as two digits, as %02x does: BigInteger.toString(16) and Integer.toHexString leave zeros out",
		"viết mỗi byte bằng hai chữ số, như %02x: BigInteger.toString(16) và Integer.toHexString bỏ mất số 0"),
	MACSignExtended: say("was printed from signed bytes", "được in từ byte có dấu",
		"write each byte as two digits: (b & 0xff) before Integer.toHexString, or %02x", "viết mỗi byte bằng hai chữ số: (b & 0xff) trước Integer.toHexString, hoặc %02x"),
	MACDecimal:   say("is a decimal number", "là số thập phân", "write it in 64 hexadecimal digits", "viết dưới dạng 64 chữ số hex"),
	MACTruncated: say("is a part of the right one", "chỉ là một phần của mac đúng", "send all 64 digits; is a column or variable too short?", "gửi đủ 64 chữ số; có cột hay biến nào quá ngắn không?"),

	OtherHash: say("was made with %s", "được tạo bằng %s", "use HMAC-SHA256", "dùng HMAC-SHA256"),
	PlainHash: say("is a plain hash and no HMAC: %s", "là hash thường, không phải HMAC: %s",
		"use HMAC-SHA256 with key1 as its key: hash_hmac, createHmac, hmac.new", "dùng HMAC-SHA256 với key1 làm khóa: hash_hmac, createHmac, hmac.new"),
	ArgumentsSwapped: say("was made with text and key in each other's place (%s)", "được tạo khi đổi chỗ chuỗi và key (%s)",
		"key1 is the key of the HMAC, the joined members are its data", "key1 là khóa của HMAC, chuỗi các trường là dữ liệu"),
	HashTwice: say("was hashed twice: %s", "bị hash hai lần: %s", "compute one HMAC-SHA256 of the text itself", "chỉ tính một lần HMAC-SHA256 của chính chuỗi đó"),

	Key2: say("was made with key2, which is for callbacks and redirects", "được tạo bằng key2, là key dành cho callback và redirect",
		"sign requests with key1", "ký request bằng key1"),
	OtherAppKey: say("was made with the key of another app: %s", "được tạo bằng key của app khác: %s",
		"sign with key1 of the app that app_id names", "ký bằng key1 của app ghi trong app_id"),
	KeyPadded: say("was made with a key that has more characters than key1: %s", "được tạo bằng key có ký tự thừa so với key1: %s",
		"trim the key where you read it: a line end or quotes of a configuration file are no part of it", "cắt ký tự thừa khi đọc key: xuống dòng hay dấu nháy trong tệp cấu hình không thuộc về key"),
	KeyTruncated: say("was made with a part of key1: %s", "được tạo bằng một phần của key1: %s",
		"copy the whole key1", "chép đủ key1"),
	KeyDecodedHex: say("was made with key1 decoded as hexadecimal", "được tạo bằng key1 đã giải mã hex",
		"use the characters of key1 as they are, as UTF-8", "dùng nguyên các ký tự của key1, dạng UTF-8"),
	KeyDecodedBase64: say("was made with key1 decoded as base64", "được tạo bằng key1 đã giải mã base64",
		"use the characters of key1 as they are, as UTF-8", "dùng nguyên các ký tự của key1, dạng UTF-8"),
	KeyEncoded: say("was made with key1 encoded first (%s)", "được tạo bằng key1 đã mã hóa trước (%s)",
		"use the characters of key1 as they are, as UTF-8", "dùng nguyên các ký tự của key1, dạng UTF-8"),
	KeyCase: say("was made with key1 %s", "được tạo bằng key1 đổi chữ hoa/thường (%s)",
		"keep upper and lower case of key1", "giữ nguyên chữ hoa và chữ thường của key1"),
	KeyEmpty: say("was made with an empty key", "được tạo bằng key rỗng",
		"see that key1 is read: is a setting missing, or was the key decoded to nothing?", "kiểm tra đã đọc được key1 chưa: thiếu cấu hình, hay key bị giải mã thành rỗng?"),
	KeyPlaceholder: say("was made with \"%s\" for a key", "được tạo bằng \"%s\" thay cho key",
		"put the app's key1 there", "điền key1 của app vào đó"),
	KeyHashed: say("was made with a hash of key1 (%s)", "được tạo bằng hash của key1 (%s)", "use key1 itself", "dùng chính key1"),
	KeyJoined: say("was made with key1 and key2 together", "được tạo bằng key1 ghép với key2", "use key1 alone", "chỉ dùng key1"),

	OrderOfMembers: say("was made of %s, in another order", "được tạo từ %s, sai thứ tự",
		"join the members in the order of the formula", "ghép các trường theo đúng thứ tự của công thức"),
	MemberMissing: say("was made without %s", "được tạo khi thiếu %s",
		"every member of the formula has its place in the text, also when it is empty", "mỗi trường của công thức đều có chỗ trong chuỗi, kể cả khi rỗng"),
	MemberExtra: say("was made with more members than the mac covers: %s", "được tạo với trường thừa: %s",
		"sign the members of the formula only", "chỉ ký các trường của công thức"),
	OtherMember: say("was made with another value: %s", "được tạo với giá trị khác: %s",
		"sign the values that you send, each in its own place", "ký đúng các giá trị gửi đi, mỗi giá trị ở chỗ của nó"),
	RefundFee: say("was made %s", "được tạo sai về refund_fee_amount (%s)",
		"refund_fee_amount is part of the text, after amount, exactly when it is sent", "refund_fee_amount nằm trong chuỗi, sau amount, khi và chỉ khi nó được gửi"),
	Separator: say("was made with %s", "được tạo với dấu phân cách sai: %s",
		"put one \"|\" between two members and none at the ends", "đặt một dấu \"|\" giữa hai trường và không đặt ở hai đầu"),
	Key1Missing: say("was made without key1 at the end of the text", "được tạo khi thiếu key1 ở cuối chuỗi",
		"the text of this operation ends with |key1, besides being signed with it", "chuỗi của thao tác này kết thúc bằng |key1, và cũng được ký bằng key1"),
	Key1Added: say("was made with key1 in the text", "được tạo khi có key1 trong chuỗi",
		"only queries and cancels of orders have key1 in the text", "chỉ truy vấn và hủy đơn hàng mới có key1 trong chuỗi"),
	OtherFormula: say("was made by the formula of another operation: %s", "được tạo theo công thức của thao tác khác: %s",
		"use the formula of this operation", "dùng công thức của thao tác này"),
	NamesInText: say("was made with the names of members in the text", "được tạo khi có tên trường trong chuỗi",
		"join the values only, with \"|\"", "chỉ ghép các giá trị, bằng \"|\""),
	LiteralNames: say("was made of the formula itself", "được tạo từ chính công thức",
		"put the values in place of the names", "thay tên trường bằng giá trị"),
	BodySigned: say("was made of the whole request", "được tạo từ toàn bộ request",
		"sign the members of the formula only, joined with \"|\"", "chỉ ký các trường của công thức, ghép bằng \"|\""),

	MemberEmpty: say("was made while %s was still empty", "được tạo khi %s còn rỗng",
		"set every member before you sign", "gán mọi trường trước khi ký"),
	EmptyOrDefault: say("was made with another empty value than was sent (%s)", "được tạo với giá trị rỗng khác với giá trị gửi đi (%s)",
		"sign what you send: \"\", {} and [] are different texts", "ký đúng giá trị gửi đi: \"\", {} và [] là các chuỗi khác nhau"),
	NullInText: say("was made with the word for nothing, such as null or undefined, for %s", "được tạo với chữ chỉ giá trị trống, như null hay undefined, cho %s",
		"sign what you send: the variable has no value where you sign", "ký đúng giá trị gửi đi: biến chưa có giá trị ở chỗ ký"),
	NumberFormat: say("was made with a number in another form than was sent (%s)", "được tạo với số viết khác với giá trị gửi đi (%s)",
		"sign the digits that you send, as an integer without separators", "ký đúng các chữ số gửi đi, số nguyên không có dấu phân cách"),
	AmountUnit: say("was made with an amount in another unit (%s)", "được tạo với số tiền theo đơn vị khác (%s)",
		"amounts are whole dong; sign the one that you send", "số tiền tính bằng đồng; ký đúng số gửi đi"),
	QuotedValue: say("was made with quotation marks around a value (%s)", "được tạo với dấu nháy quanh giá trị (%s)",
		"sign the bare value: JSON's quotation marks are no part of it", "ký giá trị trần: dấu nháy của JSON không thuộc về giá trị"),
	TimeUnit: say("was made with a time in another unit (%s)", "được tạo với thời gian theo đơn vị khác (%s)",
		"send and sign milliseconds, the same 13 digits", "gửi và ký mili giây, cùng 13 chữ số"),
	TimeZone: say("was made with the time or day of another time zone (%s)", "được tạo với giờ hoặc ngày của múi giờ khác (%s)",
		"compute it once, days at GMT+7, and use the same text for both", "tính một lần, ngày theo GMT+7, rồi dùng cùng chuỗi cho cả hai"),
	TimeFormat: say("was made with a time written as a date (%s)", "được tạo với thời gian viết dạng ngày tháng (%s)",
		"sign the milliseconds that you send", "ký đúng số mili giây gửi đi"),
	TimeTakenTwice: say("was made with another moment than was sent (%s): the clock was read twice", "được tạo với thời điểm khác giá trị gửi đi (%s): đồng hồ bị đọc hai lần",
		"read the clock once, and sign what you send", "đọc đồng hồ một lần, và ký đúng giá trị gửi đi"),
	IDPrefix: say("was made with another form of %s", "được tạo với dạng khác của %s",
		"sign the identifier exactly as you send it, with its date", "ký mã đúng như gửi đi, kể cả phần ngày"),
	JSONSpacing: say("was made of JSON with other spaces than was sent (%s)", "được tạo từ JSON có khoảng trắng khác với JSON gửi đi (%s)",
		"encode to a string once, and sign and send that string", "mã hóa JSON thành chuỗi một lần, rồi ký và gửi chính chuỗi đó"),
	JSONKeyOrder: say("was made of JSON with its keys in another order than was sent (%s)", "được tạo từ JSON có thứ tự khóa khác với JSON gửi đi (%s)",
		"encode to a string once, and sign and send that string", "mã hóa JSON thành chuỗi một lần, rồi ký và gửi chính chuỗi đó"),
	JSONEscapes: say("was made of JSON with other escapes than was sent, such as \\/ or \\u00e0 (%s)", "được tạo từ JSON có ký tự thoát khác với JSON gửi đi, như \\/ hay \\u00e0 (%s)",
		"encode to a string once, and sign and send that string", "mã hóa JSON thành chuỗi một lần, rồi ký và gửi chính chuỗi đó"),
	JSONNumbers: say("was made of JSON with its numbers in another form than was sent (%s)", "được tạo từ JSON có số viết khác với JSON gửi đi (%s)",
		"encode to a string once, and sign and send that string", "mã hóa JSON thành chuỗi một lần, rồi ký và gửi chính chuỗi đó"),
	JSONReserialised: say("was made of JSON that was written again by another encoder (%s)", "được tạo từ JSON đã bị bộ mã hóa khác viết lại (%s)",
		"encode to a string once, and sign and send that string", "mã hóa JSON thành chuỗi một lần, rồi ký và gửi chính chuỗi đó"),
	JSONDoubleEncoded: say("was made of a value encoded as JSON once more or once less than was sent (%s)", "được tạo từ giá trị mã hóa JSON nhiều hoặc ít hơn một lần so với giá trị gửi đi (%s)",
		"sign the value itself, before the body is encoded", "ký chính giá trị đó, trước khi mã hóa body"),
	ObjectText: say("was made of an object as the language prints it, and not of JSON (%s)", "được tạo từ đối tượng do ngôn ngữ in ra, không phải JSON (%s)",
		"encode it as JSON first, and sign and send that string", "mã hóa thành JSON trước, rồi ký và gửi chính chuỗi đó"),
	URLEncoded: say("was made of text that was URL-encoded already (%s)", "được tạo từ chuỗi đã mã hóa URL (%s)",
		"sign before you encode for the URL or form", "ký trước khi mã hóa cho URL hoặc form"),
	URLDecoded: say("was made of a value that arrived encoded once too often (%s)", "được tạo từ giá trị đến nơi vẫn còn bị mã hóa một lần (%s)",
		"your client encodes twice: pass the bare value to your HTTP library", "client mã hóa hai lần: đưa giá trị trần cho thư viện HTTP"),
	PlusAsSpace: say("was made of a text with + where a space arrived, or the other way round (%s)", "được tạo từ chuỗi có + ở chỗ nhận được dấu cách, hoặc ngược lại (%s)",
		"a form turns a bare + into a space unless it is sent as %2B: sign the plain text, then encode it", "form biến dấu + trần thành dấu cách trừ khi gửi là %2B: ký chuỗi gốc, sau đó mới mã hóa"),
	HTMLEntities: say("was made of text with HTML entities, such as &quot;, where there are none in what was sent, or the other way round (%s)", "được tạo từ chuỗi có ký hiệu HTML như &quot; khác với giá trị gửi đi (%s)",
		"sign and send the plain text: escape for HTML in pages only", "ký và gửi chuỗi gốc: chỉ dùng ký hiệu HTML trong trang web"),
	Newline: say("was made of a text with another line end (%s)", "được tạo từ chuỗi có xuống dòng khác (%s)",
		"sign without a line end that is not sent: echo -n or printf, and the same line ends in both", "ký không kèm xuống dòng thừa: echo -n hoặc printf, và cùng kiểu xuống dòng ở cả hai"),
	Spaces: say("was made of a text with other spaces (%s)", "được tạo từ chuỗi có dấu cách khác (%s)",
		"trim before you sign and send, or not at all", "cắt khoảng trắng trước khi cả ký lẫn gửi, hoặc không cắt"),
	UnicodeForm: say("was made of the same letters in another Unicode form (%s)", "được tạo từ cùng chữ ở dạng Unicode khác (%s)",
		"normalise to NFC once, before you sign and send", "chuẩn hóa NFC một lần, trước khi ký và gửi"),
	Mojibake: say("was made of letters that were read in another character set than they were written in (%s)", "được tạo từ chữ bị đọc sai bảng mã (%s)",
		"use UTF-8 from the source file to the request", "dùng UTF-8 xuyên suốt, từ mã nguồn đến request"),
	Charset: say("was made of the text in another character set: %s", "được tạo từ chuỗi ở bảng mã khác: %s",
		"take the bytes of text and key in UTF-8: getBytes(StandardCharsets.UTF_8), Encoding.UTF8", "lấy byte của chuỗi và key ở dạng UTF-8: getBytes(StandardCharsets.UTF_8), Encoding.UTF8"),
	Accents: say("was made of the text without its accents (%s)", "được tạo từ chuỗi bỏ dấu (%s)",
		"sign the text that you send", "ký đúng chuỗi gửi đi"),
	ValueCase: say("was made with other upper or lower case (%s)", "được tạo với chữ hoa/thường khác (%s)",
		"sign the text that you send, in the same case", "ký đúng chuỗi gửi đi, giữ nguyên chữ hoa và thường"),
	ValueTruncated: say("was made of a shorter value than was sent (%s)", "được tạo từ giá trị ngắn hơn giá trị gửi đi (%s)",
		"shorten before you sign and send, or not at all", "cắt ngắn trước khi cả ký lẫn gửi, hoặc không cắt"),
	TextEncoded: say("was made of the text in %s", "được tạo từ chuỗi ở dạng %s", "sign the text itself", "ký chính chuỗi đó"),

	SigMAC:  say("is the mac itself", "chính là mac", "sign the mac's digits with the private key", "hãy ký chuỗi mac bằng khóa riêng"),
	SigForm: say("is not base64", "không phải base64", "send base64, in one line", "gửi base64, trên một dòng"),
	SigHex:  say("is in hexadecimal digits", "ở dạng hex", "write it in base64", "viết dạng base64"),
	SigURLSafe: say("is in the base64 of URLs, with - and _", "ở dạng base64 cho URL, có - và _",
		"use the usual alphabet, with + and /", "dùng bảng chữ thường dùng, có + và /"),
	SigUnpadded: say("has lost the = at its end", "bị mất dấu = ở cuối", "keep the padding of base64", "giữ phần đệm của base64"),
	SigLineBreaks: say("has line breaks in it", "có xuống dòng ở giữa",
		"write base64 in one line: openssl base64 -A, Base64.getEncoder(), base64.b64encode", "viết base64 trên một dòng: openssl base64 -A, Base64.getEncoder(), base64.b64encode"),
	SigPlusAsSpace: say("has spaces where + was", "có dấu cách ở chỗ của +",
		"in a form + stands for a space: write it as %2B, as URLSearchParams and urlencode do", "trong form, + nghĩa là dấu cách: hãy viết %2B, như URLSearchParams và urlencode"),
	SigURLEncoded: say("is percent-encoded", "bị mã hóa phần trăm", "encode it once, where the request is written", "chỉ mã hóa một lần, khi viết request"),
	SigPadded:     say("has other characters around it", "có ký tự thừa ở hai đầu", "send the base64 only", "chỉ gửi base64"),
	SigEncodedTwice: say("was encoded twice: %s", "bị mã hóa hai lần: %s",
		"your library returns text already: send that, or encode its bytes once", "thư viện đã trả về chuỗi: gửi nguyên như vậy, hoặc chỉ mã hóa các byte một lần"),

	SigNoKey: say("can't be checked: the app has no public key registered", "không kiểm tra được: app chưa đăng ký khóa công khai",
		"register one: sen disbursement key set", "hãy đăng ký: sen disbursement key set"),
	SigKeySize: say("has another length than the registered key makes: another key made it (%s)", "có độ dài khác chữ ký của khóa đã đăng ký: nó do khóa khác tạo ra (%s)",
		"sign with the private key whose public half is registered", "ký bằng khóa riêng ứng với khóa công khai đã đăng ký"),
	SigOtherKey: say("was made with another private key, or neither with PKCS #1 v1.5 nor with PSS", "được tạo bằng khóa riêng khác, hoặc không dùng PKCS #1 v1.5 hay PSS",
		"sign with the private key whose public half is registered", "ký bằng khóa riêng ứng với khóa công khai đã đăng ký"),
	SigOtherAppKey: say("was made with the private key of another app: %s", "được tạo bằng khóa riêng của app khác: %s",
		"sign with the key of the app that app_id names", "ký bằng khóa của app ghi trong app_id"),
	SigPSS: say("was made with the padding PSS", "được tạo với phần đệm PSS",
		"use PKCS #1 v1.5: SHA256withRSA, RSASSA-PKCS1-v1_5, padding.PKCS1v15(), RSASignaturePadding.Pkcs1",
		"dùng PKCS #1 v1.5: SHA256withRSA, RSASSA-PKCS1-v1_5, padding.PKCS1v15(), RSASignaturePadding.Pkcs1"),
	SigOtherHash: say("was made over %s instead of SHA-256", "được tạo trên %s thay vì SHA-256",
		"use SHA-256: SHA256withRSA, RSA-SHA256, openssl dgst -sha256", "dùng SHA-256: SHA256withRSA, RSA-SHA256, openssl dgst -sha256"),
	SigNoDigest: say("was made without naming its hash", "được tạo mà không ghi tên hàm hash",
		"sign instead of encrypting with the private key: openssl dgst -sha256 -sign, createSign, openssl_sign", "hãy ký thay vì mã hóa bằng khóa riêng: openssl dgst -sha256 -sign, createSign, openssl_sign"),
	SigEncrypted: say("was encrypted instead of signed", "được mã hóa thay vì ký",
		"sign: openssl dgst -sha256 -sign, createSign, openssl_sign", "hãy ký: openssl dgst -sha256 -sign, createSign, openssl_sign"),
	SigNoPadding: say("was made without padding", "được tạo mà không có phần đệm",
		"use PKCS #1 v1.5: SHA256withRSA, openssl dgst -sha256 -sign", "dùng PKCS #1 v1.5: SHA256withRSA, openssl dgst -sha256 -sign"),
	SigByteOrder: say("has its bytes in the opposite order", "có thứ tự byte bị đảo ngược",
		"reverse them before base64: CryptSignHash writes the lowest byte first", "đảo lại trước khi mã hóa base64: CryptSignHash viết byte thấp trước"),

	SigPlainText: say("signs the plain text", "ký chuỗi gốc", "make its HMAC first, and sign the digits of that", "hãy tính HMAC trước, rồi ký chuỗi hex của nó"),
	SigMACBytes:  say("signs the bytes of the HMAC", "ký các byte của HMAC", "sign its hexadecimal digits", "hãy ký chuỗi hex"),
	SigMACCase:   say("signs the mac in capital letters", "ký mac viết hoa", "write it in small ones", "hãy viết chữ thường"),
	SigMACBase64: say("signs the mac in base64", "ký mac dạng base64", "write it in hexadecimal digits", "hãy viết dạng hex"),
	SigMACPadded: say("signs the mac and more: %s", "ký mac và ký tự thừa: %s", "sign its 64 digits and nothing else", "chỉ ký 64 chữ số của nó"),
	SigHashedTwice: say("was hashed twice (%s)", "bị hash hai lần (%s)",
		"give the mac itself to the function that signs: it hashes by itself", "đưa chính mac vào hàm ký: hàm này tự hash"),
	SigOtherText: say("is by the right key, but over another mac", "đúng khóa, nhưng ký một mac khác",
		"compare the text that is signed, character by character, and key1", "so từng ký tự của chuỗi được ký, và key1"),
	CodeOtherKey: say("was encrypted with another key", "được mã hóa bằng khóa khác",
		"encrypt the digits with the app's own key: sen app code-key", "mã hóa các chữ số bằng khóa của chính app: sen app code-key"),
}
