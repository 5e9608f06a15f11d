package openapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/fault"
	"sen/internal/web"
)

// A form is one that signs and sends a request.
type form struct {
	Fields []input
	Key1   string // as typed; "" for the app's own
	AsForm bool   // or a query string
	Takes  bool   // JSON, too
	Folds  bool   // some fields are folded away
}

type input struct {
	Name, Value string
	Required    bool
	Number      bool
	Long        bool   // text of several lines
	Bare        bool   // JSON in a JSON body, and not a text that holds it
	Folded      bool   // optional, and empty
	Payer       string // who shows a code when it is empty; else ""
	word        string // the name in the second version
}

// A result is what came of a request that was sent.
type result struct {
	Signed, Sent string
	Answer       string // "" when it was broken on purpose
	Status       *value
	Good         bool
	Console      string // the request at the console; "" when it was not kept
	Next         []item
}

// form is that of an operation, with what was asked for in the address or
// typed before, and otherwise with what the example has, at today's date.
func (p *pages) form(c *call, asked func(string) string) *form {
	f := &form{Takes: c.takesJSON(), AsForm: !c.takesJSON()}
	example := newWriter(Options{}).example(c.id).request
	for _, m := range c.members() {
		if m.Name == c.MACMember() {
			continue
		}
		in := input{Name: m.Name, Value: asked(m.Name), Required: m.Required, Number: m.Number, Long: m.JSON != "", Bare: m.Bare, word: m.word}
		if shown := example.get(m.Name); in.Value == "" && shown != nil {
			in.Value = p.fresh(c.second, m.word, literal(shown))
		}
		if m.word == codeName {
			in.Payer = p.Sandbox.Payer
		}
		in.Folded = !in.Required && in.Value == ""
		f.Folds = f.Folds || in.Folded
		f.Fields = append(f.Fields, in)
	}
	return f
}

func (c *call) takesJSON() bool { return !c.FormOnly && c.Method != http.MethodGet }

// literal is a value as a form has it.
func literal(v any) string {
	switch v.(type) {
	case object, list:
		return string(appendJSON(nil, v, ""))
	}
	return fmt.Sprint(v)
}

const codeName = "payment_code"

// made names the operations that make something under a name of the merchant's.
var made = map[*sen.Operation]string{
	sen.OpCreateOrder: "app_trans_id", sen.OpQuickPay: "app_trans_id", sen.OpRefundOrder: "m_refund_id",
	sen.OpCreateBindingWallet: "app_trans_id", sen.OpCreateBindingCard: "app_trans_id", sen.OpCreateZod: "mcRefId",
	sen.OpDisbursementTopUp: "partner_order_id",
}

// fresh is the value of an example as it works now: times are now, and what is
// made has a name that nobody used before.
func (p *pages) fresh(op *sen.Operation, name, shown string) string {
	now := p.Now()
	const unique = 6 // bytes
	switch {
	case name == "callback_url":
		return "" // nobody hears at the example's; the app's own may be somebody's
	case name == codeName:
		return "" // one that nobody has used is made when the form is sent
	case name == op.Signed[0]: // every formula begins with the app
		return strconv.FormatInt(p.Sandbox.App, 10)
	case name == made[op] && name == "m_refund_id":
		return sen.MRefundID(now, int(p.Sandbox.App), p.Site.IDs.Secret(unique))
	case name == made[op] && name == "partner_order_id":
		return p.Site.IDs.Secret(unique)
	case name == made[op]:
		return sen.AppTransID(now, p.Site.IDs.Secret(unique))
	case name == "app_time", name == "timestamp", name == "req_date", name == "reqtime", name == "time":
		return strconv.FormatInt(now.UnixMilli(), 10)
	}
	return shown
}

