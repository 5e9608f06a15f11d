package certify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/certify"
)

var app = sen.App{ID: 7, Key1: "the key1 of a shop", Key2: "the key2 of a shop"}

const foreignKey = "the key2 of another shop"

// A shop is a merchant's server. What is set in it is its mistake.
type shop struct {
	answer string        // to a good callback
	status int           // of every answer
	wait   time.Duration // before every answer

	noMAC, prefixMAC, anyKey, macLater, reencodes bool
	refusesRepeats, deliversAgain, looksFirst     bool
	strict, ascii, small, crashes, onlyOrders     bool
	anyAmount, anyOrder, anyMethod                bool
	believesRedirect, refusesRedirect, sameForAll bool
	anyBinding                                    bool

	first, newWords bool // speaks the first version; answers in the words of the second all the same

	mu         sync.Mutex
	orders     map[string]int64
	asked      []string // app_trans_ids of bindings
	deliveries map[string]int
	meeting    chan struct{} // where two that have looked wait for each other
	racing     bool          // from when on they do: a single call would wait for ever
	looked     int
}

const price = 30000

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/create":
		s.mu.Lock()
		defer s.mu.Unlock()
		id := fmt.Sprintf("261122_%d", len(s.orders)+1)
		s.orders[id] = price
		fmt.Fprintf(w, `{%q:%q,"amount":%d}`, map[bool]string{true: "apptransid", false: "app_trans_id"}[s.first], id, price)
	case "/bind":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, fmt.Sprintf("261122_b%d", len(s.asked)))
		fmt.Fprintf(w, `{"app_trans_id":%q,"identifier":"An"}`, s.asked[len(s.asked)-1])
	case "/status":
		s.mu.Lock()
		defer s.mu.Unlock()
		fmt.Fprintf(w, `{"deliveries":%d}`, s.deliveries[r.URL.Query().Get("id")])
	case "/back":
		s.back(w, r)
	default:
		s.callback(w, r)
	}
}

func (s *shop) back(w http.ResponseWriter, r *http.Request) {
	_, err := app.VerifyRedirect(r.URL.Query())
	switch {
	case s.sameForAll:
		fmt.Fprint(w, "We are looking whether it is paid.")
	case s.refusesRedirect || err != nil && !s.believesRedirect:
		http.Error(w, "no", http.StatusBadRequest)
	default:
		fmt.Fprint(w, "status ", r.URL.Query().Get("status"))
	}
}

