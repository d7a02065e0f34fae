use migrate_runtime::{Migrations, embed_migrations};

static MIGRATIONS: Migrations = embed_migrations!("fixtures/seeds/chat/sqlite/migrations");

fn main() {
    assert_eq!(MIGRATIONS.all.len(), 2);
}
