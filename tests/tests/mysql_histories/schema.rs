//! What is in the database, as the next statement can name it; and the way back to it.

use migrate_tests::corpus::MariadbEngine;

/// A table, and what it is made of.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// The names of its indexes, without the primary key.
    pub(crate) indexes: Vec<String>,
    pub(crate) foreign_keys: Vec<String>,
    pub(crate) checks: Vec<String>,
    pub(crate) has_primary_key: bool,
}

/// A column, as `SHOW CREATE TABLE` shows it.
#[derive(Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) ty: String,
    /// All of it behind its name.
    pub(crate) definition: String,
}

/// What is there.
pub(crate) struct Schema {
    pub(crate) tables: Vec<Table>,
    /// Class, name and definition of everything.
    objects: Vec<[String; 3]>,
}

/// Programs and triggers as they can be made again, behind the rest: tables are asked one by one.
const OBJECTS: &str = "
    SELECT concat('TABLE ', table_name) AS name, '' AS value FROM information_schema.tables
        WHERE table_schema = database() AND table_type = 'BASE TABLE'
    UNION ALL SELECT concat('SEQUENCE ', table_name), concat('CREATE SEQUENCE `', table_name, '`')
        FROM information_schema.tables
        WHERE table_schema = database() AND table_type = 'SEQUENCE'
    UNION ALL SELECT concat('VIEW ', table_name), concat('CREATE VIEW `', table_name, '` AS ',
        replace(view_definition, concat('`', database(), '`.'), ''))
        FROM information_schema.views WHERE table_schema = database()
    UNION ALL SELECT concat('TRIGGER ', trigger_name), concat('CREATE TRIGGER `', trigger_name,
        '` ', action_timing, ' ', event_manipulation, ' ON `', event_object_table,
        '` FOR EACH ROW ', action_statement)
        FROM information_schema.triggers WHERE trigger_schema = database()
    UNION ALL SELECT concat(routine_type, ' ', routine_name), concat('CREATE ', routine_type,
        ' `', routine_name, '`()', if(routine_type = 'FUNCTION', ' RETURNS INT ', ' '),
        routine_definition)
        FROM information_schema.routines WHERE routine_schema = database()";

impl Schema {
    pub(crate) fn of(engine: &mut MariadbEngine) -> Self {
        let mut objects: Vec<[String; 3]> = engine
            .rows(OBJECTS)
            .into_iter()
            .map(|[name, sql]| {
                let (class, name) = name.split_once(' ').expect("it is put there");
                [class.to_owned(), name.to_owned(), sql]
            })
            .collect();
        let mut tables = Vec::new();
        for [class, name, sql] in &mut objects {
            if class == "TABLE" {
                *sql = engine.show(name);
                tables.push(table(name, sql));
            }
        }
        Self { tables, objects }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.objects.iter().any(|[_, other, _]| other == name)
    }

    /// The names of a class.
    pub(crate) fn names(&self, class: &str) -> Vec<String> {
        let of_class = self.objects.iter().filter(|[other, ..]| other == class);
        of_class.map(|[_, name, _]| name.clone()).collect()
    }

    /// What makes an object again.
    pub(crate) fn definition(&self, class: &str, name: &str) -> Option<String> {
        let found = self.objects.iter().find(|[of, other, _]| of == class && other == name);
        found.map(|[_, _, sql]| sql.clone())
    }

    /// Statements that make this schema again out of another: what differs is dropped, and made
    /// again as it was.
    pub(crate) fn made_again(&self, from: &Self) -> Vec<String> {
        let drop =
            |[class, name, _]: &[String; 3]| format!("DROP {class} IF EXISTS {}", quoted(name));
        let is_kept = |object: &[String; 3], others: &Self| {
            ["TABLE", "SEQUENCE"].contains(&object[0].as_str()) && others.objects.contains(object)
        };
        let mut statements = vec!["SET foreign_key_checks=0".to_owned()];
        let wrong = from.objects.iter().filter(|object| !is_kept(object, self));
        statements.extend(wrong.map(drop));
        let missing = self.objects.iter().filter(|object| !is_kept(object, from));
        // Nobody writes down what the database has anyway.
        let usual = " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";
        statements.extend(missing.map(|[_, _, sql]| sql.replace(usual, "")));
        statements
    }
}

/// A name in quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn table(name: &str, sql: &str) -> Table {
    let mut table = Table {
        name: name.to_owned(),
        columns: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        has_primary_key: false,
    };
    for line in sql.lines().skip(1).take_while(|line| !line.starts_with(')')) {
        let line = line.trim().trim_end_matches(',');
        let Some((head, rest)) = line.split_once('`') else { continue };
        let Some((name, rest)) = rest.split_once('`') else { continue };
        match head.trim() {
            "" => {
                let ty = rest.trim().split([' ', '(']).next().unwrap_or_default().to_owned();
                let definition = rest.trim().to_owned();
                table.columns.push(Column { name: name.to_owned(), ty, definition });
            }
            "PRIMARY KEY (" => table.has_primary_key = true,
            "CONSTRAINT" if rest.starts_with(" FOREIGN") => {
                table.foreign_keys.push(name.to_owned());
            }
            "CONSTRAINT" => table.checks.push(name.to_owned()),
            _ => table.indexes.push(name.to_owned()),
        }
    }
    table
}
