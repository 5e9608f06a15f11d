// Package pgtest gives tests real PostgreSQL servers: one that lives as long
// as a command, a cluster whose nodes can be killed, and a proxy that breaks
// what passes through it at points that the test chooses.
//
// Nothing here is part of the program.
package pgtest
