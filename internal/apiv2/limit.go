package apiv2

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sen/internal/merchant"
)

// limiter bounds how often an app calls an operation. The zero value is ready.
type limiter struct {
	mu      sync.Mutex
	buckets map[bucketKey]*rate.Limiter
}

type bucketKey struct {
	app       merchant.ID
	operation string
}

// allow counts a call and reports whether it is within the app's terms. An app
// without a limit is not counted.
func (l *limiter) allow(app merchant.App, operation string, now time.Time) bool {
	perSecond := app.Terms.RatePerSecond
	if perSecond == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := bucketKey{app.ID, operation}
	b := l.buckets[key]
	if b == nil || b.Burst() != int(perSecond) { // new, or its terms have changed
		if l.buckets == nil {
			l.buckets = map[bucketKey]*rate.Limiter{}
		}
		b = rate.NewLimiter(rate.Limit(perSecond), int(perSecond))
		l.buckets[key] = b
	}
	return b.AllowN(now, 1)
}