func (s *shop) callback(w http.ResponseWriter, r *http.Request) {
	time.Sleep(s.wait)
	if r.Method != http.MethodPost && !s.anyMethod {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	if r.Method == http.MethodGet {
		fmt.Fprint(w, `{"return_code":1}`)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || s.small && len(body) > 2048 {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	code := s.handle(body)
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	if code == 1 && s.answer != "" {
		fmt.Fprint(w, s.answer)
		return
	}
	if s.first && !s.newWords {
		fmt.Fprintf(w, `{"returncode":%d,"returnmessage":"x"}`, code)
		return
	}
	fmt.Fprintf(w, `{"return_code":%d,"return_message":"x"}`, code)
}

type envelope struct {
	Data string `json:"data"`
	MAC  string `json:"mac"`
	Type int    `json:"type"`
}

type paid struct {
	AppTransID string `json:"app_trans_id"`
	Amount     int64  `json:"amount"`
}

func (s *shop) read(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	if s.strict {
		dec.DisallowUnknownFields()
	}
	return dec.Decode(v)
}

// paid reads what was paid, in the words of the shop's version only.
func (s *shop) paid(e envelope) (p paid, malformed bool) {
	if s.first {
		var old apiv1.OrderCallback
		malformed = json.Unmarshal([]byte(e.Data), &old) != nil
		p = paid{old.AppTransID, old.Amount}
	} else {
		malformed = json.Unmarshal([]byte(e.Data), &p) != nil
	}
	return p, malformed || p.AppTransID == "" || s.first != (e.Type == 0)
}

func (s *shop) handle(body []byte) int {
	var e envelope
	if err := s.read(body, &e); err != nil {
		if s.crashes {
			panic(http.ErrAbortHandler)
		}
		return -1
	}
	p, malformed := s.paid(e)
	if s.macLater && !malformed {
		s.deliver(p.AppTransID)
	}
	if !s.trusts(e) || malformed && e.Type != sen.AgreementCallbackType {
		return -1
	}
	if s.ascii && strings.IndexFunc(e.Data, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
		return -1
	}
	if e.Type == sen.AgreementCallbackType {
		return s.bound(e.Data)
	}
	s.mu.Lock()
	amount, known := s.orders[p.AppTransID]
	s.mu.Unlock()
	if !known && !s.anyOrder || known && amount != p.Amount && !s.anyAmount {
		return 2
	}
	if s.macLater {
		return 1
	}
	return s.pay(p.AppTransID)
}

// bound takes the tokens of users who were asked for one.
func (s *shop) bound(data string) int {
	var a sen.AgreementCallback
	s.mu.Lock()
	defer s.mu.Unlock()
	known := json.Unmarshal([]byte(data), &a) == nil && slices.Contains(s.asked, a.AppTransID) && a.MerchantUserID == "An" && a.BindingID != ""
	if s.onlyOrders || !known && !s.anyBinding {
		return 2
	}
	return 1
}

func (s *shop) trusts(e envelope) bool {
	data := e.Data
	if s.reencodes {
		var all sen.OrderCallback
		if json.Unmarshal([]byte(data), &all) != nil {
			return false
		}
		switch {
		case s.first:
			var old apiv1.OrderCallback
			if json.Unmarshal([]byte(data), &old) != nil {
				return false
			}
			data = string(apiv1.Data(sen.OrderCallback(old)))
		case e.Type == sen.OrderCallbackType:
			data = string(all.Data())
		}
	}
	good := sen.Sign(app.Key2, []byte(data))
	switch {
	case s.noMAC:
		return true
	case s.prefixMAC:
		return len(e.MAC) > 8 && e.MAC[:8] == good[:8]
	case s.anyKey:
		return e.MAC == good || e.MAC == sen.Sign(app.Key1, []byte(data))
	}
	return e.MAC == good
}

func (s *shop) deliver(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliveries[id]++
}

// pay delivers an order that was not delivered before.
func (s *shop) pay(id string) int {
	s.mu.Lock()
	before := s.deliveries[id]
	if before == 0 && !s.looksFirst {
		s.deliveries[id]++
	}
	s.mu.Unlock()
	switch {
	case s.looksFirst && before == 0:
		s.meet()
		s.deliver(id)
	case before > 0 && s.refusesRepeats:
		return 2
	case before > 0 && s.deliversAgain:
		s.deliver(id)
	}
	return 1
}

// meet makes the first two that have looked wait for each other.
func (s *shop) meet() {
	s.mu.Lock()
	if !s.racing {
		s.mu.Unlock()
		return
	}
	if s.looked++; s.looked == 2 {
		close(s.meeting)
	}
	s.mu.Unlock()
	<-s.meeting
}

// open starts the shop and says how to check all of it.
func open(t *testing.T, s *shop) certify.Config {
	t.Helper()
	s.orders, s.deliveries, s.meeting = map[string]int64{}, map[string]int{}, make(chan struct{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return certify.Config{
		App: app, OtherKey: foreignKey, Callback: server.URL + "/callback",
		CreateWith: server.URL + "/create", Status: server.URL + "/status?id={app_trans_id}", Redirect: server.URL + "/back", BindWith: server.URL + "/bind",
		Within: time.Minute, Timeout: 2 * time.Minute, Now: time.Now,
	}
}

func run(t *testing.T, c certify.Config, s *shop) (certify.Report, []string) {
	t.Helper()
	told, all := 0, 0
	rep, err := certify.Run(t.Context(), c, func(r certify.Result, of int) {
		told, all = told+1, of
		s.mu.Lock()
		defer s.mu.Unlock()
		s.racing = r.Check == "once" // then comes at_once
	})
	if err != nil {
		t.Fatal(err)
	}
	if told != len(rep.Results) || told != all || rep.Passed+rep.Failed+rep.Skipped != told || rep.OK != (rep.Failed == 0) {
		t.Errorf("told of %d results: %+v", told, rep)
	}
	var failed []string
	for _, r := range rep.Results {
		if r.State == certify.Failed {
			failed = append(failed, r.Check)
		}
		if r.State == certify.Failed && (r.Came == "" || r.Want == "") || r.Sent == "" || r.Why == "" || r.Do == "" || r.Title == "" {
			t.Errorf("%s says too little: %+v", r.Check, r)
		}
	}
	return rep, failed
}

// TestRightMerchant passes everything.
func TestRightMerchant(t *testing.T) {
	t.Parallel()
	for _, s := range []*shop{{}, {sameForAll: true}, {answer: "\uFEFF {\"returncode\":1}"}, {status: 201}} {
		if rep, failed := run(t, open(t, s), s); len(failed) > 0 || rep.Skipped > 0 {
			t.Errorf("failed %q, %d skipped: %+v", failed, rep.Skipped, rep)
		}
	}
}

// TestWrongMerchants makes one mistake each, which the right checks see and no
// others.
func TestWrongMerchants(t *testing.T) {
	t.Parallel()
	// Who takes nothing fails wherever a good callback must be taken.
	takesNothing := []string{"good", "repeat", "at_once", "extra_members", "reordered", "unicode", "large", "connections", "damaged", "binding"}
	for name, c := range map[string]struct {
		shop   *shop
		failed []string
	}{
		"answers OK":                       {&shop{answer: "OK"}, takesNothing},
		"answers 0":                        {&shop{answer: `{"return_code":0}`}, takesNothing},
		"answers HTTP 500":                 {&shop{status: 500}, takesNothing},
		"answers a redirect":               {&shop{status: 302}, takesNothing},
		"takes its time":                   {&shop{wait: 20 * time.Millisecond}, []string{"in_time"}},
		"refuses a repeat":                 {&shop{refusesRepeats: true}, []string{"repeat", "at_once"}},
		"delivers again":                   {&shop{deliversAgain: true}, []string{"once", "at_once"}},
		"looks first and writes then":      {&shop{looksFirst: true}, []string{"at_once"}},
		"knows all members":                {&shop{strict: true}, []string{"extra_members"}},
		"signs what it has encoded":        {&shop{reencodes: true}, []string{"extra_members", "reordered"}},
		"knows ASCII":                      {&shop{ascii: true}, []string{"unicode", "large"}},
		"takes 2 kB":                       {&shop{small: true}, []string{"large"}},
		"does not look at the mac":         {&shop{noMAC: true}, []string{"bad_mac", "no_mac", "key1", "other_key", "binding_bad_mac"}},
		"looks at the mac's beginning":     {&shop{prefixMAC: true}, []string{"bad_mac"}},
		"takes either key":                 {&shop{anyKey: true}, []string{"key1"}},
		"delivers before it looks":         {&shop{macLater: true}, []string{"once", "at_once", "bad_mac", "no_mac", "key1", "other_key", "changed_data", "wrong_amount"}},
		"does not look at the amount":      {&shop{anyAmount: true}, []string{"wrong_amount"}},
		"takes orders that it never made":  {&shop{anyOrder: true}, []string{"unknown_order"}},
		"crashes":                          {&shop{crashes: true}, []string{"damaged"}},
		"takes GET":                        {&shop{anyMethod: true}, []string{"get"}},
		"takes orders only":                {&shop{onlyOrders: true}, []string{"binding"}},
		"has no page for payers":           {&shop{refusesRedirect: true}, []string{"redirect"}},
		"believes what stands in the page": {&shop{believesRedirect: true}, []string{"redirect_bad_checksum"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := open(t, c.shop)
			if c.shop.wait > 0 {
				config.Within = c.shop.wait / 2
			}
			if rep, failed := run(t, config, c.shop); !slices.Equal(failed, c.failed) {
				text, _ := json.MarshalIndent(rep.Results, "", " ")
				t.Errorf("failed %q, want %q\n%s", failed, c.failed, text)
			}
		})
	}
}

// TestFirstVersion finds out that a shop speaks the first version, or is told.
func TestFirstVersion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		shop   *shop
		failed []string
	}{
		"right":                       {&shop{}, nil},
		"answers as in the second":    {&shop{newWords: true}, []string{"returncode"}},
		"answers OK":                  {&shop{answer: "OK"}, []string{"good", "returncode", "repeat", "at_once", "extra_members", "reordered", "unicode", "large", "connections", "damaged"}},
		"delivers again":              {&shop{deliversAgain: true}, []string{"once", "at_once"}},
		"signs what it has encoded":   {&shop{reencodes: true}, []string{"extra_members", "reordered"}},
		"does not look at the mac":    {&shop{noMAC: true}, []string{"bad_mac", "no_mac", "key1", "other_key"}},
		"does not look at the amount": {&shop{anyAmount: true}, []string{"wrong_amount"}},
		"takes what it never made":    {&shop{anyOrder: true}, []string{"unknown_order"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.shop.first = true
			config := open(t, c.shop)
			config.BindWith = ""
			rep, failed := run(t, config, c.shop)
			if text, _ := json.MarshalIndent(rep.Results, "", " "); rep.Version != 1 || rep.Skipped > 0 || !slices.Equal(failed, c.failed) || strings.Contains(string(text), "app_trans_id") {
				t.Errorf("version %d, failed %q, want %q\n%s", rep.Version, failed, c.failed, text)
			}
		})
	}
	s := &shop{first: true, anyOrder: true}
	told := open(t, s)
	told.BindWith, told.CreateWith = "", ""
	if _, failed := run(t, told, s); failed[0] != "good" {
		t.Errorf("a shop of the first version takes callbacks of the second: failed %q", failed)
	}
	told.First = true
	if rep, failed := run(t, told, s); len(failed) > 0 || rep.Version != 1 {
		t.Errorf("version %d, failed %q", rep.Version, failed)
	}
	told.Bindings = true
	if _, err := certify.Run(t.Context(), told, nil); !errors.Is(err, certify.ErrNoTokens) {
		t.Errorf("tokens of the first version: %v", err)
	}
}

// TestSkipped checks with nothing but an address and key2.
func TestSkipped(t *testing.T) {
	t.Parallel()
	c := open(t, &shop{anyOrder: true})
	c.App.Key1, c.CreateWith, c.Status, c.Redirect, c.BindWith = "", "", "", "", ""
	rep, failed := run(t, c, &shop{})
	var skipped []string
	for _, r := range rep.Results {
		if r.State == certify.Skipped {
			skipped = append(skipped, r.Check)
			if r.Note == "" {
				t.Errorf("%s does not say what is missing", r.Check)
			}
		}
	}
	want := []string{"once", "key1", "wrong_amount", "unknown_order", "binding", "binding_bad_mac", "redirect", "redirect_bad_checksum"}
	if len(failed) > 0 || !slices.Equal(skipped, want) || !rep.OK {
		t.Errorf("failed %q, skipped %q", failed, skipped)
	}
}

// TestInvented has a server that is right to refuse what it never sold, and is
// told how to be checked.
func TestInvented(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shop  *shop
		noted bool
	}{{&shop{}, true}, {&shop{answer: "OK", anyOrder: true}, false}} {
		config := open(t, c.shop)
		config.CreateWith, config.Status = "", ""
		rep, _ := run(t, config, c.shop)
		if got := strings.Contains(rep.Results[0].Note, "--create-with"); got != c.noted || rep.Results[0].State != certify.Failed {
			t.Errorf("got %+v", rep.Results[0])
		}
	}
	for _, c := range []struct {
		shop  *shop
		noted bool
	}{{&shop{}, true}, {&shop{anyBinding: true, answer: "OK"}, false}} {
		config := open(t, c.shop)
		config.BindWith, config.Bindings = "", true
		rep, _ := run(t, config, c.shop)
		at := slices.IndexFunc(rep.Results, func(r certify.Result) bool { return r.Check == "binding" })
		if r := rep.Results[at]; strings.Contains(r.Note, "--bind-with") != c.noted || r.State != certify.Failed {
			t.Errorf("got %+v", r)
		}
	}
}

// TestNobodyThere finds no server, and wrong helpers.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	c := open(t, &shop{})
	c.CreateWith = c.Status // which answers something else
	if rep, _ := run(t, c, &shop{}); !strings.HasPrefix(rep.Results[0].Came, "--create-with must answer with JSON") {
		t.Errorf("got %+v", rep.Results[0])
	}
	c = open(t, &shop{})
	c.BindWith = strings.ReplaceAll(c.Status, "{app_trans_id}", "x") // likewise
	if rep, failed := run(t, c, &shop{}); !slices.Equal(failed, []string{"binding", "binding_bad_mac"}) ||
		!slices.ContainsFunc(rep.Results, func(r certify.Result) bool { return strings.HasPrefix(r.Came, "--bind-with must answer with JSON") }) {
		t.Errorf("failed %q: %+v", failed, rep.Results)
	}
	c = open(t, &shop{})
	c.Status = c.Callback
	if rep, _ := run(t, c, &shop{}); !strings.HasPrefix(rep.Results[0].Came, "--status: ") {
		t.Errorf("got %+v", rep.Results[0])
	}
	ctx, stop := context.WithCancel(t.Context())
	if _, err := certify.Run(ctx, open(t, &shop{}), func(certify.Result, int) { stop() }); err == nil {
		t.Error("a run that was stopped says nothing")
	}
	c.Callback = "http://127.0.0.1:1/"
	rep, err := certify.Run(t.Context(), c, func(r certify.Result, _ int) { t.Errorf("checked a server that is not there: %+v", r) })
	if err == nil || len(rep.Results) != 0 || !strings.HasPrefix(err.Error(), "your server does not answer at http://127.0.0.1:1/: start it first (") {
		t.Errorf("got %v, %+v", err, rep)
	}
}
