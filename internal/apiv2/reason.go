package apiv2

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sen"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/pay"
)

// explain says in one line what was wrong with the request: what was found in
// it, or else the words of the refusal, because several share a value.
func explain(err error, lang string) string {
	if t, ok := errors.AsType[told](err); ok {
		return t.reason.In(lang)
	}
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok || e.Kind == fault.Internal:
		return ""
	case e.Detail == "" && lang == "vi":
		return wordsInVietnamese(e)
	case e.Detail == "":
		return e.Message
	case lang == "vi":
		return strings.TrimSpace(e.Field + " " + inVietnamese(e.Detail))
	}
	return strings.TrimSpace(e.Field + " " + e.Detail)
}

// on is a refusal about one member, in both languages.
func on(refused *fault.Error, member, en, vi string) error {
	return told{refused.On(member, en), sen.Text{EN: strings.TrimSpace(member + " " + en), VI: strings.TrimSpace(member + " " + vi)}}
}

// missing says that a member is not there, and which one may have been meant
// for it: the first version of the API and many languages write names without
// underscores.
func missing(name string, max int, f fields) error {
	en, vi := "is missing or empty", "bị thiếu hoặc rỗng"
	if max > 0 {
		en += ": send 1 to " + strconv.Itoa(max) + " characters"
		vi += ": gửi 1 đến " + strconv.Itoa(max) + " ký tự"
	}
	for i := range f {
		if f[i].name != name && bareName(f[i].name) == bareName(name) {
			en += "; what came is " + quote(f[i].name) + ", which is another name"
			vi += "; trường nhận được là " + quote(f[i].name) + ", khác tên"
			break
		}
	}
	return on(errMalformed, name, en, vi)
}

func bareName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

func tooLong(name, value string, max int) error {
	n := strconv.Itoa(utf8.RuneCountInString(value))
	most := strconv.Itoa(max)
	return on(errMalformed, name, "has "+n+" characters, at most "+most+" are allowed: it begins with "+quote(value),
		"có "+n+" ký tự, cho phép tối đa "+most+": bắt đầu bằng "+quote(value))
}

// wrong says that a value is not of its form, and names what came.
func wrong(name, value string, err error) error {
	return on(refusal(err), name, err.Error()+", not "+quote(value), inVietnamese(err.Error())+", không phải "+quote(value))
}

// inBoth adds Vietnamese to what the rules say about the clock and the day, and
// to both that a sandbox's clock is not where the caller may think it is.
func (s *Server) inBoth(err error, f fields, now time.Time) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || f.get(e.Field) == "" {
		return err
	}
	reason := sen.Text{EN: e.Field + " " + e.Detail, VI: e.Field + " "}
	switch {
	case errors.Is(err, pay.ErrClock), errors.Is(err, pay.ErrRefundClock):
		theirs := f.instant(e.Field)
		reason.VI += clockInVietnamese(theirs, now)
		if inSeconds(theirs) {
			return told{err, reason} // which no clock explains
		}
	case errors.Is(err, pay.ErrDatePrefix):
		value := f.get(e.Field)
		reason.VI += "phải bắt đầu bằng " + id.Day(now) + ", ngày hôm nay dạng yyMMdd theo GMT+7, không phải " + quote(value[:min(len(value), 6)])
	default:
		return err
	}
	hint := s.clockHint(now)
	return told{err, sen.Text{EN: reason.EN + hint.EN, VI: reason.VI + hint.VI}}
}

// clockHint tells those whom a sandbox's clock surprises where it is, and what
// to do; nothing when it is the machine's.
func (s *Server) clockHint(now time.Time) sen.Text {
	if s.Moved == nil {
		return sen.Text{}
	}
	by, stands := s.Moved()
	at := clockText(now)
	by = by.Round(time.Second)
	switch {
	case stands:
		return sen.Text{
			EN: "; this sandbox's clock stands at " + at + " until it is moved (sen clock): take the time from there",
			VI: "; đồng hồ của sandbox này đứng ở " + at + " cho đến khi được chỉnh (sen clock): hãy lấy giờ từ đó",
		}
	case by == 0:
		return sen.Text{}
	}
	en, vi := by.String()+" ahead of", "nhanh "+by.String()
	if by < 0 {
		en, vi = (-by).String()+" behind", "chậm "+(-by).String()
	}
	return sen.Text{
		EN: "; this sandbox's clock was moved, " + en + " the machine's: send the time of " + at + `, or set it back with "sen clock reset"`,
		VI: "; đồng hồ của sandbox này đã bị chỉnh, " + vi + " so với đồng hồ máy: hãy gửi giờ quanh " + at + `, hoặc chỉnh lại bằng "sen clock reset"`,
	}
}

