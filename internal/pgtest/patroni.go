//go:build linux

package pgtest

import "path/filepath"

// object is a node of a configuration.
type object map[string]any

// config is what a node's Patroni is told.
func (c *Cluster) config(n *node) object {
	superuser := object{"username": "postgres", "password": c.password}
	return object{
		"scope":   "sen",
		"name":    n.name,
		"restapi": object{"listen": loopback("", n.api), "connect_address": loopback("", n.api)},
		// Not etcd3: there, Patroni 3.0.2 writes the leader's key without
		// comparing when its lease has run out, so a leader that slept can
		// overwrite the one that replaced it. Here it says what it replaces.
		"etcd": object{"host": loopback("", c.etcdPort)},
		"bootstrap": object{
			"dcs":    c.shared(),
			"initdb": []any{object{"encoding": "UTF8"}, "no-locale"},
		},
		"postgresql": object{
			"listen":          loopback("", n.port),
			"connect_address": loopback("", n.port),
			"data_dir":        filepath.Join(n.dir, "data"),
			"bin_dir":         c.installation.Bin,
			"pgpass":          filepath.Join(n.dir, "pgpass"),
			"authentication": object{
				"superuser":   superuser,
				"rewind":      superuser,
				"replication": object{"username": "replicator", "password": c.password},
			},
			"pg_hba": []string{
				"host all all 127.0.0.1/32 password",
				"host replication all 127.0.0.1/32 password",
			},
			"parameters": object{"unix_socket_directories": "", "dynamic_shared_memory_type": "mmap"},
			// A node that can't be wound back is copied anew: tests wait for
			// it to come back, not for somebody who looks after it.
			"remove_data_directory_on_rewind_failure":     true,
			"remove_data_directory_on_diverged_timelines": true,
		},
	}
}

// shared is what all nodes agree on. Nothing that was answered may be lost
// with one node, so a commit waits for a follower, and where there is none, it
// waits for that.
func (c *Cluster) shared() object {
	return object{
		"ttl": lease, "loop_wait": round, "retry_timeout": retry,
		"synchronous_mode": true, "synchronous_mode_strict": true,
		"postgresql": object{
			"use_pg_rewind": true,
			"parameters": object{
				"max_connections":    200,
				"synchronous_commit": "remote_apply",
				"wal_log_hints":      "on",
				"log_line_prefix":    "%m [%p] %d ",
			},
		},
	}
}