// try signs a request and sends it.
func (p *pages) try(w http.ResponseWriter, r *http.Request) error {
	c := callNamed(r.PathValue("name"))
	if c == nil {
		return errNoOperation
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	say := newWriter(p.options(r))
	page := p.operation(say, c)
	page.Form = p.form(c, r.PostForm.Get)
	page.Form.Key1, page.Form.AsForm = r.PostForm.Get("key1"), !c.takesJSON() || r.PostForm.Get("as") == "form"
	for i := range page.Form.Fields { // what was emptied stays so
		page.Form.Fields[i].Value = r.PostForm.Get(page.Form.Fields[i].Name)
	}
	result, err := p.send(r, c, page.Form, say)
	if err != nil {
		return err
	}
	page.Result = result
	return p.one.Write(w, r, http.StatusOK, page)
}

// patience is how long an answer may take.
const patience = 20 * time.Second

func (p *pages) send(r *http.Request, c *call, f *form, say *writer) (*result, error) {
	sent, err := p.members(r.Context(), f)
	if err != nil {
		return nil, err
	}
	app, _ := strconv.ParseInt(fmt.Sprint(sent.get(c.Signed[0])), 10, 64) // 0 is no app
	key := cmp.Or(f.Key1, p.Sandbox.Key1(app))
	value := func(name string) string {
		if v := sent.get(name); v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	mac := c.Sign(key, value)
	res := &result{Signed: string(c.AppendInput(nil, value, key))}
	if c.RSA {
		if mac, err = p.Sandbox.signRSA(app, mac); err != nil {
			return nil, err
		}
	}
	sent = append(sent, entry{c.MACMember(), mac})
	body, kind := f.encode(sent)
	res.Sent = body
	answer := p.call(r, c.Operation, kind, body)
	res.Answer = string(answer)
	parsed, err := parse(answer)
	if object, ok := parsed.(object); ok && err == nil {
		res.read(c, object, say)
		res.Next = p.next(c, say, append(sent, object...))
	}
	id, err := p.Sandbox.Sent(r.Context(), c.Name, app, mac)
	if id != 0 {
		res.Console = "/console/requests/" + strconv.FormatInt(id, 10)
	}
	return res, err
}

// errNoPrivateKey refuses to sign for an app that registered a key of its own.
var errNoPrivateKey = fault.New(fault.Conflict, "private_key_unknown", "The app registered a public key of its own, so only its owner can sign a payout.")

func (s *Sandbox) signRSA(app int64, mac string) (string, error) {
	text, ok := s.PrivateKey(app)
	if !ok {
		return "", errNoPrivateKey
	}
	key, err := sen.ParsePrivateKey(text)
	if err != nil {
		return "", err
	}
	return sen.SignRSA(key, mac)
}

// members are those that were filled in, numbers as such. A code that was not is
// one that works.
func (p *pages) members(ctx context.Context, f *form) (object, error) {
	var o object
	for _, in := range f.Fields {
		if in.Value == "" && in.Payer != "" {
			code, err := p.Sandbox.PaymentCode(ctx)
			if err != nil {
				return nil, err
			}
			in.Value = code
		}
		if in.Value == "" {
			continue
		}
		n, err := strconv.ParseInt(in.Value, 10, 64)
		if in.Number && err == nil && strconv.FormatInt(n, 10) == in.Value {
			o = append(o, entry{in.Name, n})
			continue
		}
		if v, err := parse([]byte(in.Value)); in.Bare && err == nil {
			o = append(o, entry{in.Name, v})
			continue
		}
		o = append(o, entry{in.Name, in.Value})
	}
	return o, nil
}

func (f *form) encode(members object) (body, contentType string) {
	if !f.AsForm {
		return string(appendJSON(nil, members, "")), "application/json"
	}
	values := url.Values{}
	for _, m := range members {
		values.Set(m.name, literal(m.value))
	}
	return values.Encode(), "application/x-www-form-urlencoded"
}

// call makes the call as if it had come from outside, and returns the body of
// the answer. It is nil when a rule cut the connection.
func (p *pages) call(from *http.Request, op *sen.Operation, kind, body string) (answer []byte) {
	ctx, cancel := context.WithTimeout(from.Context(), patience)
	defer cancel()
	r := from.Clone(ctx)
	r.Method, r.URL, r.RequestURI = op.Method, &url.URL{Path: op.Path}, op.Path
	r.Header = http.Header{
		"Content-Type": {kind}, "User-Agent": {"Sen" + Path}, "Accept-Language": {string(web.LangOf(from))},
	}
	r.Body, r.ContentLength = http.NoBody, 0
	if op.Method == http.MethodGet {
		r.URL.RawQuery, r.RequestURI = body, op.Path+"?"+body
		r.Header.Del("Content-Type")
	} else if body != "" {
		r.Body, r.ContentLength = readCloser{strings.NewReader(body)}, int64(len(body))
	}
	out := &reply{header: http.Header{}}
	defer func() {
		cause, cut := recover().(error)
		switch {
		case !cut:
		case errors.Is(cause, http.ErrAbortHandler):
			answer = nil
		default:
			panic(cause)
		}
	}()
	p.Sandbox.API.ServeHTTP(out, r)
	return out.body.Bytes()
}

type readCloser struct{ *strings.Reader }

// Close implements io.Closer.
func (readCloser) Close() error { return nil }

// A reply takes an answer that goes nowhere else.
type reply struct {
	header http.Header
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *reply) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *reply) WriteHeader(int) {}

// Write implements http.ResponseWriter.
func (r *reply) Write(p []byte) (int, error) { return r.body.Write(p) }

// read takes in an answer.
func (res *result) read(c *call, answer object, say *writer) {
	res.Answer = string(appendJSON(nil, answer, ""))
	var code int64
	for _, name := range []string{"sub_return_code", "subReturnCode", "returncode"} {
		if n, ok := answer.get(name).(int64); ok {
			code = n
			break
		}
	}
	for _, st := range c.statuses() {
		if st.Value == int(code) {
			shown := say.valuesOf([]sen.Status{st})[0]
			res.Status, res.Good = &shown, st.ReturnCode == sen.Success
		}
	}
}

// carried are the members that a next call may need, and what they are called
// there.
var carried = map[string][]string{
	"app_trans_id": {"app_trans_id"}, "zp_trans_id": {"zp_trans_id"}, "zp_trans_token": {"zp_trans_token"}, "m_refund_id": {"m_refund_id"},
	"order_token": {"order_token"}, "mcRefId": {"mcRefId"}, "zpTransId": {"zp_trans_id"},
	"pay_token": {"pay_token", "access_token"}, "binding_id": {"binding_id"}, "identifier": {"identifier"}, "amount": {"amount"},
	"m_u_id": {"m_u_id"}, "partner_order_id": {"partner_order_id"}, "reference_id": {"reference_id"},
}

// following are the operations that one makes after another.
var following = map[*sen.Operation][]*sen.Operation{
	sen.OpCreateOrder:             {sen.OpQueryOrder, sen.OpCancelOrder, sen.OpPayByTokenWallet, sen.OpPayByTokenCard, sen.OpGetBankDeepLinks},
	sen.OpQuickPay:                {sen.OpQueryOrder, sen.OpRefundOrder},
	sen.OpQueryOrder:              {sen.OpRefundOrder},
	sen.OpRefundOrder:             {sen.OpQueryRefund},
	sen.OpCreateBindingWallet:     {sen.OpQueryPaymentTokenWallet},
	sen.OpQueryPaymentTokenWallet: {sen.OpQueryBalanceWallet, sen.OpPayByTokenWallet, sen.OpQueryUserInfo, sen.OpUnbindingWallet},
	sen.OpPayByTokenWallet:        {sen.OpQueryOrder, sen.OpRefundOrder},
	sen.OpCreateBindingCard:       {sen.OpQueryBindingCard},
	sen.OpDisbursementUser:        {sen.OpDisbursementTopUp},
	sen.OpDisbursementTopUp:       {sen.OpDisbursementQuery, sen.OpDisbursementBalance},
	sen.OpQueryBindingCard:        {sen.OpPayByTokenCard, sen.OpUnbindingCard},
	sen.OpPayByTokenCard:          {sen.OpQueryOrder, sen.OpRefundOrder},
	sen.OpCreateZod:               {sen.OpQueryZodStatus, sen.OpQueryZodInvoice},
	sen.OpQueryZodStatus:          {sen.OpRefundOrder},
}

// next links to what can be done with a request and its answer: the pages for
// payers, and the forms of other operations.
func (p *pages) next(c *call, say *writer, known object) []item {
	var links []item
	if c.first() {
		for i := range known {
			known[i].name = word(known[i].name)
		}
	}
	for _, name := range []string{"order_url", "orderUrl", "binding_url", "verification_url"} {
		if page, _ := known.get(name).(string); strings.HasPrefix(page, p.BaseURL+"/") {
			links = append(links, item{Href: page, Title: name})
		}
	}
	query := carry(known)
	for _, second := range following[c.second] {
		other := c.callOf(second)
		if other == nil {
			continue
		}
		mine := url.Values{}
		for _, m := range other.members() {
			if v := query.Get(m.word); v != "" && m.word != made[second] {
				mine.Set(m.Name, v)
			}
		}
		links = append(links, item{Path + "/" + other.id + "?" + mine.Encode(), say.title(other), other.Path})
	}
	return links
}

func carry(known object) url.Values {
	if data, ok := known.get("data").(object); ok {
		known = append(known, data...)
	}
	query := url.Values{}
	for _, m := range known {
		shown := fmt.Sprint(m.value)
		for _, name := range carried[m.name] {
			if shown != "" && shown != "0" && !query.Has(name) {
				query.Set(name, shown)
			}
		}
	}
	return query
}
