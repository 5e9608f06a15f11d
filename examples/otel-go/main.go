// Otel-go makes an order and asks for it, with a span of OpenTelemetry for each
// call. Start a gateway with "make run", then: go -C examples/otel-go run .
// It prints the spans; a program of yours sends them to its collector.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"sen"
)

func main() {
	spans, err := stdouttrace.New(stdouttrace.WithPrettyPrint())
	if err != nil {
		log.Fatal(err)
	}
	provider := sdk.NewTracerProvider(sdk.WithSyncer(spans))
	app := sen.App{ID: 2553, Key1: "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"}
	client := sen.NewClient(app, sen.WithBaseURL(sen.LocalURL), sen.WithObserver(observer(provider.Tracer("shop"))),
		sen.WithHTTPClient(&http.Client{Timeout: 30 * time.Second, Transport: carrier{http.DefaultTransport}}))
	ctx := context.Background()
	id := sen.AppTransID(time.Now(), fmt.Sprint(time.Now().UnixNano()))
	if _, err := client.Orders.Create(ctx, sen.CreateOrderRequest{AppTransID: id, AppUser: "an", Amount: 50_000, Description: "Coffee"}); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: id}); err != nil {
		log.Fatal(err)
	}
	if err := provider.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
}

// observer makes a span of each call, tries included.
func observer(tracer trace.Tracer) sen.Observer {
	return func(ctx context.Context, call sen.Call) (context.Context, func(sen.Result)) {
		ctx, span := tracer.Start(ctx, call.Operation.Name, trace.WithSpanKind(trace.SpanKindClient),
			trace.WithAttributes(attribute.Int("sen.app_id", call.App)))
		return ctx, func(r sen.Result) {
			span.SetAttributes(
				attribute.Int("sen.return_code", r.Envelope.ReturnCode),
				attribute.Int("sen.sub_return_code", r.Envelope.SubReturnCode),
				attribute.Int("sen.tries", r.Tries),
			)
			if r.Err != nil {
				span.SetStatus(codes.Error, r.Err.Error())
			}
			span.End()
		}
	}
}

// A carrier tells the gateway of the span, so that its own spans join the trace.
type carrier struct{ next http.RoundTripper }

// RoundTrip sends the request with traceparent.
func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	propagation.TraceContext{}.Inject(r.Context(), propagation.HeaderCarrier(r.Header))
	return c.next.RoundTrip(r)
}
