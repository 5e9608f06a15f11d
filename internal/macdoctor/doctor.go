// Package macdoctor finds out why a mac did not verify: it makes the mistakes
// that clients make, one after another and then in pairs, until one of them
// leads to the mac that came. A cause that it names is therefore proven, not
// guessed: nothing else than that key and that text has this HMAC.
package macdoctor

import (
	"crypto/rsa"
	"strconv"
	"strings"

	"sen"
)

// An App is a merchant's app with its keys.
type App struct {
	ID         int64
	Key1, Key2 string
	Public     *rsa.PublicKey // of what it pays out; nil for none, or where it does not matter
}

// A Member is a member of a request, as the characters received.
type Member struct{ Name, Value string }

// Wire is the request as it was sent. It may be empty: then the mistakes that
// only the encoding shows are not tried.
type Wire struct {
	ContentType string
	Query       string // of the URL, still encoded
	Body        []byte
}

// A Case is a request whose mac does not verify.
type Case struct {
	Operation *sen.Operation
	Members   []Member // in the order received, the mac among them
	Wire      Wire
	App       App   // the app that the request names
	Others    []App // the other apps of this gateway
	// Reveal permits to look for the cause and to tell it. Without it nothing is
	// tried, so that neither the answer nor the time that it takes says
	// anything about a key.
	Reveal bool
}

// A Finding is one mistake of a client.
type Finding struct {
	Cause Cause  `json:"cause"`
	Note  string `json:"note,omitempty"` // what in particular: a member, a separator, a hash
}

// A Diagnosis says what is wrong with a mac. No key stands in its texts: the
// name of the key stands in for it, as in <key1>.
type Diagnosis struct {
	// Cause is a stable code: one cause, or two of them joined with "+".
	Cause    string    `json:"cause"`
	Findings []Finding `json:"findings,omitempty"`
	What     sen.Text  `json:"what"` // what the client did, in one line
	Fix      sen.Text  `json:"fix"`  // what to change, in one line
	// Formula lists the members that the mac covers, joined as they are in the
	// text; Signed is the text that we signed, and Theirs the one that the
	// client signed, empty if that is not known.
	Formula string `json:"formula"`
	Signed  string `json:"signed"`
	Theirs  string `json:"theirs,omitempty"`

	rsa bool // it is about a sig
}

// Known reports whether a cause was found.
func (d Diagnosis) Known() bool {
	for _, none := range []Cause{Unknown, MACForm, Withheld, SigForm, SigNoKey, SigOtherKey, SigOtherText} {
		if strings.HasSuffix(d.Cause, string(none)) {
			return false
		}
	}
	return true
}

// Line is the diagnosis in one line: the cause, the fix, and the text to sign.
func (d Diagnosis) Line(app int64) sen.Text {
	if d.Cause == string(Withheld) {
		return d.What
	}
	id := strconv.FormatInt(app, 10)
	if d.rsa {
		return sen.Text{
			EN: "sig " + d.What.EN + ": " + d.Fix.EN + ". It must be the base64 of the RSA signature (PKCS #1 v1.5, SHA-256), by the private key of app " + id +
				", of the 64 small hexadecimal digits of the HMAC-SHA256, with key1, of " + d.Formula + hereEN + d.Signed,
			VI: "sig " + d.What.VI + ": " + d.Fix.VI + ". Phải là base64 của chữ ký RSA (PKCS #1 v1.5, SHA-256), bằng khóa riêng của app " + id +
				", trên 64 chữ số hex thường của HMAC-SHA256, với key1, của " + d.Formula + hereVI + d.Signed,
		}
	}
	return sen.Text{
		EN: "mac " + d.What.EN + ": " + d.Fix.EN + ". It must be the hexadecimal HMAC-SHA256, with key1 of app " + id +
			", of " + d.Formula + hereEN + d.Signed,
		VI: "mac " + d.What.VI + ": " + d.Fix.VI + ". Phải là HMAC-SHA256 dạng hex, với key1 của app " + id +
			", của " + d.Formula + hereVI + d.Signed,
	}
}

// What stands between the two halves of a line.
const hereEN, hereVI = ", here: ", ", ở đây: "

// Cut cuts a line of Line into what is wrong and the text to sign, which is
// empty if the line has none.
func Cut(line string) (advice, signed string) {
	for _, here := range []string{hereEN, hereVI} {
		if advice, signed, ok := strings.Cut(line, here); ok {
			return advice, signed
		}
	}
	return line, ""
}

// Diagnose finds the nearest cause. The work is bounded, whatever came; it
// takes a few milliseconds when no mistake fits.
func Diagnose(c Case) Diagnosis {
	if !c.Reveal {
		return Diagnosis{Cause: string(Withheld), What: advices[Withheld].what, Fix: advices[Withheld].fix}
	}
	s := newSearch(c)
	d := Diagnosis{Formula: s.formula(), Signed: s.show(s.base, s.values, s.own), rsa: c.Operation.RSA}
	switch {
	case d.rsa:
		return diagnoseSig(c, s, d)
	case c.signed(c.App.Key1):
		return d.say(Finding{Cause: Good})
	case s.run():
		d.Theirs = s.theirs
		return d.say(s.found...)
	case len(c.mac()) != sen.MACLength || !isHex(c.mac()):
		return d.say(Finding{MACForm, strconv.Itoa(len(c.mac()))})
	}
	return d.say(Finding{Cause: Unknown})
}

// say puts the findings into words.
func (d Diagnosis) say(found ...Finding) Diagnosis {
	d.Findings = found
	var causes, whatEN, whatVI, fixEN, fixVI []string
	for _, f := range found {
		a := advices[f.Cause].with(f.Note)
		if d.rsa && f.Cause != Good && !strings.HasPrefix(string(f.Cause), sigPrefix) {
			a.what = sen.Text{EN: "signs a mac that " + a.what.EN, VI: "ký một mac " + a.what.VI}
		}
		causes = append(causes, string(f.Cause))
		whatEN, whatVI = append(whatEN, a.what.EN), append(whatVI, a.what.VI)
		fixEN, fixVI = append(fixEN, a.fix.EN), append(fixVI, a.fix.VI)
	}
	d.Cause = strings.Join(causes, "+")
	d.What = sen.Text{EN: strings.Join(whatEN, ", and "), VI: strings.Join(whatVI, ", và ")}
	d.Fix = sen.Text{EN: strings.Join(fixEN, "; "), VI: strings.Join(fixVI, "; ")}
	return d
}

// sigPrefix begins the causes that are about a signature itself.
const sigPrefix = "sig_"

func (c *Case) mac() string { return c.get("mac") }

func (c *Case) get(name string) string {
	for _, m := range c.Members {
		if m.Name == name {
			return m.Value
		}
	}
	return ""
}

// signed reports whether the mac is right under that key.
func (c *Case) signed(key string) bool { return c.Operation.Verify(key, c.mac(), c.get) }
