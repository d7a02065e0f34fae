use migrate_runtime::{Migrations, embed_migrations};

static MIGRATIONS: Migrations = embed_migrations!("fixtures/seeds/chat/sqlite/migrations");

fn main() {
    let [create, alter] = MIGRATIONS.all.as_slice() else { panic!("two migrations") };
    assert_eq!(create.version, "20251206141541");
    assert_eq!(create.up.statements.len(), 3);
    assert_eq!((create.up.statements[0].line, create.up.statements[0].column), (2, 1));
    assert_eq!(alter.up.text(&alter.up.statements[0]), "ALTER TABLE chat ADD COLUMN key VARCHAR(255) NULL");
}
