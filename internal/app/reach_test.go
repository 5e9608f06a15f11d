package app_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/callback"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/store"
)

// A reachVector is a callback URL as somebody hostile, careless or honest would
// give it to a live gateway.
type reachVector struct {
	url  string
	take bool   // whether it can be set, and is tried
	dial string // what is connected to when nobody has looked at the URL before; "": nothing
	why  string
}

// The two public addresses that names of the test stand for.
const (
	pub4 = "93.184.216.34"
	pub6 = "2606:2800:220:1:248:1893:25c8:1946"
)

var reachVectors = []reachVector{
	// What honest merchants give.
	{"https://shop.example/callback", true, pub4 + ":443", "a public name"},
	{"http://shop.example/callback", true, pub4 + ":80", "without TLS"},
	{"https://shop.example:443/", true, pub4 + ":443", "the port in words"},
	{"http://shop.example:80/", true, pub4 + ":80", "the port in words"},
	{"https://SHOP.Example/", true, pub4 + ":443", "capitals"},
	{"https://shop.example./", true, pub4 + ":443", "a dot at the end"},
	{"  https://shop.example/ ", true, pub4 + ":443", "spaces around"},
	{"https://shop.example/cb?a=http://127.0.0.1/", true, pub4 + ":443", "another URL in the query means nothing"},
	{"https://shop.example/#@127.0.0.1/", true, pub4 + ":443", "a fragment means nothing"},
	{"https://user:password@shop.example/", true, pub4 + ":443", "a password for the merchant's server"},
	{"https://127.0.0.1@shop.example/", true, pub4 + ":443", "a user that looks like an address"},
	{"https://six.example/", true, "[" + pub6 + "]:443", "a name with IPv6 only"},
	{"https://" + pub4 + "/", true, pub4 + ":443", "a public address"},
	{"https://[" + pub6 + "]/", true, "[" + pub6 + "]:443", "a public IPv6 address"},
	{"https://xn--ph-rbt.example/", true, pub4 + ":443", "an international name in ASCII"},
	{"https://172.15.255.255/", true, "172.15.255.255:443", "just before 172.16/12"},
	{"https://172.32.0.0/", true, "172.32.0.0:443", "just after 172.16/12"},
	{"https://100.63.255.255/", true, "100.63.255.255:443", "just before 100.64/10"},
	{"https://100.128.0.0/", true, "100.128.0.0:443", "just after 100.64/10"},
	{"https://11.0.0.0/", true, "11.0.0.0:443", "just after 10/8"},
	{"https://128.0.0.1/", true, "128.0.0.1:443", "just after 127/8"},
	{"https://223.255.255.255/", true, "223.255.255.255:443", "just before multicast"},
	{"https://two.example/", true, pub4 + ":443", "a private address beside a public one: only the public one is connected to"},

	// Loopback, private and special IPv4.
	{"http://127.0.0.1/", false, "", "loopback"},
	{"http://127.0.0.1:80/", false, "", "loopback"},
	{"http://127.8.8.8/", false, "", "all of 127/8 is loopback"},
	{"http://127.255.255.254/", false, "", "all of 127/8 is loopback"},
	{"http://0.0.0.0/", false, "", "this host"},
	{"http://0.1.2.3/", false, "", "0.0.0.0/8"},
	{"http://10.0.0.1/", false, "", "private"},
	{"http://10.255.255.255/", false, "", "private"},
	{"http://172.16.0.1/", false, "", "private"},
	{"http://172.31.255.255/", false, "", "private"},
	{"http://192.168.0.1/", false, "", "private"},
	{"http://192.168.255.255/", false, "", "private"},
	{"http://100.64.0.1/", false, "", "shared by providers"},
	{"http://100.100.100.200/", false, "", "a cloud's metadata, in 100.64/10"},
	{"http://169.254.169.254/latest/meta-data/", false, "", "clouds' metadata"},
	{"http://169.254.170.2/v2/credentials", false, "", "containers' credentials"},
	{"http://169.254.0.1/", false, "", "link-local"},
	{"http://168.63.129.16/", false, "", "a cloud's platform, at a public address"},
	{"http://192.0.0.1/", false, "", "protocol assignments"},
	{"http://192.0.0.192/", false, "", "a cloud's metadata, in 192.0.0/24"},
	{"http://192.0.2.1/", false, "", "documentation"},
	{"http://198.51.100.1/", false, "", "documentation"},
	{"http://203.0.113.1/", false, "", "documentation"},
	{"http://198.18.0.1/", false, "", "benchmarks"},
	{"http://198.19.255.255/", false, "", "benchmarks"},
	{"http://192.88.99.1/", false, "", "relays of 6to4"},
	{"http://192.31.196.1/", false, "", "AS112"},
	{"http://192.52.193.1/", false, "", "AMT"},
	{"http://192.175.48.1/", false, "", "AS112"},
	{"http://224.0.0.1/", false, "", "multicast"},
	{"http://239.255.255.250/", false, "", "multicast"},
	{"http://240.0.0.1/", false, "", "reserved"},
	{"http://255.255.255.255/", false, "", "broadcast"},

	// IPv6.
	{"http://[::1]/", false, "", "loopback"},
	{"http://[0:0:0:0:0:0:0:1]/", false, "", "loopback in full"},
	{"http://[::]/", false, "", "this host"},
	{"http://[::ffff:127.0.0.1]/", false, "", "IPv4-mapped loopback"},
	{"http://[::ffff:7f00:1]/", false, "", "IPv4-mapped loopback in hexadecimal"},
	{"http://[::ffff:10.0.0.1]/", false, "", "IPv4-mapped private"},
	{"http://[::ffff:169.254.169.254]/", false, "", "IPv4-mapped metadata"},
	{"http://[::ffff:0.0.0.0]/", false, "", "IPv4-mapped this host"},
	{"http://[::ffff:" + pub4 + "]/", false, pub4 + ":80", "IPv4-mapped public: nobody honest writes it"},
	{"http://[::127.0.0.1]/", false, "", "IPv4-compatible loopback"},
	{"http://[::ffff:0:127.0.0.1]/", false, "", "IPv4-translated loopback"},
	{"http://[64:ff9b::7f00:1]/", false, "", "NAT64 of loopback"},
	{"http://[64:ff9b::10.0.0.1]/", false, "", "NAT64 of private"},
	{"http://[64:ff9b::" + pub4 + "]/", false, "", "NAT64 of public: what is behind can't be judged everywhere"},
	{"http://[64:ff9b:1::7f00:1]/", false, "", "local NAT64"},
	{"http://[2002:7f00:1::]/", false, "", "6to4 of loopback"},
	{"http://[2002:a00:1::1]/", false, "", "6to4 of private"},
	{"http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", false, "", "Teredo"},
	{"http://[2001:20::1]/", false, "", "ORCHID"},
	{"http://[2001:db8::1]/", false, "", "documentation"},
	{"http://[3fff::1]/", false, "", "documentation"},
	{"http://[5f00::1]/", false, "", "segment routing"},
	{"http://[100::1]/", false, "", "discard"},
	{"http://[2620:4f:8000::1]/", false, "", "AS112"},
	{"http://[fc00::1]/", false, "", "unique local"},
	{"http://[fd00:ec2::254]/", false, "", "a cloud's metadata"},
	{"http://[fe80::1]/", false, "", "link-local"},
	{"http://[fe80::1%25eth0]/", false, "", "link-local with a zone"},
	{"http://[fe80::1%25lo]/", false, "", "link-local with a zone"},
	{"http://[::1%25lo]/", false, "", "loopback with a zone"},
	{"http://[2606:2800:220:1:248:1893:25c8:1946%25eth0]/", false, "", "a zone has no place in a public address"},
	{"http://[fec0::1]/", false, "", "site-local"},
	{"http://[ff02::1]/", false, "", "multicast"},
	{"http://[ff0e::1]/", false, "", "multicast"},
	{"http://[4000::1]/", false, "", "not given out"},

	// IPv4 as some programs read it; the resolver of the test does.
	{"http://2130706433/", false, "", "loopback as one number"},
	{"http://0x7f000001/", false, "", "loopback in hexadecimal"},
	{"http://017700000001/", false, "", "loopback in octal"},
	{"http://0177.0.0.1/", false, "", "octal"},
	{"http://0x7f.0.0.1/", false, "", "hexadecimal"},
	{"http://127.1/", false, "", "short"},
	{"http://127.0.1/", false, "", "short"},
	{"http://0/", false, "", "shortest"},
	{"http://127.0.0.01/", false, "", "a zero in front"},
	{"http://010.0.0.1/", false, "", "10 or 8, depending on who reads"},
	{"http://127.0.0.1./", false, "", "a dot at the end"},
	{"http://3232235521/", false, "", "private as one number"},
	{"http://2852039166/", false, "", "metadata as one number"},
	{"http://169.254.43518/", false, "", "metadata, short"},
	{"http://4294967297/", false, "", "a number that overflows"},
	{"http://1.2.3.4.5/", false, "", "five parts"},
	{"http://256.256.256.256/", false, "", "no address"},

	{"http://0xA9FEA9FE/", false, "", "metadata in hexadecimal, capitals"},
	{"http://0300.0250.0.1/", false, "", "private in octal"},
	{"http://169.254.169.254./", false, "", "metadata with a dot at the end"},
	{"http://[::ffff:a9fe:a9fe]/", false, "", "IPv4-mapped metadata in hexadecimal"},
	{"http://[64:ff9b::a9fe:a9fe]/", false, "", "NAT64 of metadata"},
	{"http://[2002:a9fe:a9fe::]/", false, "", "6to4 of metadata"},
	{"http://[::a9fe:a9fe]/", false, "", "IPv4-compatible metadata"},
	{"http://[::ffff:127.0.0.1%25lo]/", false, "", "IPv4-mapped loopback with a zone"},
	{"http://shop.example.:6379/", false, "", "another service, behind a dot"},

	// Unicode.
	{"http://１２７.０.０.１/", false, "", "digits of full width"},
	{"http://①②⑦.⓪.⓪.①/", false, "", "digits in circles"},
	{"http://127。0。0。1/", false, "", "ideographic dots"},
	{"http://127．0．0．1/", false, "", "dots of full width"},
	{"http://ｌｏｃａｌｈｏｓｔ/", false, "", "letters of full width"},
	{"http://loc\u00adalhost/", false, "", "a soft hyphen"},
	{"https://phở.example/", false, pub4 + ":443", "honest, but to be given as xn--"},

	// Names.
	{"http://localhost/", false, "", "loopback by name"},
	{"http://LOCALHOST/", false, "", "loopback by name"},
	{"http://localhost./", false, "", "loopback by name"},
	{"http://a.localhost/", false, "", "loopback by name"},
	{"http://db/", false, "", "a name of the inside"},
	{"http://redis.prod.svc.cluster.local/", false, "", "a name of a cluster"},
	{"http://metadata.google.internal/", false, "", "metadata by name"},
	{"http://router.home.arpa/", false, "", "a name of the inside"},
	{"https://loopback.example/", true, "", "a public name for loopback"},
	{"https://loopback6.example/", true, "", "a public name for IPv6 loopback"},
	{"https://private.example/", true, "", "a public name for a private address"},
	{"https://metadata.example/", true, "", "a public name for metadata"},
	{"https://mapped.example/", true, "", "a public name for a mapped address"},
	{"https://nat64.example/", true, "", "a public name for NAT64"},
	{"https://unspecified.example/", true, "", "a public name for this host"},
	{"https://127.0.0.1.nip.example/", true, "", "an address in the name"},
	{"https://nobody.example/", true, "", "no such name"},
	{"http://shop..example/", false, "", "an empty part"},
	{"http://.shop.example/", false, "", "an empty part"},

	// Ports.
	{"http://shop.example:22/", false, "", "another service"},
	{"http://shop.example:25/", false, "", "another service"},
	{"http://shop.example:6379/", false, "", "another service"},
	{"http://shop.example:8080/", false, "", "another service"},
	{"https://shop.example:8443/", false, "", "another service"},
	{"http://shop.example:0/", false, "", "no port"},
	{"http://shop.example:65616/", false, "", "80 when it overflows"},
	{"http://shop.example:-80/", false, "", "no port"},
	{"http://shop.example:080/", false, pub4 + ":80", "a zero in front"},
	{"http://10.0.0.1:22/", false, "", "private, and another service"},

	// Texts that programs read in different ways.
	{"http://shop.example@127.0.0.1/", false, "", "a user that looks like a host"},
	{"http://shop.example:80@127.0.0.1/", false, "", "a user with a password that looks like a port"},
	{"http://shop.example#@127.0.0.1/", true, pub4 + ":80", "a fragment that looks like a host"},
	{"http://127.0.0.1#@shop.example/", false, "", "a fragment that looks like a host"},
	{"http://127.0.0.1?@shop.example/", false, "", "a query that looks like a host"},
	{"http://127.0.0.1\\@shop.example/", false, "", "a backslash"},
	{"http://shop.example\\@127.0.0.1/", false, "", "a backslash"},
	{"http://127.0.0.1%2f@shop.example/", true, pub4 + ":80", "an escaped slash in the user"},
	{"http://127%2e0%2e0%2e1/", false, "", "escaped dots"},
	{"http://%31%32%37.0.0.1/", false, "", "escaped digits"},
	{"http://127.0.0.1%00.shop.example/", false, "", "an escaped NUL"},
	{"http://127.0.0.1,shop.example/", false, "", "two hosts"},
	{"http://127.0.0.1 .shop.example/", false, "", "a space"},
	{"http://127.0.0.1\t.shop.example/", false, "", "a tab"},
	{"http://shop.example\r\nHost: 127.0.0.1/", false, "", "a line break in the host"},
	{"http://shop.example/\r\nX-Injected: 1", false, "", "a line break in the path"},
	{"http://shop.example/a b\r\n\r\nPOST / HTTP/1.1", false, "", "a request in the path"},
	{"http:///127.0.0.1/", false, "", "no host"},
	{"http:127.0.0.1/", false, "", "no host"},
	{"http:/127.0.0.1/", false, "", "no host"},
	{"//127.0.0.1/", false, "", "no scheme"},
	{"127.0.0.1", false, "", "no scheme"},
	{"http://[::1/", false, "", "a bracket too few"},
	{"http://::1/", false, "", "no brackets"},
	{"http://[127.0.0.1]/", false, "", "brackets around IPv4"},
	{"http://[v1.x]/", false, "", "an address of a later kind"},
	{"http://user:<b>@{host}/", false, "", "a placeholder"},

	// Schemes.
	{"file:///etc/passwd", false, "", "a file"},
	{"file://shop.example/etc/passwd", false, "", "a file"},
	{"gopher://127.0.0.1:6379/_FLUSHALL", false, "", "another protocol"},
	{"dict://127.0.0.1:11211/stats", false, "", "another protocol"},
	{"ftp://shop.example/", false, "", "another protocol"},
	{"ldap://shop.example/", false, "", "another protocol"},
	{"unix:///var/run/docker.sock", false, "", "a socket"},
	{"http+unix://%2fvar%2frun%2fdocker.sock/", false, "", "a socket"},
	{"javascript:alert(1)", false, "", "no address"},
	{"data:text/plain,x", false, "", "no address"},
	{"jar:http://shop.example/!/", false, "", "no address"},
	{"ws://shop.example/", false, "", "another protocol"},
}

