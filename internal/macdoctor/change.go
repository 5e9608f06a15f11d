package macdoctor

import (
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// A change is other values in place of some of those received.
type change struct {
	why    Finding
	likely bool
	at     []int
	to     []string
}

func (c *change) apply(values []string) {
	for n, i := range c.at {
		values[i] = c.to[n]
	}
}

func (c *change) undo(values, from []string) {
	for _, i := range c.at {
		values[i] = from[i]
	}
}

// meets reports whether both change the same member.
func (c *change) meets(other change) bool {
	return slices.ContainsFunc(c.at, func(i int) bool { return slices.Contains(other.at, i) })
}

// A rewrite is one way to write a value otherwise: nil for a value that it
// leaves alone.
type rewrite struct {
	cause  Cause
	likely int  // how many of the first texts are tried together with other mistakes
	each   bool // makes sense for one member at a time only
	make   func(name, value string) []string
}

// changes are the texts that clients sign in place of the values they send.
func (s *search) changes() []change {
	b := &changeBook{search: s, seen: map[valueText]bool{}}
	b.all = s.asOnWire()
	for _, r := range rewrites {
		if b.left > 0 {
			b.rewriteAll(r)
		}
	}
	b.respellAll()
	if i := s.signed[0]; isApp(s.names[i]) {
		for n, other := range s.c.Others[:min(len(s.c.Others), mostOthers)] {
			id := strconv.FormatInt(other.ID, 10)
			b.one(Finding{OtherMember, "app_id " + id}, n < likelyOthers, i, id)
		}
	}
	return b.all
}

// A changeBook collects changes, each value of a member once.
type changeBook struct {
	*search
	all  []change
	seen map[valueText]bool
}

type valueText struct {
	at   int
	text string
}

// one adds the change of one member.
func (b *changeBook) one(why Finding, likely bool, at int, text string) {
	if text == b.values[at] || b.seen[valueText{at, text}] {
		return
	}
	b.seen[valueText{at, text}] = true
	b.left -= overhead / 4
	if why.Note == "" {
		why.Note = b.names[at]
	}
	b.all = append(b.all, change{why, likely, []int{at}, []string{text}})
}

// several adds a change of more than one member.
func (b *changeBook) several(why Finding, likely bool, at []int, to []string) {
	if len(at) > 1 {
		b.left -= overhead / 4
		why.Note = b.list(at)
		b.all = append(b.all, change{why, likely, at, to})
	}
}

// rewriteAll makes the change of every member that it touches, and of each of
// them alone.
func (b *changeBook) rewriteAll(r rewrite) {
	made := make([][]string, len(b.signed))
	longest := 0
	for n, i := range b.signed {
		made[n] = r.make(b.names[i], b.values[i])
		longest = max(longest, len(made[n]))
		for _, text := range made[n] {
			b.left -= 6 * len(text) // what it costs to make is more than to hash
		}
	}
	for v := range longest {
		var at []int
		var to []string
		for n, i := range b.signed {
			if v < len(made[n]) && made[n][v] != b.values[i] {
				at, to = append(at, i), append(to, made[n][v])
			}
		}
		if !r.each {
			b.several(Finding{Cause: r.cause}, v < r.likely, at, to)
		}
		for n, i := range at {
			b.one(Finding{Cause: r.cause}, v < r.likely, i, to[n])
		}
	}
}

// respellAll writes the JSON members in other styles: each alone, then two in
// the same.
func (b *changeBook) respellAll() {
	var at []int
	spelled := map[int][]spelling{}
	for _, i := range b.signed {
		if v := b.values[i]; looksJSON(v) {
			if b.left -= 400 * len(v); b.left < 0 {
				return
			}
			all, byEncoder := respell(v)
			spelled[i], at = byEncoder, append(at, i)
			for _, sp := range all {
				b.one(Finding{Cause: sp.cause}, sp.likely, i, sp.text)
			}
		}
	}
	for n, i := range at {
		for _, j := range at[n+1:] {
			b.respellTwo(i, j, spelled)
		}
	}
}

func (b *changeBook) respellTwo(i, j int, spelled map[int][]spelling) {
	for n, one := range spelled[i][:min(len(spelled[i]), len(spelled[j]))] {
		other := spelled[j][n]
		if one.cause == other.cause && one.text != b.values[i] && other.text != b.values[j] {
			b.several(Finding{Cause: one.cause}, one.likely, []int{i, j}, []string{one.text, other.text})
		}
	}
}

// asOnWire are the values as they stood in the body or the query.
func (s *search) asOnWire() (all []change) {
	cause := URLEncoded
	if s.isJSON() {
		cause = JSONDoubleEncoded
	}
	whole := change{why: Finding{Cause: cause}, likely: true}
	for _, i := range s.signed {
		if w := s.wire[i]; w != "" && w != s.values[i] {
			one := cause
			if cause == URLEncoded && strings.ReplaceAll(s.values[i], " ", "+") == w {
				one = PlusAsSpace
			}
			all = append(all, change{Finding{one, s.names[i]}, true, []int{i}, []string{w}})
			whole.at, whole.to = append(whole.at, i), append(whole.to, w)
		}
	}
	if len(whole.at) > 1 {
		whole.why.Note = s.list(whole.at)
		all = append(all, whole)
	}
	return all
}

// rewrites in the order in which they are tried.
var rewrites = []rewrite{
	{PlusAsSpace, 2, false, func(_, v string) []string {
		return differing(v, strings.ReplaceAll(v, " ", "+"), strings.ReplaceAll(v, "+", " "))
	}},
	{EmptyOrDefault, 3, false, emptyOrDefault},
	{NullInText, 3, false, nullForEmpty},
	{TimeUnit, 1, true, timeUnits},
	{TimeZone, 0, true, timeZones},
	{IDPrefix, 1, true, idPrefixes},
	{TimeTakenTwice, 0, true, nearTimes},
	{TimeFormat, 0, true, timeFormats},
	{NumberFormat, 3, true, numberFormats},
	{AmountUnit, 1, true, amountUnits},
	{QuotedValue, 1, false, func(_, v string) []string {
		if digitsOnly(v) {
			return []string{strconv.Quote(v), "'" + v + "'"}
		}
		return nil
	}},
	{QuotedValue, 0, false, func(n, v string) []string {
		if looksJSON(v) {
			return []string{`"` + v + `"`, "'" + v + "'"}
		}
		return []string{strconv.Quote(v), "'" + v + "'"}
	}},
	{URLEncoded, 2, false, func(_, v string) []string { return percentEncodings(v) }},
	{URLDecoded, 1, false, func(_, v string) []string { return percentDecodings(v) }},
	{HTMLEntities, 1, false, htmlTexts},
	{Newline, 1, false, newlines},
	{Spaces, 1, false, spaces},
	{UnicodeForm, 2, false, func(_, v string) []string {
		return differing(v, norm.NFC.String(v), norm.NFD.String(v), norm.NFKC.String(v), norm.NFKD.String(v))
	}},
	{Mojibake, 1, false, mojibake},
	{Charset, 0, false, func(_, v string) []string { return differing(v, asASCII(v, "?"), asASCII(v, "")) }},
	{Accents, 0, false, func(_, v string) []string { return differing(v, plain(v)) }},
	{JSONDoubleEncoded, 1, false, jsonStrings},
	{ObjectText, 1, false, func(_, v string) []string { return spoken(v) }},
	{MemberEmpty, 1, true, func(_, v string) []string { return differing(v, "") }},
	{NullInText, 0, true, func(_, v string) []string {
		return differing(v, "undefined", "null", "None", "nil", "NULL", "NaN", "<nil>", "false", "true", "0", "1", "[object Object]", "Array")
	}},
	{NullInText, 0, false, func(n, _ string) []string { return []string{"undefined", "null", "None"} }},
	{ValueCase, 0, false, func(_, v string) []string { return differing(v, strings.ToLower(v), strings.ToUpper(v)) }},
	{ValueTruncated, 0, true, truncations},
}

// differing keeps the texts that are not the value itself. It keeps their
// places, so that the same one is taken of every member.
func differing(value string, texts ...string) []string {
	if slices.ContainsFunc(texts, func(t string) bool { return t != value }) {
		return texts
	}
	return nil
}

func looksJSON(v string) bool { return v != "" && (v[0] == '{' || v[0] == '[') }

func digitsOnly(v string) bool { return v != "" && strings.Trim(v, "0123456789") == "" }

func emptyOrDefault(name, v string) []string {
	switch v {
	case "{}", "[]", "[{}]":
		return []string{"", "{}", "[]", "[{}]", `""`, "{ }", "[ ]", "null"}
	case "":
		switch {
		case isAmount(name):
			return []string{"0"}
		case name == "binding_type":
			return []string{"WALLET", "CARD"}
		}
		return []string{"{}", "[]"}
	case "0":
		return []string{""}
	}
	return nil
}

func nullForEmpty(_, v string) []string {
	if v == "" {
		return []string{"undefined", "null", "None", "nil", "NULL", "<nil>", "0", "false", `""`, " "}
	}
	return nil
}

func number(v string) (int64, bool) {
	n, err := strconv.ParseInt(v, 10, 64)
	return n, err == nil && digitsOnly(v)
}

func timeUnits(name, v string) []string {
	n, ok := number(v)
	if !ok || !isTime(name) {
		return nil
	}
	sec, frac := strconv.FormatInt(n/1000, 10), "000"+strconv.FormatInt(n%1000, 10)
	frac = frac[len(frac)-3:]
	return []string{
		sec, sec + "." + frac, v + "000", v + "000000", sec + "000", sec + "." + frac + "000", sec + "." + strings.TrimRight(frac, "0"),
		strconv.FormatInt((n+500)/1000, 10), sec + ".0",
	}
}

func timeZones(name, v string) (all []string) {
	n, ok := number(v)
	switch {
	case ok && isTime(name):
		const hour = 3_600_000
		for _, off := range []int64{7, -7, 14, -14, 8, -8, 1, -1, 24, -24} {
			all = append(all, strconv.FormatInt(n+off*hour, 10))
		}
	case strings.HasSuffix(name, "trans_id") || name == "m_refund_id":
		if len(v) < 6 {
			return nil
		}
		day, err := time.Parse("060102", v[:6])
		if err != nil {
			return nil
		}
		for _, off := range []int{-1, 1} {
			all = append(all, day.AddDate(0, 0, off).Format("060102")+v[6:])
		}
	}
	return all
}

func idPrefixes(name, v string) []string {
	if !strings.HasSuffix(name, "trans_id") && name != "m_refund_id" || len(v) < 8 {
		return nil
	}
	day, err := time.Parse("060102", v[:6])
	if err != nil {
		return nil
	}
	all := []string{
		strings.TrimLeft(v[6:], "_-"), v[6:], "20" + v, strings.Replace(v, "_", "", 1), strings.Replace(v, "_", "-", 1),
		day.Format("020106") + v[6:], day.Format("010206") + v[6:], day.Format("060201") + v[6:], v[:6] + "_" + v[6:], v[:6] + "_" + v,
	}
	if at := strings.LastIndexByte(v, '_'); at > 6 {
		all = append(all, v[at+1:])
	}
	return all
}

// near is how far away the usual second look at a clock is, in milliseconds.
const near = 60

// nearTimes are those that a clock shows which is read a second time.
func nearTimes(name, v string) (all []string) {
	n, ok := number(v)
	if !ok || !isTime(name) {
		return nil
	}
	for d := int64(1); d <= near; d++ {
		all = append(all, strconv.FormatInt(n-d, 10), strconv.FormatInt(n+d, 10))
	}
	return append(all, strconv.FormatInt(n-1000, 10), strconv.FormatInt(n+1000, 10))
}

// laterTimes are that many milliseconds away.
func (s *search) laterTimes(from, to int64) (all []change) {
	for _, i := range s.signed {
		n, ok := number(s.values[i])
		if !ok || !isTime(s.names[i]) || s.left < 0 {
			continue
		}
		for d := from; d <= to; d++ {
			for _, t := range []int64{n - d, n + d} {
				all = append(all, change{Finding{TimeTakenTwice, s.names[i]}, false, []int{i}, []string{strconv.FormatInt(t, 10)}})
			}
		}
	}
	return all
}

func timeFormats(name, v string) (all []string) {
	n, ok := number(v)
	if !ok || !isTime(name) {
		return nil
	}
	for _, zone := range []*time.Location{time.FixedZone("", 7*60*60), time.UTC} {
		at := time.UnixMilli(n).In(zone)
		for _, layout := range []string{
			"2006-01-02 15:04:05", "20060102150405", "060102150405", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02T15:04:05.000Z07:00",
			"02/01/2006 15:04:05", "060102", "2006-01-02", "2006-01-02 15:04:05.000", "20060102",
		} {
			all = append(all, at.Format(layout))
		}
	}
	return all
}

func numberFormats(name, v string) []string {
	n, ok := number(v)
	if !ok {
		if strings.TrimLeft(v, "0123456789.,") == "" && isAmount(name) {
			return []string{strings.TrimSuffix(v, ".0"), strings.ReplaceAll(v, ",", "")}
		}
		return nil
	}
	f := float64(n)
	all := []string{
		v + ".0", v + ".00", grouped(v, ","), grouped(v, "."), grouped(v, " "), grouped(v, "_"), grouped(v, "\u00a0"), grouped(v, "\u202f"),
		strconv.FormatFloat(f, 'e', -1, 64), strconv.FormatFloat(f, 'E', -1, 64), strconv.FormatFloat(f, 'g', 6, 64), strconv.FormatFloat(f, 'e', 6, 64), strconv.FormatFloat(f, 'E', 6, 64),
		javaDouble(f), strings.Replace(javaDouble(f), "E", "e", 1), bigDecimal(v, "E+"), bigDecimal(v, "e+"), bigDecimal(v, "E"), bigDecimal(v, "e"),
		"+" + v, " " + v, v + " ", v + "L", v + "n", v + ".", v + ".000", v + ",00", grouped(v, ",") + ".00", grouped(v, ".") + ",00",
		strconv.FormatInt(n, 16), "0x" + strconv.FormatInt(n, 16),
	}
	if isAmount(name) {
		for _, unit := range []string{" VND", "VND", "đ", " đ", " ₫", "₫", "d"} {
			all = append(all, v+unit, grouped(v, ".")+unit, grouped(v, ",")+unit)
		}
	}
	if stripped := strings.TrimLeft(v, "0"); stripped != v {
		all = append(all, stripped)
	}
	for width := len(v) + 1; width <= 16; width++ {
		all = append(all, strings.Repeat("0", width-len(v))+v)
	}
	return all
}

func grouped(v, sep string) string {
	for at := len(v) - 3; at > 0; at -= 3 {
		v = v[:at] + sep + v[at:]
	}
	return v
}

// javaDouble is what Java prints: 1.0E7 from ten million on.
func javaDouble(f float64) string {
	if f < 1e7 {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, 64), "E+")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	return mantissa + "E" + strings.TrimLeft(exponent, "0")
}

