// Package tokentest holds tests of what is about wallet tokens and the rules
// around them, by the front door: bindings, limits, campaigns, forced answers.
package tokentest