// names are what the resolver of the test knows. Of addresses in odd forms it
// makes what the resolvers of C libraries make of them.
var names = map[string][]string{
	"shop.example": {pub4}, "six.example": {pub6}, "two.example": {"10.0.0.1", pub4}, "xn--ph-rbt.example": {pub4},
	"db": {"10.0.0.5"}, "redis.prod.svc.cluster.local": {"10.96.0.7"}, "metadata.google.internal": {"169.254.169.254"},
	"router.home.arpa": {"192.168.1.1"}, "a.localhost": {"127.0.0.1"}, "localhost": {"127.0.0.1", "::1"},
	"loopback.example": {"127.0.0.1"}, "loopback6.example": {"::1"}, "private.example": {"192.168.3.4"}, "metadata.example": {"169.254.169.254"},
	"mapped.example": {"::ffff:127.0.0.1"}, "nat64.example": {"64:ff9b::7f00:1"}, "unspecified.example": {"0.0.0.0", "::"},
	"127.0.0.1.nip.example": {"127.0.0.1"},
	"2130706433":            {"127.0.0.1"}, "0x7f000001": {"127.0.0.1"}, "017700000001": {"127.0.0.1"}, "0177.0.0.1": {"127.0.0.1"},
	"0x7f.0.0.1": {"127.0.0.1"}, "127.1": {"127.0.0.1"}, "127.0.1": {"127.0.0.1"}, "0": {"0.0.0.0"}, "127.0.0.01": {"127.0.0.1"},
	"010.0.0.1": {"10.0.0.1"}, "127.0.0.1": {"127.0.0.1"}, "3232235521": {"192.168.0.1"}, "2852039166": {"169.254.169.254"},
	"169.254.43518": {"169.254.169.254"}, "4294967297": {"0.0.0.1"},
}

