package macdoctor

// Work is what a diagnosis of the case cost, and what it may: bytes hashed and
// written, as the search counts them.
func Work(c Case) (spent, most int) {
	s := newSearch(c)
	s.run()
	return budget - s.left, budget
}

// Advised lists the causes that have words.
func Advised() (all []Cause) {
	for c := range advices {
		all = append(all, c)
	}
	return all
}

// DigestOf is the package's own HMAC-SHA256.
func DigestOf(key string, text []byte) []byte { return rightHash(key, text) }

// Words are those of a cause.
func Words(c Cause) (whatEN, whatVI, fixEN, fixVI string) {
	a := advices[c]
	return a.what.EN, a.what.VI, a.fix.EN, a.fix.VI
}
