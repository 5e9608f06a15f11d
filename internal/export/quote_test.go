package export

import (
	"encoding/json"
	"testing"
)

// TestQuoteCSharp reads what is written for C# as JSON, whose escapes are among
// those of C#: no other compiler is needed to see that nothing is lost.
func TestQuoteCSharp(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "it's \"no\" \\ \\u0041", "a\r\nb\x00\x01\x7f", "Huế 😀 \u2028", "$\"{x}\" `"} {
		var got string
		if err := json.Unmarshal([]byte(quoteCSharp(s)), &got); err != nil || got != s {
			t.Errorf("%q is written %s and read %q, %v", s, quoteCSharp(s), got, err)
		}
	}
}
