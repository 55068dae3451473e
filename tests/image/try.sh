#!/bin/sh
# Builds the image and tries it as it is meant to run: read-only, as its user, without capabilities.
# It has to become healthy, answer one diagnosis, and end with status 0 on SIGTERM.
#
#   ENGINE       docker or podman, with its options; the first that works by default
#   BASE         the base image, by digest where you can (Dockerfile has the default)
#   BUILD_FLAGS  more options of `ENGINE build`
#   RUN_FLAGS    more options of `ENGINE run`
set -eu
cd "$(dirname "$0")/../.."

fail() { echo "make image: $*" >&2; exit 1; }
say() { echo "image: $*"; }

if [ -z "${ENGINE:-}" ]; then
    for engine in docker podman; do
        if "$engine" info >/dev/null 2>&1; then ENGINE=$engine; break; fi
    done
fi
[ -n "${ENGINE:-}" ] || fail "no engine answers; start docker or install podman, or name one with ENGINE="

name=bitshares-diag-try-$$
image=${IMAGE:-bitshares-diag}
BUILD_FLAGS="${BUILD_FLAGS:-} ${BASE:+--build-arg BASE=$BASE}"
case $ENGINE in *podman*) BUILD_FLAGS="--format docker $BUILD_FLAGS" ;; esac # the OCI format has no HEALTHCHECK

# shellcheck disable=SC2086  # options are words
$ENGINE build $BUILD_FLAGS --tag "$image" . || fail "the image was not built. Where the base image cannot be had, name another: BASE="

# shellcheck disable=SC2086
trap '$ENGINE rm --force "$name" >/dev/null 2>&1 || true' EXIT
# shellcheck disable=SC2086
$ENGINE run --detach --name "$name" --network none --read-only --tmpfs /tmp:size=256m --cap-drop ALL \
    --security-opt no-new-privileges ${RUN_FLAGS:-} "$image" >/dev/null || fail "the container did not start"

inside() { $ENGINE exec "$name" python -c "$1"; }

health() { # docker runs HEALTHCHECK by itself; podman does on request, where there is no systemd
    if $ENGINE healthcheck run "$name" >/dev/null 2>&1; then echo healthy; return; fi
    $ENGINE inspect --format '{{.State.Health.Status}}' "$name" 2>/dev/null || echo unknown
}
tries=0
until [ "$(health)" = healthy ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { $ENGINE logs "$name" >&2; fail "HEALTHCHECK did not succeed"; }
    sleep 1
done
say "healthy (its HEALTHCHECK)"

[ "$(inside 'import os; print(os.getuid())')" = 65532 ] || fail "it does not run as its user"
if inside 'open("/written", "w")' >/dev/null 2>&1; then fail "its root file system can be written"; fi
say "runs as user 65532 on a read-only root"

# An argument of a shell within a shell is hard to read: the question is a program of its own.
code=$(inside 'import json, os, urllib.request
url = "http://127.0.0.1:" + os.environ["DIAG_PORT"] + "/v1/diagnoses?account=zhao-ming&last=12h"
print(json.load(urllib.request.urlopen(url, timeout=30))["verdict"]["code"])') || fail "no diagnosis"
say "diagnosed zhao-ming: $code"

$ENGINE kill --signal TERM "$name" >/dev/null
status=$($ENGINE wait "$name")
[ "$status" = 0 ] || { $ENGINE logs "$name" >&2; fail "SIGTERM ended it with status $status"; }
say "SIGTERM ended it with status 0"
