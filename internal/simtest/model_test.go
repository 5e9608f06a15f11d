package simtest

import (
	"crypto/rsa"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sen"
)

// The model is what whoever simulates believes about the gateway: written from
// the documentation, with maps and without any of the gateway's code.

// zone is where days begin.
var zone = time.FixedZone("GMT+7", 7*60*60)

func dayOf(at time.Time) string { return at.In(zone).Format("060102") }

// Sources of money, as limits count them.
const (
	allSources = iota
	fromWallet
	fromBank
	fromCard
	sources
)

var sourceNames = [sources]string{"all", "wallet", "bank", "card"}

type shopApp struct {
	id                         int64
	key1, key2                 string
	url                        string // of callbacks that bring none
	disabled                   bool
	rate, feeBP                int64
	approvalFrom               int64
	refundPeriod               time.Duration
	receivableLimit            int64
	tokenLife                  time.Duration
	dayCount, dayAmount        int64 // of one token
	payable, owes, fees, promo int64
	toPayOut                   int64              // to wallets
	paymentID                  string             // of what there is to pay out
	private                    *rsa.PrivateKey    // by which payouts are signed
	receivers                  map[string]string  // m_u_id by phone, as far as the merchant asked
	held                       bool               // payouts wait for an operator
	buckets                    map[string]*bucket // by operation
	faults                     int                // transactions that still fail
	mishap                     string             // what happens to the next callback
}

type bucket struct {
	left float64
	at   time.Time
}

type purse struct {
	id                  int64
	phone               string
	balance, refill     int64
	locked, off, hasPIN bool
	kyc                 int
	day, month          [sources]int64 // limits; 0: none
	// What was spent on the day and in the month that are open.
	openDay, openMonth string
	ofDay, ofMonth     [sources]int64
	closed             map[string]int64 // months before
	forms              map[string]bool  // by which money was brought
}

type orderKey struct {
	app int64
	id  string
}

type order struct {
	orderKey
	user, item, embed, url, token string
	appTime                       int64
	amount                        int64
	state, failure                string
	expires                       time.Time
	binding                       *binding // for which it is paid
	charge                        *charge  // that is open
	payment                       *payment
	first, zod                    bool   // in whose words its merchant is told
	untold                        bool   // no answer says its token
	link                          string // of an invoice
}

type payment struct {
	number   int64 // 0: nobody said it yet
	order    *order
	wallet   *purse // nil: a guest's
	binding  *binding
	channel  int
	amount   int64
	discount int64
	fee      int64
	refunded int64
	at       time.Time
	noReturn bool // its bank takes nothing back
}

type refund struct {
	app            int64
	id             string
	number         int64
	payment        *payment
	amount, fee    int64
	held           int64 // part that came from what was held for the merchant
	state, failure string
	created, due   time.Time
}

type binding struct {
	app                  int64
	id, identifier       string
	token, payToken      string
	card                 bool // and not a wallet's
	max                  int64
	url                  string
	order                *order // that is paid with it
	state                string
	wallet               *purse
	number               string // of the card
	forgotten            bool
	confirmBy, confirmed time.Time
	ends, closed         time.Time
	day                  string
	count, amount        int64
	charge               *charge // that checks the card
}

type charge struct {
	number   int64
	order    *order
	binding  *binding
	bindFrom string // card to bind when the charge succeeds
	card     string
	wallet   *purse
	amount   int64
	discount int64
	campaign *campaign
	state    string // otp, unknown
	created  time.Time
	due      time.Time
	// What the bank knows.
	bank    string // approved, declined, otp, or empty: it never heard of it
	knownAt time.Time
	otps    int
}

type campaign struct {
	code         string
	apps         []int64
	starts, ends time.Time
	budget       int64
	spent        int64
	perPayer     int64
	min          int64
	discount     int64
	uses         map[string]int64 // by phone, "" for a guest
}

type window struct {
	id, operation string
	app           int64
	until         time.Time
}

type forced struct {
	operation string
	app       int64
	value     int
}

