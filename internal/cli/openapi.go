package cli

import (
	"encoding/json"
	"io"

	"sen/internal/openapi"
)

type openapiCmd struct {
	language
}

// Run prints the description as YAML. It needs no gateway: this program is
// what it describes.
func (o *openapiCmd) Run(c *console) error {
	options := openapi.Options{BaseURL: c.url(), Lang: o.Lang}
	return c.print(json.RawMessage(openapi.JSON(options)), func(w io.Writer) {
		_, _ = w.Write(openapi.YAML(options)) // as with all that is printed, who closed the pipe knows
	})
}
