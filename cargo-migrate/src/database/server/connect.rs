//! Connecting to a server, within a time.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use diesel::Connection;

/// Why there is no connection.
pub(in crate::database) enum Problem {
    /// The time was up.
    NoAnswer,
    /// What the server or the client library said.
    Said(String),
}

/// Connects, and prepares the connection.
pub(in crate::database) fn establish<C: Connection + Send + 'static>(
    url: String,
    limit: Duration,
    prepare: impl FnOnce(&mut C) -> Result<(), String> + Send + 'static,
) -> Result<C, Problem> {
    let (sender, receiver) = mpsc::channel();
    let attempt = move || {
        let connected = C::establish(&url).map_err(|error| error.to_string());
        let prepared = connected.and_then(|mut connection| {
            prepare(&mut connection)?;
            Ok(connection)
        });
        // Nobody waits any more when the time is up.
        let _ = sender.send(prepared);
    };
    // A thread of its own: neither library can be told to stop. It ends with the process.
    let started = thread::Builder::new().name("connect".to_owned()).spawn(attempt);
    started.map_err(|error| Problem::Said(format!("no thread can be started: {error}")))?;
    match receiver.recv_timeout(limit) {
        Ok(result) => result.map_err(Problem::Said),
        Err(_) => Err(Problem::NoAnswer),
    }
}
