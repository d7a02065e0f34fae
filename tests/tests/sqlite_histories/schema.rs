//! What is in the database, as the next statement can name it; and the way back to it.

use migrate_tests::corpus::SqliteEngine;

/// A table with its columns.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

/// What is there.
pub(crate) struct Schema {
    pub(crate) tables: Vec<Table>,
    /// Class, name and definition of everything.
    objects: Vec<[String; 3]>,
}

impl Schema {
    pub(crate) fn of(engine: &mut SqliteEngine) -> Self {
        let objects = engine.objects();
        let mut tables: Vec<Table> = objects
            .iter()
            .filter(|[class, ..]| class == "table")
            .map(|[_, name, _]| Table { name: name.clone(), columns: Vec::new() })
            .collect();
        for (table, column) in engine.columns() {
            if let Some(table) = tables.iter_mut().find(|other| other.name == table) {
                table.columns.push(column);
            }
        }
        Self { tables, objects }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.objects.iter().any(|[_, other, _]| other.eq_ignore_ascii_case(name))
    }

    /// The names of a class.
    pub(crate) fn names(&self, class: &str) -> Vec<String> {
        let of_class = self.objects.iter().filter(|[other, ..]| other == class);
        of_class.map(|[_, name, _]| name.clone()).collect()
    }

    /// Statements that make this schema again out of another: what differs is dropped, and made
    /// again as it was.
    pub(crate) fn made_again(&self, from: &Self) -> Vec<String> {
        let is_in = |[class, name, sql]: &[String; 3], others: &Self| {
            others
                .objects
                .iter()
                .any(|other| other[0] == *class && other[1] == *name && other[2] == *sql)
        };
        let drop = |[class, name, _]: &[String; 3]| {
            format!("DROP {class} IF EXISTS \"{}\"", name.replace('"', "\"\""))
        };
        let order = ["trigger", "view", "index", "table"];
        let of_class = |schema: &Self, class: &str| -> Vec<[String; 3]> {
            schema.objects.iter().filter(|object| object[0] == class).cloned().collect()
        };
        // Triggers, views and indexes are all made again: some of them go with their tables.
        let mut statements = Vec::new();
        for class in order {
            let wrong = of_class(from, class).into_iter();
            let wrong = wrong.filter(|object| class != "table" || !is_in(object, self));
            statements.extend(wrong.map(|object| drop(&object)));
        }
        for class in order.iter().rev() {
            let missing = of_class(self, class).into_iter();
            let missing = missing.filter(|object| *class != "table" || !is_in(object, from));
            statements.extend(missing.map(|[_, _, sql]| sql));
        }
        statements
    }
}
