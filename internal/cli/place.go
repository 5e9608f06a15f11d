package cli

import (
	"cmp"
	"errors"
)

// place says where data is. A database that is new becomes a live gateway's.
type place struct {
	Data     string `type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory."`
	Database string `env:"SEN_DATABASE" placeholder:"URL" help:"The database server, as in postgres://sen:password@localhost/sen."`
}

var errNoPlace = errors.New("say where the data is: --data DIR or --database URL")

func (p place) where() (string, error) {
	if where := cmp.Or(p.Database, p.Data); where != "" {
		return where, nil
	}
	return "", errNoPlace
}
