//! Processes, as messages and the journal name them.
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

/// This run, for the journal: process id and time.
pub(crate) fn this() -> String {
    format!("{}@{}", std::process::id(), now_ms())
}

/// A text that no other run has.
pub(crate) fn unique() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("{}@{}-{random:016x}", std::process::id(), now_ms())
}

/// `pid 1234 (name)`; without the name where it cannot be found out.
pub(crate) fn describe(pid: u32) -> String {
    match std::fs::read_to_string(format!("/proc/{pid}/comm")) {
        Ok(name) => format!("pid {pid} ({})", name.trim_end()),
        Err(_) => format!("pid {pid}"),
    }
}

/// Milliseconds since 1970; 0 when the clock stands before that.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
