package pgtest

import (
	"strings"
	"time"
)

// A Message is one message of a client, as faults see it.
type Message struct {
	Connection int    // counted from 1, as are all of these
	N          int    // which message of all clients
	Trip       int    // which round trip it belongs to
	Statement  int    // how many statements there were, with this one if it is one
	Type       byte   // of the protocol: 'P' Parse, 'B' Bind, 'E' Execute, 'S' Sync, 'Q' Query …
	SQL        string // the statement that it is about, where it names one
	Commit     bool   // executes a COMMIT
}

// Action is what a fault does.
type Action int

// The actions. "Answered" means: up to the end of the round trip.
const (
	// AnswerError answers with the error Code in the message's place. What went
	// before it in the pipeline is answered first, what follows is skipped, and
	// the transaction is rolled back at the server, all as if the error were
	// the server's.
	AnswerError Action = iota + 1
	// AnswerErrorAfter lets the server do it and then answers with the error
	// Code all the same: 40003 after a COMMIT.
	AnswerErrorAfter
	// CutBefore ends the connection; the server never sees the message. With
	// Wait, the client is cut only after the server has rolled back.
	CutBefore
	// CutAfter ends the connection; the server sees the message, the client
	// no answer to it. With Wait, the client is cut only when the server has
	// finished. Without, it is cut at once, and the message reaches the server
	// after Delay, as one that was still on its way.
	CutAfter
	// Terminate answers with the fatal error Code and ends the connection: a
	// server that shuts down says 57P01. With Wait, only after the server has
	// rolled back.
	Terminate
	// Hold hands the message on after Delay.
	Hold
)

// code returns the SQLSTATE that servers use for it.
func (a Action) code() string {
	switch a {
	case AnswerErrorAfter:
		return "40003" // statement completion unknown
	case Terminate:
		return "57P01" // admin shutdown
	default:
		return "40001" // serialization failure
	}
}

// A Fault is something that goes wrong.
type Fault struct {
	When  func(Message) bool // called for one message at a time; Statement, Commit, … make one
	Do    Action
	Code  string // SQLSTATE; "" for what the action is most often used with
	Wait  bool
	Delay time.Duration
	Times int // how often, at most; 0 is once, negative is always

	proxy *Proxy
	begun int
	fired int
}

// Fired returns how often the fault has come about: its error was answered,
// its connection cut, its delay begun.
func (f *Fault) Fired() int {
	f.proxy.mu.Lock()
	defer f.proxy.mu.Unlock()
	return f.fired
}

func (f *Fault) fire() {
	f.proxy.mu.Lock()
	defer f.proxy.mu.Unlock()
	f.fired++
}

func (f *Fault) left() bool { return f.Times < 0 || f.begun < max(f.Times, 1) }

// OnCommit is true for each COMMIT.
func OnCommit(m Message) bool { return m.Commit }

// OnStatement is true for the n-th statement.
func OnStatement(n int) func(Message) bool {
	return func(m Message) bool { return m.executes() && m.Statement == n }
}

// OnMessage is true for the n-th message.
func OnMessage(n int) func(Message) bool {
	return func(m Message) bool { return m.N == n }
}

// OnTrip is true for the messages of the n-th round trip; a fault that fires
// once meets the first.
func OnTrip(n int) func(Message) bool {
	return func(m Message) bool { return m.Trip == n }
}

func (m Message) executes() bool { return m.Type == msgExecute || m.Type == msgQuery }

// isCommit tells whether a statement is a COMMIT and nothing else.
func isCommit(sql string) bool {
	words := strings.Fields(strings.ToUpper(strings.TrimRight(strings.TrimSpace(sql), ";")))
	switch len(words) {
	case 1:
		return words[0] == "COMMIT" || words[0] == "END"
	case 2:
		return words[0] == "COMMIT" && (words[1] == "WORK" || words[1] == "TRANSACTION")
	}
	return false
}
