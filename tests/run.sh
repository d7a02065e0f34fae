#!/bin/sh
# Formats, lints, documents and tests the whole; the tests come last. Fails when anything failed or was
# left out. On Debian it installs what is missing; elsewhere it says what is.
set -eu
cd "$(dirname "$0")/.."

step() { printf '\n==> %s\n' "$*"; }
give_up() { printf 'tests/run.sh: %s\n' "$*" >&2; exit 1; }

# Where Debian keeps servers: not on everyone's PATH.
servers=/usr/sbin
for directory in /usr/lib/postgresql/*/bin; do
    servers=$servers:$directory
done

# Whether there is a command, or, by NAME.pc, a library to link with.
has() {
    case $1 in
    *.pc) pkg-config --exists "${1%.pc}" 2>/dev/null ;;
    *) PATH=$PATH:$servers command -v "$1" >/dev/null ;;
    esac
}

# Installs the Debian packages of what is missing: COMMAND|LIBRARY PACKAGE…
need() {
    packages=
    while [ $# -gt 0 ]; do
        has "$1" || packages="$packages $2"
        shift 2
    done
    [ -n "$packages" ] || return 0
    command -v apt-get >/dev/null || give_up "install these first:$packages"
    step "apt-get install$packages"
    root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || give_up "install these first, as root:$packages"
        root=sudo
    fi
    $root apt-get update -qq
    # Word by word: each is a package.
    # shellcheck disable=SC2086
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages
}

# A C compiler builds SQLite; the shell of SQLite and git are what some tests compare with and use.
# Diesel links the clients' libraries of PostgreSQL and MariaDB, and the tests start their servers:
# private ones, whatever the system's own services do.
need cc 'gcc libc6-dev' sqlite3 sqlite3 git git \
    pkg-config pkg-config libpq.pc libpq-dev libmariadb.pc libmariadb-dev \
    initdb postgresql pg_dump postgresql-client pgbouncer pgbouncer \
    mariadbd mariadb-server mariadb mariadb-client openssl openssl

if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH=$HOME/.cargo/bin:$PATH
fi
command -v cargo >/dev/null || give_up "install Rust 1.95 or newer first: https://rustup.rs"
if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
    step "rustup component add rustfmt clippy"
    rustup component add rustfmt clippy
fi

export CARGO_TERM_COLOR=never
failed=
# Runs a step, and goes on when it fails: all that is wrong is worth knowing.
run() {
    step "$*"
    "$@" || failed="$failed
  $*"
}

# With everything but what compiles libraries that the machine has: that takes minutes.
features=mysql,postgres

run cargo fmt --all --check -- --color never
run cargo clippy --locked --workspace --all-targets --features "$features" -- -D warnings
# Each backend compiles alone, and none does: what is missing is said when it is asked for.
for backend in '' sqlite postgres mysql; do
    run cargo clippy --locked -p migrate-build -p migrate-runtime -p cargo-migrate \
        --no-default-features --features "$backend" -- -D warnings
done
run env RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --features "$features" --no-deps

log=$(mktemp)
password=$(sed -n 's/^pub const CANARY: &str = "\(.*\)";$/\1/p' tests/src/server/mod.rs)
trap 'rm -f "$log"' EXIT
tests="cargo test --locked --workspace --features $features --no-fail-fast"
step "$tests"
# The status of a pipe is that of its end: so cargo's is written down.
{ $tests 2>&1 && echo passed >"$log.status" || echo failed >"$log.status"; } | tee "$log"
status=$(cat "$log.status")
rm -f "$log.status"
[ "$status" = passed ] || failed="$failed
  $tests"

# Nor does a test say a password of the servers: not in a failure either.
if grep -q -F "$password" "$log"; then
    failed="$failed
  a test printed a password"
fi

# A test that is left out tests nothing.
ignored=$(sed -n 's/^test \(.*\) \.\.\. ignored.*/  \1/p' "$log")

if [ -n "$ignored" ]; then
    failed="$failed
  left out:
$ignored"
fi
if [ -n "$failed" ]; then
    printf '\nFAILED:%s\n' "$failed"
    # A full disk fails whatever is under way, and seldom says so.
    free=$(df -Pk "${CARGO_TARGET_DIR:-.}" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge 1024 ] || printf 'Of the disk, %s MB are free: see README.md for what it takes.\n' "$free"
    exit 1
fi
printf '\nAll passed.\n'
