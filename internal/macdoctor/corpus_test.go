package macdoctor_test

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sen"
	"sen/internal/apiv2"
	"sen/internal/macdoctor"
)

// record is a broken request of the corpus, which the programs in testdata/gen
// made, and what is wrong with it.
type record struct {
	Language    string `json:"language"`
	Operation   string `json:"operation"`
	App         int64  `json:"app_id"`
	Cause       string `json:"cause"`
	ContentType string `json:"content_type"`
	Query       string `json:"query"`
	Body        string `json:"body"`
	BodyBase64  string `json:"body_base64"`
}

// apps are those that the programs sign with.
var apps = []macdoctor.App{
	{ID: 2553, Key1: "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", Key2: "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"},
	{ID: 2554, Key1: "sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn", Key2: "trMrHtvjo6myautxDUiAcYsVtaeQ8nhf"},
	{ID: 553, Key1: "9phuAOYhan4urywHTh0ndEXiV3pKHr5Q", Key2: "Iyz2habzyr7AG8SgvoBCbKwKi3UzlLi3"},
	{ID: 554, Key1: "8NdU5pG5R2spGHGhyO99HN1OhD8IQJBn", Key2: "uUfsWgfLkRLzq6W2uNXTCxrfxs51auny"},
	{ID: 1274, Key1: "ejKNaRmcrufs7Rx6sC7t8jIyl2fINVcO", Key2: "9HZqtlWLOEaYxVlXFFGrfnZqbehYsPAD"},
	{ID: 7001, Key1: "3f8a1c0d9be24756a1f0c3d2e4b59687", Key2: "c0ffee00d15ea5e5b16b00b5deadbeef"},
}

func operationNamed(t testing.TB, name string) *sen.Operation {
	t.Helper()
	for _, op := range sen.Operations() {
		if op.Name == name {
			return op
		}
	}
	t.Fatalf("no operation %q", name)
	return nil
}

// wanted is what the record's app and operation are asked about. Reading is the
// merchant API's own, so that a record is a request that gets as far as its mac.
func (r record) wanted(t testing.TB) macdoctor.Case {
	t.Helper()
	body := []byte(r.Body)
	if r.BodyBase64 != "" {
		var err error
		if body, err = base64.StdEncoding.DecodeString(r.BodyBase64); err != nil {
			t.Fatal(err)
		}
	}
	op := operationNamed(t, r.Operation)
	members, err := apiv2.ReadMembers(op, r.ContentType, r.Query, body)
	if err != nil {
		t.Errorf("%s %s %s: refused before its mac is looked at: %v", r.Language, r.Operation, r.Cause, err)
	}
	c := macdoctor.Case{
		Operation: op, Members: members, Reveal: true,
		Wire: macdoctor.Wire{ContentType: r.ContentType, Query: r.Query, Body: body},
	}
	for _, a := range apps {
		if op.RSA {
			a.Public = payoutKey(t)
		}
		if a.ID == r.App {
			c.App = a
		} else {
			c.Others = append(c.Others, a)
		}
	}
	return c
}

func corpus(t testing.TB, pattern string) (all []record) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus %s: %v", pattern, err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for scan := bufio.NewScanner(f); scan.Scan(); {
			var r record
			if err := json.Unmarshal(scan.Bytes(), &r); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all = append(all, r)
		}
		_ = f.Close()
	}
	return all
}

// rate counts what was asked and what was right.
type rate struct{ right, asked int }

func (r rate) String() string {
	return fmt.Sprintf("%3d of %3d  %5.1f %%", r.right, r.asked, 100*float64(r.right)/float64(r.asked))
}

// TestCorpus holds the first diagnosis against what is known to be wrong.
func TestCorpus(t *testing.T) {
	t.Parallel()
	const (
		fewest   = 300
		unknowns = 30
	)
	all := corpus(t, "corpus*.jsonl")
	causes := judge(t, all, 0.97)
	if len(all) < fewest || causes["unknown"].asked < unknowns {
		t.Errorf("%d records, %d of them unknown: too few", len(all), causes["unknown"].asked)
	}
}

// judge prints the rates at which diagnoses are right, by cause and by
// language, and wants enough of all.
func judge(t *testing.T, all []record, enough float64) map[string]rate {
	t.Helper()
	causes, languages, total := map[string]rate{}, map[string]rate{}, rate{}
	for _, r := range all {
		got := macdoctor.Diagnose(r.wanted(t))
		right := 0
		if sameCauses(got.Cause, r.Cause) {
			right = 1
		} else {
			t.Logf("%s %s: want %s, got %s %v\n signed %q\n theirs %q", r.Language, r.Operation, r.Cause, got.Cause, got.Findings, got.Signed, got.Theirs)
		}
		if !got.Known() && got.Signed == "" {
			t.Errorf("%s %s: no cause, and no text to compare with", r.Language, r.Operation)
		}
		causes[r.Cause] = causes[r.Cause].plus(right)
		languages[r.Language] = languages[r.Language].plus(right)
		total = total.plus(right)
	}
	t.Log("\n" + table(causes) + "\n" + table(languages) + fmt.Sprintf("\n%-40s %v", "all", total))
	if share := float64(total.right) / float64(total.asked); share < enough {
		t.Errorf("%.1f %% of first diagnoses are right, %.0f %% are wanted", 100*share, 100*enough)
	}
	return causes
}

func (r rate) plus(right int) rate { return rate{r.right + right, r.asked + 1} }

// sameCauses takes two mistakes in either order: the programs do not know which
// of them the doctor names first.
func sameCauses(a, b string) bool {
	of := func(s string) []string { return slices.Sorted(slices.Values(strings.Split(s, "+"))) }
	return slices.Equal(of(a), of(b))
}

func table(rates map[string]rate) string {
	var b strings.Builder
	for _, name := range slices.SortedFunc(maps.Keys(rates), cmp.Compare[string]) {
		fmt.Fprintf(&b, "%-40s %v\n", name, rates[name])
	}
	return b.String()
}
