package macdoctor_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sen"
	"sen/internal/apiv2"
	"sen/internal/macdoctor"
)

// sample is a record whose mac nothing explains.
func sample(t testing.TB) macdoctor.Case {
	t.Helper()
	for _, r := range corpus(t, "corpus-node.jsonl") {
		if r.Cause == "unknown" && r.Operation == "create_order" {
			return r.wanted(t)
		}
	}
	t.Fatal("no such record")
	return macdoctor.Case{}
}

// TestWithheld wants nothing told without permission, whatever is wrong.
func TestWithheld(t *testing.T) {
	t.Parallel()
	for _, r := range corpus(t, "corpus*.jsonl") {
		c := r.wanted(t)
		c.Reveal = false
		d := macdoctor.Diagnose(c)
		told := d.Formula + d.Signed + d.Theirs
		line := d.Line(r.App)
		if d.Cause != string(macdoctor.Withheld) || d.Known() || told != "" || len(d.Findings) > 0 ||
			line.EN != "is wrong" || line.VI != "không đúng" {
			t.Fatalf("%s: told %+v", r.Cause, d)
		}
	}
}

// TestCut takes lines apart again.
func TestCut(t *testing.T) {
	t.Parallel()
	d := macdoctor.Diagnose(sample(t))
	for _, line := range []string{d.Line(1).EN, d.Line(1).VI} {
		advice, signed := macdoctor.Cut(line)
		if signed != d.Signed || !strings.HasPrefix(line, advice) || strings.Contains(advice, d.Signed) {
			t.Errorf("Cut(%q) = %q, %q", line, advice, signed)
		}
	}
	if advice, signed := macdoctor.Cut("amount is missing"); advice != "amount is missing" || signed != "" {
		t.Errorf("a line without a text = %q, %q", advice, signed)
	}
}

// TestNoKeyInTexts wants the name of a key wherever a text has the key itself.
func TestNoKeyInTexts(t *testing.T) {
	t.Parallel()
	for _, r := range corpus(t, "*.jsonl") {
		d := macdoctor.Diagnose(r.wanted(t))
		line := d.Line(r.App)
		for _, a := range apps {
			for _, key := range []string{a.Key1, a.Key2, hex.EncodeToString([]byte(a.Key1))} {
				for _, text := range []string{d.Signed, d.Theirs, line.EN, line.VI} {
					if strings.Contains(strings.ToLower(text), strings.ToLower(key)) {
						t.Errorf("%s %s: a key of app %d is in %q", r.Language, r.Cause, a.ID, text)
					}
				}
			}
		}
	}
}

// TestAdvice wants words in both languages for every cause that can be found.
func TestAdvice(t *testing.T) {
	t.Parallel()
	advised := map[string]bool{}
	for _, c := range macdoctor.Advised() {
		advised[string(c)] = true
		en, vi, fixEN, fixVI := macdoctor.Words(c)
		if en == "" || vi == "" || fixEN == "" || fixVI == "" || en == vi || strings.Count(en, "%s") != strings.Count(vi, "%s") {
			t.Errorf("%s: %q, %q, %q, %q", c, en, vi, fixEN, fixVI)
		}
	}
	for _, r := range corpus(t, "*.jsonl") {
		for c := range strings.SplitSeq(r.Cause, "+") {
			if !advised[c] {
				t.Errorf("there is no advice for %s", c)
			}
		}
	}
}

// TestDigest holds the package's own HMAC against the SDK's.
func TestDigest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key, text := rapid.String().Draw(t, "key"), rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		if got := hex.EncodeToString(macdoctor.DigestOf(key, text)); got != sen.Sign(key, text) {
			t.Fatalf("got %s, want %s", got, sen.Sign(key, text))
		}
	})
}

// TestDiff wants both texts back from their comparison.
func TestDiff(t *testing.T) {
	t.Parallel()
	if got := macdoctor.Inline(macdoctor.Diff("1|a b|{}", "1|a+b|{}\n")); got != "1|a[-␣-]{+++}b|{}{+␤+}" {
		t.Errorf("got %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOf(rapid.SampledFrom([]rune("ab|é")))
		a, b := string(letters.Draw(t, "a")), string(letters.Draw(t, "b"))
		ours, theirs := "", ""
		for _, s := range macdoctor.Diff(a, b) {
			if s.In != macdoctor.InTheirs {
				ours += s.Text
			}
			if s.In != macdoctor.InOurs {
				theirs += s.Text
			}
		}
		if ours != a || theirs != b {
			t.Fatalf("%q and %q came back as %q and %q", a, b, ours, theirs)
		}
	})
}

// FuzzDiagnose wants an answer, without a key in it and after a bounded amount
// of work, whatever is sent.
func FuzzDiagnose(f *testing.F) {
	for i, r := range append(corpus(f, "corpus*.jsonl"), corpus(f, "sig-*.jsonl")...) {
		if i%7 == 0 {
			f.Add(r.Operation, r.ContentType, r.Query, []byte(r.Body))
		}
	}
	f.Add("create_order", "application/json", "", []byte(`{"app_id":2553,"item":`+strings.Repeat("[", 500)+strings.Repeat("]", 500)+`,"mac":"00"}`))
	f.Fuzz(func(t *testing.T, operation, contentType, query string, body []byte) {
		for _, op := range sen.Operations() {
			if op.Name != operation {
				continue
			}
			members, _ := apiv2.ReadMembers(op, contentType, query, body) // the doctor must bear what would be refused, too
			c := macdoctor.Case{
				Operation: op, Members: members, App: apps[0], Others: apps[1:], Reveal: true,
				Wire: macdoctor.Wire{ContentType: contentType, Query: query, Body: body},
			}
			c.App.Public = payoutKey(t)
			d := macdoctor.Diagnose(c)
			if d.Cause == "" || d.What.EN == "" || d.What.VI == "" {
				t.Fatalf("no answer: %+v", d)
			}
			if sent := query + string(body); !strings.Contains(sent, c.App.Key1) && strings.Contains(d.Signed+d.Theirs+d.Line(1).EN, c.App.Key1) {
				t.Fatalf("key1 is told: %+v", d)
			}
			if spent, most := macdoctor.Work(c); spent > 2*most {
				t.Fatalf("worked on %d bytes, %d are the bound", spent, most)
			}
		}
	})
}

// TestHeldOut holds the doctor against requests that were written when it was
// done.
func TestHeldOut(t *testing.T) {
	t.Parallel()
	judge(t, corpus(t, "heldout*.jsonl"), 0.95)
}

// BenchmarkDiagnose measures what a diagnosis costs at most: no mistake fits.
func BenchmarkDiagnose(b *testing.B) {
	c := sample(b)
	b.Run("unknown", func(b *testing.B) {
		for b.Loop() {
			macdoctor.Diagnose(c)
		}
	})
	for i, m := range c.Members {
		if m.Name == "embed_data" {
			c.Members[i].Value = `{"a":"` + strings.Repeat("Cà phê ", 220) + `"}`
		}
	}
	b.Run("unknown_and_long", func(b *testing.B) {
		for b.Loop() {
			macdoctor.Diagnose(c)
		}
	})
}
