//! Character sets and collations, by one name: a character set stands for its default collation.

use crate::server::ServerVersion;
use crate::sql::Name;

/// A character set, for its default collation where that is known.
pub(super) fn charset(name: &str, version: Option<ServerVersion>) -> Name {
    let name = name.to_ascii_lowercase();
    let name = if name == "utf8" { "utf8mb3".to_owned() } else { name };
    let default = match name.as_str() {
        "latin1" => "latin1_swedish_ci",
        "ascii" => "ascii_general_ci",
        "binary" => "binary",
        "utf8mb3" | "utf8mb4" | "ucs2" | "utf16" | "utf32" => {
            return Name::folded(unicode(&name, version));
        }
        _ => return Name::folded(name),
    };
    Name::folded(default)
}

/// The default of Unicode's character sets is not the same everywhere (the manuals' "What's new in
/// MySQL 8.0" and "Changes & Improvements in MariaDB 11.5").
fn unicode(charset: &str, version: Option<ServerVersion>) -> String {
    match version {
        None => charset.to_owned(),
        Some(server) if server.mariadb && (server.major, server.minor) >= (11, 5) => {
            format!("{charset}_uca1400_ai_ci")
        }
        Some(server) if !server.mariadb && server.major >= 8 && charset == "utf8mb4" => {
            "utf8mb4_0900_ai_ci".to_owned()
        }
        Some(_) => format!("{charset}_general_ci"),
    }
}

/// Whether a collation is of the same character set as another one: else the server refuses it, or does not
/// know one of the two.
pub(super) fn is_of(collation: &Name, other: &Name) -> bool {
    let set = |name: &Name| name.as_str().split('_').next().map(str::to_owned);
    set(collation) == set(other)
}

/// A collation.
pub(super) fn collation(name: &str) -> Name {
    let name = name.to_ascii_lowercase();
    Name::folded(match name.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => name,
    })
}
