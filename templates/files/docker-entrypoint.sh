#!/bin/sh
# The entrypoint of a container: brings the database up to date, then becomes the program.
#
# In a Dockerfile, with `cargo install cargo-migrate` in the stage that builds:
#
#     COPY --from=build /usr/local/cargo/bin/cargo-migrate /usr/local/bin/
#     COPY @DIRECTORY@ /app/migrations
#     COPY docker-entrypoint.sh /app/
#     ENTRYPOINT ["/app/docker-entrypoint.sh"]
#     CMD ["/app/@PACKAGE@"]
#
# Every replica may run it at the same time: one of them migrates, the others wait for it, and find
# nothing to do. When the database does not come up, or a migration fails, the program does not start.
set -eu

cargo-migrate run \
    --dir "${MIGRATIONS_DIR:-/app/migrations}" @SERVER@ \
    --wait "${WAIT_TIMEOUT:-60}" --lock-timeout "${LOCK_TIMEOUT:-300}"
exec "$@"
