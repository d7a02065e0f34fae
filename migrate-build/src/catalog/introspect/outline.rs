//! What of an object can be compared with what a server says of it.

use super::super::Object;
use crate::sql::Class;
use crate::sql::schema::{ConstraintKind, Part, Text, Word};

impl Object {
    /// The same without its expressions and queries: a server does not give them back as they were
    /// written. That there is one is left.
    #[must_use]
    pub fn outline(&self) -> Self {
        let mut object = self.clone();
        match &mut object {
            Self::Table(table) => {
                for column in &mut table.columns {
                    column.default.iter_mut().chain(&mut column.generated).for_each(clear);
                    // An identity shows in its sequence.
                    column.options.clear();
                }
                for constraint in &mut table.constraints {
                    match &mut constraint.kind {
                        ConstraintKind::Check(text) => clear(text),
                        ConstraintKind::Exclude(parts) => parts.iter_mut().for_each(clear_part),
                        _ => {}
                    }
                }
            }
            Self::Index(index) => {
                index.parts.iter_mut().for_each(clear_part);
                index.predicate.iter_mut().for_each(clear);
            }
            Self::View(view) => {
                clear(&mut view.text);
                view.reads.sort();
                view.reads.dedup();
            }
            Self::Trigger(trigger) => clear(&mut trigger.text),
            Self::Other(other) => {
                if matches!(
                    other.class,
                    Class::Trigger
                        | Class::Policy
                        | Class::Rule
                        | Class::Domain
                        | Class::Aggregate
                        | Class::Statistics
                ) {
                    clear(&mut other.text);
                    other.mentions.clear();
                }
                if other.class == Class::Sequence {
                    without_logging(&mut other.text);
                }
                other.mentions.sort();
                other.mentions.dedup();
            }
        }
        object
    }
}

fn clear(text: &mut Text) {
    *text = Text::default();
}

/// Whether a sequence can be unlogged depends on the server's version.
fn without_logging(text: &mut Text) {
    if let [Word::Name(first), counts @ ..] = text.words()
        && first.as_str() == "unlogged"
    {
        *text = Text::new(counts.iter().cloned());
    }
}

fn clear_part(part: &mut Part) {
    if part.column.is_none() {
        clear(&mut part.text);
    }
}
