package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// AssetPath is where the assets are.
const AssetPath = "/assets/"

// assets serves embedded files under names that hold a hash of their content,
// so that a browser may keep one for ever and never has an old one.
type assets struct {
	urls    map[string]string // by name
	content map[string][]byte // by name in the URL
}

func newAssets() *assets {
	return &assets{urls: map[string]string{}, content: map[string][]byte{}}
}

// add takes in the directory assets of files.
func (a *assets) add(files fs.FS) error {
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, path.Join("assets", e.Name()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(e.Name())
		hashed := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		if old, ok := a.urls[e.Name()]; ok && old != AssetPath+hashed {
			return fmt.Errorf("there are two assets named %s", e.Name())
		}
		a.urls[e.Name()] = AssetPath + hashed
		a.content[hashed] = data
	}
	return nil
}

// url returns where the asset is; a template that asks for one that is not
// there fails.
func (a *assets) url(name string) (string, error) {
	u, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %s", name)
	}
	return u, nil
}

// ServeHTTP implements http.Handler.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, AssetPath)
	data, ok := a.content[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
