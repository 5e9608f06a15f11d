package conformance_test

import (
	"strings"
	"testing"

	"sen/internal/app/apptest"
	"sen/internal/conformance"
)

// TestTrigger brings about a value of each kind and sees how it came.
func TestTrigger(t *testing.T) {
	t.Parallel()
	s := apptest.StartSandbox(t)
	for _, key := range []conformance.Key{{"query_order", -54}, {"create_order", -402}, {"query_refund", -1}, {"refund_order", -500}} {
		got, err := conformance.Trigger(t.Context(), s.URL, key)
		if err != nil || len(got.Calls) == 0 {
			t.Errorf("%s: %+v, %v", key, got, err)
			continue
		}
		last := got.Calls[len(got.Calls)-1]
		if last.Operation != key.Operation || last.Request["mac"] == "" || !strings.Contains(last.Answer, `"sub_return_code":`) {
			t.Errorf("%s: the last call is %+v", key, last)
		}
	}
	if c, err := s.Control.Clock(t.Context()); err != nil || c.Offset != "0s" {
		t.Errorf("the clock is %s off, %v", c.Offset, err)
	}
	if _, err := conformance.Trigger(t.Context(), s.URL, conformance.Key{Operation: "query_order", Value: 77}); err == nil {
		t.Error("a value that nobody knows came about")
	}
}
