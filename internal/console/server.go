// Package console is what operators, support staff and merchants see of the
// gateway in a browser: what happened, why, and the switches for it. Who may see
// and change what is decided by package operator, and what a change means by the
// packages that it belongs to.
package console

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"time"

	"sen/internal/callback"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/scenario"
	"sen/internal/store"
	"sen/internal/web"
)

//go:embed texts/*.json templates/*.html assets earned.json
var files embed.FS

// Server serves the pages. All fields but Lab are needed.
type Server struct {
	Site      *web.Site
	Operators *operator.Service
	// Pay is the rules over a store that puts changes on record; see
	// store.Audited.
	Pay   *pay.Service
	Store *store.Store
	Apps  *merchant.Directory
	// Exchanges is the log of what merchants asked, and BaseURL the address at
	// which programs that ask it again find the gateway.
	Exchanges *exchange.Log
	BaseURL   string
	// Now is the clock of the business.
	Now func() time.Time
	// AddApp keeps a new app and gives it keys.
	AddApp func(context.Context, merchant.App) (merchant.App, error)
	// Changed returns when every node has what was written before in memory: apps,
	// maintenance, rules and the clock.
	Changed func(context.Context) error
	// NewCodeKey makes a key for payment codes, as an app keeps it.
	NewCodeKey func() (private string, err error)
	// ReplaceKeys draws new keys for an app; those that it had stay good for
	// overlap longer.
	ReplaceKeys func(a *merchant.App, overlap time.Duration) error
	// Reach is where callbacks may go.
	Reach callback.Reach
	// Lab is what only a sandbox can do; nil in a live gateway.
	Lab *Lab
}

// A Lab is what only a sandbox can do.
type Lab struct {
	Rules *scenario.Book
	// Offset is how far the clock is ahead of the machine's, and Move sets it
	// for good.
	Offset func() time.Duration
	Move   func(ctx context.Context, offset time.Duration) error
	// Outage tells whether the simulated bank can't be reached, and SetOutage
	// sets it.
	Outage    func() bool
	SetOutage func(ctx context.Context, on bool) error
}

// root is the address of the first page; all others are below.
const root = "/console"

// Patterns returns what a mux in front of Handler sends here.
func Patterns() []string { return []string{root, root + "/"} }

// pages are the templates, each tied to its struct.
type pages struct {
	*Server
	files  *web.Files
	view   *web.Page[view]
	signIn *web.Page[signInPage]
	live   *hub
	charts cache
	sum    sumCheck
	earned earnings
}

// Handler returns the handler of all routes, middleware included, and what to
// call when the server stops: streams would otherwise keep it waiting. It panics
// when an embedded file is broken, which no test would have let pass.
func (s *Server) Handler() (handler http.Handler, stop func()) {
	p, err := s.parse()
	if err != nil {
		panic(fmt.Sprintf("console: %v", err))
	}
	mux := http.NewServeMux()
	for pattern, h := range p.routes() {
		mux.Handle(pattern, s.Site.Handle(h))
	}
	mux.Handle("/", s.Site.NotFound())
	return s.Site.Wrap(mux), p.live.stop
}

func (s *Server) parse() (*pages, error) {
	f, err := s.Site.Files(files)
	if err != nil {
		return nil, err
	}
	p := &pages{Server: s, files: f, live: newHub()}
	if p.earned, err = readEarnings(files); err != nil {
		return nil, err
	}
	if p.view, err = web.NewPage[view](f, "view"); err != nil {
		return nil, err
	}
	p.signIn, err = web.NewPage[signInPage](f, "sign_in")
	return p, err
}

// routes are all routes but those of pages that are looked at; see screens.
func (p *pages) routes() map[string]web.Handler {
	all := map[string]web.Handler{
		"GET " + root + "/sign-in":   p.showSignIn,
		"POST " + root + "/sign-in":  p.carryOutSignIn,
		"POST " + root + "/sign-out": p.carryOutSignOut,
		"GET " + root + "/live":      p.stream,
	}
	for pattern, s := range p.screens() {
		all["GET "+root+pattern] = p.see(s)
	}
	all["GET "+root+"/settlements/{app}/{day}/{file}"] = p.download
	// Keys are shown as the answer to a form: no address brings them back.
	all["POST "+root+"/apps/{app}/keys"] = p.see(screen{operator.UseKeys, p.showKeys, false})
	all["POST "+root+"/operators"] = p.see(screen{operator.SetOperators, p.addOperator, false})
	all["POST "+root+"/operators/{name}/password"] = p.see(screen{operator.SetOperators, p.newPassword, false})
	all["POST "+root+"/account/code"] = p.see(screen{operator.ReadOrders, p.enrol, false})
	for pattern, d := range p.deeds() {
		all["POST "+root+pattern] = p.do(d)
	}
	return all
}

