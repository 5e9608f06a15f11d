package trace

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

// The JSON of OTLP, as far as we have something to say. Numbers of 64 bits are
// texts there, and identifiers are in hex.
type (
	export struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resource     `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resource struct {
		Attributes []pair `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope      `json:"scope"`
		Spans []spanJSON `json:"spans"`
	}
	scope struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	spanJSON struct {
		TraceID    string `json:"traceId"`
		SpanID     string `json:"spanId"`
		TraceState string `json:"traceState,omitempty"`
		Parent     string `json:"parentSpanId,omitempty"`
		Name       string `json:"name"`
		Kind       kind   `json:"kind"`
		Start      string `json:"startTimeUnixNano"`
		End        string `json:"endTimeUnixNano"`
		Attributes []pair `json:"attributes,omitempty"`
		Status     status `json:"status"`
	}
	pair struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		Text   *string `json:"stringValue,omitempty"`
		Number *string `json:"intValue,omitempty"`
	}
	status struct {
		Code int `json:"code,omitempty"`
	}
)

// failedCode is OTLP's STATUS_CODE_ERROR.
const failedCode = 2

func text(key, v string) pair { return pair{key, value{Text: &v}} }

// encode writes spans as OTLP's ExportTraceServiceRequest.
func (t *Tracer) encode(some []*Span) []byte {
	spans := make([]spanJSON, len(some))
	for i, s := range some {
		spans[i] = s.json()
	}
	body, err := json.Marshal(export{[]resourceSpans{{
		Resource:   resource{[]pair{text("service.name", cmp.Or(t.config.Service, "sen")), text("service.version", t.config.Version)}},
		ScopeSpans: []scopeSpans{{Scope: scope{"sen", t.config.Version}, Spans: spans}},
	}}})
	if err != nil {
		panic(err) // these types can always be written
	}
	return body
}

func (s *Span) json() spanJSON {
	j := spanJSON{
		TraceID: hex.EncodeToString(s.trace[:]), SpanID: hex.EncodeToString(s.span[:]), TraceState: s.state,
		Name: s.name, Kind: s.kind, Start: nanos(s.began), End: nanos(s.ended),
	}
	if s.above != [8]byte{} {
		j.Parent = hex.EncodeToString(s.above[:])
	}
	if s.failed {
		j.Status.Code = failedCode
	}
	for _, a := range s.attributes {
		if a.isText {
			j.Attributes = append(j.Attributes, text(a.key, a.text))
			continue
		}
		n := strconv.FormatInt(a.number, 10)
		j.Attributes = append(j.Attributes, pair{a.key, value{Number: &n}})
	}
	return j
}

func nanos(at time.Time) string { return strconv.FormatInt(at.UnixNano(), 10) }
