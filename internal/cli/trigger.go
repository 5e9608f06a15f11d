package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/conformance"
	"sen/internal/control"
)

type triggerCmd struct {
	What     string `arg:"" complete:"trigger" help:"An event, or the operation of a value; see above."`
	Value    *code  `arg:"" optional:"" help:"The value, as in -54."`
	App      int64  `default:"2553" help:"The app that an event is about, or whose next call --next answers. Default: ${default}."`
	Amount   dong   `default:"50000" placeholder:"N" help:"Amount of the order in dong. Default: ${default}."`
	Callback string `placeholder:"URL" help:"Where the order or binding is reported. Default: the app's."`
	Next     bool   `help:"Do not bring the value about: answer the app's next call of the operation with it."`
}

// Help lists the events.
func (triggerCmd) Help() string {
	var b strings.Builder
	b.WriteString("Brings about an event for your app:\n\n")
	for _, e := range events {
		fmt.Fprintf(&b, "  %-28s %s\n", e.name, e.help)
	}
	b.WriteString("  callback.KIND                an order is paid whose callback goes wrong: see \"sen callback rule add --help\"\n")
	b.WriteString("\nOr, with an operation and a value as in \"sen trigger query_order -54\", the state that\n" +
		"earns the value, for an app of its own, and prints the calls that it took.")
	return b.String()
}

// An event is something that happens to an order, a refund or a binding.
type event struct {
	name, help string
	play       func(*stage, context.Context) error // a method expression
}

var events = []event{
	{"order.created", "an order waits for its payer", (*stage).order},
	{"order.paid", "an order is paid", (*stage).paid},
	{"order.declined", "a card is declined; the order can still be paid", (*stage).declined},
	{"order.expired", "an order expires: the clock goes 5 minutes ahead", (*stage).expired},
	{"order.cancelled", "the merchant cancels an order", (*stage).cancelled},
	{"refund.succeeded", "a payment is refunded", (*stage).refunded},
	{"refund.failed", "a refund is more than was paid, and fails", (*stage).refundFailed},
	{"refund.stuck", "a refund is processed until \"sen refund approve\"", (*stage).refundStuck},
	{"binding.created", "a binding waits for its user", (*stage).binding},
	{"binding.confirmed", "a user agrees to a binding", (*stage).confirmed},
	{"binding.declined", "a user says no to a binding", (*stage).bindingDeclined},
	{"binding.ended", "a user ends a binding", func(s *stage, ctx context.Context) error { return s.ended(ctx, false) }},
	{"binding.disabled", "an operator ends a binding", func(s *stage, ctx context.Context) error { return s.ended(ctx, true) }},
}

// Run brings it about.
func (t *triggerCmd) Run(ctx context.Context, c *console) error {
	if t.Value != nil {
		return t.value(ctx, c)
	}
	s := &stage{triggerCmd: t, c: c, ctl: c.control(), Out: triggered{Event: t.What, App: t.App, Did: []string{}}}
	play := s.find()
	if play == nil {
		if knownOperation(t.What) {
			return fmt.Errorf("say which value of %s: \"sen codes list --operation %s\" has them", t.What, t.What)
		}
		return fmt.Errorf("no event %q: see \"sen trigger --help\"", t.What)
	}
	err := play(s, ctx)
	if err == nil || len(s.Out.Did) > 0 { // what was done is said also when the rest failed
		err = errors.Join(explainNothing(err), c.print(s.Out, func(w io.Writer) { s.write(w) }))
	}
	return err
}

// explainNothing adds advice to a refusal, if there was one.
func explainNothing(err error) error {
	if err == nil {
		return nil
	}
	return explain(err)
}

// value brings about a value, or has it forced.
func (t *triggerCmd) value(ctx context.Context, c *console) error {
	value := int(*t.Value)
	if _, ok := sen.Lookup(t.What, value); !ok {
		if !knownOperation(t.What) {
			return errOperation
		}
		return fmt.Errorf("%s never answers %d: see \"sen codes list --operation %s\"", t.What, value, t.What)
	}
	if t.Next {
		rule, err := c.control().AddRule(ctx, control.Rule{Operation: t.What, App: t.App, Value: &value, Calls: 1})
		if err != nil {
			return err
		}
		return c.print(rule, func(w io.Writer) {
			fmt.Fprintf(w, "The next %s of app %d is answered with %d. No state changes.\n", t.What, t.App, value)
		})
	}
	out, err := conformance.Trigger(ctx, c.url(), conformance.Key{Operation: t.What, Value: value})
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeTriggered(w, out) })
}

