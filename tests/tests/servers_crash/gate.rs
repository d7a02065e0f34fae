//! A statement that lasts as long as a test wants it to.

use diesel::connection::SimpleConnection as _;
use migrate_tests::server::{Database, Product};

/// As long as it is closed, the function `wait_for_gate()` does not return; then it returns 1.
pub(crate) struct Gate<P: Product>(P::Connection);

impl<P: Product> Gate<P> {
    /// Locks of the session are the gate. The function looks and looks again: to wait for a lock,
    /// the server would have a time limit.
    pub(crate) fn closed(database: &Database<P>) -> Self {
        let (function, lock) = if P::DIALECT == "postgres" {
            (
                "CREATE FUNCTION wait_for_gate() RETURNS int LANGUAGE plpgsql AS $$
                 BEGIN
                     WHILE NOT pg_try_advisory_xact_lock_shared(1) LOOP
                         PERFORM pg_sleep(0.01);
                     END LOOP;
                     RETURN 1;
                 END $$",
                "SELECT pg_advisory_lock(1)",
            )
        } else {
            (
                "CREATE FUNCTION wait_for_gate() RETURNS INT READS SQL DATA
                 BEGIN
                     WHILE IS_USED_LOCK(DATABASE()) IS NOT NULL DO
                         DO SLEEP(0.01);
                     END WHILE;
                     RETURN 1;
                 END",
                "DO GET_LOCK(DATABASE(), 0)",
            )
        };
        let mut holder = database.connect();
        holder.batch_execute(function).unwrap();
        holder.batch_execute(lock).unwrap();
        Self(holder)
    }

    pub(crate) fn open(self) {
        // The lock goes with the session.
        drop(self.0);
    }
}
