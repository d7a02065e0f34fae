//! Rows and files side by side, as they are shown.

use serde_json::{Value, json};

use super::Adoption;
use crate::adopt::matching::{Doubt, Matched};
use crate::reporter::Reporter;

/// What is listed, in the order of the history; what has no row is last.
pub(super) struct Listing<'l> {
    adoption: &'l Adoption<'l>,
}

impl<'l> Listing<'l> {
    pub(super) fn of(adoption: &'l Adoption<'l>) -> Self {
        Self { adoption }
    }

    /// For people.
    pub(super) fn show(&self, reporter: &Reporter) {
        let Adoption { matching, rows, report, .. } = self.adoption;
        let line = |what: &str, name: &str| reporter.result(&format!("{what:<13}  {name}"));
        for matched in &matching.matched {
            let name = &report.migrations[matched.file].name;
            let shown = &rows[matched.row].shown;
            line(
                if matched.doubt.is_some() { "in doubt" } else { "matches" },
                &match matched.doubt {
                    Some(Doubt::Name | Doubt::Version) => {
                        format!("{name}: it ran as `{shown}`")
                    }
                    Some(Doubt::Text) => format!("{name}: another text ran"),
                    None if matched.is_same_text == Some(true) => format!("{name} (same checksum)"),
                    None => name.clone(),
                },
            );
        }
        for row in &matching.only_in_table {
            line("only in table", &rows[*row].shown);
        }
        for file in &matching.only_on_disk {
            line("only on disk", &report.migrations[*file].name);
        }
        for file in &matching.pending {
            line("pending", &report.migrations[*file].name);
        }
        reporter.result(&self.counts());
    }

    fn counts(&self) -> String {
        let matching = &self.adoption.matching;
        let doubts = matching.matched.iter().filter(|matched| matched.doubt.is_some()).count();
        let counts = [
            (matching.matched.len() - doubts, "match"),
            (doubts, "in doubt"),
            (matching.only_in_table.len(), "only in the table"),
            (matching.only_on_disk.len(), "only on disk"),
            (matching.pending.len(), "pending"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let (title, place) = (self.adoption.tool.title, &self.adoption.place);
        match counts.as_slice() {
            [] => format!("{title}'s table `{place}` is empty, and so is the directory"),
            _ => format!("{title}'s `{place}` and the files: {}", counts.join(", ")),
        }
    }

    /// For programs, once it is known how many were recorded.
    pub(super) fn finish(&self, recorded: usize, reporter: &mut Reporter) {
        let matching = &self.adoption.matching;
        let due: Vec<usize> = self.adoption.due().into_iter().map(|(file, _)| file).collect();
        for matched in &matching.matched {
            let is_recorded = recorded > 0 && due.contains(&matched.file);
            let mut object = self.object("matched", Some(matched.row), Some(matched.file));
            object["doubt"] = json!(matched.doubt.map(doubt_word));
            object["checksum"] = json!(checksum_word(matched));
            object["recorded"] = json!(is_recorded);
            reporter.object(&object);
        }
        for row in &matching.only_in_table {
            reporter.object(&self.object("only-in-table", Some(*row), None));
        }
        for file in &matching.only_on_disk {
            reporter.object(&self.object("only-on-disk", None, Some(*file)));
        }
        for file in &matching.pending {
            reporter.object(&self.object("pending", None, Some(*file)));
        }
        reporter.summarise("from", self.adoption.tool.name);
        reporter.summarise("matched", matching.matched.len());
        reporter.summarise("only_in_table", matching.only_in_table.len());
        reporter.summarise("only_on_disk", matching.only_on_disk.len());
        reporter.summarise("pending", matching.pending.len());
        reporter.summarise("recorded", recorded);
    }

    fn object(&self, what: &str, row: Option<usize>, file: Option<usize>) -> Value {
        let migration = file.map(|file| &self.adoption.report.migrations[file]);
        let row = row.map(|row| &self.adoption.rows[row]);
        json!({
            "reason": "adopted",
            "from": self.adoption.tool.name,
            "match": what,
            "version": migration.map(|migration| migration.version.as_str()),
            "name": migration.map(|migration| &migration.name),
            "source": row.map(|row| &row.shown),
        })
    }
}

const fn doubt_word(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Name => "name",
        Doubt::Version => "version",
        Doubt::Text => "text",
    }
}

fn checksum_word(matched: &Matched) -> Option<&'static str> {
    matched.is_same_text.map(|same| if same { "same" } else { "differs" })
}
