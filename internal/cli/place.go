package cli

import (
	"cmp"
	"errors"

	"sen/internal/app"
)

// place says where data is. A database that is new becomes a live gateway's.
type place struct {
	Data     string `type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory; with --database, the one with vault.json, the keys of secrets."`
	Database string `env:"SEN_DATABASE" placeholder:"URL" help:"The database server, as in postgres://sen:password@localhost/sen."`
}

var errNoPlace = errors.New("say where the data is: --data DIR or --database URL")

func (p place) where() (string, error) {
	if where := cmp.Or(p.Database, p.Data); where != "" {
		return where, nil
	}
	return "", errNoPlace
}

// whole is where the data is, and the keys of its secrets.
func (p place) whole() (app.Where, error) {
	_, err := p.where()
	return app.Where{Data: p.Data, URL: p.Database}, err
}
