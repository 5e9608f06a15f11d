package app_test

import (
	"net/http"
	"strings"
	"testing"

	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// TestForeignNames comes to a sandbox under names that are not its own, as the
// page of somebody does who has theirs stand for the developer's machine.
func TestForeignNames(t *testing.T) {
	t.Parallel()
	embedded(t)
	g := apptest.Start(t, func(c *app.Config) { c.PublicURL = "https://pay.example" })
	inner := newTenant(t, control.NewClient(g.URL), control.NewSandbox{Name: "inner"})
	port := g.URL[strings.LastIndex(g.URL, ":"):]
	if !strings.Contains(inner.PathURL, "pay.example/s/inner") {
		t.Errorf("the one inside is at %s", inner.PathURL)
	}
	for host, own := range map[string]bool{
		"127.0.0.1" + port: true, "[::1]" + port: true, "localhost" + port: true, "sen" + port: true, "pay.example": true, "PAY.example.:443": true,
		"a.localhost": true, "sen.team.svc.cluster.local:8080": true, "host.docker.internal": true, "192.168.1.7": true,
		"evil.example": false, "evil.example" + port: false, "pay.example.evil.example": false, "127.0.0.1.evil.example": false,
		"localhost.evil.example": false, "xpay.example": false, "evil.example.": false,
	} {
		for path, answer := range map[string]int{"/control/clock": http.StatusOK, "/console/sign-in": http.StatusOK, "/s/inner/control/clock": http.StatusOK} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.URL+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if req.Host = host; !own {
				answer = http.StatusMisdirectedRequest
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if _ = res.Body.Close(); res.StatusCode != answer {
				t.Errorf("%s of %s: status %d, want %d", path, host, res.StatusCode, answer)
			}
		}
	}
}