// A network has names and no wires: what would be connected to is noted.
type network struct {
	mu    sync.Mutex
	names map[string][]string
	dials []string
}

var errNoWires = errors.New("the network of the test has no wires")

func newNetwork() *network { return &network{names: names} }

// dialer connects to the network.
func (n *network) dialer() *net.Dialer {
	return &net.Dialer{
		FallbackDelay: -1,
		Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go n.answer(theirs)
			return ours, nil
		}},
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.dials = append(n.dials, address)
			return errNoWires
		},
	}
}

func (n *network) dialed() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.dials)
}

// answer is a name server: it reads questions, each behind its length, and
// answers those about addresses.
func (n *network) answer(c net.Conn) {
	defer func() { _ = c.Close() }()
	for {
		var size uint16
		if binary.Read(c, binary.BigEndian, &size) != nil {
			return // the resolver has what it wanted
		}
		question := make([]byte, size)
		if _, err := io.ReadFull(c, question); err != nil {
			return
		}
		reply := n.reply(question)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

func (n *network) reply(question []byte) []byte {
	const header, typeA, typeAAAA = 12, 1, 28
	var labels []string
	at := header
	for size := int(question[at]); size > 0; size = int(question[at]) {
		labels = append(labels, string(question[at+1:at+1+size]))
		at += 1 + size
	}
	kind := binary.BigEndian.Uint16(question[at+1:])
	n.mu.Lock()
	found, known := n.names[strings.ToLower(strings.Join(labels, "."))]
	n.mu.Unlock()
	reply := slices.Clone(question[:at+5])
	copy(reply[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	if !known {
		reply[3] |= 3 // no such name
	}
	for _, text := range found {
		addr := netip.MustParseAddr(text)
		if (kind == typeA && addr.Is4()) || (kind == typeAAAA && addr.Is6()) {
			reply[7]++
			reply = append(reply, 0xc0, header, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(addr.BitLen()/8))
			reply = append(reply, addr.AsSlice()...)
		}
	}
	return reply
}

// TestReach sends a callback to every URL as a live gateway sends it, first with
// what looks at URLs left out, so that only the look at the moment of dialling
// is left, and says whether the URL can be set.
func TestReach(t *testing.T) {
	t.Parallel()
	if len(reachVectors) < 100 {
		t.Fatalf("%d vectors", len(reachVectors))
	}
	reach := callback.Reach{Public: true}
	for _, v := range reachVectors {
		n := newNetwork()
		client := callback.NewClient(reach.Transport(n.dialer(), time.Minute), time.Minute)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.TrimSpace(v.url), strings.NewReader("{}"))
		if err == nil {
			var res *http.Response
			if res, err = client.Do(req); err == nil {
				_ = res.Body.Close()
			}
		}
		if err == nil {
			t.Errorf("%q (%s): something answered", v.url, v.why)
		}
		if got := strings.Join(n.dialed(), " "); got != v.dial {
			t.Errorf("%q (%s): connects to %q, want %q: %v", v.url, v.why, got, v.dial, err)
		}
		if err := reach.Check(v.url); (err == nil) != v.take {
			t.Errorf("%q (%s): setting it says %v", v.url, v.why, err)
		}
	}
}

// TestReachOfGateway has a live gateway owe a callback to every URL, as if it had
// been set before there was a check: none is sent where it must not go, and the
// log of callbacks says why, without telling what names of the inside stand for.
func TestReachOfGateway(t *testing.T) {
	t.Parallel()
	n := newNetwork()
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL, c.Dialer = app.Live, "https://pay.example", n.dialer()
		oweAll(t, livePlace(t, c))
	})
	apptest.Wait(t, "all attempts", func() bool { return len(g.Log.Lines("msg=callback ")) >= len(reachVectors) })
	var allowed []string
	g.Restart(func() {
		st, err := store.Open(t.Context(), g.Place())
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range reachVectors {
			all, err := st.Attempts(t.Context(), callback.ID(i+1))
			if err != nil || len(all) == 0 {
				t.Errorf("%q: %d attempts, %v", v.url, len(all), err)
				continue
			}
			checkAttempt(t, v, all[0])
			if v.take && v.dial != "" {
				allowed = append(allowed, v.dial)
			}
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, address := range n.dialed() {
		if !slices.Contains(allowed, address) {
			t.Errorf("the gateway connected to %s", address)
		}
	}
}

func oweAll(t *testing.T, place app.Where) {
	t.Helper()
	if _, err := app.CreateApp(t.Context(), place, app.Live, merchant.App{ID: 7, Name: "Sen"}); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), place.Database())
	if err != nil {
		t.Fatal(err)
	}
	err = st.Update(t.Context(), func(tx pay.Tx) error {
		for i, v := range reachVectors {
			if err := tx.InsertDelivery(t.Context(), callback.Delivery{
				ID: callback.ID(i + 1), App: 7, Subject: callback.BindingChanged, URL: v.url, State: callback.Due,
				Body: sen.App{Key2: "k"}.SealCallback([]byte(`{}`), sen.AgreementCallbackType), DueAt: apptest.Noon, CreatedAt: apptest.Noon,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
}

func checkAttempt(t *testing.T, v reachVector, a callback.Attempt) {
	t.Helper()
	outcome, text := callback.Refused, "callback_url_"
	switch {
	case v.dial != "" && v.take && !strings.Contains(v.url, "two."):
		outcome, text = callback.Repeat, errNoWires.Error()
	case strings.Contains(v.url, "nobody"):
		outcome, text = callback.Repeat, "no such host"
	case v.take: // or the first of them
		outcome, text = callback.Repeat, "callback_url_not_public"
	}
	if a.Status != 0 || a.Outcome != outcome || !strings.Contains(a.Err, text) {
		t.Errorf("%q (%s): got %s, %q, want %s with %q", v.url, v.why, a.Outcome, a.Err, outcome, text)
	}
	for _, inside := range []string{"192.168.3.4", "10.0.0.5", "127.0.0.1:443", ":53"} {
		if v.take && strings.Contains(a.Err, inside) {
			t.Errorf("%q tells %s: %q", v.url, inside, a.Err)
		}
	}
}

// TestReachRebinding moves a name from a public address to a private one between
// two calls, and back: what was looked up is what is judged and connected to.
func TestReachRebinding(t *testing.T) {
	t.Parallel()
	n := newNetwork()
	n.names = map[string][]string{"moves.example": {pub4}}
	client := callback.NewClient(callback.Reach{Public: true}.Transport(n.dialer(), time.Minute), time.Minute)
	for _, to := range []string{pub4, "127.0.0.1", pub4, "169.254.169.254"} {
		n.mu.Lock()
		n.names["moves.example"], n.dials = []string{to}, nil
		n.mu.Unlock()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://moves.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			t.Error("something answered")
		}
		want := []string{to + ":443"}
		if to != pub4 {
			want = nil
		}
		if got := n.dialed(); !slices.Equal(got, want) {
			t.Errorf("the name stands for %s: connected to %q", to, got)
		}
	}
}

// TestReachProxy sets the proxy of the environment: a gateway that used one would
// let it resolve names in its place.
func TestReachProxy(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, "http://proxy.example:3128")
	}
	for _, public := range []bool{true, false} {
		if transport := (callback.Reach{Public: public}).Transport(&net.Dialer{}, time.Minute); transport.Proxy != nil {
			t.Error("asks the environment for a proxy")
		}
	}
	n := newNetwork()
	client := callback.NewClient(callback.Reach{Public: true}.Transport(n.dialer(), time.Minute), time.Minute)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://shop.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := client.Do(req); err == nil {
		_ = res.Body.Close()
		t.Error("something answered")
	}
	if got := n.dialed(); !slices.Equal(got, []string{pub4 + ":80"}) {
		t.Errorf("connected to %q", got)
	}
}

// TestReachOfSandbox sees that a sandbox calls the developer's machine.
func TestReachOfSandbox(t *testing.T) {
	t.Parallel()
	n := newNetwork()
	client := callback.NewClient(callback.Reach{}.Transport(n.dialer(), time.Minute), time.Minute)
	for _, url := range []string{"http://127.0.0.1:9000/callback", "http://localhost:9000/", "http://[::1]:9000/"} {
		if err := (callback.Reach{}).Check(url); err != nil {
			t.Error(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			t.Error("something answered")
		}
		if len(n.dialed()) == 0 {
			t.Errorf("%s: not connected to", url)
		}
		n.mu.Lock()
		n.dials = nil
		n.mu.Unlock()
	}
}

// TestLiveRefusesInsideCallbacks gives URLs of the inside to a live gateway by
// every member that takes one. Strangers learn no reasons; what was refused is in
// the log of requests.
func TestLiveRefusesInsideCallbacks(t *testing.T) {
	t.Parallel()
	var live sen.App
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		a, err := app.CreateApp(t.Context(), livePlace(t, c), app.Live, merchant.App{ID: 7, Name: "Sen"})
		if err != nil {
			t.Fatal(err)
		}
		live = sen.App{ID: 7, Key1: a.Key1, Key2: a.Key2}
	})
	s := &shop{g, t, live}
	ask := func(suffix, url string) map[string]answer {
		o := order(suffix).with(members{"app_id": "7", "callback_url": url})
		w := bound("w" + suffix).with(members{"app_id": "7", "callback_url": url})
		c := members{
			"app_id": "7", "app_trans_id": "261122_c" + suffix, "req_date": millis(0), "identifier": "u", "binding_type": "CARD", "binding_mode": "BIND",
			"device_type": "MOBILE", "binding_data": `{"callback_url":"` + url + `"}`, "payment_data": "{}",
		}
		p := c.with(members{
			"app_trans_id": "261122_p" + suffix, "binding_mode": "BIND_AND_PAY", "binding_data": "{}",
			"payment_data": `{"amount":50000,"description":"x","callback_url":"` + url + `"}`,
		})
		return map[string]answer{
			"an order": s.call(sen.OpCreateOrder, o), "a binding": s.call(sen.OpCreateBindingWallet, w),
			"a card": s.call(sen.OpCreateBindingCard, c), "a card and an order": s.call(sen.OpCreateBindingCard, p),
		}
	}
	for what, a := range ask("in", "http://169.254.169.254/latest/") {
		if !malformed(a) || strings.Contains(a.Body, "169.254") {
			t.Errorf("%s: got %s", what, a.Body)
		}
	}
	for what, a := range ask("out", "https://shop.example/cb") {
		if malformed(a) {
			t.Errorf("%s: got %s", what, a.Body)
		}
	}
}

// malformed tells the value of all operations, and that of bindings of cards.
func malformed(a answer) bool { return a.Sub == -401 || a.Sub == -7002 }
