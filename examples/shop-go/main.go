// Command shop-go is a small shop that takes payments: an order and its page, a
// callback, the way back, a saved wallet, a refund. See README.md.
package main

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"sen"
)

func main() {
	id, err := strconv.Atoi(cmp.Or(os.Getenv("ZALOPAY_APP_ID"), "2553"))
	if err != nil {
		fail("ZALOPAY_APP_ID must be a number", err)
	}
	// The defaults are the public keys of a sandbox. Yours come from the
	// environment, and never into a repository.
	app := sen.App{
		ID:   id,
		Key1: cmp.Or(os.Getenv("ZALOPAY_KEY1"), "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"),
		Key2: cmp.Or(os.Getenv("ZALOPAY_KEY2"), "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"),
	}
	addr := cmp.Or(os.Getenv("SHOP_ADDR"), "127.0.0.1:9000")
	s := &shop{
		app:    app,
		client: sen.NewClient(app, sen.WithBaseURL(cmp.Or(os.Getenv("ZALOPAY_BASE_URL"), sen.LocalURL))),
		url:    cmp.Or(os.Getenv("SHOP_URL"), "http://"+addr), // as payers and the gateway reach it
		now:    time.Now,
		orders: map[string]*order{}, wallets: map[string]wallet{},
	}
	slog.Info("the shop is open", "at", s.url)
	server := &http.Server{Addr: addr, Handler: s.routes(os.Getenv("SHOP_TEST") != ""), ReadHeaderTimeout: 5 * time.Second}
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fail("the shop can't open", err)
	}
}

func fail(what string, err error) {
	slog.Error(what, "error", err)
	os.Exit(1)
}
