package bench

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// A receiver is a merchant's server that accepts every callback at once.
type receiver struct {
	URL    string
	server *http.Server
	count  atomic.Int64
	last   atomic.Int64 // when the last one came, in Unix nanoseconds
}

func openReceiver(ctx context.Context) (*receiver, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{URL: "http://" + listener.Addr().String() + "/callback"}
	r.server = &http.Server{Handler: http.HandlerFunc(r.receive), ReadHeaderTimeout: patience}
	go func() { _ = r.server.Serve(listener) }() // it ends with close
	return r, nil
}

var accepted = []byte(`{"return_code":1}`)

func (r *receiver) receive(w http.ResponseWriter, req *http.Request) {
	_ = req.Body.Close()
	r.last.Store(time.Now().UnixNano())
	r.count.Add(1)
	w.Header()["Content-Type"] = []string{jsonType}
	_, _ = w.Write(accepted) // the gateway calls again if it did not get it
}

func (r *receiver) close() { _ = r.server.Close() }

// await waits until n callbacks have come, or none has come for as long as
// patience. What came before we wait does not count: that may be long ago, and
// was never if the gateway has just begun.
func (r *receiver) await(ctx context.Context, n int64) error {
	began := time.Now()
	for ctx.Err() == nil && r.count.Load() < n {
		time.Sleep(time.Millisecond)
		last := time.Unix(0, r.last.Load())
		if time.Since(began) > patience && time.Since(last) > patience {
			return errCallbacks
		}
	}
	return ctx.Err()
}
