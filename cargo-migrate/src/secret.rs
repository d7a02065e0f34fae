//! Texts that are not shown.

/// Whether a text looks like the address of a server, which may hold a password.
#[must_use]
pub(crate) fn may_hold_password(text: &str) -> bool {
    let names_user = || text.rsplit_once('@').is_some_and(|(before, _)| before.contains(':'));
    text.contains("://") || text.contains("password=") || names_user()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths() {
        for address in [
            "postgres://db/app",
            "me:pw@tcp(db:3306)/app",
            "host=db password=pw",
            "app.db?password=x",
        ] {
            assert!(may_hold_password(address), "{address}");
        }
        for path in ["app.db", "./a@b.db", "C:\\data\\app.db", "/home/me/app.db"] {
            assert!(!may_hold_password(path), "{path}");
        }
    }
}
