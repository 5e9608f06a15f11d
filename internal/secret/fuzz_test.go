package secret

import "testing"

// FuzzParseHash reads hashes as a database that somebody wrote to could have
// them: none may ask for more memory than there is.
func FuzzParseHash(f *testing.F) {
	for _, seed := range []string{
		"$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2i$v=19$m=8,t=1,p=1$$", "", "$$$$$", "$argon2id$v=19 $m=8,t=1,p=256$AAAAAAAAAAA$AA",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		c, key, ok := parse(hash)
		if ok && (c.memory > maxMemory || c.passes < 1 || c.passes > maxPasses || c.lanes < 1 || len(c.salt) > maxBytes || len(key) > maxBytes || len(key) < 16) {
			t.Errorf("%q is taken: %v with %d bytes", hash, c, len(key))
		}
	})
}
