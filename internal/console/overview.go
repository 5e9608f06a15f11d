package console

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"sen"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

// How long figures are kept that would be the same for everybody who asks.
const (
	chartsFor = 3 * time.Second
	sumFor    = time.Minute
)

// cache keeps hours and refusals by scope.
type cache struct {
	mu     sync.Mutex
	figure map[string]figures
}

type figures struct {
	at       time.Time
	hours    []store.Hour
	refusals []store.Tally
	refused  []store.Answered
}

// figures returns what the charts of a scope show. One at a time: whoever waits
// finds them made.
func (v *visit) figures() (figures, error) {
	key := fmt.Sprint(v.who.Role == operator.Merchant, v.who.Apps)
	v.charts.mu.Lock()
	defer v.charts.mu.Unlock()
	machine := v.Site.Now()
	if f, ok := v.charts.figure[key]; ok && machine.Sub(f.at) < chartsFor {
		return f, nil
	}
	f := figures{at: machine}
	var err error
	if f.hours, err = v.Store.Hours(v.ctx(), v.scope(), v.now, store.HoursKept-24); err != nil {
		return f, err
	}
	if f.refusals, err = v.refusals(); err != nil {
		return f, err
	}
	if f.refused, err = v.refusedRequests(); err != nil {
		return f, err
	}
	if len(v.charts.figure) > 1000 || v.charts.figure == nil {
		v.charts.figure = map[string]figures{}
	}
	v.charts.figure[key] = f
	return f, nil
}

const topRefusals = 8

func (v *visit) refusals() ([]store.Tally, error) {
	if v.scope() == nil {
		return v.Store.Refusals(v.ctx(), 0, topRefusals)
	}
	var all []store.Tally
	for _, app := range v.scope() {
		some, err := v.Store.Refusals(v.ctx(), app, topRefusals)
		if err != nil {
			return nil, err
		}
		for _, one := range some {
			i := slices.IndexFunc(all, func(t store.Tally) bool { return t.What == one.What })
			if i < 0 {
				all = append(all, one)
				continue
			}
			all[i].Count += one.Count
		}
	}
	slices.SortStableFunc(all, func(a, b store.Tally) int { return int(b.Count - a.Count) })
	return all[:min(topRefusals, len(all))], nil
}

// refusedRequests counts with what the newest calls of the scope were refused.
func (v *visit) refusedRequests() ([]store.Answered, error) {
	if v.scope() == nil {
		return v.Store.RefusedExchanges(v.ctx(), 0, topRefusals)
	}
	counts := map[store.Answered]int64{}
	for _, app := range v.scope() {
		some, err := v.Store.RefusedExchanges(v.ctx(), app, topRefusals)
		if err != nil {
			return nil, err
		}
		for _, one := range some {
			counts[store.Answered{Operation: one.Operation, Value: one.Value}] += one.Count
		}
	}
	var all []store.Answered
	for one, n := range counts {
		one.Count = n
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b store.Answered) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Value, b.Value))
	})
	return all[:min(topRefusals, len(all))], nil
}

func (v *visit) refusedTable(all []store.Answered) *table {
	t := &table{
		Caption: v.say("overview.refused"), Empty: v.say("overview.none_refused"),
		Heads: []head{{v.say("rule.value"), false}, {v.say("maintenance.operation"), false}, {v.say("overview.times"), true}},
	}
	for _, one := range all {
		value := itoa(int64(one.Value))
		c := cell{Text: value, Href: address(root+"/requests", "operation", one.Operation, "value", value), Mono: true}
		if st, ok := sen.Lookup(one.Operation, one.Value); ok {
			c.Text, c.Small = value+" "+st.Name, v.in(st.Text)
		}
		t.add(c, cell{Text: cmp.Or(one.Operation, "–"), Mono: true}, cell{Text: thousands(one.Count)})
	}
	return t
}

// sumCheck keeps what all accounts hold together.
type sumCheck struct {
	mu  sync.Mutex
	at  time.Time
	sum money.Amount
}

func (v *visit) checkSum() (sum money.Amount, at time.Time, err error) {
	c := &v.sum
	c.mu.Lock()
	defer c.mu.Unlock()
	machine := v.Site.Now()
	if c.at.IsZero() || machine.Sub(c.at) >= sumFor {
		if c.sum, err = v.Store.SumOfBalances(v.ctx()); err != nil {
			return 0, time.Time{}, err
		}
		c.at = machine
	}
	return c.sum, c.at, nil
}

const latestOrders = 8

