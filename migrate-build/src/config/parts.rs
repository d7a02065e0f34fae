//! The parts of a server's address.

/// The variables that hold the parts of a server's address, where no URL is set. They are joined
/// as they are: what a URL would need percent-encoded needs nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlParts {
    /// Of the host, or of the directory of its socket.
    pub host: String,
    /// Of the port.
    pub port: String,
    /// Of the database's name.
    pub name: String,
    /// Of the user.
    pub user: String,
    /// Of the password.
    pub password: String,
}

impl Default for UrlParts {
    /// `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER`, `DB_PASSWORD`.
    fn default() -> Self {
        Self {
            host: "DB_HOST".to_owned(),
            port: "DB_PORT".to_owned(),
            name: "DB_NAME".to_owned(),
            user: "DB_USER".to_owned(),
            password: "DB_PASSWORD".to_owned(),
        }
    }
}
