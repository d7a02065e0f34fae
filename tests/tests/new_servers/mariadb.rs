//! What is MySQL's and MariaDB's alone.

use migrate_tests::server::{MariaDb, Mariadb};

use super::{draft, refusal};

#[test]
fn every_change_is_one_statement() {
    let table = draft::<MariaDb>(
        "CreatePosts",
        &[
            "title:string!",
            "user_id:id!:references(users)",
            "slug:text!:unique",
            "status:enum(draft|sent)!=draft",
            "at:datetime!=now",
        ],
    );
    assert_eq!(
        table.up,
        "CREATE TABLE posts (\n    \
             id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,\n    \
             title VARCHAR(255) NOT NULL,\n    \
             user_id BIGINT NOT NULL,\n    \
             slug VARCHAR(255) NOT NULL,\n    \
             status VARCHAR(255) NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'sent')),\n    \
             at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),\n    \
             KEY posts_user_id_idx (user_id),\n    \
             UNIQUE KEY posts_slug_key (slug),\n    \
             CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)\n\
         ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
    );
    assert_eq!(table.down.as_deref(), Some("DROP TABLE posts;\n"));

    let columns =
        draft::<MariaDb>("add_a_and_owner_to_posts", &["a:text", "owner:id:references(users)"]);
    assert_eq!(
        columns.up,
        "-- A foreign key copies the table: others cannot write meanwhile.\n\
         ALTER TABLE posts\n    \
             ADD COLUMN a TEXT,\n    \
             ADD COLUMN owner BIGINT,\n    \
             ADD KEY posts_owner_idx (owner),\n    \
             ADD CONSTRAINT posts_owner_fkey FOREIGN KEY (owner) REFERENCES users (id);\n"
    );
    assert_eq!(
        columns.down.as_deref(),
        Some(
            "ALTER TABLE posts\n    \
                 DROP FOREIGN KEY posts_owner_fkey,\n    \
                 DROP COLUMN a,\n    \
                 DROP COLUMN owner;\n"
        )
    );
    let index = draft::<MariaDb>("add_index_to_order", &["email", "key"]);
    assert_eq!(index.up, "CREATE INDEX order_email_key_idx ON `order` (email, `key`);\n");
    assert_eq!(index.down.as_deref(), Some("DROP INDEX order_email_key_idx ON `order`;\n"));
    assert!(index.in_transaction);
}

#[test]
fn what_mysql_would_refuse_or_cut_is_refused_before_it_is_written() {
    for (column, why) in [
        ("a:decimal", "keeps no digit behind the point"),
        ("a:decimal(66,2)", "at most 65 digits, 30 of them"),
        ("a:decimal(65,31)", "at most 65 digits, 30 of them"),
        ("a:string(16384)", "has at most 16383 characters"),
        ("a:string(769):index", "has room for 768 characters"),
        ("a:json:unique", "MySQL has no index of JSON"),
        ("id:json", "MySQL has no index of JSON"),
    ] {
        let error = refusal::<MariaDb>("create_things", &[column]);
        assert!(error.contains(why), "{column}: {error}");
    }
    let error = refusal::<MariaDb>("add_key_to_users", &["key:uuid!=random"]);
    assert!(error.contains("a UUID for each row is a new table"), "{error}");
    // What is just inside of the limits.
    let columns = ["a:decimal(65,30)", "b:string(15000)", "c:string(768):unique"];
    Mariadb::shared().database().sql(&draft::<MariaDb>("create_things", &columns).up);
}

#[test]
fn a_row_keeps_to_its_references_and_its_enum() {
    let database = Mariadb::shared().database();
    database.sql(&draft::<MariaDb>("create_users", &[]).up);
    database.sql(
        &draft::<MariaDb>("create_posts", &["user_id:id:references(users)", "a:enum(b|c)"]).up,
    );
    database.sql("INSERT INTO posts (a) VALUES ('b'), (NULL)");
    for (row, why) in
        [("(7, 'b')", "a foreign key constraint fails"), ("(NULL, 'd')", "CONSTRAINT")]
    {
        let sql = format!("INSERT INTO posts (user_id, a) VALUES {row}");
        let error = database.try_sql(&sql).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn defaults_arrive_in_the_rows() {
    let database = Mariadb::shared().database();
    let columns = [
        "a:int!=-7",
        "b:text!=it's",
        "c:bool!=true",
        "d:blob!=x'00ff'",
        "e:date!=now",
        "f:time!=now",
        "g:timestamptz!=2026-01-05 09:00:00+02:00",
        "h:text=null",
        "i:decimal(10,2)!=1.50",
        "j:json!={\"a\": 1}",
        "k:uuid!=random",
        "l:enum(draft|sent)!=sent",
        "m:string!=now",
    ];
    database.sql(&draft::<MariaDb>("create_things", &columns).up);
    database.sql("INSERT INTO things () VALUES (); INSERT INTO things () VALUES ()");
    let rows =
        "SELECT id, a, b, c, hex(d), e = current_date, f IS NULL, g, h, i, j, l, m LIKE '20%'
        FROM things ORDER BY id";
    let row =
        "-7\tit's\t1\t00FF\t1\t0\t2026-01-05 07:00:00.000000\tNULL\t1.50\t{\"a\": 1}\tsent\t1\n";
    assert_eq!(database.sql(rows), format!("1\t{row}2\t{row}"));
    assert_eq!(database.sql("SELECT count(DISTINCT k) FROM things"), "2\n");
}
