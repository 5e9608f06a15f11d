package simtest

import "net/http"

// A plant is a bug that a gateway could have.
type plant struct {
	name  string
	front func(http.Handler) http.Handler
	lose  string
	into  func(*sim)
}
