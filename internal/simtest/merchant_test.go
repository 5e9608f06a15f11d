package simtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sen"
)

// An arrival is a callback that came to a merchant's server.
type arrival struct {
	app      int64
	body     []byte
	callback *sen.Callback // nil: it did not verify, or is not what was ordered
	first    bool          // in the words of the first version
	problem  string
	outcome  string // accepted, refused, repeat, crashed
}

// street is where the merchants' servers are. Nothing on it takes time: who does
// not answer in time is one whose caller sees that at once.
type street struct {
	mu     sync.Mutex
	apps   map[int64]sen.App
	moods  map[int64]string
	sums   map[orderKey]int64 // amounts of orders, by which merchants check callbacks
	came   []arrival
	twist  func(body []byte, app sen.App) (bodies [][]byte) // what a planted bug does on the way
	crash  int                                              // which arrival from now the gateway does not live to see answered
	crashs func() error
}

// A road leads from one life of the gateway to the merchants.
type road struct {
	*street
	from *life
}

// RoundTrip delivers a callback.
func (r *road) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.from.gone() {
		return nil, errors.New("the process is dead")
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(req.URL.Path, "/"), 10, 64)
	if err != nil || req.URL.Host != shopHost {
		return nil, errors.New("no such host: " + req.URL.Host)
	}
	if r.crash > 0 {
		if r.crash--; r.crash == 0 {
			r.came = append(r.came, r.look(id, body, "crashed"))
			r.from.kill()
			return nil, errors.Join(errors.New("the process dies"), r.crashs())
		}
	}
	bodies := [][]byte{body}
	if r.twist != nil {
		bodies = r.twist(body, r.apps[id])
	}
	var res *http.Response
	err = errors.New("lost on the way")
	for _, one := range bodies {
		res, err = r.take(id, one)
	}
	if len(bodies) == 0 {
		return answered(200, `{"return_code":1}`), nil // a lie on the way
	}
	return res, err
}

const shopHost = "shop.test"

func shopURL(app int64) string { return "http://" + shopHost + "/" + strconv.FormatInt(app, 10) }

// take is a merchant who answers as the mood is.
func (r *road) take(id int64, body []byte) (*http.Response, error) {
	mood := r.moods[id]
	a := r.look(id, body, "repeat")
	var res *http.Response
	var err error
	switch {
	case mood == "silent":
		err = os.ErrDeadlineExceeded
	case mood == "broken":
		res = answered(500, "oops")
	case mood == "chatty":
		res = answered(200, "<html>thanks</html>")
	case mood == "busy":
		res = answered(200, `{"return_code":0,"return_message":"later"}`)
	case a.callback == nil:
		res, a.outcome = answered(200, `{"return_code":-1,"return_message":"mac not equal"}`), "refused"
	case mood == "stubborn":
		res, a.outcome = answered(200, `{"return_code":2,"return_message":"no"}`), "refused"
	case mood == "old":
		res, a.outcome = answered(200, "\uFEFF"+`{"returncode":1}`), "accepted"
	default:
		res, a.outcome = answered(200, `{"return_code":1,"return_message":"success"}`), "accepted"
	}
	r.came = append(r.came, a)
	return res, err
}

var moods = []string{"", "", "", "old", "silent", "broken", "chatty", "busy", "stubborn"}

func answered(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

// look is how a careful merchant reads a callback.
func (r *road) look(id int64, body []byte, outcome string) arrival {
	a := arrival{app: id, body: bytes.Clone(body), outcome: outcome}
	c, err := r.apps[id].ParseCallback(body)
	if err != nil {
		if c, err = parseFirst(r.apps[id], body); err == nil {
			a.first = true
		}
	}
	switch {
	case err != nil:
		a.problem = err.Error()
	case c.Zod != nil && r.sums[orderKey{id, c.Zod.McRefID}] != c.Zod.Amount,
		c.Order != nil && r.sums[orderKey{id, c.Order.AppTransID}] != c.Order.Amount:
		a.problem = "this app has no such order with that amount"
	default:
		a.callback = c
	}
	return a
}

func (s *street) setMood(app int64, mood string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moods[app] = mood
}

func (s *street) know(o *order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums[o.orderKey] = o.amount
}

func (s *street) taken() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	came := s.came
	s.came = nil
	return came
}

// pauses are how long the gateway waits before each repeat of a callback.
var pauses = []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute}

// hear holds what came to the merchants against what was owed at this moment.
func (s *sim) hear(came []arrival) {
	due := s.due()
	tried := map[*delivery]string{}
	forged := map[int64][]arrival{}
	for _, a := range came {
		s.note("! callback to %d: %s: %s", a.app, a.outcome, a.body)
		if a.callback == nil {
			forged[a.app] = append(forged[a.app], a)
			continue
		}
		d := s.match(a)
		if d == nil || !slices.Contains(due, d) {
			s.broken(ruleCallbacks, "app %d got a callback that is not owed now: %s", a.app, a.callback.Data)
			continue
		}
		if why := d.differs(a); why != "" {
			s.broken(ruleCallbacks, "a callback to app %d: %s: %s", a.app, why, a.callback.Data)
		}
		before, again := tried[d]
		if again && before != "crashed" && !s.takeMishap(a.app, "duplicate", "duplicate_at_once") {
			s.broken(ruleCallbacks, "app %d got a callback twice at once: %s", a.app, a.callback.Data)
		}
		if before != "accepted" {
			tried[d] = a.outcome
		}
		if again && before != "crashed" && before != "accepted" && a.outcome != "accepted" {
			tried[d] = before
		}
		d.sent++
		if a.outcome == "crashed" {
			d.round++
		}
	}
	for _, d := range due {
		outcome, ok := tried[d]
		if !ok || outcome == "crashed" && len(forged[d.app]) > 0 {
			outcome = s.instead(d, forged)
		}
		d.settle(outcome, s.m.now)
	}
	for app, rest := range forged {
		for _, a := range rest {
			s.broken(ruleCallbacks, "app %d got a callback that is none of what was owed: %s: %s", app, a.problem, a.body)
		}
	}
}

