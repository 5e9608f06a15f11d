package console

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"sen"
)

// An earning is how a value comes about by a state of the gateway, as opposed to
// being forced by a rule.
type earning struct {
	Vi  string `json:"vi"`
	En  string `json:"en"`
	Run string `json:"run"` // commands, one a line; "" when there are none to it
}

// earnings are by operation and value. The operation "*" stands for those that
// have no line of their own.
type earnings map[string]map[string]earning

func readEarnings(files fs.FS) (e earnings, err error) {
	data, err := fs.ReadFile(files, "earned.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("earned.json: %w", err)
	}
	return e, nil
}

// of returns how the operation comes to answer the value. A redirect tells what
// the query of its order would.
func (e earnings) of(operation string, value int) (earning, bool) {
	for _, op := range []string{operation, "*"} {
		if one, ok := e[op][strconv.Itoa(value)]; ok {
			one.Run = strings.ReplaceAll(one.Run, "{operation}", operation)
			return one, true
		}
	}
	if operation == sen.RedirectStatus {
		return e.of(sen.OpQueryOrder.Name, value)
	}
	return earning{}, false
}