func writeTriggered(w io.Writer, out conformance.Triggered) {
	for _, call := range out.Calls {
		var members []string
		for _, name := range slices.Sorted(maps.Keys(call.Request)) {
			members = append(members, name+"="+call.Request[name])
		}
		fmt.Fprintf(w, "-> %s  %s\n<- HTTP %d %s\n\n", call.Operation, strings.Join(members, " "), call.HTTPStatus, strings.TrimSpace(call.Answer))
	}
	fmt.Fprintf(w, "%s answered %d. It was done for app %d; for the next call of your own: sen trigger %s %d --next\n",
		out.Operation, out.Value, out.App, out.Operation, out.Value)
}

// triggered is what an event did.
type triggered struct {
	Event      string   `json:"event"`
	App        int64    `json:"app_id"`
	AppTransID string   `json:"app_trans_id,omitempty"`
	Payment    int64    `json:"zp_trans_id,omitempty"`
	MRefundID  string   `json:"m_refund_id,omitempty"`
	Binding    string   `json:"binding_id,omitempty"`
	Rule       string   `json:"rule,omitempty"`
	Did        []string `json:"did"` // in words
}

// A stage is where an event is played.
type stage struct {
	*triggerCmd
	c      *console
	ctl    *control.Client
	client *sen.Client
	now    func() time.Time
	token  string // of the order
	Out    triggered
}

func (s *stage) find() func(*stage, context.Context) error {
	if kind, ok := strings.CutPrefix(s.What, "callback."); ok {
		return func(s *stage, ctx context.Context) error { return s.callback(ctx, kind) }
	}
	for _, e := range events {
		if e.name == s.What {
			return e.play
		}
	}
	return nil
}

func (s *stage) did(format string, args ...any) {
	s.Out.Did = append(s.Out.Did, fmt.Sprintf(format, args...))
}

func (s *stage) write(w io.Writer) {
	for _, line := range s.Out.Did {
		fmt.Fprintln(w, line)
	}
	o := s.Out
	fmt.Fprintln(w)
	see := ""
	switch {
	case o.MRefundID != "":
		see = program() + " refund show " + o.MRefundID + s.c.flags(s.App)
	case o.AppTransID != "" && o.Binding == "":
		see = program() + " order show " + o.AppTransID + s.c.flags(s.App)
	case o.Binding != "":
		see = program() + " binding show " + o.Binding + s.c.flags(defaultApp)
	}
	payment := ""
	if o.Payment != 0 {
		payment = strconv.FormatInt(o.Payment, 10)
	}
	facts(w, "app_trans_id", o.AppTransID, "zp_trans_id", payment, "m_refund_id", o.MRefundID, "binding_id", o.Binding, "see it", see)
}

func (s *stage) open(ctx context.Context) error {
	client, now, err := s.c.merchant(ctx, s.App)
	if err == nil {
		s.client, s.now = client, now.Now
	}
	return err
}

// shortLife is how many seconds an order lives that is to expire: the least.
const shortLife = 300

func (s *stage) order(ctx context.Context) error {
	if err := s.open(ctx); err != nil {
		return err
	}
	in := sen.CreateOrderRequest{
		AppTransID: sen.AppTransID(s.now(), newSuffix()), AppUser: "demo", Amount: int64(s.Amount),
		Description: "Order made with sen", CallbackURL: s.Callback,
	}
	if s.What == "order.expired" {
		in.ExpireSeconds = shortLife
	}
	made, err := s.client.Orders.Create(ctx, in)
	if err != nil {
		return err
	}
	s.token, s.Out.AppTransID = made.ZPTransToken, in.AppTransID
	s.did("created order %s of app %d over %s", in.AppTransID, s.App, amount(in.Amount))
	return nil
}

func (s *stage) paid(ctx context.Context) error {
	if err := s.order(ctx); err != nil {
		return err
	}
	p, err := s.ctl.Pay(ctx, control.PayOrder{Order: s.token, Wallet: firstWallet})
	if err != nil {
		return err
	}
	s.Out.Payment = p.Number
	s.did("paid it from wallet %s: payment %d", firstWallet, p.Number)
	return nil
}

func (s *stage) declined(ctx context.Context) error {
	if err := s.order(ctx); err != nil {
		return err
	}
	reason, err := s.c.declineBy(ctx, control.PayOrder{Order: s.token, Card: decliningCard})
	if err == nil {
		s.did("paid it by card %s, which the bank declined: %s", decliningCard, reason)
	}
	return err
}

func (s *stage) expired(ctx context.Context) error {
	if err := s.order(ctx); err != nil {
		return err
	}
	now, err := s.ctl.MoveClock(ctx, control.MoveClock{Advance: (shortLife * time.Second).String()})
	if err == nil {
		s.did("moved the clock to %s, %s: \"%s clock reset\" sets it back", moment(now.Now), ahead(now.Offset), program())
	}
	return err
}

func (s *stage) cancelled(ctx context.Context) error {
	if err := s.order(ctx); err != nil {
		return err
	}
	_, err := s.client.Orders.Cancel(ctx, sen.CancelOrderRequest{AppTransID: s.Out.AppTransID})
	if err == nil {
		s.did("cancelled it")
	}
	return err
}

