package console

import (
	"strconv"

	"sen/internal/operator"
	"sen/internal/pay"
)

// showCards lists stored cards: what may be seen of them, never the number.
func (p *pages) showCards(v *visit) (*view, error) {
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	all, err := v.Store.CardsBefore(v.ctx(), pay.CardID(before), rows+1)
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("cards.title"), Empty: v.say("cards.none"),
		Heads: []head{
			{v.say("cards.card"), false},
			{v.say("cards.bank"), false},
			{v.say("cards.owner"), false},
			{v.say("field.state"), false},
			{v.say("cards.used"), false},
			{v.say("field.created"), false},
		},
	}
	if len(all) > rows {
		all = all[:rows]
		t.More = v.olderThan(itoa(int64(all[rows-1].ID)), false)
	}
	for _, c := range all {
		owner := cell{Text: v.say("cards.of_binding")}
		if c.Wallet != 0 {
			owner = cell{Text: v.say("account.wallet"), Href: walletPath(c.Wallet)}
		}
		s := cell{Text: v.say("cards.kept"), Tone: good}
		switch {
		case !c.DeletedAt.IsZero():
			s = cell{Text: v.say("cards.deleted"), Tone: over, Small: moment(c.DeletedAt)}
		case v.who.May(operator.Change):
			number := itoa(int64(c.ID))
			s.Forms = []form{form{
				Action: root + "/cards/" + number + "/delete", Fold: v.say("cards.delete"), Button: v.say("cards.delete_now"), Danger: true, Plain: true,
				Lead: v.say("cards.delete_lead"),
			}.withIDs("delete-" + number)}
		}
		t.add(cell{Text: c.Masked, Small: c.Scheme, Mono: true}, cell{Text: c.BankCode}, owner, s, cell{Text: moment(c.UsedAt)}, cell{Text: moment(c.CreatedAt)})
	}
	return &view{Title: v.say("cards.title"), Lead: v.say("cards.lead"), Watched: true, Parts: []part{{Table: t}}}, nil
}

func (p *pages) deleteCard(v *visit) (to, code string, err error) {
	number, err := v.number("card")
	if err != nil {
		return "", "", err
	}
	ctx := v.noted(operator.CardDeleted, "card "+itoa(number), 0, func() (string, string) { return "kept", "deleted" })
	return root + "/cards", doneDelete, p.Pay.DeleteCard(ctx, pay.CardID(number))
}
