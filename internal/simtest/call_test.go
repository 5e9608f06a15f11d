package simtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sen"
)

type field struct{ name, value string }

// fields are the members of a request, in order.
type fields []field

func (f fields) get(name string) string {
	for _, one := range f {
		if one.name == name {
			return one.value
		}
	}
	return ""
}

func (f fields) number(name string) int64 {
	n, _ := strconv.ParseInt(f.get(name), 10, 64)
	return n
}

func (f fields) millis(name string) time.Time { return time.UnixMilli(f.number(name)) }

func (f fields) with(name, value string) fields {
	out := fields{}
	found := false
	for _, one := range f {
		if one.name == name {
			one.value, found = value, true
		}
		out = append(out, one)
	}
	if !found {
		out = append(out, field{name, value})
	}
	return out
}

func (f fields) without(name string) fields {
	out := fields{}
	for _, one := range f {
		if one.name != name {
			out = append(out, one)
		}
	}
	return out
}

// wire is where a request goes, and under which names: those of the first version
// of the API have no underscores.
func (r *request) wire() (path string, f fields) {
	if !r.first {
		return r.op.Path, r.fields
	}
	for _, one := range r.fields {
		f = append(f, field{firstName(one.name), one.value})
	}
	return firstPaths[r.op], f
}

// encode writes the members in one of the encodings that clients use.
func (r *request) encode(rng *rand.Rand) (path, contentType string, body []byte) {
	op := r.op
	path, f := r.wire()
	form := url.Values{}
	for _, one := range f {
		form.Set(one.name, one.value)
	}
	kind := rng.IntN(10)
	switch {
	case kind < 7 && kind > 5 && !op.FormOnly, op.Method == http.MethodGet:
		return path + "?" + form.Encode(), "", nil
	case kind < 6 || op.FormOnly:
		return path, "application/x-www-form-urlencoded", []byte(form.Encode())
	}
	var b bytes.Buffer
	for i, one := range f {
		name, _ := json.Marshal(one.name)
		value, _ := json.Marshal(one.value)
		if _, err := strconv.ParseInt(one.value, 10, 64); err == nil && kind == 9 && one.value[0] != '0' && one.name != "m_refund_id" && one.name != "mrefundid" {
			value = []byte(one.value)
		}
		b.WriteByte(",{"[min(1, max(0, 1-i))])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return path, "application/json", b.Bytes()
}

// An answer is what the gateway said to a request, and what is wrong with it.
type answer struct {
	code, sub int64
	m         map[string]any
	problems  *[]string
	old       bool // in the names of the first version
}

func (a answer) member(name string) any {
	if a.old {
		name = firstName(name)
	}
	return a.m[name]
}

func (a answer) number(name string) int64 {
	text := fmt.Sprint(a.member(name))
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

func (a answer) text(name string) string {
	s, _ := a.member(name).(string)
	return s
}

func (a answer) object(name string) answer {
	m, _ := a.m[name].(map[string]any)
	return answer{m: m, problems: a.problems}
}

func (a answer) first(name string) answer {
	all, _ := a.m[name].([]any)
	if len(all) == 0 {
		return answer{problems: a.problems}
	}
	m, _ := all[0].(map[string]any)
	return answer{m: m, problems: a.problems}
}

func (a answer) wrong(format string, args ...any) {
	*a.problems = append(*a.problems, fmt.Sprintf(format, args...))
}

func (a answer) want(name string, want int64) {
	if got := a.number(name); got != want {
		a.wrong("%s is %d, want %d", name, got, want)
	}
}

func (a answer) wantText(name, want string) {
	if got := a.text(name); got != want {
		a.wrong("%s is %q, want %q", name, got, want)
	}
}

func parseAnswer(body []byte) (answer, error) {
	a := answer{problems: &[]string{}}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&a.m); err != nil {
		return a, err
	}
	a.code, a.sub = a.number("return_code"), a.number("sub_return_code")
	if _, zod := a.m["returnCode"]; zod {
		a.code, a.sub = a.number("returnCode"), a.number("subReturnCode")
	}
	if _, older := a.m["returncode"]; older {
		a.sub = a.number("returncode")
		a.code = min(2, 3-2*min(a.sub, 1)) // 1 for 1, 2 for refusals
		if a.sub == 1 {
			a.code = 1
		}
	}
	return a, nil
}

// call makes a call of the merchant API, and holds the answer against the model.
func (s *sim) call(r *request) answer {
	path, contentType, body := r.encode(s.rng)
	v := s.m.judge(r)
	s.expect(r)
	status, text := s.ask(r.op.Method, path, contentType, body)
	ans := s.judged(r, v, status, text)
	s.known(r)
	return ans
}

// expect tells the merchant's server of an order that is paid as it is made: its
// callback can be faster than the answer.
func (s *sim) expect(r *request) {
	key := orderKey{r.app, r.fields.get("app_trans_id")}
	if r.op == sen.OpQuickPay && s.m.orders[key] == nil {
		s.street.know(&order{orderKey: key, amount: r.fields.number("amount")})
	}
}

// known tells the merchant's server what it asked to be paid.
func (s *sim) known(r *request) {
	for _, name := range []string{"app_trans_id", "mcRefId"} {
		if o := s.m.orders[orderKey{r.app, r.fields.get(name)}]; o != nil {
			s.street.know(o)
		}
	}
}

func (s *sim) judged(r *request, v verdict, status int, text []byte) answer {
	ans, err := parseAnswer(text)
	if err != nil {
		s.broken(ruleAnswers, "%s: HTTP %d and no JSON: %v", r.op.Name, status, err)
		return ans
	}
	if r.first {
		ans = s.inSecond(r, v, ans)
	}
	a := s.m.app(r.app)
	if a != nil && a.faults > 0 && ans.sub == -500 && v.value != -500 {
		a.faults--
		s.reach(r.op, -500, false)
		return ans // and nothing has happened, as everything later will show
	}
	st, known := r.op.Status(int(ans.sub))
	switch {
	case !known:
		s.broken(ruleAnswers, "%s answers %d, which is no value of it", r.op.Name, ans.sub)
		return ans
	case int64(st.ReturnCode) != ans.code:
		s.broken(ruleAnswers, "%s answers %d with return_code %d instead of %d", r.op.Name, ans.sub, ans.code, st.ReturnCode)
		return ans
	case int(ans.sub) != v.value:
		rule := ruleAnswers
		if ans.code == 1 && v.rule != 0 {
			rule = v.rule
		}
		s.broken(rule, "%s is answered with %d (%s), and should be with %d", r.op.Name, ans.sub, ans.text("sub_return_message"), v.value)
		return ans
	}
	s.reach(r.op, int(ans.sub), v.told)
	if v.do != nil {
		v.do(ans)
	}
	for _, p := range *ans.problems {
		s.broken(ruleAnswers, "%s: %s", r.op.Name, p)
	}
	return ans
}

func (s *sim) reach(op *sen.Operation, value int, told bool) {
	s.reached[reached{op.Name, value, told}]++
}

// reached is a value that was answered, because of how things stood or because a
// rule said so.
type reached struct {
	operation string
	value     int
	told      bool
}

// signed completes a request with its mac.
func (s *sim) signed(op *sen.Operation, a *shopApp, f fields) *request {
	r := &request{op: op, app: a.id, fields: f, first: firstPaths[op] != "" && s.chance(20)}
	if op == sen.OpQueryOrder || op == sen.OpCancelOrder {
		r.badID = !dated(f.get("app_trans_id"))
	}
	mac := op.Sign(a.key1, f.get)
	if op.RSA {
		var err error
		if mac, err = sen.SignRSA(a.private, mac); err != nil {
			panic(err)
		}
	}
	r.fields = f.with(op.MACMember(), mac)
	return r
}

// control makes a call of the control API, and returns the code of the refusal.
func (s *sim) control(method, path string, in, out any) (code string) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			panic(err)
		}
	}
	status, text := s.ask(method, "/control/"+path, "application/json", body)
	if status == 200 {
		if out != nil {
			if err := json.Unmarshal(text, out); err != nil {
				s.broken(ruleAnswers, "%s %s: %v: %s", method, path, err, text)
			}
		}
		return ""
	}
	var f struct{ Error struct{ Code string } }
	if json.Unmarshal(text, &f) != nil || f.Error.Code == "" {
		return "HTTP " + strconv.Itoa(status)
	}
	return f.Error.Code
}

// ask makes any request, and writes it down.
func (s *sim) ask(method, path, contentType string, body []byte) (int, []byte) {
	status, text := ask(s.front, method, path, contentType, body)
	s.note("> %s %s %s", method, path, body)
	s.note("< %d %s", status, strings.Join(strings.Fields(string(text)), " "))
	return status, text
}

// note adds a line to the history, and to its digest.
func (s *sim) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintln(s.digest, line)
	s.lines = append(s.lines, line)
	if len(s.lines) > 400 {
		s.lines = s.lines[200:]
	}
}
