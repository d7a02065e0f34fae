//! What a database should hold once migrations are applied to it.

use std::sync::Arc;

use crate::catalog::{Application, Catalog};
use crate::check::Role;
use crate::error::Error;
use crate::script;
use crate::server::Server;
use crate::source::{Source, Span};
use crate::sql;

/// The schema that migrations make, one after another.
#[derive(Debug)]
pub struct Expected {
    catalog: Catalog,
    server: Server,
    /// What was not followed so far, in its order.
    pub not_followed: Vec<NotFollowed>,
}

/// A statement of which it is not known what it does, or that cannot be applied.
#[derive(Clone, Debug)]
pub struct NotFollowed {
    /// Its script.
    pub source: Arc<Source>,
    /// Where it is.
    pub span: Span,
    /// Why it is not followed.
    pub why: String,
}

impl Expected {
    /// An empty database.
    #[must_use]
    pub fn new(server: Server) -> Self {
        let catalog = Catalog::new(server.dialect).on(server.version);
        Self { catalog, server, not_followed: Vec::new() }
    }

    /// Applies a script.
    ///
    /// # Errors
    /// When the dialect's parser is not compiled in.
    pub fn apply(&mut self, source: &Arc<Source>) -> Result<(), Error> {
        let parser = sql::parser(self.server.dialect)?;
        let parsed = script::parse(parser, self.server, source, Role::Up, &mut Vec::new());
        let mut application = Application::new(&mut self.catalog, source);
        let mut said = |span, why: &str| {
            let (source, why) = (Arc::clone(source), why.to_owned());
            self.not_followed.push(NotFollowed { source, span, why });
        };
        for statement in &parsed.statements {
            let problems = application.statement(statement);
            if let Some(why) = application.take_unclear() {
                said(statement.span, why);
            } else if !problems.is_empty() {
                said(statement.span, "by the files, it cannot be applied");
            }
        }
        if parsed.statements.len() != parsed.count {
            said(Span::default(), "a statement could not be read");
        }
        Ok(())
    }

    /// What should be there.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }
}
