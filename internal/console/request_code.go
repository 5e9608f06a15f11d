package console

import (
	"errors"

	"sen/internal/exchange"
	"sen/internal/export"
	"sen/internal/fault"
)

// languages are what the languages of programs are called.
var languages = map[string]string{
	"curl": "curl", "go": "Go", "node": "Node.js", "python": "Python", "php": "PHP", "java": "Java", "csharp": "C#",
}

func codeLinks(x *exchange.Exchange, but string) (all []link) {
	for _, l := range export.Languages() {
		if l.Name != but {
			all = append(all, link{requestPath(x.ID) + "/" + l.Name, languages[l.Name]})
		}
	}
	return all
}

// codePart leads to programs that make the same call, or says why there are
// none.
func (v *visit) codePart(x *exchange.Exchange) part {
	p := part{Title: v.say("requests.code"), ID: "code", Lead: v.say("requests.code_lead")}
	for _, l := range export.Languages() {
		if _, err := l.Program(*x, v.BaseURL); err == nil {
			p.Links = codeLinks(x, "")
			return p
		} else if told := refusal(err); told != "" {
			p.Lead = v.say(refused[told])
		}
	}
	return p
}

// showRequestCode shows a program that makes a request again.
func (p *pages) showRequestCode(v *visit) (*view, error) {
	l, err := export.Find(v.r.PathValue("language"))
	if err != nil {
		return nil, errNoScreen
	}
	x, err := v.request()
	if err != nil {
		return nil, err
	}
	page := &view{
		Title: v.say("requests.as_code", "operation", called(&x), "language", languages[l.Name]),
		Lead:  v.say("requests.as_code_lead", "file", l.File, "key", export.KeyVariable),
		Back:  &link{requestPath(x.ID), v.say("requests.one")},
	}
	program, err := l.Program(x, p.BaseURL)
	if f, ok := errors.AsType[*fault.Error](err); ok && refused[f.Code] != "" {
		page.Parts = []part{{Notice: v.say(refused[f.Code])}}
		return page, nil
	}
	if err != nil {
		return nil, err
	}
	page.Parts = []part{
		{Title: v.say("requests.run"), Code: export.KeyVariable + "=… " + l.Run},
		{Title: l.File, Code: program, Whole: true, Links: codeLinks(&x, l.Name)},
	}
	return page, nil
}
