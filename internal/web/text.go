package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Texts holds what pages say, by language and key.
type Texts map[Lang]map[string]string

// readTexts reads texts/<lang>.json of all sources.
func readTexts(sources ...fs.FS) (Texts, error) {
	texts := Texts{}
	for _, l := range Langs {
		texts[l] = map[string]string{}
		for _, source := range sources {
			if err := texts.read(source, l); err != nil {
				return nil, fmt.Errorf("texts of %s: %w", l, err)
			}
		}
	}
	return texts, nil
}

func (t Texts) read(source fs.FS, l Lang) error {
	data, err := fs.ReadFile(source, "texts/"+string(l)+".json")
	if err != nil {
		return err
	}
	var read map[string]string
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	for key, text := range read {
		if _, twice := t[l][key]; twice {
			return fmt.Errorf("%s is there twice", key)
		}
		t[l][key] = text
	}
	return nil
}

var errUnknownText = errors.New("there is no such text")

// Say returns the text under the key in the language, with {name} replaced by
// the value that follows name in pairs.
func (t Texts) Say(l Lang, key string, pairs ...any) (string, error) {
	text, ok := t[l][key]
	if !ok {
		return "", fmt.Errorf("%w: %s in %s", errUnknownText, key, l)
	}
	if len(pairs) == 0 {
		return text, nil
	}
	replace := make([]string, 0, len(pairs))
	for i, v := range pairs {
		if i%2 == 0 {
			v = fmt.Sprintf("{%v}", v)
		}
		replace = append(replace, fmt.Sprint(v))
	}
	if len(replace)%2 != 0 {
		return "", fmt.Errorf("%s: a name without a value", key)
	}
	return strings.NewReplacer(replace...).Replace(text), nil
}
