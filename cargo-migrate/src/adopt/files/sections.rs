//! Tools with both directions in one file, told apart by comments: goose and dbmate.

use super::{Converted, Failure, Found, Layout, numbered};

pub(in crate::adopt) const GOOSE: Layout = Layout::Sql(goose);
pub(in crate::adopt) const DBMATE: Layout = Layout::Sql(dbmate);

/// What a comment says.
enum Mark {
    Up,
    Down,
    /// Nothing runs in a transaction.
    Outside,
    /// Both at once.
    UpOutside,
    DownOutside,
    /// It is of use to the tool alone.
    Passing,
    /// There is nothing like it here.
    Unknown,
}

fn goose(files: Vec<Found>) -> Result<Vec<Converted>, Failure> {
    let program =
        files.iter().find(|file| file.name.strip_suffix(".go").and_then(numbered).is_some());
    if let Some(program) = program {
        return Err(Failure::new(format!(
            "`{}` is a program: only SQL files can be converted",
            program.name
        ))
        .help("write the SQL that it makes into a file of the same name that ends in `.sql`"));
    }
    convert(files, |line| {
        let said = line.trim().strip_prefix("--")?.trim().strip_prefix("+goose")?.trim();
        Some(match said.to_ascii_lowercase().as_str() {
            "up" => Mark::Up,
            "down" => Mark::Down,
            "no transaction" => Mark::Outside,
            "statementbegin" | "statementend" | "envsub off" => Mark::Passing,
            _ => Mark::Unknown,
        })
    })
}

fn dbmate(files: Vec<Found>) -> Result<Vec<Converted>, Failure> {
    convert(files, |line| {
        let said = line.trim().strip_prefix("--")?.trim().strip_prefix("migrate:")?;
        let mut words = said.split_whitespace();
        let direction = words.next().unwrap_or_default();
        let is_outside = match words.next() {
            None | Some("transaction:true") => false,
            Some("transaction:false") => true,
            Some(_) => return Some(Mark::Unknown),
        };
        Some(match (direction, is_outside) {
            ("up", false) => Mark::Up,
            ("up", true) => Mark::UpOutside,
            ("down", false) => Mark::Down,
            ("down", true) => Mark::DownOutside,
            _ => Mark::Unknown,
        })
    })
}

fn convert(
    files: Vec<Found>,
    mark: impl Fn(&str) -> Option<Mark>,
) -> Result<Vec<Converted>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let Some((version, name)) = file.name.strip_suffix(".sql").and_then(numbered) else {
            continue;
        };
        let (version, name) = (version.to_owned(), name.to_owned());
        let sections = split(&file, &mark)?;
        let Some(up) = sections.up else {
            return Err(Failure::new(format!(
                "`{}` does not say where the way forward begins",
                file.name
            ))
            .help("mark it as the tool wants it"));
        };
        let down = sections.down.filter(|down| !down.trim().is_empty());
        let in_transaction = !sections.is_outside;
        all.push(Converted { up, down, in_transaction, ..Converted::of(file, &version, &name) });
    }
    Ok(all)
}

#[derive(Default)]
struct Sections {
    up: Option<String>,
    down: Option<String>,
    is_outside: bool,
}

/// The sections of a file. What stands before the first one no tool runs.
fn split(file: &Found, mark: impl Fn(&str) -> Option<Mark>) -> Result<Sections, Failure> {
    let mut sections = Sections::default();
    let mut is_down = None;
    for (number, line) in (1..).zip(file.text.split_inclusive('\n')) {
        let Some(mark) = mark(line) else {
            match is_down {
                Some(true) => sections.down.get_or_insert_default().push_str(line),
                Some(false) => sections.up.get_or_insert_default().push_str(line),
                None => {}
            }
            continue;
        };
        sections.is_outside |= matches!(mark, Mark::Outside | Mark::UpOutside | Mark::DownOutside);
        match mark {
            Mark::Up | Mark::UpOutside => {
                is_down = Some(false);
                sections.up.get_or_insert_default();
            }
            Mark::Down | Mark::DownOutside => is_down = Some(true),
            Mark::Outside | Mark::Passing => {}
            Mark::Unknown => {
                return Err(Failure::new(format!(
                    "{}:{number}: there is nothing here like `{}`",
                    file.name,
                    line.trim()
                ))
                .help("write the file without it"));
            }
        }
    }
    Ok(sections)
}
