DROP INDEX user_sessions_status;
ALTER TABLE user_sessions DROP COLUMN status;
-- A type does not go with the column that it was made for. Left behind, it would be in the way of
-- the next run, or be used with the values that it had.
DROP TYPE enum_user_sessions_status;