// A delivery is a callback that the gateway owes.
type delivery struct {
	app     int64
	order   *order   // that was paid
	binding *binding // or that changed
	status  int      // to this
	url     string
	state   string // due, delivered, failed, unaddressed, dropped
	due     time.Time
	round   int
	sent    int
}

type model struct {
	now         time.Time
	delay       time.Duration // of refunds
	apps        []*shopApp
	wallets     []*purse
	orders      map[orderKey]*order
	bindings    map[orderKey]*binding
	refunds     map[orderKey]*refund
	deliveries  []*delivery
	campaigns   []*campaign
	windows     []*window
	rules       []*forced
	outage      bool
	clearing    map[int]int64 // by channel
	inOrder     []*order      // as they were made
	boundOrder  []*binding
	refundOrder []*refund
	payouts     map[orderKey]*payout
	payoutOrder []*payout
	codes       []*code
}

func newModel(now time.Time) *model {
	return &model{
		now: now, orders: map[orderKey]*order{}, bindings: map[orderKey]*binding{}, refunds: map[orderKey]*refund{},
		clearing: map[int]int64{}, payouts: map[orderKey]*payout{},
	}
}

func (m *model) app(id int64) *shopApp {
	for _, a := range m.apps {
		if a.id == id {
			return a
		}
	}
	return nil
}

// A request is a call of the merchant API, with what a model that reads no JSON
// and computes no mac must be told about it.
type request struct {
	op        *sen.Operation
	app       int64
	fields    fields
	badMAC    bool
	malformed bool
	badID     bool // its app_trans_id can be nobody's
	first     bool // in the words of the first version of the API
}

// A verdict is what the model makes of a request.
type verdict struct {
	value int
	cause string // which of several reasons for the value, if the first version has a word for it
	rule  int    // that is broken when the gateway says yes
	told  bool   // by a rule that forces the answer
	do    func(answer)
	fits  func(answer) bool // of an answer with the value, if that is not all; nil: it is
}

func no(value, rule int) verdict { return verdict{value: value, rule: rule} }

// malformedValue is -401, or what card operations say for it.
func malformedValue(op *sen.Operation) int {
	if isCard(op) {
		return -7002
	}
	return -401
}

func isCard(op *sen.Operation) bool { return strings.HasSuffix(op.Name, "_card") }

// judge says how a request must be answered.
func (m *model) judge(r *request) verdict {
	for i, f := range m.rules {
		_, can := sen.Lookup(r.op.Name, f.value)
		if (f.operation == "" || f.operation == r.op.Name) && (f.app == 0 || f.app == r.app) && can {
			return verdict{value: f.value, rule: ruleAnswers, told: true, do: func(answer) { m.rules = slices.Delete(m.rules, i, i+1) }}
		}
	}
	a := m.app(r.app)
	switch {
	case r.badID && r.op == sen.OpQueryOrder:
		return no(-92, ruleAnswers)
	case r.malformed, r.badID:
		return no(malformedValue(r.op), ruleAnswers)
	case a == nil, a.disabled:
		return verdict{value: -402, rule: ruleAnswers, cause: "app"}
	case r.badMAC:
		return no(-402, ruleAnswers)
	case m.closed(r.op.Name, r.app):
		return no(closedValue(r.op), ruleAnswers)
	case !a.allow(r.op.Name, m.now):
		return no(-429, ruleLimits)
	}
	return m.business(r, a)
}

func closedValue(op *sen.Operation) int {
	for _, v := range []int{-999, -1801, -503} {
		if _, ok := sen.Lookup(op.Name, v); ok {
			return v
		}
	}
	return -500
}

func (m *model) closed(operation string, app int64) bool {
	return slices.ContainsFunc(m.windows, func(w *window) bool {
		return (w.operation == "" || w.operation == operation) && (w.app == 0 || w.app == app) && (w.until.IsZero() || m.now.Before(w.until))
	})
}

