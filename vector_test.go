package sen_test

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sen"
)

// readJSON reads a file of testdata.
func readJSON[T any](t testing.TB, name string) T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value
}

// app returns one of the provider's public sandbox apps.
func app(t testing.TB, id int) sen.App {
	t.Helper()
	type keys struct {
		AppID      int `json:"app_id"`
		Key1, Key2 string
	}
	for _, k := range readJSON[[]keys](t, "apps.json") {
		if k.AppID == id {
			return sen.App{ID: k.AppID, Key1: k.Key1, Key2: k.Key2}
		}
	}
	t.Fatalf("no app %d in testdata/apps.json", id)
	return sen.App{}
}

func operation(t testing.TB, match func(*sen.Operation) bool) *sen.Operation {
	t.Helper()
	for _, op := range sen.Operations() {
		if match(op) {
			return op
		}
	}
	t.Fatal("no such operation")
	return nil
}

func TestRequestVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Name, Operation string
		AppID           int `json:"app_id"`
		Members         map[string]string
		Input, MAC      string
	}
	vectors := readJSON[[]vector](t, "seen/requests.json")
	if len(vectors) != 15 {
		t.Errorf("%d vectors, want 15", len(vectors))
	}
	for _, v := range vectors {
		op := operation(t, func(op *sen.Operation) bool { return op.Name == v.Operation })
		key := app(t, v.AppID).Key1
		value := func(member string) string { return v.Members[member] }
		if got := string(op.AppendInput(nil, value, key)); got != v.Input {
			t.Errorf("%s: input %q, want %q", v.Name, got, v.Input)
		}
		if got := op.Sign(key, value); got != v.MAC {
			t.Errorf("%s: mac %s, want %s", v.Name, got, v.MAC)
		}
	}
}

// TestRecordedRequests checks the macs of requests that other people's clients
// sent, in every encoding they use.
func TestRecordedRequests(t *testing.T) {
	t.Parallel()
	type request struct {
		Method, Path, Query, Body string
		ContentType               string `json:"content_type"`
		AppID                     int    `json:"app_id"`
	}
	files, err := filepath.Glob("testdata/wire/*.json")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		for _, r := range readJSON[[]request](t, strings.TrimPrefix(filepath.ToSlash(file), "testdata/")) {
			seen++
			op := operation(t, func(op *sen.Operation) bool { return op.Path == r.Path && op.Method == r.Method })
			sent := members(t, r.ContentType, r.Query, r.Body)
			for other, own := range op.Aliases {
				if sent[own] == "" {
					sent[own] = sent[other]
				}
			}
			if !verifies(t, op, app(t, r.AppID), sent) {
				t.Errorf("%s: the mac of %s does not verify", file, r.Path)
			}
		}
	}
	if seen != 39 {
		t.Errorf("%d recorded requests, want 39", seen)
	}
}

// verifies checks the mac of a request, or the signature that stands for it: of
// payouts, the one that the client made with our key.
func verifies(t testing.TB, op *sen.Operation, app sen.App, sent map[string]string) bool {
	t.Helper()
	value := func(member string) string { return sent[member] }
	if !op.RSA {
		return op.Verify(app.Key1, sent["mac"], value)
	}
	return sen.VerifyRSA(&disbursementKey(t).PublicKey, op.Sign(app.Key1, value), sent["sig"])
}

// disbursementKey is the private key that sandboxes come with.
func disbursementKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("internal", "sandbox", "disbursement_key.txt"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := sen.ParsePrivateKey(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// members reads a request as a server must: the characters of each value, from
// a JSON body, a form body or a query string.
func members(t testing.TB, contentType, query, body string) map[string]string {
	t.Helper()
	sent := map[string]string{}
	if strings.HasPrefix(contentType, "application/json") && strings.HasPrefix(body, "{") {
		decoder := json.NewDecoder(bytes.NewReader([]byte(body)))
		decoder.UseNumber()
		var object map[string]any
		if err := decoder.Decode(&object); err != nil {
			t.Fatal(err)
		}
		for name, value := range object {
			switch value := value.(type) {
			case string:
				sent[name] = value
			case json.Number:
				sent[name] = value.String()
			}
		}
		return sent
	}
	if body == `""` { // what one client writes when it has nothing to send
		body = ""
	}
	form, err := url.ParseQuery(query + "&" + body)
	if err != nil {
		t.Fatal(err)
	}
	for name := range form {
		sent[name] = form.Get(name)
	}
	return sent
}