// dangerous is what needs a password or code that was given just now: who finds a
// browser open can't do it.
var dangerous = map[string]bool{
	"POST " + root + "/apps/{app}/keys": true, "POST " + root + "/apps/{app}/rotate": true, "POST " + root + "/apps/{app}/drop-old-keys": true,
	"POST " + root + "/apps/{app}/addresses": true, "POST " + root + "/apps/{app}/terms": true, "POST " + root + "/refunds/{number}/decide": true,
	"POST " + root + "/payouts/{number}/release": true, "POST " + root + "/payouts/{number}/reject": true,
	"POST " + root + "/payouts/accounts/{app}/fund": true, "POST " + root + "/payouts/accounts/{app}/hold": true, "POST " + root + "/payouts/accounts/{app}/review": true,
	"POST " + root + "/operators": true, "POST " + root + "/operators/{name}/password": true, "POST " + root + "/operators/{name}/role": true,
	"POST " + root + "/operators/{name}/able": true, "POST " + root + "/operators/{name}/code": true, "POST " + root + "/account/code": true,
	"POST " + root + "/operators/{name}/sessions": true, "POST " + root + "/account/sessions": true,
	"POST " + root + "/apps": true, "POST " + root + "/apps/{app}/able": true, "POST " + root + "/wallets/{id}/limits": true,
	"POST " + root + "/settlements": true, "POST " + root + "/campaigns": true, "POST " + root + "/campaigns/{code}": true,
}

// A screen is a page that is looked at. Its function only reads: it is called
// again and again while somebody watches.
type screen struct {
	right operator.Right
	show  func(*visit) (*view, error)
	lab   bool // of a sandbox only
}

// A deed is a form that is carried out. It returns where to go then, and the
// code of what to tell there.
type deed struct {
	right operator.Right
	carry func(*visit) (to, code string, err error)
	lab   bool
}

func (p *pages) screens() map[string]screen {
	return map[string]screen{
		"":                           {operator.ReadOrders, p.showOverview, false},
		"/orders":                    {operator.ReadOrders, p.showOrders, false},
		"/orders/{key}":              {operator.ReadOrders, p.showOrder, false},
		"/requests":                  {operator.ReadOrders, p.showRequests, false},
		"/requests/{id}":             {operator.ReadOrders, p.showRequest, false},
		"/requests/{id}/{language}":  {operator.ReadOrders, p.showRequestCode, false},
		"/refunds":                   {operator.ReadOrders, p.showRefunds, false},
		"/payouts":                   {operator.ReadOrders, p.showPayouts, false},
		"/payouts/{number}":          {operator.ReadOrders, p.showPayout, false},
		"/payouts/accounts":          {operator.ReadOrders, p.showPayoutAccounts, false},
		"/payouts/accounts/{app}":    {operator.ReadOrders, p.showPayoutAccount, false},
		"/callbacks":                 {operator.ReadOrders, p.showCallbacks, false},
		"/callbacks/{id}":            {operator.ReadOrders, p.showCallback, false},
		"/bindings":                  {operator.ReadOrders, p.showBindings, false},
		"/bindings/{key}":            {operator.ReadOrders, p.showBinding, false},
		"/apps":                      {operator.ReadOrders, p.showApps, false},
		"/apps/{app}":                {operator.ReadOrders, p.showApp, false},
		"/settlements":               {operator.ReadOrders, p.showSettlements, false},
		"/settlements/{app}/{day}":   {operator.ReadOrders, p.showSettlement, false},
		"/codes":                     {operator.ReadOrders, p.showCodes, false},
		"/codes/{operation}/{value}": {operator.ReadOrders, p.showCode, false},

		"/wallets":      {operator.ReadPayers, p.showWallets, false},
		"/wallets/{id}": {operator.ReadPayers, p.showWallet, false},
		"/cards":        {operator.ReadPayers, p.showCards, false},

		"/ledger":                  {operator.ReadBooks, p.showLedger, false},
		"/ledger/accounts":         {operator.ReadBooks, p.findAccount, false},
		"/ledger/accounts/{id}":    {operator.ReadBooks, p.showAccount, false},
		"/ledger/entries/{number}": {operator.ReadBooks, p.showEntry, false},

		"/limits":           {operator.ReadSettings, p.showLimits, false},
		"/campaigns":        {operator.ReadSettings, p.showCampaigns, false},
		"/campaigns/{code}": {operator.Change, p.showCampaign, false},
		"/maintenance":      {operator.ReadSettings, p.showMaintenance, false},
		"/rules":            {operator.ReadSettings, p.showRules, true},
		"/clock":            {operator.ReadSettings, p.showClock, true},
		"/faults":           {operator.ReadSettings, p.showFaults, true},
		"/audit":            {operator.ReadAudit, p.showAudit, false},
		"/operators":        {operator.SetOperators, p.showOperators, false},
		"/operators/{name}": {operator.SetOperators, p.showOperator, false},
		"/account":          {operator.ReadOrders, p.showMe, false},
		"/prove":            {operator.ReadOrders, p.showProve, false},
		"/callback-rules":   {operator.ReadSettings, p.showMishaps, true},
	}
}

