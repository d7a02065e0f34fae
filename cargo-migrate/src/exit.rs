//! Exit codes. Scripts rely on them.

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; nothing to say.
    Success = 0,
    /// Findings at deny level, a migration that failed and left nothing behind, or another error.
    Failure = 1,
    /// An unknown flag, an unusable configuration.
    Usage = 2,
    /// The lock was not obtained in time.
    Locked = 3,
    /// A migration stopped half way and could not be rolled back.
    HalfWay = 4,
    /// `status --exit-code`: something is pending. `wait`: the database did not come up in time.
    Pending = 5,
}

impl Exit {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}
