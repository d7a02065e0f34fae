//! What this migration does, and why SQL alone does not do.
//
// What Rust does to a schema is not read. Where it changes rows alone, say so behind two slashes:
// `migrate: assume(rows-only) reason="…"`; what comes behind this migration is still proved then.

use diesel::prelude::*;

pub fn up(conn: &mut @CONNECTION@) -> QueryResult<()> {
    compile_error!("write what this migration does")
}
