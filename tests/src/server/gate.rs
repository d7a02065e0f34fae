//! A statement that lasts as long as a test wants it to.

use super::{Database, Product};
use diesel::connection::SimpleConnection as _;

/// As long as it is closed, the function `wait_for_gate()` does not return; then it returns 1.
#[expect(missing_debug_implementations, reason = "connections have none")]
pub struct Gate<P: Product>(P::Connection);

impl<P: Product> Gate<P> {
    /// Locks of the session are the gate. The function looks and looks again: to wait for a lock,
    /// the server would have a time limit.
    ///
    /// # Panics
    /// When the server refuses the function.
    #[track_caller]
    #[must_use]
    pub fn closed(database: &Database<P>) -> Self {
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
        for sql in [function, lock] {
            holder.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        Self(holder)
    }

    /// Lets the function return.
    pub fn open(self) {
        // The lock goes with the session.
        drop(self.0);
    }
}
