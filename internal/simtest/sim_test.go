package simtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"sen"
	"sen/internal/control"
)

// A plan says what to simulate.
type plan struct {
	seed  uint64
	steps int
	only  []int // the steps to make, of all; nil: all of them
	every int   // after how many steps all rows are looked at; 0: 25
	plant *plant
}

// A sim is one simulation.
type sim struct {
	plan
	dir    string
	lives  int
	start  time.Time
	delay  time.Duration
	life   *life
	front  http.Handler // what clients talk to
	street *street
	m      *model

	rng     *rand.Rand // of the step
	serial  int
	sentOut []*request // to be repeated
	digest  hash.Hash
	lines   []string
	states  map[string]map[string]string // of rows, by table, at the last look

	browsers []*browser
	tabs     []*tab

	found   []violation
	reached map[reached]int
	made    map[string]int // steps by kind
	asked   atomic.Int64
	full    int
	crowds  int // several calls at once
	step    int
	kind    string
	down    bool // the gateway died and was not begun again
}

// begin makes a world.
func (p plan) begin(dir string) (*sim, error) {
	if p.every == 0 {
		p.every = 25
	}
	s := &sim{
		plan: p, dir: dir, digest: sha256.New(), states: map[string]map[string]string{},
		reached: map[reached]int{}, made: map[string]int{}, rng: rand.New(rand.NewPCG(p.seed, 0)),
		street: &street{apps: map[int64]sen.App{}, moods: map[int64]string{}, sums: map[orderKey]int64{}},
	}
	s.start = time.Date(2026, time.Month(1+s.rng.IntN(12)), 1+s.rng.IntN(28), s.rng.IntN(24), s.rng.IntN(60), 0, 0, time.UTC)
	s.delay = []time.Duration{0, 0, 2 * time.Minute}[s.rng.IntN(3)]
	s.m = newModel(s.start)
	s.m.delay = s.delay
	f, err := furniture()
	if err != nil {
		return nil, err
	}
	s.life = &life{dir: filepath.Join(dir, "life0")}
	if err := f.Into(s.life.dir); err != nil {
		return nil, err
	}
	if err := s.live(s.life.dir); err != nil {
		return nil, err
	}
	s.furnish()
	if p.plant != nil {
		p.plant.into(s)
	}
	return s, nil
}

// live begins a life of the gateway over a directory.
func (s *sim) live(dir string) (err error) {
	s.lives++
	s.life, err = begin(dir, s.seed, s.start, s.delay, func(l *life) http.RoundTripper { return &road{street: s.street, from: l} })
	if err != nil {
		return err
	}
	s.front = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.asked.Add(1); s.life.ServeHTTP(w, r) })
	if s.plant != nil && s.plant.front != nil {
		s.front = s.plant.front(s.front)
	}
	s.down = false
	return nil
}

// end stops whatever lives, and removes what it left.
func (s *sim) end() error {
	s.street.mu.Lock()
	s.street.twist = nil
	s.street.mu.Unlock()
	s.life.kill()
	err := s.life.end()
	if removed := os.RemoveAll(s.dir); err == nil {
		err = removed
	}
	return err
}

func (s *sim) broken(rule int, format string, args ...any) {
	v := violation{rule, fmt.Sprintf(format, args...)}
	s.found = append(s.found, v)
	s.note("# step %d, %s: %v", s.step, s.kind, v)
}

// furnish makes the apps, payers and campaigns of the world differ.
func (s *sim) furnish() {
	var apps []control.App
	s.must(s.control("GET", "apps", nil, &apps))
	var wallets []control.Wallet
	s.must(s.control("GET", "wallets?limit=500", nil, &wallets))
	ids := map[string]int64{}
	s.rows("SELECT phone, id FROM wallets", func(row []string) { ids[row[0]] = fields{{"", row[1]}}.number("") })
	for _, w := range wallets {
		s.m.wallets = append(s.m.wallets, &purse{
			id: ids[w.Phone], phone: w.Phone, balance: w.Balance, refill: w.RefillTo, locked: w.Locked, off: w.PaymentsOff, hasPIN: w.HasPIN,
			kyc: w.KYC, day: limitsOf(w.Limits.DayAll, w.Limits.DayWallet, w.Limits.DayBank, w.Limits.DayCard),
			month: limitsOf(w.Limits.MonthAll, w.Limits.MonthWallet, w.Limits.MonthBank, w.Limits.MonthCard),
		})
		s.m.clearing[38] -= w.Balance
	}
	for i, a := range apps[:5] {
		s.furnishApp(i, a)
	}
	for _, a := range apps[5:] {
		s.m.apps = append(s.m.apps, &shopApp{id: a.ID, key1: a.Key1, key2: a.Key2, buckets: map[string]*bucket{}})
	}
	for _, a := range s.m.apps {
		s.street.apps[a.id] = sen.App{ID: int(a.id), Key1: a.key1, Key2: a.key2}
		s.furnishPayouts(a)
	}
	s.limit("0900000003", control.Conditions{DayBank: new(int64(100_000)), MonthBank: new(int64(150_000)), KYC: new(1)})
	s.limit("0900000002", control.Conditions{DayCard: new(int64(100_000)), MonthCard: new(int64(150_000)), DayWallet: new(int64(200_000)), MonthWallet: new(int64(500_000))})
	s.limit("0900000012", control.Conditions{MonthWallet: new(int64(60_000)), MonthBank: new(int64(60_000)), MonthCard: new(int64(60_000))})
	for i, code := range []string{"SPRING", "ONCE", "LATER"} {
		c := &campaign{
			code: code, starts: s.m.now.Add(time.Duration(i/2) * 24 * time.Hour), ends: s.m.now.Add(time.Duration(1+s.rng.IntN(60)) * 24 * time.Hour),
			budget: s.pick(20_000, 100_000, 1_000_000), discount: s.pick(1_000, 10_000), perPayer: int64(i % 2), min: s.pick(0, 20_000),
			uses: map[string]int64{},
		}
		c.ends = c.ends.Add(48 * time.Hour)
		if s.rng.IntN(2) == 0 {
			c.apps = []int64{s.m.apps[0].id, s.m.apps[1].id}
		}
		s.must(s.control("POST", "campaigns", control.Campaign{
			Code: code, Apps: c.apps, StartsAt: c.starts, EndsAt: c.ends, Budget: c.budget, UsesPerPayer: c.perPayer, MinAmount: c.min, Discount: c.discount,
		}, nil))
		s.m.campaigns = append(s.m.campaigns, c)
	}
}

