package guide_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sen"
	"sen/internal/web"
)

// valuesMark is where the list of all values begins; it goes to the end.
const valuesMark = "<!-- values -->\n"

// An earning is how a value comes about, as the console has it.
type earning struct{ Vi, En, Run string }

// TestValues holds the list of values against the catalogue, and what to do to
// see each against what the console says.
func TestValues(t *testing.T) {
	var earned map[string]map[string]earning
	if err := json.Unmarshal(mustRead(t, filepath.Join("..", "console", "earned.json")), &earned); err != nil {
		t.Fatal(err)
	}
	documented := 0
	for _, st := range sen.Statuses() {
		if e := earningOf(earned, st.Operation, st.Value); st.Documented {
			if documented++; e.Vi == "" || e.En == "" {
				t.Errorf("nothing tells how to see %s %d", st.Operation, st.Value)
			}
		}
	}
	if documented != 113 {
		t.Errorf("%d values are documented, want 113", documented)
	}
	for _, l := range web.Langs {
		file := sourceOf(l, "values")
		before, after, found := strings.Cut(string(mustRead(t, file)), valuesMark)
		if !found {
			t.Fatalf("%s has no mark for the list", file)
		}
		want := "\n" + valueList(string(l), earned)
		if *update {
			if err := os.WriteFile(file, []byte(before+valuesMark+want), 0o644); err != nil { //nolint:gosec // for everybody to read
				t.Fatal(err)
			}
		} else if after != want {
			t.Errorf("%s does not list the values as they are: go test ./internal/guide -update", file)
		}
	}
}

func valueList(lang string, earned map[string]map[string]earning) string {
	heads := map[string]string{
		"vi": "| Mã | Nghĩa là | Làm sao để thấy |\n| --- | --- | --- |\n", "en": "| Value | It means | How to see it |\n| --- | --- | --- |\n",
	}
	var b strings.Builder
	operation := ""
	for _, st := range sen.Statuses() {
		if st.Operation != operation {
			operation = st.Operation
			fmt.Fprintf(&b, "\n### %s\n\n%s", operation, heads[lang])
		}
		e := earningOf(earned, operation, st.Value)
		how := map[string]string{"vi": e.Vi, "en": e.En}[lang]
		if operation != sen.RedirectStatus && st.Documented { // those that the command knows
			how += fmt.Sprintf(" `sen trigger %s %d`", operation, st.Value)
		}
		fmt.Fprintf(&b, "| %d | %s | %s |\n", st.Value, st.Meaning.In(lang), strings.TrimSpace(how))
	}
	return strings.TrimPrefix(b.String(), "\n")
}

func earningOf(earned map[string]map[string]earning, operation string, value int) earning {
	for _, op := range []string{operation, "*"} {
		if e, ok := earned[op][strconv.Itoa(value)]; ok {
			return e
		}
	}
	if operation == sen.RedirectStatus {
		return earningOf(earned, sen.OpQueryOrder.Name, value)
	}
	return earning{}
}
