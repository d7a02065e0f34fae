//! The name of a migration.

use super::Error;

/// `name` in snake case: what follows the version in the directory's name, and what
/// [`Intent`](super::Intent) is read from. `CreateUsers`, `create users` and `create-users` are all
/// `create_users`.
///
/// # Errors
/// When nothing is left, or when there is a character that a directory name had better not hold.
pub fn normalise(name: &str) -> Result<String, Error> {
    if let Some(c) = name.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))) {
        let what = if matches!(c, '/' | '\\') { "a path separator" } else { "a character" };
        return Err(Error::usage(format!(
            "the migration name `{name}` holds {what} that cannot stand in it: `{c}`"
        ))
        .with_help("use letters, digits and `_`, as in `create_users`"));
    }
    let mut words = String::with_capacity(name.len() + 4);
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        // A word starts at `U` of `createUsers`, and at `S` of `HTTPServer`.
        let starts = c.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        if starts || !c.is_alphanumeric() {
            words.push('_');
        }
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        }
    }
    let name: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
    if name.is_empty() {
        return Err(Error::usage("the migration has no name")
            .with_help("say what it does, as in `cargo migrate new create_users`"));
    }
    Ok(name.join("_"))
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn every_way_of_writing_it_is_one_name() {
        for (given, name) in [
            ("create_users", "create_users"),
            ("CreateUsers", "create_users"),
            ("createUsers", "create_users"),
            ("create users", "create_users"),
            ("create-users", "create_users"),
            ("Create Users", "create_users"),
            ("__create__users_", "create_users"),
            ("AddHTTPHeaderToSites", "add_http_header_to_sites"),
            ("AddLine2ToAddresses", "add_line2_to_addresses"),
            ("CREATE_USERS", "create_users"),
            ("2nd_try", "2nd_try"),
            ("ÄndereStraße", "ändere_straße"),
        ] {
            assert_eq!(normalise(given).unwrap(), name, "{given}");
        }
    }

    #[test]
    fn what_no_directory_should_be_called_is_refused() {
        for (given, reason) in [
            ("", "has no name"),
            ("_- _", "has no name"),
            ("a/b", "a path separator that cannot stand in it: `/`"),
            ("..\\b", "cannot stand in it: `.`"),
            ("a\\b", "a path separator"),
            ("a\nb", "`\\n`"),
            ("a\u{1b}[2Jb", "`\\u{1b}`"),
            ("a\u{202e}b", "`\\u{202e}`"),
            ("a\0b", "`\\u{0}`"),
            ("users; drop", "`;`"),
        ] {
            let error = normalise(given).unwrap_err().to_string();
            assert!(error.contains(reason), "{given:?}: {error}");
        }
    }
}