// inSeconds recognises the most usual mistake: the seconds of our days, read as
// milliseconds.
func inSeconds(t time.Time) bool { return t.Year() == 1970 }

func clockInVietnamese(theirs, ours time.Time) string {
	times := "giá trị gửi là " + clockText(theirs) + ", đồng hồ máy chủ là " + clockText(ours)
	if inSeconds(theirs) {
		return "phải tính bằng mili giây; có phải bạn gửi giây? " + times
	}
	off, word := theirs.Sub(ours).Round(time.Second), "nhanh"
	if off < 0 {
		off, word = -off, "chậm"
	}
	return word + " " + off.String() + " so với đồng hồ máy chủ, cho phép lệch tối đa " +
		strconv.Itoa(int(pay.ClockWindow.Minutes())) + " phút: " + times
}

func clockText(at time.Time) string {
	return strconv.FormatInt(at.UnixMilli(), 10) + " (" + at.In(id.Vietnam).Format("2006-01-02 15:04:05") + " GMT+7)"
}

// inVietnamese translates what is wrong with a value. What it does not know
// stays in English.
func inVietnamese(en string) string {
	if vi, ok := vietnamese[en]; ok {
		return vi
	}
	for _, p := range vietnamesePrefixes {
		if rest, ok := strings.CutPrefix(en, p[0]); ok {
			return p[1] + inVietnamese(rest)
		}
	}
	for _, p := range vietnameseMiddles {
		if before, after, ok := strings.Cut(en, p[0]); ok {
			return before + p[1] + after
		}
	}
	return en
}

var vietnamesePrefixes = [][2]string{
	{"must be one of ", "phải là một trong "},
	{"must be at most ", "không được lớn hơn "},
	{"is more than the amount, ", "lớn hơn số tiền, "},
	{"must be 1 to ", "phải từ 1 đến "},
	{"known are ", "chỉ có "},
	{"no operation ever answers ", "không thao tác nào trả về "},
	{"its amount ", "amount trong đó "},
}

var vietnameseMiddles = [][2]string{
	{" never answers ", " không bao giờ trả về "},
	{" can't be read", " không đọc được"},
}