func (s *stage) refunded(ctx context.Context) error { return s.refund(ctx, int64(s.Amount)) }

func (s *stage) refundFailed(ctx context.Context) error { return s.refund(ctx, int64(s.Amount)+1) }

func (s *stage) refund(ctx context.Context, n int64) error {
	if err := s.paid(ctx); err != nil {
		return err
	}
	id := sen.MRefundID(s.now(), int(s.App), newSuffix())
	_, err := s.client.Refunds.Create(ctx, sen.RefundOrderRequest{
		MRefundID: id, ZPTransID: sen.TransID(s.Out.Payment), Amount: n, Description: "Refund made with sen",
	})
	if err != nil {
		return err
	}
	s.Out.MRefundID = id
	s.did("asked for a refund of %s", amount(n))
	return s.refundResult(ctx)
}

// refundPatience is longer than any refund takes that nothing holds up.
const refundPatience = 20 * time.Second

func (s *stage) refundResult(ctx context.Context) error {
	var r control.Refund
	final, err := until(ctx, refundPatience, func() (_ bool, err error) {
		r, err = s.ctl.Refund(ctx, s.App, s.Out.MRefundID)
		return r.State != "running", err
	})
	switch {
	case err != nil:
		return err
	case !final:
		return fmt.Errorf("the refund has no result within %v", refundPatience)
	}
	s.did("the refund is %s", refundState(r))
	if r.State == "pending" {
		s.did("let it go with: %s refund approve %d%s", program(), r.Number, s.c.flags(defaultApp))
	}
	return nil
}

// refundStuck has the app's refunds wait for approval while this one is asked for.
func (s *stage) refundStuck(ctx context.Context) (err error) {
	a, err := s.ctl.App(ctx, s.App)
	if err != nil {
		return err
	}
	if _, err = s.ctl.ChangeApp(ctx, s.App, control.ChangeApp{RefundApprovalFrom: new(int64(1))}); err != nil {
		return err
	}
	defer func() {
		_, back := s.ctl.ChangeApp(context.WithoutCancel(ctx), s.App, control.ChangeApp{RefundApprovalFrom: &a.RefundApprovalFrom})
		err = errors.Join(err, back)
	}()
	return s.refunded(ctx)
}

func (s *stage) binding(ctx context.Context) error {
	if err := s.open(ctx); err != nil {
		return err
	}
	id := sen.AppTransID(s.now(), newSuffix())
	made, err := s.client.Bindings.Create(ctx, sen.CreateBindingWalletRequest{AppTransID: id, Identifier: "demo", CallbackURL: s.Callback})
	if err != nil {
		return err
	}
	s.Out.AppTransID, s.Out.Binding = id, made.BindingToken
	s.did("asked for binding %s of app %d", made.BindingToken, s.App)
	return nil
}

func (s *stage) confirmed(ctx context.Context) error {
	if err := s.binding(ctx); err != nil {
		return err
	}
	b, err := s.ctl.Consent(ctx, s.Out.Binding, control.Consent{Wallet: firstWallet})
	if err == nil {
		s.did("confirmed it as wallet %s: pay_token %s", firstWallet, b.PayToken)
	}
	return err
}

func (s *stage) bindingDeclined(ctx context.Context) error {
	if err := s.binding(ctx); err != nil {
		return err
	}
	_, err := s.ctl.Consent(ctx, s.Out.Binding, control.Consent{Decline: true})
	if err == nil {
		s.did("declined it")
	}
	return err
}

func (s *stage) ended(ctx context.Context, operator bool) error {
	if err := s.confirmed(ctx); err != nil {
		return err
	}
	_, err := s.ctl.EndBinding(ctx, s.Out.Binding, control.EndBinding{Operator: operator})
	if err == nil {
		s.did("ended it as %s", map[bool]string{true: "an operator", false: "its user"}[operator])
	}
	return err
}

// callback pays an order whose callback goes wrong.
func (s *stage) callback(ctx context.Context, kind string) error {
	if err := s.order(ctx); err != nil {
		return err
	}
	rule, err := s.ctl.AddCallbackRule(ctx, control.CallbackRule{App: s.App, Subject: "order", AppTransID: s.Out.AppTransID, Kind: kind, Calls: 1})
	if err != nil {
		return err
	}
	s.Out.Rule = rule.ID
	s.did("rule %s: its callback goes wrong: %s %s", rule.ID, rule.Kind, rule.Delay)
	p, err := s.ctl.Pay(ctx, control.PayOrder{Order: s.token, Wallet: firstWallet})
	if err == nil {
		s.Out.Payment = p.Number
		s.did("paid it from wallet %s: payment %d", firstWallet, p.Number)
	}
	return err
}
