package sen

import (
	"log/slog"
	"strconv"
	"time"
)

// An App is a merchant's application and its secrets. It prints without them.
type App struct {
	ID   int    // app_id, a positive 32-bit number
	Key1 string // signs requests; a client needs it
	Key2 string // signs callbacks and redirects; a client that receives them needs it
}

// String names the app without its secrets.
func (a App) String() string { return "app " + strconv.Itoa(a.ID) }

// GoString keeps the secrets out of %#v too.
func (a App) GoString() string { return a.String() }

// LogValue keeps the secrets out of structured logs.
func (a App) LogValue() slog.Value { return slog.IntValue(a.ID) }

func (a App) key(k Key) string {
	if k == Key2 {
		return a.Key2
	}
	return a.Key1
}

// Zone is the zone of all days in the API, GMT+7. It is a fixed offset, so it
// does not need the time zone database of the machine.
func Zone() *time.Location { return time.FixedZone("GMT+7", 7*60*60) }

// AppTransID makes an app_trans_id: the day of now at GMT+7 as yyMMdd, an
// underscore, and suffix. A gateway refuses another day's prefix. The whole may
// have at most 40 characters, so suffix at most 33, and an app may use it once.
func AppTransID(now time.Time, suffix string) string {
	return now.In(Zone()).Format("060102") + "_" + suffix
}

// MRefundID makes an m_refund_id: the day of now at GMT+7 as yyMMdd, the app,
// and suffix, joined with underscores. The whole may have at most 45 characters,
// and an app may use it once.
func MRefundID(now time.Time, appID int, suffix string) string {
	return now.In(Zone()).Format("060102") + "_" + strconv.Itoa(appID) + "_" + suffix
}
