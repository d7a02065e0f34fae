//! Why a connection was not made.

use std::time::Duration;

use crate::failure::Failure;

/// A connection that was not made.
#[derive(Debug)]
pub(crate) struct Refused {
    cause: Cause,
    failure: Failure,
}

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Nobody answers, or the way there is not found.
    Unreachable,
    /// The server is on its way up or down.
    Starting,
    /// Its connections are all taken.
    Full,
    /// It has no such database.
    NoDatabase,
    /// It does not let this user in.
    Login,
    /// The two do not agree on encryption.
    Tls,
    /// Nothing can be done with this address.
    Unusable,
    /// It said something else.
    Unknown,
}

impl Refused {
    /// The refusal by a server; `said` is what it or the client library said, a line each.
    pub(super) fn by_server(cause: Cause, shown: &str, said: Vec<String>) -> Self {
        let mut failure = Failure::new(format!("cannot connect to {shown}: {}", cause.summary()));
        failure.notes = said;
        Self { cause, failure: failure.help(cause.help()) }
    }

    /// The refusal by a server that says nothing within this time.
    pub(super) fn no_answer(shown: &str, limit: Duration) -> Self {
        let said = format!("it says nothing within {} s", limit.as_secs());
        Self::by_server(Cause::Unreachable, shown, vec![said])
    }

    /// What is not a server's to say.
    pub(super) const fn new(cause: Cause, failure: Failure) -> Self {
        Self { cause, failure }
    }

    pub(crate) const fn cause(&self) -> Cause {
        self.cause
    }
}

impl Cause {
    /// Whether waiting may be all that is needed. What a server says in another language than
    /// English is not understood: it may be that it starts up.
    pub(crate) const fn may_pass(self) -> bool {
        matches!(self, Self::Unreachable | Self::Starting | Self::Full | Self::Unknown)
    }

    const fn summary(self) -> &'static str {
        match self {
            Self::Unreachable => "no server answers",
            Self::Starting => "the server is starting up or shutting down",
            Self::Full => "all of the server's connections are taken",
            Self::NoDatabase => "the database does not exist",
            Self::Login => "the server refuses the login",
            Self::Tls => "there is no agreement on TLS",
            Self::Unusable => "the client library cannot use the URL",
            Self::Unknown => "the server refuses",
        }
    }

    const fn help(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "start the server, or mend host and port; `cargo migrate wait` waits for it"
            }
            Self::Starting => "`cargo migrate wait` waits until it is up",
            Self::Full => "close connections, or raise the server's limit",
            Self::NoDatabase => {
                "mend the name, or let `cargo migrate run --create-database` make the database"
            }
            Self::Login => {
                "check the user, the password, and what the server lets this user do; it may want TLS"
            }
            Self::Tls => "check the TLS parameters of the URL, and the server's certificate",
            Self::Unusable => "mend that parameter of the URL",
            Self::Unknown => "what it says is above; its log may say more",
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        refused.failure
    }
}
