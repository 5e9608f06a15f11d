package history_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	h "sen/internal/history"
)

// A story is a history in which everything is one second long, and begins when
// the one before it has ended, unless it says otherwise.
type story []h.Op

const second = 1_000_000_000

// ops gives times to what has none. Orders cost 100 ₫ unless they say otherwise.
func (s story) ops() []h.Op {
	ops := slices.Clone(s)
	for i := range ops {
		o := &ops[i]
		if o.Begin == 0 {
			o.Begin = int64(2*i+1) * second
		}
		if o.End == 0 && o.Result != h.Unknown {
			o.End = o.Begin + second
		}
		if o.Amount == 0 && slices.Contains([]h.Kind{h.Create, h.Callback, h.Settled, h.Query}, o.Kind) {
			o.Amount = 100
		}
	}
	return ops
}

// Pieces of stories about the order a, its payment 7, the binding b and the
// refund r.
var (
	made     = h.Op{Kind: h.Create, Order: "a", Result: h.Done}
	maybe    = h.Op{Kind: h.Create, Order: "a", Result: h.Unknown}
	again    = h.Op{Kind: h.Create, Order: "a", Result: h.Duplicate}
	paid     = h.Op{Kind: h.Pay, Order: "a", Wallet: "w", Payment: 7, Result: h.Done}
	paying   = h.Op{Kind: h.Pay, Order: "a", Wallet: "w", Result: h.Unknown}
	isPaid   = h.Op{Kind: h.Query, Order: "a", Payment: 7, Result: h.Paid}
	isOpen   = h.Op{Kind: h.Query, Order: "a", Result: h.Open}
	isShut   = h.Op{Kind: h.Query, Order: "a", Result: h.Shut}
	isGone   = h.Op{Kind: h.Query, Order: "a", Result: h.Missing}
	cancel   = h.Op{Kind: h.Cancel, Order: "a", Result: h.Done}
	tooLate  = h.Op{Kind: h.Cancel, Order: "a", Result: h.Paid}
	told     = h.Op{Kind: h.Callback, Order: "a", Payment: 7, Result: h.Done}
	endPaid  = h.Op{Kind: h.Settled, Order: "a", Wallet: "w", Payment: 7, Result: h.Paid}
	endOpen  = h.Op{Kind: h.Settled, Order: "a", Result: h.Open}
	endShut  = h.Op{Kind: h.Settled, Order: "a", Result: h.Shut}
	bound    = h.Op{Kind: h.Bind, Binding: "b", Result: h.Done}
	agreed   = h.Op{Kind: h.Confirm, Binding: "b", Wallet: "w", Result: h.Done}
	isBound  = h.Op{Kind: h.QueryBinding, Binding: "b", Result: h.Done}
	unbound  = h.Op{Kind: h.Unbind, Binding: "b", Result: h.Done}
	unbinds  = h.Op{Kind: h.Unbind, Binding: "b", Result: h.Unknown}
	byToken  = h.Op{Kind: h.PayByToken, Order: "a", Binding: "b", Wallet: "w", Payment: 7, Result: h.Done}
	inVain   = h.Op{Kind: h.PayByToken, Order: "a", Binding: "b", Wallet: "w", Result: h.Ended}
	refund   = h.Op{Kind: h.Refund, Refund: "r", Payment: 7, Amount: 60, Number: 9, Result: h.Done}
	refunds  = h.Op{Kind: h.Refund, Refund: "r", Payment: 7, Amount: 60, Result: h.Unknown}
	isBack   = h.Op{Kind: h.QueryRefund, Refund: "r", Result: h.Done}
	underWay = h.Op{Kind: h.QueryRefund, Refund: "r", Result: h.Open}
	notBack  = h.Op{Kind: h.QueryRefund, Refund: "r", Result: h.Failed}
	noRefund = h.Op{Kind: h.QueryRefund, Refund: "r", Result: h.Missing}
)

// with changes a piece.
func with(o h.Op, change func(*h.Op)) h.Op {
	change(&o)
	return o
}

func refunded(o h.Op, n int64) h.Op { o.Refunded = n; return o }

func at(o h.Op, begin, end int64) h.Op {
	o.Begin, o.End = begin*second, end*second
	return o
}