func (p *pages) showOverview(v *visit) (*view, error) {
	f, err := v.figures()
	if err != nil {
		return nil, err
	}
	page := &view{Title: v.say("overview.title"), Watched: true}
	today := f.hours[len(f.hours)-24:]
	tiles, err := v.tiles(today)
	if err != nil {
		return nil, err
	}
	newest, _, err := v.Store.FindOrders(v.ctx(), store.OrderSearch{Scope: v.scope(), After: store.Newest}, latestOrders)
	if err != nil {
		return nil, err
	}
	page.Parts = []part{
		{Tiles: tiles},
		{Title: v.say("overview.day"), ID: "day", Charts: []chart{
			v.hourly(v.say("overview.volume"), today, 0, func(h store.Hour) (int64, string) { return int64(h.Amount), h.Amount.String() }),
			v.hourly(v.say("overview.success"), today, allOfThem, func(h store.Hour) (int64, string) { return percent(h.Paid, h.Orders) }),
			v.hourly(v.say("overview.wait"), today, 0, func(h store.Hour) (int64, string) { return wait(h) }),
		}},
		{Title: v.say("overview.fortnight"), ID: "fortnight", Charts: v.daily(f.hours)},
		{Title: v.say("overview.latest"), ID: "latest", Table: v.orders(newest)},
		{Title: v.say("overview.refused"), ID: "refused", Lead: v.say("overview.refused_lead"), Table: v.refusedTable(f.refused)},
		{Title: v.say("overview.refusals"), ID: "refusals", Lead: v.say("overview.refusals_lead"), Table: v.refusalTable(f.refusals)},
	}
	return page, nil
}

func (v *visit) tiles(day []store.Hour) ([]tile, error) {
	var sum store.Hour
	for _, h := range day {
		sum.Orders, sum.Paid, sum.Payments = sum.Orders+h.Orders, sum.Paid+h.Paid, sum.Payments+h.Payments
		sum.Amount, sum.Wait = sum.Amount+h.Amount, sum.Wait+h.Wait
	}
	_, success := percent(sum.Paid, sum.Orders)
	_, waited := wait(sum)
	tiles := []tile{
		{Name: v.say("overview.volume"), Value: sum.Amount.String(), Small: v.say("overview.payments", "n", thousands(sum.Payments)), Href: root + "/orders?state=paid"},
		{Name: v.say("overview.success"), Value: success, Small: v.say("overview.of_orders", "n", thousands(sum.Orders)), Href: root + "/orders"},
		{Name: v.say("overview.wait"), Value: waited, Small: v.say("overview.wait_lead")},
	}
	if v.scope() != nil {
		return tiles, nil
	}
	w, err := v.Store.Work(v.ctx())
	if err != nil {
		return nil, err
	}
	tiles = append(tiles,
		v.workTile("overview.due", w.Callbacks, root+"/callbacks?state=due", w.OldestDue),
		v.workTile("overview.pending", w.Refunds, root+"/refunds?state=pending", time.Time{}))
	if w.Payouts > 0 {
		tiles = append(tiles, v.workTile("overview.held", w.Payouts, root+"/payouts?state=held", time.Time{}))
	}
	if !v.who.May(operator.ReadBooks) {
		return tiles, nil
	}
	total, at, err := v.checkSum()
	if err != nil {
		return nil, err
	}
	books := tile{
		Name: v.say("overview.books"), Value: v.say("overview.balanced"), Tone: good, Href: root + "/ledger",
		Small: v.say("overview.checked", "at", at.In(id.Vietnam).Format("15:04")),
	}
	if total != 0 {
		books.Value, books.Tone = v.say("overview.unbalanced", "sum", total), bad
	}
	return append(tiles, books), nil
}

func (v *visit) workTile(name string, n int64, href string, since time.Time) tile {
	t := tile{Name: v.say(name), Value: thousands(n), Href: href, Small: v.say("overview.nothing_waits"), Tone: good}
	if n > 0 {
		t.Tone, t.Small = waiting, v.say("overview.look")
		if !since.IsZero() {
			t.Small = v.say("overview.since", "at", moment(since))
		}
	}
	if n >= 1000 {
		t.Value += "+"
	}
	return t
}

// allOfThem is 100 % as percent has it.
const allOfThem = 1000

// percent returns a share in tenths of a percent and as text.
func percent(part, whole int64) (int64, string) {
	if whole == 0 {
		return 0, "–"
	}
	tenths := (part*1000 + whole/2) / whole
	return tenths, fmt.Sprintf("%d,%d %%", tenths/10, tenths%10)
}

