package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/apiv2"
	"sen/internal/control"
	"sen/internal/macdoctor"
)

type macCmd struct {
	Sign    macSignCmd    `cmd:"" help:"Sign the members of a request, and show the text that is signed."`
	Verify  macVerifyCmd  `cmd:"" help:"Tell whether the mac of some members is right, and if not, why."`
	Explain macExplainCmd `cmd:"" help:"Explain the mac of a request as it was sent: a body, a curl command or HTTP text."`
}

// appKeys are the keys of an app: given, or asked of the sandbox.
type appKeys struct {
	Key1 string `name:"key1" env:"SEN_KEY1" placeholder:"KEY" help:"Key1 of the app. Default: what the running sandbox has for the app."`
	Key2 string `name:"key2" env:"SEN_KEY2" placeholder:"KEY" help:"Key2 of the app, to recognise a mac that was made with it."`

	PublicKey string `placeholder:"FILE" help:"The public RSA key that is registered for the app, where sig is to be explained. Default: what the running sandbox has."`
}

// apps returns the app with its keys, and the others that the sandbox has. With
// keys given no sandbox is needed.
func (k appKeys) apps(ctx context.Context, c *console, op *sen.Operation, id int64) (app macdoctor.App, others []macdoctor.App, err error) {
	app, others, err = k.known(ctx, c, id)
	if err != nil || !op.RSA {
		return app, others, err
	}
	switch {
	case k.PublicKey != "":
		app.Public, err = readPublicKey("--public-key", k.PublicKey)
	case k.Key1 == "":
		app.Public, err = c.payoutKey(ctx, id)
		for i := range others {
			others[i].Public, _ = c.payoutKey(ctx, others[i].ID) // it only helps to name who signed
		}
	}
	return app, others, err
}

func (k appKeys) known(ctx context.Context, c *console, id int64) (app macdoctor.App, others []macdoctor.App, err error) {
	if k.Key1 != "" {
		return macdoctor.App{ID: id, Key1: k.Key1, Key2: k.Key2}, nil, nil
	}
	all, err := c.control().Apps(ctx)
	if err != nil {
		return app, nil, fmt.Errorf("no keys: give --key1, or name a running sandbox that has the app (%w)", err)
	}
	for _, a := range all {
		if one := (macdoctor.App{ID: a.ID, Key1: a.Key1, Key2: a.Key2}); a.ID == id {
			app = one
		} else {
			others = append(others, one)
		}
	}
	if app.Key1 == "" {
		return app, nil, fmt.Errorf("the sandbox has no app %d: %s", id, knownApps(all))
	}
	return app, others, nil
}

func knownApps(all []control.App) string {
	var ids []string
	for _, a := range all {
		ids = append(ids, strconv.FormatInt(a.ID, 10))
	}
	return "it has " + strings.Join(ids, ", ") + "; or give --key1"
}

// signable are an operation and members on the command line.
type signable struct {
	Operation string   `arg:"" help:"As in create_order, or v1_create_order for the first version."`
	Members   []string `arg:"" name:"member=value" help:"The members, as the characters that are sent."`
	appKeys
}

func (s *signable) read() (*sen.Operation, []macdoctor.Member, error) {
	op, err := operationOf(s.Operation)
	if err != nil {
		return nil, nil, err
	}
	var members []macdoctor.Member
	for _, m := range s.Members {
		name, value, ok := strings.Cut(m, "=")
		if !ok {
			return nil, nil, fmt.Errorf("%q is no member: write it as name=value", m)
		}
		members = append(members, macdoctor.Member{Name: name, Value: value})
	}
	return op, members, nil
}

func operationOf(name string) (*sen.Operation, error) {
	var names []string
	for _, op := range signedOperations() {
		if op.name == name {
			return op.Operation, nil
		}
		names = append(names, op.name)
	}
	return nil, fmt.Errorf("no operation %q: known are %s", name, strings.Join(names, ", "))
}

// signedOperation is an operation of either version under a name of its own.
type signedOperation struct {
	name string
	*sen.Operation
}

func signedOperations() (all []signedOperation) {
	for _, op := range sen.Operations() {
		all = append(all, signedOperation{op.Name, op})
	}
	for _, op := range apiv1.Operations() {
		all = append(all, signedOperation{op.ID(), op.Operation})
	}
	return all
}

// valueOf returns what a member has.
func valueOf(members []macdoctor.Member) func(string) string {
	return func(name string) string {
		if i := slices.IndexFunc(members, func(m macdoctor.Member) bool { return m.Name == name }); i >= 0 {
			return members[i].Value
		}
		return ""
	}
}