// bigDecimal moves the zeros at the end into an exponent.
func bigDecimal(v, e string) string {
	bare := strings.TrimRight(v, "0")
	if bare == v || bare == "" {
		return v
	}
	zeros := len(v) - len(bare)
	if len(bare) > 1 {
		return bare[:1] + "." + bare[1:] + e + strconv.Itoa(zeros+len(bare)-1)
	}
	return bare + e + strconv.Itoa(zeros)
}

func amountUnits(name, v string) (all []string) {
	n, ok := number(v)
	if !ok || !isAmount(name) || n == 0 {
		return nil
	}
	all = append(all, v+"00", v+"000")
	for _, part := range []int64{100, 1000} {
		if n%part == 0 {
			all = append(all, strconv.FormatInt(n/part, 10))
		} else {
			all = append(all, strconv.FormatFloat(float64(n)/float64(part), 'f', -1, 64))
		}
	}
	return all
}

func htmlTexts(_, v string) []string {
	if !strings.ContainsAny(v, `&<>"'`) && isASCII(v) {
		return nil
	}
	php := strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&#039;", "<", "&lt;", ">", "&gt;")
	double := strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;")
	python := strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&#x27;", "<", "&lt;", ">", "&gt;")
	return differing(v, php.Replace(v), double.Replace(v), namedLetters(php.Replace(v)), namedLetters(double.Replace(v)), python.Replace(v), html.EscapeString(v), html.UnescapeString(v),
		strings.ReplaceAll(v, "&", "&amp;"))
}

