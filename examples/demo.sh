#!/bin/sh
# A tour of `cargo migrate` on an SQLite file, in a directory of its own that goes again at the end.
# Each command is shown before it runs. The first time, the tool is built.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
case $target in /*) ;; *) target=$root/$target ;; esac

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
show() { printf '\n$ %s\n' "$*"; "$@" 2>&1; }
# Shows a command that has to fail.
refused() {
    printf '\n$ %s\n' "$*"
    if "$@" 2>&1; then
        echo "demo.sh: this should have been refused" >&2
        exit 1
    else
        printf '(exit code %s)\n' "$?"
    fi
}

say "Building the tool"
(cd "$root" && CARGO_TARGET_DIR=$target cargo build --locked -p cargo-migrate)
PATH=$target/debug:$PATH

here=$(mktemp -d "${TMPDIR:-/tmp}/cargo-migrate-demo.XXXXXX")
trap 'rm -rf "$here"' EXIT
cd "$here"
# What a package would have in its Cargo.toml.
export DATABASE_URL=demo.db
unset CARGO_TERM_COLOR || true

say "Two migrations: the name decides the template"
show cargo migrate new create_users name:text! email:text!:unique --dir migrations
show cargo migrate new add_phone_to_users phone:text --dir migrations
for file in migrations/*/*.sql; do show cat "$file"; done

say "Check the files; no database is needed"
show cargo migrate check --dir migrations

say "Apply them, and look"
show cargo migrate run --dir migrations
show cargo migrate status --dir migrations
show cargo migrate run --dir migrations

say "Take the newest back, and apply it again"
show cargo migrate revert --dir migrations
show cargo migrate run --dir migrations

say "A down.sql that undoes nothing is refused"
phone=$(echo migrations/*_add_phone_to_users)
printf '\n$ echo "-- later" > %s/down.sql\n' "$phone"
cp "$phone/down.sql" kept.sql
echo "-- later" > "$phone/down.sql"
refused cargo migrate check --dir migrations
mv kept.sql "$phone/down.sql"

say "So are two migrations with one version: dashes or not"
version=$(basename "$phone" | cut -d_ -f1 | tr -d -)
show cp -r "$phone" "migrations/${version}_add_fax_to_users"
refused cargo migrate run --dir migrations
rm -r "migrations/${version}_add_fax_to_users"

say "And an applied migration that was edited since"
printf '\n$ echo "ALTER TABLE users ADD COLUMN fax TEXT;" >> %s/up.sql\n' "$phone"
echo "ALTER TABLE users ADD COLUMN fax TEXT;" >> "$phone/up.sql"
refused cargo migrate run --dir migrations

say "That was it. The README goes on with migrations that are part of a program."