// appOf is the app that a request names.
func appOf(op *sen.Operation, members []macdoctor.Member) (int64, error) {
	name := op.Signed[0] // app_id, or appid
	id, err := strconv.ParseInt(valueOf(members)(name), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is missing or no number: it says whose key signs", name)
	}
	return id, nil
}

type macSignCmd struct {
	signable
	PrivateKey string `placeholder:"FILE" help:"The app's private RSA key, where sig is to be made. Default: the one that the running sandbox comes with."`
	CodeKey    string `placeholder:"FILE" help:"The app's key for payment codes (sen app code-key): encrypts payment_code, after it was signed as it was scanned."`
}

// signature is what mac sign prints.
type signature struct {
	Operation string `json:"operation"`
	Formula   string `json:"formula"`
	Text      string `json:"text"`
	MAC       string `json:"mac"`
	Sig       string `json:"sig,omitempty"`
	Code      string `json:"payment_code,omitempty"` // encrypted
}

// Run signs.
func (s *macSignCmd) Run(ctx context.Context, c *console) error {
	op, members, err := s.read()
	if err != nil {
		return err
	}
	app, _, err := s.needed(ctx, c, op, members)
	if err != nil {
		return err
	}
	get := valueOf(members)
	if missing := missingOf(op, get); missing != "" {
		fmt.Fprintf(c.err, "sen: %s is empty in the text: is it sent so?\n", missing)
	}
	d := macdoctor.Diagnose(macdoctor.Case{Operation: op, Members: signedBy(op, app.Key1, members), App: app, Reveal: true})
	out := signature{Operation: op.Name, Formula: d.Formula, Text: d.Signed, MAC: op.Sign(app.Key1, get)}
	if out.Sig, err = s.sig(ctx, c, op, app.ID, out.MAC); err != nil {
		return err
	}
	if out.Code, err = s.seal(get(codeMember(op))); err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) {
		facts(w, "formula", out.Formula, "text", out.Text, "mac", out.MAC, "sig", out.Sig, "payment_code", out.Code)
	})
}

func signedBy(op *sen.Operation, key string, members []macdoctor.Member) []macdoctor.Member {
	return append(slices.Clone(members), macdoctor.Member{Name: op.MACMember(), Value: op.Sign(key, valueOf(members))})
}

// needed finds the app of the members. An app that is not known does not matter
// when its key is given.
func (s *signable) needed(ctx context.Context, c *console, op *sen.Operation, members []macdoctor.Member) (macdoctor.App, []macdoctor.App, error) {
	id, err := appOf(op, members)
	if err != nil && s.Key1 == "" {
		return macdoctor.App{}, nil, err
	}
	return s.apps(ctx, c, op, id)
}

