// Package export writes programs: for a call of the merchant API, one in each of
// several languages that makes the same call. Each computes the mac from the
// members by itself, so that who reads it sees how that is done.
package export

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/exchange"
	"sen/internal/fault"
)

// A Language is one that programs are written in.
type Language struct {
	Name string // as in curl
	File string // what a program is called, as in request.sh
	Run  string // how it is run

	quote func(string) string
}

// Languages returns them all.
func Languages() []Language {
	return []Language{
		{"curl", "request.sh", "bash request.sh", quoteShell},
		{"go", "request.go", "go run request.go", strconv.Quote},
		{"node", "request.mjs", "node request.mjs", quoteJSON},
		{"python", "request.py", "python3 request.py", quoteJSON},
		{"php", "request.php", "php request.php", quotePHP},
		{"java", "Request.java", "java Request.java", quoteJava},
		{"csharp", "Program.cs", "dotnet run", quoteCSharp},
	}
}

// Refusals of this package.
var (
	ErrLanguage   = fault.New(fault.Invalid, "export_language", "There is no such language.")
	ErrPrivateKey = fault.New(fault.Invalid, "export_rsa", "The request was signed with a private key, which no program that is made here has: the guide on paying out says how to sign one.")
	ErrOperation  = fault.New(fault.Invalid, "export_operation", "The request was none of an operation that there is, so there is nothing to sign.")
	ErrHidden     = fault.New(fault.Invalid, "export_hidden", "A member of the request was masked or cut before it was kept, so it can't be sent again.")
	ErrNUL        = fault.New(fault.Invalid, "export_nul", "A member has a NUL character in it, which no shell can hold: choose another language.")
)

// Find returns the language of that name.
func Find(name string) (Language, error) {
	var names []string
	for _, l := range Languages() {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return Language{}, ErrLanguage.On("as", "known are "+strings.Join(names, ", "))
}

// KeyVariable is where programs find key1. It is never written into one.
const KeyVariable = "SEN_KEY1"

//go:embed templates
var files embed.FS

// Program writes the program that makes the call again at the gateway at base,
// such as http://127.0.0.1:8080.
func (l Language) Program(x exchange.Exchange, base string) (string, error) {
	c, err := callOf(x, base)
	if err != nil {
		return "", err
	}
	if l.Name == "curl" && c.hasNUL() {
		return "", ErrNUL
	}
	c.Run = l.Run
	t, err := template.New(l.Name+".tmpl").Funcs(template.FuncMap{
		"q": l.quote, "pair": pair,
	}).ParseFS(files, "templates/"+l.Name+".tmpl")
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, c)
	return b.String(), err
}

// The ways in which members are sent.
const (
	inForm  = "form"
	inJSON  = "json"
	inQuery = "query"
)

// call is what templates are filled with.
type call struct {
	*sen.Operation
	URL      string
	App      string
	Run      string
	How      string
	Members  []member // without the mac
	Inputs   []input  // what the mac covers
	Language string   // that answers are asked for in
	Notes    []string
}

type member struct {
	Name, Value string
	Literal     bool // in JSON: sent as it stands, not as text
	Signed      bool
}

type input struct {
	Name  string
	Key   bool // not a member but key1 itself
	Given bool // the request has that member
}

func callOf(x exchange.Exchange, base string) (call, error) {
	op, err := operationOf(x)
	if err != nil {
		return call{}, err
	}
	c := call{
		Operation: op, URL: strings.TrimRight(base, "/") + op.Path, App: strconv.FormatInt(int64(x.App), 10),
		Language: x.Headers.AcceptLanguage,
	}
	literals := literalsOf(x.Body)
	given := map[string]bool{}
	for _, f := range x.Fields {
		if own, ok := op.Aliases[f.Name]; ok {
			f.Name = own
		}
		given[f.Name] = f.Value != ""
		if f.Name == "mac" || f.Name == "" {
			continue
		}
		if f.Hidden || f.Cut {
			return call{}, ErrHidden.On(f.Name, "was not kept as it came")
		}
		c.Members = append(c.Members, member{f.Name, f.Value, literals[f.Name], slices.Contains(op.Signed, f.Name)})
	}
	for _, name := range op.Signed {
		if name != op.Optional || given[name] {
			c.Inputs = append(c.Inputs, input{name, name == "key1", given[name]})
		}
	}
	c.How = encoding(x)
	if op.Method == http.MethodGet { // not every language has a body there
		c.How = inQuery
	}
	c.note(x)
	return c, nil
}

