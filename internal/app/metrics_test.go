package app_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/pgtest"
)

// scrape reads what a gateway measures, as Prometheus does.
func scrape(t *testing.T, url string) map[string]*dto.MetricFamily {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := plain.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Type"), "version=0.0.4") {
		t.Fatalf("%s: %d, %v", url, res.StatusCode, res.Header)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	found, err := parser.TextToMetricFamilies(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// sum adds the series of a family that have the labels, NAME=VALUE.
func sum(f *dto.MetricFamily, labels ...string) (total float64) {
	for _, m := range f.GetMetric() {
		have := []string{}
		for _, l := range m.GetLabel() {
			have = append(have, l.GetName()+"="+l.GetValue())
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(have, l) }) {
			continue
		}
		total += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return total
}

// TestMetrics does a bit of everything and finds it counted, at both addresses.
func TestMetrics(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(c *app.Config) { c.MetricsAddr = "127.0.0.1:0" })
	merchant := newReceiver(t)
	s.owed("counted", merchant.URL)
	apptest.Wait(t, "the callback", func() bool {
		return s.Order(2553, "261122_counted").Callbacks[0].State == "delivered"
	})
	s.made(order("unpaid"))
	if a := s.call(sen.OpCreateOrder, s.signed(sen.OpCreateOrder, order("unpaid"))); a.Sub != -68 {
		t.Fatalf("got %+v", a)
	}
	if a := s.sendWith(http.MethodPost, "/v2/create", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		s.signed(sen.OpCreateOrder, order("bad")).with(members{"mac": "x"}).form()); a.Sub != -402 {
		t.Fatalf("got %+v", a)
	}
	found := scrape(t, "http://"+s.Metrics.String()+"/metrics")
	for _, c := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"sen_requests_total", []string{"operation=create_order", "return_code=1"}, 2},
		{"sen_requests_total", []string{"operation=create_order", "sub_return_code=-68"}, 1},
		{"sen_requests_total", []string{"sub_return_code=-402"}, 1},
		{"sen_request_seconds", []string{"operation=create_order"}, 4},
		{"sen_payments_total", []string{"by=wallet"}, 1},
		{"sen_payments_dong_total", []string{"by=wallet"}, 50000},
		{"sen_callbacks_total", []string{"outcome=accepted"}, 1},
		{"sen_callback_seconds", nil, 1},
		{"sen_callbacks_owed", nil, 0},
		{"sen_ready", nil, 1},
		{"sen_database_up", nil, 1},
		{"sen_nodes", nil, 1},
		{"sen_node_behind", nil, 0},
		{"sen_build_info", []string{"version=test", "mode=sandbox"}, 1},
	} {
		if got := sum(found[c.name], c.labels...); got != c.want {
			t.Errorf("%s %v is %v, want %v", c.name, c.labels, got, c.want)
		}
	}
	for _, name := range []string{"sen_database_batch_seconds", "sen_database_batch_calls", "sen_database_wait_seconds", "go_goroutines"} {
		if sum(found[name]) == 0 {
			t.Errorf("%s is 0", name)
		}
	}
	// A label for each merchant or order would grow for ever.
	for name, f := range found {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if strings.Contains(l.GetValue(), "2553") || strings.Contains(l.GetValue(), "261122_") {
					t.Errorf("%s has the label %v", name, l)
				}
			}
		}
	}
	if got := scrape(t, s.URL+"/metrics"); sum(got["sen_requests_total"]) != 4 {
		t.Errorf("at the sandbox's own address: %v", sum(got["sen_requests_total"]))
	}
}

// TestLiveTellsNobodyItsMetrics asks a live gateway at the address of merchants.
func TestLiveTellsNobodyItsMetrics(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL, c.MetricsAddr = app.Live, "https://pay.example", "127.0.0.1:0"
	})
	for url, want := range map[string]int{
		g.URL + "/metrics":                         http.StatusNotFound,
		"http://" + g.Metrics.String() + "/":       http.StatusNotFound,
		"http://" + g.Metrics.String() + "/readyz": http.StatusNotFound,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := plain.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", url, res.StatusCode, want)
		}
	}
	if found := scrape(t, "http://"+g.Metrics.String()+"/metrics"); sum(found["sen_build_info"], "mode=live") != 1 {
		t.Errorf("got %v", found["sen_build_info"])
	}
}

// TestMetricsAreDocumented holds what is told against the table, the alerts and
// the dashboard that operators are given.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	found := scrape(t, openShop(t).URL+"/metrics")
	operations, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{} // kinds by name
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (counter|gauge|histogram) \\|").FindAllStringSubmatch(string(operations), -1) {
		documented[row[1]] = row[2]
	}
	for name, f := range found {
		if kind := strings.ToLower(f.GetType().String()); documented[name] != kind {
			t.Errorf("%s is a %s, and documented as %q", name, kind, documented[name])
		}
		if f.GetHelp() == "" || strings.HasSuffix(name, "_total") != (f.GetType() == dto.MetricType_COUNTER) {
			t.Errorf("%s: a counter has a name in _total, and all have help; this is a %v, %q", name, f.GetType(), f.GetHelp())
		}
	}
	for name := range documented {
		if found[name] == nil && (name != "sen_database_file_bytes" || !pgtest.Wanted()) {
			t.Errorf("%s is documented, and not told", name)
		}
	}
	used := 0
	for file, text := range operatorsFiles(t) {
		for _, name := range regexp.MustCompile(`\b(?:sen|go|process)_[a-z_]+`).FindAllString(text, -1) {
			used++
			base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if documented[name] == "" && documented[base] != "histogram" {
				t.Errorf("%s names %s, which is not told", file, name)
			}
		}
	}
	if used < 60 {
		t.Errorf("found %d names only", used)
	}
}

// operatorsFiles are the expressions in alerts and dashboard, by file.
func operatorsFiles(t *testing.T) map[string]string {
	t.Helper()
	read := func(name string) []byte {
		text, err := os.ReadFile("../../deploy/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(read("prometheus/sen.rules.yaml"), &rules); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range rules.Groups[0].Rules {
		all["alert "+r.Alert] = r.Expr
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(read("grafana/sen.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			all["panel "+p.Title] += target.Expr + "\n"
		}
	}
	return all
}