// namedLetters writes the accented letters that HTML has names for, as PHP's
// htmlentities does.
func namedLetters(v string) string {
	marks := map[rune]string{'\u0300': "grave", '\u0301': "acute", '\u0302': "circ", '\u0303': "tilde"}
	var b strings.Builder
	for _, r := range v {
		parts := []rune(norm.NFD.String(string(r)))
		if len(parts) == 2 && r <= 0xff && marks[parts[1]] != "" {
			b.WriteString("&" + string(parts[0]) + marks[parts[1]] + ";")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func newlines(_, v string) []string {
	unix := strings.ReplaceAll(v, "\r\n", "\n")
	return []string{
		v + "\n", v + "\r\n", unix, strings.ReplaceAll(unix, "\n", "\r\n"), strings.ReplaceAll(unix, "\n", ""),
		strings.ReplaceAll(unix, "\n", " "), strings.ReplaceAll(v, "\n", `\n`), strings.ReplaceAll(v, `\n`, "\n"), strings.TrimRight(v, "\r\n"),
	}
}

func spaces(_, v string) []string {
	return []string{
		strings.TrimSpace(v), v + " ", " " + v, strings.ReplaceAll(v, " ", ""), strings.Join(strings.Fields(v), " "),
		strings.ReplaceAll(v, "\u00a0", " "), strings.ReplaceAll(v, " ", "\u00a0"), strings.ReplaceAll(v, " ", "_"), strings.ReplaceAll(v, " ", "-"),
	}
}

// mojibake reads the bytes of one encoding as those of another.
func mojibake(_, v string) []string {
	if isASCII(v) {
		return nil
	}
	var all []string
	for _, enc := range []*charmap.Charmap{charmap.ISO8859_1, charmap.Windows1252, charmap.Windows1258} {
		garbled, _ := enc.NewDecoder().String(v) // a charmap decodes every byte
		twice, _ := enc.NewDecoder().String(garbled)
		all = append(all, garbled, twice)
		back, err := enc.NewEncoder().String(v)
		if err != nil || !utf8.ValidString(back) {
			back = v
		}
		all = append(all, back)
	}
	return differing(v, all...)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// plain takes the accents off.
func plain(v string) string {
	v = strings.NewReplacer("đ", "d", "Đ", "D").Replace(v)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(v))
}

// jsonStrings encode a text as a JSON string once more, with and without the
// quotes around it.
func jsonStrings(_, v string) (all []string) {
	if !looksJSON(v) && !strings.ContainsAny(v, `"\\/`) {
		return nil
	}
	n := node{kind: '"', text: v}
	for _, st := range escapings {
		var b strings.Builder
		b.WriteString(st.text(&n))
		all = append(all, b.String())
	}
	for _, one := range all {
		all = append(all, one[1:len(one)-1])
	}
	return append(all, strings.ReplaceAll(v, `"`, `\"`), strings.ReplaceAll(v, `\`, `\\`), strings.ReplaceAll(v, `\`, ""), strings.ReplaceAll(v, `\\`, `\`))
}

func truncations(_, v string) (all []string) {
	for _, n := range []int{1, 20, 30, 32, 40, 50, 64, 100, 128, 200, 250, 255, 256, 500, 512, 1000, 1024} {
		if n == 1 && len(v) > 1 {
			all = append(all, v[:len(v)-1], v[1:])
		} else if runes := []rune(v); len(runes) > n {
			all = append(all, string(runes[:n]))
		}
	}
	return all
}

// percentEncodings are those of the usual languages, with digits of either
// case.
func percentEncodings(v string) (all []string) {
	if v == "" || strings.IndexFunc(v, func(r rune) bool { return !isUnreserved(r) }) < 0 {
		return nil
	}
	for i, safe := range []string{"-_.!~*'()", "-_.~", "-_.~/", "-_.*", "-_.", "-_.!~*'();/?:@&=+$,#", "-_.~:,[]@$", "-_.~$&+:=@"} {
		one := percentEncode(v, safe)
		plus := strings.ReplaceAll(one, "%20", "+")
		if all = append(all, one, plus); i < 3 {
			all = append(all, lowerDigits(one), lowerDigits(plus))
		}
	}
	return append(all, url.QueryEscape(url.QueryEscape(v)), percentEncode(percentEncode(v, "-_.!~*'()"), "-_.!~*'()"), strings.ReplaceAll(v, " ", "%20"))
}

func isUnreserved(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.')
}

func percentEncode(v, safe string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(2 * len(v))
	for i := range len(v) {
		c := v[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

func lowerDigits(v string) string {
	b := []byte(v)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
			i += 2
		}
	}
	return string(b)
}

func percentDecodings(v string) (all []string) {
	if !strings.ContainsAny(v, "%+") {
		return nil
	}
	for _, decode := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
		if once, err := decode(v); err == nil {
			all = append(all, once)
			if twice, err := decode(once); err == nil {
				all = append(all, twice)
			}
		}
	}
	return differing(v, all...)
}