func (p *pages) deeds() map[string]deed {
	return map[string]deed{
		"/settlements":                   {operator.Change, p.settle, false},
		"/refunds/{number}/decide":       {operator.Change, p.decideRefund, false},
		"/payouts/{number}/hold":         {operator.Change, p.holdPayout, false},
		"/payouts/{number}/release":      {operator.Change, p.releasePayout, false},
		"/payouts/{number}/reject":       {operator.Change, p.rejectPayout, false},
		"/payouts/accounts/{app}/fund":   {operator.Change, p.fundPayouts, false},
		"/payouts/accounts/{app}/hold":   {operator.Change, p.holdPayouts, false},
		"/payouts/accounts/{app}/review": {operator.Change, p.setReview, false},
		"/callbacks/{id}/replay":         {operator.ReplayCallbacks, p.replayCallback, false},
		"/bindings/{key}/end":            {operator.Change, p.endBinding, false},
		"/cards/{card}/delete":           {operator.Change, p.deleteCard, false},

		"/wallets/{id}/lock":     {operator.Change, p.lockWallet, false},
		"/wallets/{id}/payments": {operator.Change, p.switchPayments, false},
		"/wallets/{id}/limits":   {operator.Change, p.setLimits, false},
		"/wallets/{id}/top-up":   {operator.Change, p.topUp, true},

		"/apps":                 {operator.Change, p.createApp, false},
		"/apps/{app}/terms":     {operator.Change, p.setTerms, false},
		"/apps/{app}/able":      {operator.Change, p.setAble, false},
		"/apps/{app}/addresses": {operator.SetAddresses, p.setAddresses, false},
		"/apps/{app}/rotate":    {operator.UseKeys, p.rotateKeys, false},

		"/apps/{app}/drop-old-keys": {operator.UseKeys, p.dropOldKeys, false},
		"/apps/{app}/code-key":      {operator.UseKeys, p.makeCodeKey, false},

		"/campaigns":             {operator.Change, p.openCampaign, false},
		"/campaigns/{code}":      {operator.Change, p.changeCampaign, false},
		"/maintenance":           {operator.Change, p.announce, false},
		"/maintenance/{id}/lift": {operator.Change, p.lift, false},
		"/rules":                 {operator.Change, p.addRule, true},
		"/rules/{id}/remove":     {operator.Change, p.removeRule, true},
		"/clock":                 {operator.Change, p.moveClock, true},
		"/faults":                {operator.Change, p.addFault, true},
		"/faults/end":            {operator.Change, p.endFaults, true},
		"/outage":                {operator.Change, p.setOutage, true},

		"/callback-rules":             {operator.Change, p.addMishap, true},
		"/callback-rules/{id}/remove": {operator.Change, p.removeMishap, true},
		"/operators/{name}/role":      {operator.SetOperators, p.setRole, false},
		"/operators/{name}/able":      {operator.SetOperators, p.setOperatorAble, false},
		"/operators/{name}/code":      {operator.SetOperators, p.resetCode, false},
		"/operators/{name}/sessions":  {operator.SetOperators, p.endSessions, false},
		"/account/sessions":           {operator.ReadOrders, p.endOwnSessions, false},
		"/account/password":           {operator.ReadOrders, p.changePassword, false},
		"/prove":                      {operator.ReadOrders, p.proveAgain, false},
	}
}
