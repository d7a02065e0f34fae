-- In one piece with its column, the key has no rows to read: all have NULL.
ALTER TABLE posts ADD COLUMN user_id INTEGER
    CONSTRAINT posts_user_id_foreign REFERENCES users (id);
