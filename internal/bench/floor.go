package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// The floor is a payment as cheap as a conversation for each can make it: one
// statement, one round trip, and nothing of a wallet's rules but the floor of
// its balance. Who carries out payments one by one can't be faster.
const floor = "floor"

const floorCallers = 16

const floorTables = `
CREATE TABLE accounts (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL, floor BIGINT, CHECK (floor IS NULL OR balance >= floor));
CREATE TABLE orders (id BIGINT PRIMARY KEY, merchant BIGINT NOT NULL, amount BIGINT NOT NULL, state TEXT NOT NULL, payment BIGINT NOT NULL);
CREATE TABLE entries (id BIGINT PRIMARY KEY, reason TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE postings (entry_id BIGINT NOT NULL, account_id BIGINT NOT NULL, amount BIGINT NOT NULL, PRIMARY KEY (entry_id, account_id));`

// Merchants' accounts have the numbers from 1, wallets' those from floorWallet.
const floorWallet = 1 << 32

const (
	floorAccounts = `
INSERT INTO accounts SELECT n, 0, NULL FROM generate_series(1, %d) AS n
UNION ALL SELECT %d + n, 1000000000000, 0 FROM generate_series(1, %d) AS n`

	floorOrders = `
INSERT INTO orders SELECT n, 1 + n %% %d, 50000, 'created', 0 FROM generate_series(%d, %d) AS n`

	// Dividing by the number of orders paid makes it fail, all of it, when
	// there is none.
	floorPayment = `
WITH o AS (SELECT id, merchant, amount FROM orders WHERE id = $1),
debit AS (
	UPDATE accounts SET balance = balance - o.amount FROM o
	WHERE accounts.id = $2 AND balance - o.amount >= floor RETURNING accounts.id),
paid AS (
	UPDATE orders SET state = 'paid', payment = $1 FROM debit
	WHERE orders.id = $1 AND state = 'created' RETURNING orders.merchant, orders.amount),
credit AS (UPDATE accounts SET balance = balance + paid.amount FROM paid WHERE accounts.id = paid.merchant),
entry AS (INSERT INTO entries SELECT $1, 'payment', $3 FROM paid),
moved AS (
	INSERT INTO postings SELECT $1, $2, -amount FROM paid UNION ALL SELECT $1, merchant, amount FROM paid)
SELECT 1 / count(*) FROM paid`
)

// A transfer is the yardstick at work.
type transfer struct {
	url                string
	merchants, wallets int
	conns              []*pgconn.PgConn
	made               int64               // orders
	next               [floorCallers]int64 // order of each caller
}

func openFloor(ctx context.Context, url string, merchants, wallets int) (*transfer, error) {
	t := &transfer{url: url, merchants: merchants, wallets: wallets}
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	// One statement with its own conditions needs no more, and under
	// SERIALIZABLE its callers would be refused because of each other.
	config.RuntimeParams["default_transaction_isolation"] = "read committed"
	for range floorCallers {
		conn, err := pgconn.ConnectConfig(ctx, config)
		if err != nil {
			t.close()
			return nil, err
		}
		t.conns = append(t.conns, conn)
	}
	err = t.exec(ctx, floorTables+fmt.Sprintf(floorAccounts, merchants, floorWallet, wallets)+"; ANALYZE")
	for _, conn := range t.conns {
		if err == nil {
			_, err = conn.Prepare(ctx, floor, floorPayment, nil)
		}
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *transfer) exec(ctx context.Context, sql string) error {
	_, err := t.conns[0].Exec(ctx, sql).ReadAll()
	return err
}

// prepare makes orders until n are left for each caller's share of them.
func (t *transfer) prepare(ctx context.Context, n int) error {
	// The callers are not equally fast; there is always one order more.
	from, to := t.made+1, t.made+int64(2*n)
	t.made = to
	for i := range t.next {
		t.next[i] = from + int64(i)
	}
	return t.exec(ctx, fmt.Sprintf(floorOrders, t.merchants, from, to))
}

func (t *transfer) pay(c *caller) error {
	order := t.next[c.n]
	if order > t.made {
		return errEmpty
	}
	t.next[c.n] += floorCallers
	wallet := floorWallet + 1 + rand.IntN(t.wallets) //nolint:gosec // a choice, not a secret
	args := [][]byte{
		strconv.AppendInt(nil, order, 10), strconv.AppendInt(nil, int64(wallet), 10),
		strconv.AppendInt(nil, time.Now().UnixMicro(), 10),
	}
	ctx, cancel := context.WithDeadline(context.Background(), c.deadline)
	defer cancel()
	result := t.conns[c.n].ExecPrepared(ctx, floor, args, nil, nil).Read()
	if result.Err != nil {
		return result.Err
	}
	if len(result.Rows) != 1 || string(result.Rows[0][0]) != "1" {
		return errors.New("the transfer paid no order")
	}
	return nil
}

func (t *transfer) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, conn := range t.conns {
		_ = conn.Close(ctx) // its database is dropped anyway
	}
}