// wait returns how long payers took on average, in milliseconds and as text.
func wait(h store.Hour) (int64, string) {
	if h.Payments == 0 {
		return 0, "–"
	}
	mean := h.Wait / time.Duration(h.Payments)
	switch {
	case mean < 10*time.Second:
		return mean.Milliseconds(), fmt.Sprintf("%d,%d s", mean/time.Second, mean%time.Second/(100*time.Millisecond))
	case mean < 2*time.Minute:
		return mean.Milliseconds(), fmt.Sprintf("%d s", mean/time.Second)
	}
	return mean.Milliseconds(), fmt.Sprintf("%d min", mean/time.Minute)
}

// thousands writes a count with dots between the thousands, as amounts are.
func thousands(n int64) string {
	text := money.Amount(n).String()
	return text[:len(text)-len(" ₫")]
}

func (v *visit) hourly(title string, hours []store.Hour, full int64, value func(store.Hour) (int64, string)) chart {
	c := chart{Title: title, Heads: [2]string{v.say("overview.hour"), title}}
	var columns []bar
	for i, h := range hours {
		at := h.Start.In(id.Vietnam)
		n, shown := value(h)
		b := bar{Title: at.Format("15:04 02/01"), Value: n, Shown: shown}
		if (len(hours)-1-i)%6 == 0 {
			b.Name = at.Format("15h")
		}
		columns = append(columns, b)
		c.Figures = append(c.Figures, [2]string{b.Title, shown})
	}
	c.Bars = drawn(columns, full)
	return c
}

// daily draws whole business days, the present one included.
func (v *visit) daily(hours []store.Hour) []chart {
	var days []store.Hour
	for _, h := range hours {
		year, month, day := h.Start.In(id.Vietnam).Date()
		midnight := time.Date(year, month, day, 0, 0, 0, 0, id.Vietnam)
		if len(days) == 0 || !days[len(days)-1].Start.Equal(midnight) {
			days = append(days, store.Hour{Start: midnight})
		}
		d := &days[len(days)-1]
		d.Orders, d.Paid, d.Payments = d.Orders+h.Orders, d.Paid+h.Paid, d.Payments+h.Payments
		d.Amount += h.Amount
	}
	if len(days) > 14 {
		days = days[len(days)-14:] // the first one is not whole
	}
	draw := func(title string, full int64, value func(store.Hour) (int64, string)) chart {
		c := chart{Title: title, Heads: [2]string{v.say("overview.one_day"), title}}
		var columns []bar
		for i, d := range days {
			n, shown := value(d)
			b := bar{Title: d.Start.Format("02/01/2006"), Value: n, Shown: shown}
			if (len(days)-1-i)%3 == 0 {
				b.Name = d.Start.Format("02/01")
			}
			columns = append(columns, b)
			c.Figures = append(c.Figures, [2]string{b.Title, shown})
		}
		c.Bars = drawn(columns, full)
		return c
	}
	return []chart{
		draw(v.say("overview.volume"), 0, func(h store.Hour) (int64, string) { return int64(h.Amount), h.Amount.String() }),
		draw(v.say("overview.orders"), 0, func(h store.Hour) (int64, string) { return h.Orders, thousands(h.Orders) }),
		draw(v.say("overview.success"), allOfThem, func(h store.Hour) (int64, string) { return percent(h.Paid, h.Orders) }),
	}
}

func (v *visit) refusalTable(all []store.Tally) *table {
	t := &table{
		Caption: v.say("overview.refusals"), Empty: v.say("overview.no_refusals"),
		Heads: []head{{v.say("overview.reason"), false}, {v.say("overview.times"), true}},
	}
	for _, one := range all {
		t.add(cell{Text: v.failure(pay.Failure(one.What)), Small: one.What}, cell{Text: thousands(one.Count)})
	}
	return t
}

// chooseApp offers the apps that the visitor sees.
func (v *visit) chooseApp(chosen merchant.ID) (field, error) {
	apps, err := v.apps()
	if err != nil {
		return field{}, err
	}
	f := field{Name: "app", Label: v.say("field.app"), Type: "select"}
	// A list of thousands would make the page too heavy; a number can be typed.
	if len(apps) > 100 {
		f.Type, f.Mode = "text", "numeric"
		if chosen != 0 {
			f.Value = itoa(int64(chosen))
		}
		return f, nil
	}
	options := []option{{"", v.say("field.any_app"), false}}
	for _, a := range apps {
		number := strconv.FormatInt(int64(a.ID), 10)
		options = append(options, option{number, a.Label() + " · " + number, a.ID == chosen})
	}
	f.Options = options
	return f, nil
}
