#!/bin/sh
# Builds what is measured, and measures it. Prints a table; BENCHMARKS.md says what it means.
#
#   sh tests/bench.sh [--with-diesel] [--with-node] [PART…]
#
# The parts: verify, parse, build-script, database, postgres, memory, embedding, tools.
# With no part named, all are measured. `--with-diesel` first installs Diesel's command line into
# `target/bench-tools` (some minutes), `--with-node` Knex and Sequelize; what is there is compared with.
set -eu
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}

for program in cat cargo mariadbd psql sqlite3; do
    if ! command -v "$program" >/dev/null; then
        echo "bench: \`$program\` is missing; install it first" >&2
        exit 1
    fi
done

if [ "${1-}" = --with-diesel ]; then
    shift
    if [ ! -x "$target/bench-tools/bin/diesel" ]; then
        cargo install diesel_cli --no-default-features --features postgres,sqlite-bundled --locked \
            --root "$target/bench-tools"
    fi
elif [ ! -x "$target/bench-tools/bin/diesel" ]; then
    echo "bench: no \`diesel\` to compare with; \`--with-diesel\` installs it" >&2
fi

if [ "${1-}" = --with-node ]; then
    shift
    mkdir -p "$target/bench-tools/node"
    if [ ! -d "$target/bench-tools/node/node_modules" ]; then
        (cd "$target/bench-tools/node" && npm init -y >/dev/null && npm install --no-audit --no-fund \
            knex@3 better-sqlite3@12 sequelize@6 sequelize-cli@6 sqlite3@6)
    fi
fi

export SERVERS_IN=/tmp
# With the databases that Diesel's command line is built with: each library takes its time to load.
cargo build --release --quiet -p cargo-migrate --features postgres
cp "$target/release/cargo-migrate" "$target/release/cargo-migrate-postgres"
cargo build --release --quiet -p cargo-migrate --features mysql,postgres
cargo build --release --quiet -p migrate-tests --bin bench
exec "$target/release/bench" "$@"