// due are the callbacks that must be sent now.
func (s *sim) due() (due []*delivery) {
	for _, d := range s.m.deliveries {
		if d.state == "due" && !s.m.now.Before(d.due) {
			due = append(due, d)
		}
	}
	return due
}

// instead says what became of a callback that did not come as it was owed.
func (s *sim) instead(d *delivery, forged map[int64][]arrival) (outcome string) {
	switch {
	case s.takeMishap(d.app, "drop"):
		return "lost"
	case s.takeMishap(d.app, "delay"):
		d.due = s.m.now.Add(heldFor)
		return "held"
	case d.order != nil && d.order.expires.Add(time.Second).After(s.m.now) && s.takeMishap(d.app, "after_expiry"):
		d.due = d.order.expires.Add(time.Second)
		return "held"
	}
	if all := forged[d.app]; len(all) > 0 && s.takeMishap(d.app, forgeries...) {
		forged[d.app] = all[1:]
		return all[0].outcome
	}
	s.broken(ruleCallbacks, "app %d was owed a callback about %s, and got none", d.app, d.name())
	return "lost"
}

var forgeries = []string{"changed", "key1", "other_key", "wrong_amount", "unknown_order", "truncate", "invalid_json"}

// heldFor is how long a rule delays a callback.
const heldFor = 2 * time.Minute

// takeMishap uses up the rule that makes the next callback of an app go wrong.
func (s *sim) takeMishap(app int64, kinds ...string) bool {
	a := s.m.app(app)
	if a.mishap == "" || !slices.Contains(kinds, a.mishap) {
		return false
	}
	a.mishap = ""
	return true
}

func (d *delivery) settle(outcome string, now time.Time) {
	switch outcome {
	case "crashed": // it was counted, and nobody wrote down what came of it
		return
	case "held": // it was no try
		return
	}
	d.round++
	switch outcome {
	case "lost":
		d.state = "dropped"
	case "accepted":
		d.state = "delivered"
	case "refused":
		d.state = "failed"
	default:
		if d.round > len(pauses) {
			d.state = "failed"
			break
		}
		d.due = now.Add(pauses[d.round-1])
		return
	}
	d.due = time.Time{}
}

func (d *delivery) name() string {
	if d.order != nil {
		return d.order.id
	}
	return d.binding.id
}

// match finds the delivery that a callback is.
func (s *sim) match(a arrival) (found *delivery) {
	for _, d := range s.m.deliveries {
		switch {
		case d.app != a.app:
		case d.order != nil && a.callback.Order != nil && d.order.id == a.callback.Order.AppTransID,
			d.order != nil && a.callback.Zod != nil && d.order.id == a.callback.Zod.McRefID,
			d.binding != nil && a.callback.Agreement != nil && d.binding.id == a.callback.Agreement.AppTransID && d.status == a.callback.Agreement.Status:
			found = d
		}
	}
	return found
}

// differs says what in a callback is not what the ledger holds, or "".
func (d *delivery) differs(a arrival) string {
	c := a.callback
	if b := d.binding; b != nil {
		got := c.Agreement
		if b.payToken == "" { // the merchant learns it here
			b.payToken = got.PayToken
		}
		want := sen.AgreementCallback{
			AppID: int(b.app), AppTransID: b.id, BindingID: b.token, PayToken: b.payToken, MerchantUserID: b.identifier, Status: d.status,
		}
		is := sen.AgreementCallback{
			AppID: got.AppID, AppTransID: got.AppTransID, BindingID: got.BindingID, PayToken: got.PayToken,
			MerchantUserID: got.MerchantUserID, Status: got.Status,
		}
		if is != want {
			return "want " + string(want.Data())
		}
		return ""
	}
	o, p := d.order, d.order.payment
	switch {
	case a.first != o.first, (c.Zod != nil) != o.zod:
		return "want the words of the merchant's version of the API"
	case o.zod:
		return o.differsAsZod(*c.Zod)
	}
	got := *c.Order
	p.numbered(int64(got.ZPTransID))
	want := sen.OrderCallback{
		AppID: int(o.app), AppTransID: o.id, AppTime: o.appTime, AppUser: o.user, Amount: o.amount, EmbedData: o.embed, Item: o.item,
		ZPTransID: sen.TransID(p.number), ServerTime: p.at.UnixMilli(), Channel: p.channel, DiscountAmount: p.discount,
		MerchantUserID: got.MerchantUserID,
	}
	if got != want {
		text, _ := json.Marshal(want)
		return "want " + string(text)
	}
	return ""
}
