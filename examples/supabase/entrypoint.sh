#!/bin/sh
# The entrypoint of a container: brings the database up to date, then becomes the program.
#
#     ENTRYPOINT ["/app/entrypoint.sh"]
#     CMD ["/app/example-supabase", "list"]
#
# Every replica may run it at the same time: one of them migrates, the others wait for it, and find
# nothing to do. When the database does not come up, or a migration fails, the program does not start.
set -eu

migrations=${MIGRATIONS_DIR:-/app/migrations}

cargo-migrate wait --dir "$migrations" --dialect postgres --timeout "${WAIT_TIMEOUT:-60}"
cargo-migrate run --dir "$migrations" --dialect postgres --lock-timeout 300
exec "$@"
