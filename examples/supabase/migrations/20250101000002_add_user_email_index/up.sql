-- CONCURRENTLY: others write meanwhile. It runs in no transaction, see metadata.toml.
CREATE INDEX CONCURRENTLY users_email_index ON users (email);
