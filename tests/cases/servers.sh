#!/bin/sh
# Finds Redis and PostgreSQL, or installs Debian's where that can be done; starts both on loopback in a
# temporary directory, runs the command that is given, and stops them.
set -eu

postgres_bin() {
    for path in "${POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin; do
        [ -x "$path/initdb" ] && echo "$path" && return 0
    done
    command -v initdb >/dev/null && dirname "$(command -v initdb)"
}

if ! command -v redis-server >/dev/null || ! postgres_bin >/dev/null; then
    if [ "$(id -u)" = 0 ]; then root=''; elif sudo -n true 2>/dev/null; then root='sudo -n'; else root=none; fi
    if command -v apt-get >/dev/null && [ "$root" != none ]; then
        echo "Installing Redis and PostgreSQL (once) ..." >&2
        { $root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq \
            --no-install-recommends redis-server postgresql; } >&2
    fi
fi
if ! command -v redis-server >/dev/null || ! postgres_bin >/dev/null; then
    echo "These tests need Redis and PostgreSQL (Debian: apt-get install redis-server postgresql)." >&2
    exit 1
fi

bin=$(postgres_bin)
directory=$(mktemp -d)
chmod 755 "$directory"
mkdir "$directory/postgres" "$directory/redis"
as=''
if [ "$(id -u)" = 0 ]; then  # PostgreSQL does not run as root
    as='runuser -u nobody --'
    chown nobody "$directory/postgres"
fi
free_port() {
    "${PYTHON:-python3}" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
redis_port=$(free_port)
postgres_port=$(free_port)
redis=''
stop() {
    $as "$bin/pg_ctl" -D "$directory/postgres" -m immediate stop >/dev/null 2>&1 || true
    [ -z "$redis" ] || kill "$redis" 2>/dev/null || true
    rm -rf "$directory"
}
trap stop EXIT
trap 'exit 130' INT TERM

$as "$bin/initdb" -D "$directory/postgres" -U diag -A trust -E UTF8 --no-sync >/dev/null
$as "$bin/pg_ctl" -D "$directory/postgres" -w -l "$directory/postgres/log" \
    -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c fsync=off" \
    start >/dev/null
redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$directory/redis" --save '' \
    --daemonize no >"$directory/redis/log" 2>&1 &
redis=$!
until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do
    kill -0 "$redis"
    sleep 0.1
done

DIAG_TEST_POSTGRESQL="postgresql://diag@127.0.0.1:$postgres_port/postgres" \
    DIAG_TEST_REDIS="redis://127.0.0.1:$redis_port/0" "$@"
