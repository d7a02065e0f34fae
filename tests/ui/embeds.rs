use migrate_runtime::{Migrations, Runner, embed_migrations};

static STATIC: Migrations = embed_migrations!("fixtures/seeds/chat/sqlite/migrations");
const CONSTANT: Migrations = embed_migrations!("fixtures/seeds/chat/sqlite/migrations");

fn main() {
    let local = embed_migrations!("fixtures/seeds/chat/sqlite/migrations");
    for set in [STATIC, CONSTANT, local] {
        let [create, alter] = &*set.all else { panic!("two migrations") };
        assert_eq!(create.version, "20251206141541");
        assert_eq!(create.up.statements.len(), 3);
        assert_eq!((create.up.statements[0].line, create.up.statements[0].column), (2, 1));
        let statement = alter.up.text(&alter.up.statements[0]);
        assert_eq!(statement, "ALTER TABLE chat ADD COLUMN key VARCHAR(255) NULL");
        let _ = Runner::new(&set);
    }
}