func TestRight(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]story{
		"nothing":                           {},
		"an ordinary sale":                  {made, isOpen, paid, isPaid, told, tooLate, endPaid},
		"paid again from the same wallet":   {made, paid, paid, told, endPaid},
		"a lost answer, and it happened":    {maybe, again, paying, isPaid, told, endPaid},
		"a lost answer, and it did not":     {maybe, isGone, made, paying, isOpen, endOpen},
		"it happened long after":            {made, paying, isOpen, isOpen, isPaid, told, endPaid},
		"two lost payments, one took place": {made, paying, with(paying, func(o *h.Op) { o.Wallet = "v" }), isPaid, told, with(endPaid, func(o *h.Op) { o.Wallet = "v" })},
		"cancelled":                         {made, cancel, cancel, isShut, with(paying, func(o *h.Op) { o.Result = h.Shut }), endShut},
		"a race that the cancel won":        {made, at(cancel, 10, 20), at(with(paying, func(o *h.Op) { o.Result = h.Shut }), 11, 19), at(isOpen, 12, 18), at(endShut, 30, 31)},
		"a look during the payment":         {made, at(paid, 10, 20), at(isOpen, 12, 18), at(isPaid, 11, 13), at(told, 30, 31), at(endPaid, 40, 41)},
		"an order whose time was up":        {made, at(isShut, 16*60, 16*60+1), at(endShut, 20*60, 20*60+1)},
		"by token":                          {bound, agreed, agreed, isBound, made, byToken, unbound, byToken, told, endPaid},
		"an ended binding":                  {bound, agreed, unbound, made, inVain, isOpen, endOpen},
		"unbound while it paid":             {bound, agreed, made, at(unbound, 10, 20), at(byToken, 11, 19), at(told, 30, 31), at(endPaid, 40, 41)},
		"maybe unbound":                     {bound, agreed, unbinds, made, byToken, told, endPaid},
		"maybe unbound, and it was":         {bound, agreed, unbinds, made, inVain, endOpen},
		"refunded in part":                  {made, paid, told, refund, underWay, isBack, refunded(endPaid, 60)},
		"a lost refund, and it happened":    {made, paid, told, refunds, isBack, refunded(endPaid, 60)},
		"a lost refund, and it did not":     {made, paid, told, refunds, noRefund, endPaid},
		"a refund too much": {
			made, paid, told, refund, isBack, with(refund, func(o *h.Op) { o.Refund, o.Number = "s", 10 }),
			with(notBack, func(o *h.Op) { o.Refund = "s" }), refunded(endPaid, 60),
		},
		"a callback that came again": {made, paid, told, told, endPaid},
		"not sent":                   {made, with(paid, func(o *h.Op) { o.Result, o.Payment = h.Unsent, 0 }), isOpen, endOpen},
	} {
		if found := h.Check(s.ops(), 1); len(found) != 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestWrong(t *testing.T) {
	t.Parallel()
	other := func(o h.Op) h.Op { o.Wallet = "v"; return o }
	second := func(o h.Op) h.Op { o.Payment = 8; return o }
	for name, c := range map[string]struct {
		story story
		want  h.Rule
	}{
		"a create that vanished":           {story{made, isGone, with(endOpen, func(o *h.Op) { o.Result = h.Missing })}, h.CreatedGone},
		"a create that vanished later":     {story{made, isOpen, isGone, endOpen}, h.CreatedGone},
		"made twice":                       {story{made, made, endOpen}, h.CreatedTwice},
		"a duplicate of nothing":           {story{again, endOpen}, h.Contradiction},
		"two payments":                     {story{made, paid, second(isPaid), told, endPaid}, h.PaidTwice},
		"two payers":                       {story{made, paid, other(paid), told, endPaid}, h.PaidByTwo},
		"paid, and open again":             {story{made, paid, isOpen, told, endPaid}, h.PaidUndone},
		"seen as paid, and open again":     {story{made, paying, isPaid, isOpen, told, endPaid}, h.PaidUndone},
		"the callback came, and it's open": {story{made, paying, told, isOpen, endPaid}, h.PaidUndone},
		"paid after the cancel":            {story{made, cancel, paid, told, endPaid}, h.PaidAndCancelled},
		"cancelled after the payment":      {story{made, paid, cancel, told, endPaid}, h.PaidAndCancelled},
		"both in a race":                   {story{made, at(cancel, 10, 20), at(paid, 10, 20), at(told, 30, 31), at(endPaid, 40, 41)}, h.PaidAndCancelled},
		"cancelled, and maybe paid":        {story{made, paying, cancel, told, endPaid}, h.PaidAndCancelled},
		"cancelled, and open":              {story{made, cancel, isOpen, endShut}, h.CancelUndone},
		"paid by nobody":                   {story{made, isPaid, told, endPaid}, h.PaidByNobody},
		"a callback of nothing":            {story{made, told, endOpen}, h.PaidByNobody},
		"shut too early":                   {story{made, isShut, endOpen}, h.Contradiction},
		"paid after the unbinding":         {story{bound, agreed, unbound, made, byToken, told, endPaid}, h.UnbindIgnored},
		"alive after the unbinding":        {story{bound, agreed, unbound, isBound}, h.UnbindUndone},
		"a binding that vanished":          {story{bound, agreed, with(isBound, func(o *h.Op) { o.Result = h.Missing })}, h.BindingGone},
		"a refund that vanished":           {story{made, paid, told, refund, noRefund, endPaid}, h.RefundGone},
		"a refund that was undone":         {story{made, paid, told, refund, isBack, underWay, isBack, refunded(endPaid, 60)}, h.RefundUndone},
		"a refund that stays under way":    {story{made, paid, told, refund, underWay, endPaid}, h.RefundOpen},
		"a refund of another amount":       {story{made, paid, told, refund, isBack, refunded(endPaid, 100)}, h.RefundUnasked},
		"a refund that failed for nothing": {story{made, paid, told, refund, notBack, endPaid}, h.RefundUnreasoned},
		"refunds of more than was paid": {story{
			made, paid, told, refund, isBack, with(refund, func(o *h.Op) { o.Refund, o.Number = "s", 10 }),
			with(isBack, func(o *h.Op) { o.Refund = "s" }), refunded(endPaid, 120),
		}, h.RefundedTooMuch},
		"a refund of an unknown payment": {story{made, paid, told, with(refund, func(o *h.Op) { o.Result, o.Number = h.Missing, 0 }), noRefund, endPaid}, h.UnexpectedMissing},
		"no callback":                    {story{made, paid, endPaid}, h.CallbackMissing},
		"three callbacks":                {story{made, paid, told, told, told, endPaid}, h.CallbackRepeated},
		"a callback of another amount":   {story{made, paid, with(told, func(o *h.Op) { o.Amount = 99 }), endPaid}, h.CallbackWrong},
		"an order of another amount":     {story{made, paid, told, with(endPaid, func(o *h.Op) { o.Amount = 99 })}, h.WrongAmount},
		"another payer":                  {story{made, paid, told, other(endPaid)}, h.WrongPayer},
		"one number for two": {story{
			made, paid, told, endPaid, with(made, func(o *h.Op) { o.Order = "c" }), with(paid, func(o *h.Op) { o.Order = "c" }),
			with(told, func(o *h.Op) { o.Order = "c" }), with(endPaid, func(o *h.Op) { o.Order = "c" }),
		}, h.NumberTwice},
		"forgotten at the end": {story{made}, h.NotSettled},
		"too much in a wallet": {story{
			{Kind: h.Opened, Wallet: "w", Amount: 500, Result: h.Done},
			made, paid, told, endPaid,
			{Kind: h.Closed, Wallet: "w", Amount: 500, Result: h.Done},
		}, h.BalanceWrong},
		"too much in the ledger": {story{made, paid, told, endPaid, {Kind: h.Ledger, Payments: 2, Result: h.Done}}, h.LedgerIncomplete},
		"an answer that is none": {story{made, with(paid, func(o *h.Op) { o.Result = "rubbish" }), endOpen}, h.Contradiction},
	} {
		found := h.Check(c.story.ops(), 1)
		if !slices.ContainsFunc(found, func(v h.Violation) bool { return v.Rule == c.want }) {
			t.Errorf("%s: want %q, got %v", name, c.want, found)
		}
	}
}

// TestManyLost has so many calls of unknown outcome that nobody could try all
// orders of them.
func TestManyLost(t *testing.T) {
	t.Parallel()
	lost := story{maybe}
	for n := range 30 {
		lost = append(lost, paying, with(paying, func(o *h.Op) { o.Wallet = fmt.Sprint("v", n) }))
	}
	lost = append(lost, isOpen, with(paying, func(o *h.Op) { o.Kind = h.Cancel }), again, isOpen)
	for name, end := range map[string]story{
		"nobody paid":      {endOpen},
		"one paid":         {isPaid, told, tooLate, with(endPaid, func(o *h.Op) { o.Wallet = "v7" })},
		"it was cancelled": {isShut, endShut},
	} {
		if found := h.Check(slices.Concat(lost, end).ops(), 0); len(found) != 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
	found := h.Check(slices.Concat(story{maybe, paying, paying, paying}, story{isPaid, isOpen, told, endPaid}).ops(), 0)
	if len(found) != 1 || found[0].Rule != h.PaidUndone {
		t.Errorf("paid, and open again: %v", found)
	}
}

// TestCore shows that what is reported is the contradiction and nothing else.
func TestCore(t *testing.T) {
	t.Parallel()
	found := h.Check(story{made, isOpen, paid, isPaid, isPaid, isOpen, isPaid, told, tooLate, endPaid}.ops(), 0)
	if len(found) != 1 || len(found[0].Ops) != 2 {
		t.Fatalf("want one violation of two answers, got %v", found)
	}
	if first, last := found[0].Ops[0], found[0].Ops[1]; !strings.Contains(found[0].String(), first.String()) || last.Result != h.Open {
		t.Errorf("got %v", found[0])
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	r := h.NewRecorder(&lines)
	for _, o := range (story{made, paid, told, endPaid}).ops() {
		r.Add(o)
	}
	ops, err := r.Ops()
	if err != nil {
		t.Fatal(err)
	}
	read, err := h.Read(&lines)
	if err != nil || !slices.Equal(read, ops) {
		t.Errorf("read %v, %v, want %v", read, err, ops)
	}
	if _, err := h.Read(strings.NewReader("{}\n{")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a broken line: %v", err)
	}
}
