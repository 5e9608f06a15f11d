package settlement

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzReadClaims reads whatever a merchant uploads as its file.
func FuzzReadClaims(f *testing.F) {
	for _, seed := range []string{
		"app_trans_id,amount\n261122_1,50000\n", "app_trans_id;amount;status\n\"261122_1\";50000;paid\n", "\ufeffM_REFUND_ID,amount,time\n'=1,1,2026-11-22\n",
		"amount\n", "amount,amount\n1,1\n", "app_trans_id,amount\n\"a\nb\",1\n", "app_trans_id,amount,zp_trans_id\na,-5,9223372036854775808\n", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := ReadClaims(data)
		refusedAsFile(t, err)
		for i, c := range all {
			if err == nil && (c.Amount <= 0 || c.Payment < 0 || c.AppTransID == "" && c.MRefundID == "") {
				t.Errorf("claim %d is %+v", i, c)
			}
		}
		if rows := bytes.Count(data, []byte("\n")); len(all) > rows+1 {
			t.Errorf("%d claims in %d lines", len(all), rows)
		}
	})
}

// FuzzReadMoved reads whatever a channel reports.
func FuzzReadMoved(f *testing.F) {
	for _, seed := range []string{
		"ref,amount\n1,50000\n", "ref,kind,charge,amount,status,time\n2,refund,1,500,approved,2026-11-22T08:30:00+07:00\n", "ref,amount,status\n1,1,declined\n", "ref\n", "ref,amount\n,1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := ReadMoved(data)
		refusedAsFile(t, err)
		for i, m := range all {
			if err == nil && (m.Ref <= 0 || m.Amount <= 0 || m.Charge < 0) {
				t.Errorf("move %d is %+v", i, m)
			}
		}
	})
}

// refusedAsFile wants a refusal that says it is the file.
func refusedAsFile(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, ErrFile) {
		t.Errorf("the error %v is no refusal of a file", err)
	}
}

// FuzzPlain wants a spreadsheet to have no formula of what is written harmlessly,
// and the text back.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"", "=1+1", "'=1", "+84", "-5", "@x", "\tx", "261122_1", "''"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		written := Harmless(text)
		if written != "" && bytes.ContainsAny([]byte(written[:1]), "=+-@\t\r") {
			t.Errorf("%q is written as %q", text, written)
		}
		_ = Plain(text)
	})
}