var vietnamese = map[string]string{
	"say what it does: value, delay or break":          "hãy nói quy tắc làm gì: value, delay hay break",
	"must be positive":                                 "phải lớn hơn 0",
	"is given twice":                                   "bị gửi hai lần",
	"this binding was not confirmed within 15 minutes": "liên kết này không được xác nhận trong 15 phút",
	"write it like value=-63; delay=2s; break=reset":   "hãy viết như value=-63; delay=2s; break=reset",
	"must be 0 to 2m":                                  "phải từ 0 đến 2m",
	"may not begin with a number and |, which signs like a refund_fee_amount":                  "không được bắt đầu bằng một số và |, vì mac sẽ giống như khi có refund_fee_amount",
	"was signed for another refund: each refund needs a timestamp of its own, in milliseconds": "đã được ký cho một lần hoàn tiền khác: mỗi lần hoàn tiền cần timestamp riêng, tính bằng mili giây",
	"more than 100 members": "có hơn 100 trường",
	"the body ended early":  "body kết thúc sớm",
	"the text is not UTF-8: does the client write Latin-1 or Windows-1258?": "chuỗi không phải UTF-8: có phải client ghi Latin-1 hay Windows-1258?",
	"send the body uncompressed":                                                                              "hãy gửi body không nén",
	"says that the body is a form, but it is JSON: send application/json":                                     "nói body là form, nhưng body là JSON: gửi application/json",
	"says that the body is JSON, but it is a form: send application/x-www-form-urlencoded":                    "nói body là JSON, nhưng body là form: gửi application/x-www-form-urlencoded",
	"send application/json or application/x-www-form-urlencoded":                                              "hãy gửi application/json hoặc application/x-www-form-urlencoded",
	"a % in the form is not followed by two hexadecimal digits":                                               "trong form có dấu % không theo sau bởi hai chữ số hex",
	"this operation takes no XML: send application/json or application/x-www-form-urlencoded":                 "thao tác này không nhận XML: hãy gửi application/json hoặc application/x-www-form-urlencoded",
	"the body is not XML of one element with the members in it":                                               "body không phải XML gồm một phần tử chứa các trường",
	"the multipart form can't be read":                                                                        "không đọc được form multipart",
	"the body is not a JSON object":                                                                           "body không phải đối tượng JSON",
	`a \u escape is half of a pair`:                                                                           `ký tự thoát \u chỉ có một nửa cặp`,
	"the body is larger than 128 kB":                                                                          "body lớn hơn 128 kB",
	"has a NUL character in it":                                                                               "có ký tự NUL",
	"may not hold spaces, control characters or |":                                                            "không được chứa dấu cách, ký tự điều khiển hay |",
	"may not hold control characters or |":                                                                    "không được chứa ký tự điều khiển hay |",
	"must be a whole number, in digits only":                                                                  "phải là số nguyên, chỉ gồm chữ số",
	"must be a time in milliseconds since 1970, in digits only":                                               "phải là thời gian tính bằng mili giây từ 1970, chỉ gồm chữ số",
	"must be a time in milliseconds since 1970; this one is after the year 3000":                              "phải là thời gian tính bằng mili giây từ 1970; giá trị này sau năm 3000",
	"must be a JSON array, [] when empty":                                                                     "phải là mảng JSON, [] khi rỗng",
	"must be a JSON object, {} when empty":                                                                    "phải là đối tượng JSON, {} khi rỗng",
	`must be a JSON object, as in {"contact":"0901234567"}`:                                                   `phải là đối tượng JSON, như {"contact":"0901234567"}`,
	`must be a JSON array of objects, as in [{"trackingNumber":"SPX1","description":"Shoes","amount":50000}]`: `phải là mảng JSON gồm các đối tượng, như [{"trackingNumber":"SPX1","description":"Shoes","amount":50000}]`,
	"is longer than 16 kB":                                                                                    "dài hơn 16 kB",
	"must be the codes of banks with commas between them and no spaces, as in VTB,BIDV":                       "phải là các mã ngân hàng cách nhau bằng dấu phẩy, không có dấu cách, như VTB,BIDV",
	"must be WALLET here":                                                                                     "ở đây phải là WALLET",
	"must be VND, the only currency":                                                                          "phải là VND, đơn vị tiền duy nhất",
	"must be 300 to 2592000 seconds":                                                                          "phải từ 300 đến 2592000 giây",
	"must be a date as yyMMdd and up to 34 more characters without spaces and |":                              "phải là ngày dạng yyMMdd và tối đa 34 ký tự nữa, không có dấu cách và |",
	"must be at least 1":                                                                                      "phải từ 1 trở lên",
	"must be written in digits only, as in 50000":                                                             "chỉ được viết bằng chữ số, như 50000",
	"its members must be text":                                                                                "các trường bên trong phải là chuỗi",
	"its members must be an amount and text":                                                                  "các trường bên trong phải là số tiền và chuỗi",
	"BIND_AND_PAY needs binding_type CARD":                                                                    "BIND_AND_PAY cần binding_type CARD",

	"must have ten digits and begin with 0":            "phải có mười chữ số và bắt đầu bằng 0",
	"is that of no wallet here":                        "không phải của ví nào ở đây",
	"is that of no wallet":                             "không phải của ví nào",
	"is none that /v2/disbursement/user answers":       "không phải giá trị mà /v2/disbursement/user trả về",
	"is none that /v2/disbursement/user gave this app": "không phải giá trị mà /v2/disbursement/user đã trả cho app này",
	"is not that of the app":                           "không phải của app này",

	"was used for another disbursement: /v2/disbursement/txn tells what became of it": "đã dùng cho một lệnh chi khác: /v2/disbursement/txn cho biết kết quả của lệnh đó",
}