func limitsOf(all, wallet, bank, card int64) [sources]int64 {
	return [sources]int64{all, wallet, bank, card}
}

func (s *sim) furnishApp(i int, a control.App) {
	app := &shopApp{
		id: a.ID, key1: a.Key1, key2: a.Key2, buckets: map[string]*bucket{},
		feeBP: s.pick(0, 0, 110, 250), approvalFrom: s.pick(0, 0, 30_000), receivableLimit: s.pick(0, 0, 50_000),
		refundPeriod: []time.Duration{0, 24 * time.Hour, 72 * time.Hour}[s.rng.IntN(3)], tokenLife: []time.Duration{0, time.Hour, 48 * time.Hour}[s.rng.IntN(3)],
		dayCount: s.pick(0, 0, 3), dayAmount: s.pick(0, 0, 150_000),
	}
	if i == 4 {
		app.rate = 3
	}
	if i != 3 { // one merchant has no server
		app.url = shopURL(a.ID)
	}
	s.must(s.control("PATCH", fmt.Sprint("apps/", a.ID), control.ChangeApp{
		CallbackURL: &app.url, RatePerSecond: &app.rate, FeeBP: &app.feeBP, RefundApprovalFrom: &app.approvalFrom,
		RefundPeriod: new(app.refundPeriod.String()), ReceivableLimit: &app.receivableLimit, TokenLife: new(app.tokenLife.String()),
		TokenDayCount: &app.dayCount, TokenDayAmount: &app.dayAmount,
	}, nil))
	s.m.apps = append(s.m.apps, app)
}

func (s *sim) pick(all ...int64) int64 { return all[s.rng.IntN(len(all))] }

// must is for calls that nothing can refuse.
func (s *sim) must(code string) {
	if code != "" {
		s.broken(ruleAnswers, "a call of the control API is refused: %s", code)
	}
}

// limit changes the conditions of a wallet.
func (s *sim) limit(phone string, c control.Conditions) {
	s.must(s.control("PATCH", "wallets/"+phone, c, nil))
	w := s.wallet(phone)
	for to, from := range map[*int64]*int64{
		&w.day[0]: c.DayAll, &w.day[1]: c.DayWallet, &w.day[2]: c.DayBank, &w.day[3]: c.DayCard,
		&w.month[0]: c.MonthAll, &w.month[1]: c.MonthWallet, &w.month[2]: c.MonthBank, &w.month[3]: c.MonthCard,
	} {
		if from != nil {
			*to = *from
		}
	}
	if c.KYC != nil {
		w.kyc = *c.KYC
	}
	if c.Locked != nil {
		w.locked = *c.Locked
	}
	if c.PaymentsOff != nil {
		w.off = *c.PaymentsOff
	}
}

func (s *sim) wallet(phone string) *purse {
	i := slices.IndexFunc(s.m.wallets, func(w *purse) bool { return w.phone == phone })
	return s.m.wallets[i]
}

// run makes the steps, until one breaks something.
func (s *sim) run() {
	for i := 1; i <= s.steps && len(s.found) == 0; i++ {
		if s.only != nil && !slices.Contains(s.only, i) {
			continue
		}
		s.step = i
		s.rng = rand.New(rand.NewPCG(s.seed, uint64(i)))
		s.makeStep()
	}
	if len(s.found) == 0 {
		s.kind = "last look"
	}
	s.checkRows() // also after something broke: it says what broke with it
	s.verify()
}

func (s *sim) makeStep() {
	k := s.choose()
	s.kind = k.name
	s.made[k.name]++
	s.note("= step %d: %s at %s", s.step, k.name, s.m.now.In(zone).Format("2006-01-02 15:04:05"))
	lives := s.lives
	k.do(s)
	s.rest()
	if s.step%s.every == 0 || s.lives != lives {
		s.checkRows()
	}
	if s.lives != lives {
		s.verify()
	}
}

// rest waits until nothing is due any more, and holds what came of it against the
// model.
func (s *sim) rest() {
	s.m.work()
	var clock control.Clock
	s.must(s.control("POST", "clock", control.MoveClock{Advance: "0s"}, &clock))
	if !clock.Now.Equal(s.m.now) {
		s.broken(ruleAnswers, "the clock shows %v instead of %v", clock.Now, s.m.now)
	}
	s.hear(s.street.taken())
	for _, line := range s.life.log.take() {
		if !strings.Contains(line, "told to have a fault") {
			s.broken(ruleAnswers, "the gateway calls an error: %s", line)
		}
	}
}

// sum is the digest of all that was said.
func (s *sim) sum() string { return hex.EncodeToString(s.digest.Sum(nil))[:16] }

// tail is the end of the history, a line cut to what a screen holds.
func (s *sim) tail(n int) string {
	lines := s.lines[max(0, len(s.lines)-n):]
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = line
		if len(line) > 400 {
			out[i] = line[:400] + "…"
		}
	}
	return strings.Join(out, "\n")
}
