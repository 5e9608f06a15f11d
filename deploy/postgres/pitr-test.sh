#!/usr/bin/env bash
# Tries backup and restore of Sen on PostgreSQL, with a server, a gateway and
# payments made up for it: a base backup, write-ahead logs that are archived, a
# server that is lost, and restores to the last moment and to an earlier one.
# What an operator does is marked with "==>".
#
#   deploy/postgres/pitr-test.sh [folder of PostgreSQL's programs]
#
# SEN names the binary, or else the one on the PATH is taken. Nothing is left
# behind.
set -euo pipefail

bin=${1:-$(dirname "$(readlink -f "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres | tail -1)")")}
sen=${SEN:-$(command -v sen)}
dir=$(mktemp -d)
as=()
if [ "$(id -u)" -eq 0 ]; then # which PostgreSQL refuses to run as
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups --)
	chown "$user" "$dir"
fi
gateway=

clean() {
	[ -z "$gateway" ] || kill -KILL "$gateway" 2>/dev/null || true
	for data in "$dir"/*/postmaster.pid; do
		[ ! -e "$data" ] || pg pg_ctl stop --silent --mode immediate --pgdata "$(dirname "$data")" || true
	done
	rm -rf "$dir"
}
trap clean EXIT

fail() {
	echo "FAILED: $*" >&2
	tail -n 20 "$dir"/*log >&2 || true
	exit 1
}

# pg runs one of PostgreSQL's programs as the user who may.
pg() {
	local program=$1
	shift
	(cd "$dir" && PGHOST=$dir PGUSER=postgres PGDATABASE=postgres "${as[@]}" "$bin/$program" "$@")
}

sql() { pg psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --command "$1" "${2:-sen}"; }

# start DATA: the server listens on a socket in a folder of its own. Nobody pulls
# the plug here, so it does not wait for the disk; yours must.
start() {
	pg pg_ctl start --silent --wait --pgdata "$1" --log "$dir/postgres.log" \
		--options "-c listen_addresses= -c unix_socket_directories=$dir -c dynamic_shared_memory_type=mmap -c fsync=off" ||
		fail "PostgreSQL does not start"
}

database="postgres://postgres@/sen?host=$dir"

serve() {
	"$sen" serve --quiet --addr 127.0.0.1:0 --data "$dir/keys" --database "$database" >"$dir/sen.log" 2>&1 &
	gateway=$!
	for _ in $(seq 300); do
		SEN_SERVER=$(sed -n 's/^Sen .* is ready at //p' "$dir/sen.log")
		[ -z "$SEN_SERVER" ] || break
		kill -0 "$gateway" 2>/dev/null || fail "sen does not start"
		sleep 0.1
	done
	export SEN_SERVER
}

stop_gateway() {
	kill -"$1" "$gateway"
	wait "$gateway" 2>/dev/null || true
	gateway=
}

# pay makes an order and pays it, and leaves its number in $paid.
pay() {
	local order
	order=$("$sen" order create | awk '/^app_trans_id/ {print $2}')
	paid=$("$sen" pay "$order" | awk '/^zp_trans_id/ {print $2}')
	[ -n "$paid" ] || fail "no payment"
}

# verify NAME PAYMENTS
verify() {
	"$sen" ledger verify --database "$database" >"$dir/verify" || fail "the ledger after $1: $(cat "$dir/verify")"
	grep -Eq "^payments +$2\$" "$dir/verify" || fail "after $1, want $2 payments: $(cat "$dir/verify")"
	echo "$1: $2 payments, and the ledger is right"
}

# restore NAME TARGET makes a server of the base backup and what was archived.
restore() {
	echo "==> restore: $1"
	"${as[@]}" cp -R "$dir/base" "$dir/$1"
	"${as[@]}" mkdir -p "$dir/$1/pg_wal/archive_status"
	"${as[@]}" tee -a "$dir/$1/postgresql.auto.conf" >/dev/null <<-END
		restore_command = 'cp $dir/archive/%f %p'
		recovery_target_action = 'promote'
		archive_mode = off
		$2
	END
	"${as[@]}" touch "$dir/$1/recovery.signal"
	start "$dir/$1"
	for _ in $(seq 300); do
		[ "$(sql 'SELECT pg_is_in_recovery()' postgres)" = t ] || return 0
		sleep 0.1
	done
	fail "the recovery does not end"
}

pg initdb --pgdata "$dir/data" --username postgres --auth trust --encoding UTF8 --no-locale --no-sync --no-instructions >/dev/null
"${as[@]}" mkdir "$dir/archive"

echo "==> archive the write-ahead log, and never over what is there"
"${as[@]}" tee -a "$dir/data/postgresql.conf" >/dev/null <<-END
	wal_level = replica
	archive_mode = on
	archive_command = 'test ! -f $dir/archive/%f && cp %p $dir/archive/%f.part && mv $dir/archive/%f.part $dir/archive/%f'
	archive_timeout = 60
END
start "$dir/data"
sql 'CREATE DATABASE sen' postgres
serve
pay

echo "==> make a base backup, while payments go on"
pg pg_basebackup --pgdata "$dir/base" --checkpoint fast --wal-method none --no-sync 2>/dev/null &
backup=$!
pay
pay
wait "$backup" || fail "no base backup"
pay
sql "SELECT pg_create_restore_point('before the mistake')" >/dev/null
pay
last=$paid

# A log is archived when it is full or after archive_timeout; here nobody waits.
log=$(sql 'SELECT pg_walfile_name(pg_current_wal_lsn())')
sql 'SELECT pg_switch_wal()' >/dev/null
for _ in $(seq 300); do
	[ ! -e "$dir/archive/$log" ] || break
	sleep 0.1
done
[ -e "$dir/archive/$log" ] || fail "the log $log is not archived"

echo "==> the server and its disk are gone"
stop_gateway KILL
pg pg_ctl stop --silent --mode immediate --pgdata "$dir/data"
rm -rf "$dir/data"

restore latest ""
verify "a restore to the last moment" 5
pg pg_ctl stop --silent --mode fast --pgdata "$dir/latest"

restore earlier "recovery_target_name = 'before the mistake'"
verify "a restore to an earlier moment" 4
echo "==> leave out numbers that were given out after that moment"
sql "UPDATE numbers SET next = next + 10000000"
serve
pay
[ "$paid" -gt "$last" ] || fail "number $paid is not beyond $last, which was given out before"
stop_gateway TERM
verify "a payment after the restore" 5