// allow counts a call: a second's worth at once, and as many in each second.
func (a *shopApp) allow(operation string, now time.Time) bool {
	if a.rate == 0 {
		return true
	}
	b := a.buckets[operation]
	if b == nil {
		b = &bucket{left: float64(a.rate), at: now}
		a.buckets[operation] = b
	}
	b.left = min(float64(a.rate), b.left+now.Sub(b.at).Seconds()*float64(a.rate))
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

func (m *model) business(r *request, a *shopApp) verdict {
	switch r.op {
	case sen.OpCreateOrder:
		return m.create(r, a)
	case sen.OpQuickPay:
		return m.quickPay(r, a)
	case sen.OpCreateZod, sen.OpQueryZodInvoice, sen.OpQueryZodStatus:
		return m.zod(r)
	case sen.OpQueryOrder:
		return m.query(r)
	case sen.OpCancelOrder:
		return m.cancel(r)
	case sen.OpRefundOrder:
		return m.refund(r, a)
	case sen.OpListBanks:
		return verdict{value: 1}
	}
	if isPayout(r.op) {
		return m.payoutBusiness(r, a)
	}
	member := "req_date"
	if r.op == sen.OpQueryRefund {
		member = "timestamp"
	}
	if !m.near(r.fields.millis(member)) {
		return no(malformedValue(r.op), ruleAnswers)
	}
	switch r.op {
	case sen.OpQueryRefund:
		return m.queryRefund(r)
	case sen.OpCreateBindingWallet, sen.OpCreateBindingCard:
		return m.bind(r)
	case sen.OpQueryPaymentTokenWallet, sen.OpQueryBindingCard:
		return m.queryBinding(r)
	case sen.OpQueryBalanceWallet:
		return m.balance(r)
	case sen.OpPayByTokenWallet, sen.OpPayByTokenCard:
		return m.payByToken(r, a)
	case sen.OpUnbindingWallet, sen.OpUnbindingCard:
		return m.unbind(r)
	case sen.OpQueryUserInfo:
		return m.user(r)
	}
	panic("no model of " + r.op.Name)
}

// near reports whether a request's own time is near enough.
func (m *model) near(at time.Time) bool {
	off := at.Sub(m.now)
	return off <= 15*time.Minute && off >= -15*time.Minute
}

func (m *model) today(id string, theirs time.Time) bool {
	return strings.HasPrefix(id, dayOf(m.now)) || strings.HasPrefix(id, dayOf(theirs))
}

func (m *model) create(r *request, a *shopApp) verdict {
	at, key := r.fields.millis("app_time"), orderKey{a.id, r.fields.get("app_trans_id")}
	switch {
	case !m.near(at):
		return verdict{value: -401, rule: ruleAnswers, cause: "clock"}
	case !m.today(key.id, at):
		return verdict{value: -401, rule: ruleAnswers, cause: "date"}
	case m.orders[key] != nil:
		return no(-68, ruleDurable)
	}
	return verdict{value: 1, do: func(ans answer) {
		o := m.asked(r, key)
		o.token = ans.text("zp_trans_token")
		m.open(o)
	}}
}

// asked is the order that a request asks for.
func (m *model) asked(r *request, key orderKey) *order {
	life := 15 * time.Minute
	if s := r.fields.number("expire_duration_seconds"); s != 0 {
		life = time.Duration(s) * time.Second
	}
	return &order{
		orderKey: key, user: r.fields.get("app_user"), item: r.fields.get("item"), embed: r.fields.get("embed_data"),
		url: r.fields.get("callback_url"), appTime: r.fields.number("app_time"),
		amount: r.fields.number("amount"), expires: m.now.Add(life), first: r.first,
	}
}

func (m *model) open(o *order) {
	o.state = "created"
	m.orders[o.orderKey] = o
	m.inOrder = append(m.inOrder, o)
}

// shut says why an order can't be paid, or "".
func (m *model) shut(o *order) string {
	switch {
	case o.state == "paid":
		return "order_paid"
	case o.state == "processing":
		return "order_in_flight"
	case o.state == "cancelled":
		return "order_cancelled"
	case o.state == "expired", !m.now.Before(o.expires):
		return "order_expired"
	}
	return ""
}

// told is what a query says of a failed attempt.
var told = map[string]int{
	"balance_low": -63, "bank": -217, "promotion": -332, "promotion_eligible": -333,
	"limit_day_all": -1330, "limit_day_wallet": -1331, "limit_day_bank": -1332, "limit_day_card": -1333,
	"limit_month_all": -1340, "limit_month_wallet": -1341, "limit_month_bank": -1342, "limit_month_card": -1343,
}

func (m *model) query(r *request) verdict {
	o := m.orders[orderKey{r.app, r.fields.get("app_trans_id")}]
	if o == nil {
		return no(-101, ruleAnswers)
	}
	v := verdict{value: 3, rule: ruleOnce}
	switch m.shut(o) {
	case "order_paid":
		v.value = 1
		v.do = func(ans answer) {
			o.payment.numbered(ans.number("zp_trans_id"))
			ans.want("amount", o.amount)
			ans.want("discount_amount", o.payment.discount)
			ans.want("zp_trans_id", o.payment.number)
			ans.want("server_time", o.payment.at.UnixMilli())
		}
	case "order_in_flight":
		v.cause = "in flight"
	case "":
		if value, ok := told[o.failure]; ok {
			v.value = value
		}
	default:
		v.value, v.rule = -54, ruleMoves
	}
	return v
}

// numbered learns the number of a payment that a bank finished in its own time.
func (p *payment) numbered(n int64) {
	if p.number == 0 {
		p.number = n
	}
}

func (m *model) cancel(r *request) verdict {
	o := m.orders[orderKey{r.app, r.fields.get("app_trans_id")}]
	switch {
	case o == nil:
		return no(-101, ruleAnswers)
	case o.state == "paid", o.state == "processing":
		return no(-403, ruleMoves)
	}
	return verdict{value: 1, do: func(answer) {
		if m.shut(o) == "" {
			o.state = "cancelled"
		}
	}}
}

// payFrom pays an order from a wallet as its owner does, and returns the code of
// the refusal.
func (m *model) payFrom(o *order, w *purse) (code string, rule int, do func(number int64)) {
	if o.state == "paid" {
		if o.payment.wallet != w {
			return "order_paid", ruleOnce, nil
		}
		return "", 0, func(number int64) { o.payment.numbered(number) }
	}
	if why := m.shut(o); why != "" {
		return why, ruleMoves, nil
	}
	if why := w.stopped(); why != "" {
		return why, ruleAnswers, nil
	}
	return m.take(o, w, nil)
}

func (w *purse) stopped() string {
	switch {
	case w.locked:
		return "wallet_locked"
	case w.off:
		return "wallet_payments_off"
	case !w.hasPIN:
		return "pin_not_set"
	}
	return ""
}

// take moves the money of an order from a wallet's balance.
func (m *model) take(o *order, w *purse, b *binding) (code string, rule int, do func(number int64)) {
	c, discount, code := m.promote(o, w)
	if code != "" {
		return code, ruleLimits, nil
	}
	amount := o.amount - discount
	spent, code := m.spend(w, fromWallet, amount)
	if code != "" {
		return code, ruleLimits, nil
	}
	if m.app(o.app).disabled {
		return "app_unknown", ruleAnswers, nil
	}
	if w.balance < amount {
		return "balance_low", ruleFloors, nil
	}
	return "", 0, func(number int64) {
		c.use(w, discount)
		*w = spent
		w.balance -= amount
		m.settle(o, &payment{number: number, wallet: w, binding: b, channel: 38, amount: o.amount, discount: discount})
		if w.balance < w.refill {
			m.clearing[38] -= w.refill - w.balance
			w.balance = w.refill
		}
	}
}

// settle books a payment whose money was taken.
func (m *model) settle(o *order, p *payment) {
	a := m.app(o.app)
	p.order, p.at = o, m.now
	p.fee = o.amount * a.feeBP / 10_000
	a.payable += o.amount - p.fee
	a.fees += p.fee
	a.promo -= p.discount
	o.state, o.failure, o.payment, o.charge = "paid", "", p, nil
	m.owe(&delivery{app: o.app, order: o, url: o.url})
}

func (m *model) owe(d *delivery) {
	if d.url == "" {
		d.url = m.app(d.app).url
	}
	d.state, d.due = "due", m.now
	if d.url == "" {
		d.state, d.due = "unaddressed", time.Time{}
	}
	m.deliveries = append(m.deliveries, d)
}

// promote looks up the discount of an order's campaign.
func (m *model) promote(o *order, w *purse) (c *campaign, discount int64, code string) {
	name := campaignOf(o.embed)
	if name == "" {
		return nil, 0, ""
	}
	i := slices.IndexFunc(m.campaigns, func(c *campaign) bool { return c.code == name })
	if i < 0 {
		return nil, 0, "promotion"
	}
	c = m.campaigns[i]
	discount = min(c.discount, o.amount-1)
	switch {
	case m.now.Before(c.starts), !m.now.Before(c.ends):
		return nil, 0, "promotion"
	case o.amount < c.min, len(c.apps) > 0 && !slices.Contains(c.apps, o.app), w == nil && c.perPayer > 0:
		return nil, 0, "promotion_eligible"
	case c.perPayer > 0 && c.uses[phoneOf(w)] >= c.perPayer:
		return nil, 0, "promotion_eligible"
	case c.spent+discount > c.budget:
		return nil, 0, "promotion"
	}
	return c, discount, ""
}

func phoneOf(w *purse) string {
	if w == nil {
		return ""
	}
	return w.phone
}

func (c *campaign) use(w *purse, discount int64) {
	if c != nil {
		c.spent += discount
		c.uses[phoneOf(w)]++
	}
}

// campaignOf reads the campaign in embed_data, where promotioninfo is text.
func campaignOf(embed string) string {
	var outer struct{ PromotionInfo string }
	var inner struct{ CampaignCode string }
	if json.Unmarshal([]byte(embed), &outer) != nil || json.Unmarshal([]byte(outer.PromotionInfo), &inner) != nil {
		return ""
	}
	return inner.CampaignCode
}

// kycBounds are what wallets of a level may pay at once, and in a year.
var kycBounds = map[int][2]int64{0: {2_000_000, 20_000_000}, 1: {20_000_000, 200_000_000}}

// spend counts an amount against the limits of a wallet. What it returns is the
// wallet as it is afterwards.
func (m *model) spend(w *purse, source int, amount int64) (after purse, code string) {
	after = w.turned(m.now)
	for _, s := range []int{allSources, source} {
		after.ofDay[s] += amount
		after.ofMonth[s] += amount
	}
	for _, s := range []int{allSources, source} {
		if w.day[s] > 0 && after.ofDay[s] > w.day[s] {
			return purse{}, "limit_day_" + sourceNames[s]
		}
	}
	for _, s := range []int{allSources, source} {
		if w.month[s] > 0 && after.ofMonth[s] > w.month[s] {
			return purse{}, "limit_month_" + sourceNames[s]
		}
	}
	if after.beyondKYC(amount, after.year(m.now)) {
		return purse{}, "kyc"
	}
	return after, ""
}

func (w *purse) beyondKYC(amount, year int64) bool {
	b, bounded := kycBounds[w.kyc]
	return bounded && (amount > b[0] || year > b[1])
}

// turned is the wallet on the day of now.
func (w *purse) turned(now time.Time) purse {
	out := *w
	day := dayOf(now)
	if month := day[:4]; out.openMonth != month {
		out.closed = map[string]int64{}
		for name, sum := range w.closed {
			out.closed[name] = sum
		}
		if out.openMonth != "" {
			out.closed[out.openMonth] += out.ofMonth[allSources]
		}
		out.openMonth, out.ofMonth = month, [sources]int64{}
	}
	if out.openDay != day {
		out.openDay, out.ofDay = day, [sources]int64{}
	}
	return out
}

// year is what was spent in the open month and the eleven before it.
func (w *purse) year(now time.Time) int64 {
	y, mon, _ := now.In(zone).Date()
	first := time.Date(y, mon-11, 1, 0, 0, 0, 0, zone).Format("0601")
	sum := w.ofMonth[allSources]
	for name, spent := range w.closed {
		if name >= first && name < w.openMonth {
			sum += spent
		}
	}
	return sum
}

// noted says which refusals an order remembers.
func noted(code string) bool { _, ok := told[code]; return ok }
