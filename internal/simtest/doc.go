// Package simtest holds tests that live a gateway's whole life from one seed: a
// world of merchants, payers, operators and banks, thousands of random steps, a
// clock that jumps, crashes, and a model in plain Go that says what must come
// of each. docs/invariants.md lists what must hold, and how to run it.
package simtest
