//! Histories that other tools have written, and how they become ours.
//!
//! A tool is a file in `tools`: its table, and what its rows mean. `table` reads it, `matching` puts
//! rows and files side by side, and knows no database.

pub(crate) mod files;
pub(crate) mod matching;
mod moment;
mod past;
mod proof;
mod table;
mod tools;

pub(crate) use past::Row;
pub(crate) use table::{Place, is_locked, present, read};
pub(crate) use tools::{TOOLS, Tool, named};