// missingOf names the signed members that have no value.
func missingOf(op *sen.Operation, get func(string) string) string {
	var names []string
	for _, name := range op.Signed {
		if name != "key1" && name != op.Optional && get(name) == "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

type macVerifyCmd struct {
	signable
	language
}

var (
	errMACWrong = errors.New("the mac is wrong")
	errSigWrong = errors.New("the sig is wrong")
)

// Run verifies. It fails when the mac is wrong.
func (v *macVerifyCmd) Run(ctx context.Context, c *console) error {
	op, members, err := v.read()
	if err != nil {
		return err
	}
	if name := op.MACMember(); valueOf(members)(name) == "" {
		return fmt.Errorf("no %s: give it as %s=…", name, name)
	}
	app, others, err := v.needed(ctx, c, op, members)
	if err != nil {
		return err
	}
	e := explained(macdoctor.Case{Operation: op, Members: members, App: app, Others: others, Reveal: true}, nil)
	if err := c.print(e, func(w io.Writer) { e.write(w, v.Lang) }); err != nil {
		return err
	}
	if e.Cause != string(macdoctor.Good) {
		if op.RSA {
			return errSigWrong
		}
		return errMACWrong
	}
	return nil
}

type macExplainCmd struct {
	Request   string `default:"-" placeholder:"FILE" help:"The request as it was sent: its body, a curl command, or HTTP text. Default: standard input."`
	Operation string `placeholder:"NAME" help:"As in create_order. Default: what the path or the members tell."`
	Code      string `placeholder:"DIGITS" help:"The payment code as it was scanned, where it was sent encrypted: most clients sign it so."`
	CodeKey   string `placeholder:"FILE" help:"The app's key for payment codes, to look at an encrypted one."`
	Type      string `placeholder:"TYPE" help:"Content type of a bare body. Default: what it looks like."`
	appKeys
	language
}

// maxRequest bounds what is read: a request of the merchant API is at most
// 128 kB.
const maxRequest = 1 << 20

// Run explains.
func (x *macExplainCmd) Run(ctx context.Context, c *console) error {
	text, err := x.readRequest()
	if err != nil {
		return err
	}
	r, err := parseRequest(text)
	if err != nil {
		return err
	}
	if x.Type != "" {
		r.contentType = x.Type
	}
	op, err := x.operation(r)
	if err != nil {
		return err
	}
	members, refusal := apiv2.ReadMembers(op, r.contentType, r.query, r.body)
	if len(members) == 0 && refusal != nil {
		return fmt.Errorf("the request can't be read: %w", refusal)
	}
	id, err := appOf(op, members)
	if err != nil {
		return err
	}
	app, others, err := x.apps(ctx, c, op, id)
	if err != nil {
		return err
	}
	sealed, err := x.sealed(c, op, members)
	if err != nil {
		return err
	}
	if sealed != nil && !op.Verify(app.Key1, valueOf(members)("mac"), valueOf(members)) {
		members = sealed.scanned(members)
	}
	e := explained(macdoctor.Case{
		Operation: op, Members: members, App: app, Others: others, Reveal: true,
		Wire: macdoctor.Wire{ContentType: r.contentType, Query: r.query, Body: r.body},
	}, refusal)
	e.Code = sealed
	return c.print(e, func(w io.Writer) { e.write(w, x.Lang) })
}

func (x *macExplainCmd) readRequest() ([]byte, error) {
	in := os.Stdin
	if x.Request != "-" {
		f, err := os.Open(x.Request)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxRequest+1))
	if err == nil && len(text) > maxRequest {
		err = errors.New("the request is larger than 1 MB")
	}
	return text, err
}

// operation is the one that is named, or that the path or the members tell.
func (x *macExplainCmd) operation(r request) (*sen.Operation, error) {
	if x.Operation != "" {
		return operationOf(x.Operation)
	}
	for _, op := range signedOperations() {
		if r.path != "" && strings.HasSuffix(r.path, op.Path) {
			return op.Operation, nil
		}
	}
	members, _ := apiv2.ReadMembers(sen.OpQuickPay, r.contentType, r.query, r.body) // it takes every encoding; what is missing does not matter yet
	var best *sen.Operation
	for _, op := range signedOperations() {
		if missingOf(op.Operation, valueOf(members)) == "" && (best == nil || len(op.Signed) > len(best.Signed)) {
			best = op.Operation
		}
	}
	if best == nil {
		return nil, errors.New("which operation is it? Name it with --operation")
	}
	return best, nil
}

// explanation is what mac verify and mac explain print.
type explanation struct {
	Operation string `json:"operation"`
	App       int64  `json:"app_id"`
	Refused   string `json:"refused,omitempty"` // why the request is refused before its mac is looked at
	macdoctor.Diagnosis
	Diff []macdoctor.Span `json:"diff,omitempty"`
	Code *sealedCode      `json:"payment_code,omitempty"` // that came encrypted

	rsa bool
}

func explained(c macdoctor.Case, refusal error) explanation {
	e := explanation{Operation: c.Operation.Name, App: c.App.ID, Diagnosis: macdoctor.Diagnose(c), rsa: c.Operation.RSA}
	if refusal != nil {
		e.Refused = refusal.Error()
	}
	if e.Theirs != "" && e.Theirs != e.Signed {
		e.Diff = macdoctor.Diff(e.Signed, e.Theirs)
	}
	return e
}

// signature is what the diagnosis is about.
func (e *explanation) signature() string {
	if e.rsa {
		return "the sig"
	}
	return "the mac"
}

func (e *explanation) write(w io.Writer, lang string) {
	diff := ""
	if e.Diff != nil {
		diff = macdoctor.Inline(e.Diff)
	}
	facts(w,
		"operation", e.Operation,
		"app", strconv.FormatInt(e.App, 10),
		"refused", e.Refused,
		"cause", e.Cause,
		e.signature(), e.What.In(lang),
		"what to do", e.Fix.In(lang),
		"formula", e.Formula,
		"we sign", e.Signed,
		"you signed", e.Theirs,
		"compared", diff,
		"payment_code", e.Code.line(lang))
	if diff != "" {
		fmt.Fprintln(w, "\n[-…-] is missing in yours, {+…+} is too much in it.")
	}
}