// operationOf finds the operation in the version of the API that was called.
func operationOf(x exchange.Exchange) (*sen.Operation, error) {
	if op, ok := apiv1.At(x.Path); ok {
		return op, nil
	}
	if op, ok := sen.FindOperation(x.Operation); ok {
		if op.RSA {
			return nil, ErrPrivateKey
		}
		return op, nil
	}
	return nil, ErrOperation
}

// encoding is how the members came. What came in several parts is sent in one:
// the gateway reads the same from it.
func encoding(x exchange.Exchange) string {
	parts := map[bool]bool{}
	for _, f := range x.Fields {
		parts[f.InQuery] = true
	}
	switch {
	case !parts[false]:
		return inQuery
	case strings.HasPrefix(x.Headers.ContentType, "application/json") || bytes.HasPrefix(x.Body, []byte("{")):
		return inJSON
	}
	return inForm
}

// literalsOf names the members of a JSON body that are not text. Their characters
// stand in the request as they are signed, without quotes around them.
func literalsOf(body []byte) map[string]bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return nil // no JSON, or not kept
	}
	literals := map[string]bool{}
	for name, value := range object {
		literals[name] = value[0] != '"' && value[0] != 'n'
	}
	return literals
}

// note says what to know before the program is run.
func (c *call) note(x exchange.Exchange) {
	switch c.Name {
	case sen.OpCreateOrder.Name, sen.OpCreateBindingWallet.Name, sen.OpCreateBindingCard.Name:
		c.Notes = append(c.Notes, "An app_trans_id is taken once (-68), and begins with the day at GMT+7: change it.")
	case sen.OpCreateZod.Name:
		c.Notes = append(c.Notes, "An mcRefId is taken once (-68): change it.")
	case sen.OpRefundOrder.Name:
		c.Notes = append(c.Notes, "An m_refund_id is taken once (-23), and begins with the day at GMT+7: change it.")
	}
	for _, m := range c.Members {
		switch m.Name {
		case "app_time", "req_date", "timestamp", "reqtime":
			c.Notes = append(c.Notes, m.Name+" is in milliseconds, and void some minutes later: set it to the present.")
		}
	}
	if x.MAC == exchange.MACWrong {
		c.Notes = append(c.Notes, "The mac of the request was wrong; the one that is made here is right.")
	}
}

// JSON reports whether members are sent as JSON; Query, whether they stand in
// the query string; Form, whether they are a form.
func (c call) JSON() bool { return c.How == inJSON }

// Query is explained at JSON.
func (c call) Query() bool { return c.How == inQuery }

// Form is explained at JSON.
func (c call) Form() bool { return c.How == inForm }

// Literals returns the members that are sent as they stand.
func (c call) Literals() (names []string) {
	for _, m := range c.Members {
		if c.JSON() && m.Literal {
			names = append(names, m.Name)
		}
	}
	return names
}

// ContentType is that of the body; "" when there is none.
func (c call) ContentType() string {
	switch c.How {
	case inJSON:
		return "application/json"
	case inForm:
		return "application/x-www-form-urlencoded"
	}
	return ""
}

func (c call) hasNUL() bool {
	return slices.ContainsFunc(c.Members, func(m member) bool { return strings.Contains(m.Name+m.Value, "\x00") })
}
