//! What a migration's name says that it does.

/// What a migration's name says that it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// `create_users`, `create_users_table`
    CreateTable {
        /// The table.
        table: String,
    },
    /// `drop_users`, `drop_users_table`
    DropTable {
        /// The table.
        table: String,
    },
    /// `add_phone_to_users`, `add_phone_and_fax_to_users`
    AddColumns {
        /// The table.
        table: String,
        /// The columns, split at `_and_`.
        columns: Vec<String>,
    },
    /// `remove_phone_from_users`, `drop_phone_from_users`
    DropColumns {
        /// The table.
        table: String,
        /// The columns, split at `_and_`.
        columns: Vec<String>,
    },
    /// `add_index_to_users`, `add_unique_index_to_users`, `create_index_on_users`
    AddIndex {
        /// The table.
        table: String,
        /// Whether the name says `unique`.
        unique: bool,
    },
    /// `remove_index_from_users`, `drop_unique_index_from_users`, `drop_index_on_users`
    DropIndex {
        /// The table.
        table: String,
        /// Whether the name says `unique`.
        unique: bool,
    },
    /// `rename_a_to_b_in_users`
    RenameColumn {
        /// The table.
        table: String,
        /// The column's name before.
        from: String,
        /// The column's name after.
        to: String,
    },
    /// `rename_users_to_people`
    RenameTable {
        /// The table's name before.
        from: String,
        /// The table's name after.
        to: String,
    },
    /// Anything else: the SQL is the author's.
    Blank,
}

impl Intent {
    /// Reads a name in snake case, as [`normalise`](super::normalise) makes it.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let Some((verb, rest)) = name.split_once('_') else { return Self::Blank };
        let intent = match verb {
            "create" => index(rest, &["_on_"])
                .map(|(table, unique)| Self::AddIndex { table, unique })
                .or_else(|| Some(Self::CreateTable { table: table(rest) })),
            "add" => index(rest, &["_to_", "_on_"])
                .map(|(table, unique)| Self::AddIndex { table, unique })
                .or_else(|| {
                    let (columns, table) = columns(rest, "_to_")?;
                    Some(Self::AddColumns { table, columns })
                }),
            "remove" | "drop" => index(rest, &["_from_", "_on_"])
                .map(|(table, unique)| Self::DropIndex { table, unique })
                .or_else(|| {
                    let (columns, table) = columns(rest, "_from_")?;
                    Some(Self::DropColumns { table, columns })
                })
                .or_else(|| (verb == "drop").then(|| Self::DropTable { table: table(rest) })),
            "rename" => rename(rest),
            _ => None,
        };
        intent.unwrap_or(Self::Blank)
    }
}

fn table(rest: &str) -> String {
    rest.strip_suffix("_table").unwrap_or(rest).to_owned()
}

/// `index_to_users`, `unique_index_to_users`: the table, and whether it says `unique`.
fn index(rest: &str, joints: &[&str]) -> Option<(String, bool)> {
    let (unique, rest) = match rest.strip_prefix("unique_") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.strip_prefix("index")?;
    let table = joints.iter().find_map(|joint| rest.strip_prefix(joint))?;
    Some((table.to_owned(), unique))
}

/// `a_and_b_to_users`: the columns and the table. The last joint counts: `reply_to_to_posts`.
fn columns(rest: &str, joint: &str) -> Option<(Vec<String>, String)> {
    let (columns, table) = rest.rsplit_once(joint)?;
    Some((columns.split("_and_").map(str::to_owned).collect(), table.to_owned()))
}

fn rename(rest: &str) -> Option<Intent> {
    if let Some((columns, table)) = rest.rsplit_once("_in_")
        && let Some((from, to)) = split_only_once(columns)
    {
        return Some(Intent::RenameColumn { table: table.to_owned(), from, to });
    }
    let (from, to) = split_only_once(rest)?;
    Some(Intent::RenameTable { from, to })
}

/// With two `_to_`, nobody can say which one is meant.
fn split_only_once(text: &str) -> Option<(String, String)> {
    let (from, to) = text.split_once("_to_")?;
    (text.rsplit_once("_to_") == Some((from, to))).then(|| (from.to_owned(), to.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::Intent::{self, *};

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_name_says_what_is_made_of_tables() {
        let users = || "users".to_owned();
        for (name, intent) in [
            ("create_users", CreateTable { table: users() }),
            ("create_users_table", CreateTable { table: users() }),
            ("create_table", CreateTable { table: "table".into() }),
            ("create_user_roles", CreateTable { table: "user_roles".into() }),
            ("create_index_entries", CreateTable { table: "index_entries".into() }),
            ("drop_users", DropTable { table: users() }),
            ("drop_users_table", DropTable { table: users() }),
            ("rename_users_to_people", RenameTable { from: users(), to: "people".into() }),
            (
                "rename_people_in_charge_to_leads",
                RenameTable { from: "people_in_charge".into(), to: "leads".into() },
            ),
        ] {
            assert_eq!(Intent::parse(name), intent, "{name}");
        }
    }

    #[test]
    fn a_name_says_what_happens_to_columns_and_indexes() {
        let users = || "users".to_owned();
        for (name, intent) in [
            ("add_phone_to_users", AddColumns { table: users(), columns: texts(&["phone"]) }),
            ("add_a_and_b_to_users", AddColumns { table: users(), columns: texts(&["a", "b"]) }),
            (
                "add_reply_to_to_posts",
                AddColumns { table: "posts".into(), columns: texts(&["reply_to"]) },
            ),
            ("remove_phone_from_users", DropColumns { table: users(), columns: texts(&["phone"]) }),
            (
                "drop_a_and_b_and_c_from_users",
                DropColumns { table: users(), columns: texts(&["a", "b", "c"]) },
            ),
            ("add_index_to_users", AddIndex { table: users(), unique: false }),
            ("add_unique_index_to_users", AddIndex { table: users(), unique: true }),
            ("create_unique_index_on_users", AddIndex { table: users(), unique: true }),
            ("remove_index_from_users", DropIndex { table: users(), unique: false }),
            ("drop_index_from_users", DropIndex { table: users(), unique: false }),
            ("drop_unique_index_on_users", DropIndex { table: users(), unique: true }),
            (
                "rename_a_to_b_in_users",
                RenameColumn { table: users(), from: "a".into(), to: "b".into() },
            ),
        ] {
            assert_eq!(Intent::parse(name), intent, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_left_to_the_author() {
        for name in [
            "users",
            "backfill_phones",
            "add_to_users",
            "add_phone",
            "remove_phone",
            "remove_users_table",
            "rename_users",
            "rename_a_to_b_to_c",
            "rename_reply_to_to_answer_to_in_posts",
        ] {
            assert_eq!(Intent::parse(name), Blank, "{name}");
        }
    }
}
