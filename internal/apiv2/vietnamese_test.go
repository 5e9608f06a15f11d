package apiv2

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestEveryRefusalInVietnamese: an answer is in one language, so each refusal
// that has a value has words in both.
func TestEveryRefusalInVietnamese(t *testing.T) {
	t.Parallel()
	for _, v := range values {
		if _, ok := refusalsInVietnamese[v.refusal.Code]; !ok {
			t.Errorf("%s has no words in Vietnamese", v.refusal.Code)
		}
	}
	if _, ok := refusalsInVietnamese[errMaintenance.Code]; !ok {
		t.Error("maintenance has no words in Vietnamese")
	}
}

// TestEveryDetailInVietnamese reads what is said of a member where it is said.
func TestEveryDetailInVietnamese(t *testing.T) {
	t.Parallel()
	said := regexp.MustCompile("(?:\\.On\\((?:[a-zA-Z.]+|\"[^\"]*\"), |shape\\()(\"(?:[^\"\\\\]|\\\\.)+\"|`[^`]+`)")
	found := 0
	for _, pattern := range []string{"*.go", "../scenario/*.go", "../pay/refund.go", "../pay/disbursement.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range said.FindAllSubmatch(text, -1) {
				en, err := strconv.Unquote(string(m[1]))
				if err != nil {
					t.Fatal(err)
				}
				found++
				if inVietnamese(en) == en && file != "callback.go" { // which only a live gateway says, and tells nobody
					t.Errorf("%s says %q, which has no words in Vietnamese", file, en)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("found %d only", found)
	}
}
