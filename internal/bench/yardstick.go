package bench

import (
	"io"
	"net/http"
	"net/http/pprof"
	"net/url"

	"sen"
)

// The yardstick is what HTTP itself costs in the same process at the same
// moment: a bare handler that reads a signed form of about 500 bytes, checks
// its mac and answers 300 bytes. Nothing that checks a signature over net/http
// can be faster, so figures are given as a share of it.
const (
	yardstickPath = "/yardstick"
	yardstickKey  = "yardstick"
)

// Yardstick returns the handler of the yardstick. With profiles it also gives
// out the process's own, for finding out where time goes.
func Yardstick(profiles bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+yardstickPath, answerYardstick)
	if profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// The answer has the length of that to a new order.
var yardstickAnswer = []byte(`{"return_code":1,"return_message":"Giao dịch thành công","sub_return_code":1,` +
	`"sub_return_message":"Giao dịch thành công","zp_trans_token":"ACxxxxxxxxxxxxxxxxxxxxxx",` +
	`"order_url":"http://127.0.0.1:8080/openinapp?order=ACxxxxxxxxxxxxxxxxxxxxxx","order_token":"ACxxxxxxxxxxxxxxxxxxxxxx"}`)

func answerYardstick(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	const macMember = "&mac="
	signed := len(body) - len(macMember) - sen.MACLength
	if signed < 0 || !sen.Verify(yardstickKey, body[:signed], string(body[len(body)-sen.MACLength:])) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header()["Content-Type"] = []string{jsonType}
	_, _ = w.Write(yardstickAnswer) // a client that is gone can't be told
}

// yardstick fills the request with a signed form as long as an order's.
func (r *request) yardstick(transID string) {
	r.begin()
	r.member("app_trans_id", transID)
	r.member("item", itemEscaped)
	r.member("embed_data", embedEscaped)
	r.member("description", url.QueryEscape("Payment for an order of the benchmark, and as much text as makes it as long as an order"))
	mac := sen.Sign(yardstickKey, r.body)
	r.member("mac", mac)
}
