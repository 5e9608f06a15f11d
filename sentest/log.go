package sentest

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"sen"
	"sen/internal/control"
)

// A Callback is a call that the gateway owes, or has made, to a merchant's
// server. Its mac is good.
type Callback struct {
	sen.Callback

	URL       string
	Delivered bool      // the merchant has taken it
	Lost      bool      // by LoseCallback, and not sent since
	Attempts  []Attempt // the first one first
}

// An Attempt is one try to deliver a callback.
type Attempt struct {
	At     time.Time // in the gateway's time
	Status int       // HTTP; 0: no answer came
	Answer string
	Err    string // why it was no success
}

// lost is the state of a callback that was not sent, and will not be by itself.
const lost = "dropped"

// page is how many entries of a log are looked at: as many as one call gives.
const page = 500

// Callbacks returns all callbacks, the first one first, after waiting for those
// that are due. It checks their macs. More than the last 500 it does not know.
func (g *Gateway) Callbacks() []Callback {
	g.t.Helper()
	ctx := context.Background()
	listed, err := g.control.Callbacks(ctx, page)
	g.check("look at the callbacks", err)
	slices.Reverse(listed)
	all := make([]Callback, 0, len(listed))
	for _, one := range listed {
		full, err := g.control.Callback(ctx, one.ID)
		g.check("look at a callback", err)
		c, err := g.callback(full)
		g.check("read a callback", err)
		all = append(all, c)
	}
	return all
}

func (g *Gateway) callback(full control.Callback) (c Callback, err error) {
	a, err := g.control.App(context.Background(), full.App)
	if err != nil {
		return c, err
	}
	read, err := sen.App{ID: int(a.ID), Key1: a.Key1, Key2: a.Key2}.ParseCallback([]byte(full.Body))
	if err != nil {
		return c, err
	}
	c = Callback{Callback: *read, URL: full.URL, Delivered: full.State == "delivered", Lost: full.State == lost}
	for _, try := range full.History {
		c.Attempts = append(c.Attempts, Attempt{At: try.At, Status: try.Status, Answer: try.Answer, Err: try.Error})
	}
	return c, nil
}

// A Request is a call that a merchant made, and its answer.
type Request struct {
	At         time.Time // in the gateway's time
	Operation  string    // as in "create_order"; empty: a path that no operation has
	AppTransID string    // of what it was about, if that is known
	Fields     map[string]string
	MACGood    bool
	HTTPStatus int
	ReturnCode int
	Code       sen.Code // sub_return_code
	Answer     string   // body
	Reason     string   // why it was refused
}

// Requests returns what merchants asked, the first one first. More than the last
// 500 it does not know.
func (g *Gateway) Requests() []Request {
	g.t.Helper()
	log, err := g.control.Requests(context.Background(), url.Values{"limit": {fmt.Sprint(page)}})
	g.check("look at the requests", err)
	slices.Reverse(log.Requests)
	all := make([]Request, 0, len(log.Requests))
	for _, r := range log.Requests {
		one := Request{
			At: r.At, Operation: r.Operation, AppTransID: r.AppTransID, Fields: map[string]string{}, MACGood: r.MAC == "good",
			HTTPStatus: r.HTTPStatus, ReturnCode: r.ReturnCode, Code: sen.Code(r.Value), Answer: r.Answer, Reason: r.Reason,
		}
		for _, f := range r.Fields {
			one.Fields[f.Name] = f.Value
		}
		all = append(all, one)
	}
	return all
}
