//! What both engines have in common: the same tables, and transactions that hold.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a fault is a failed test")]

use std::collections::BTreeSet;

use db::{Engine, on, testing::TestDb};

type Column = (String, String, bool);

async fn columns(database: &TestDb) -> BTreeSet<Column> {
    let mut tx = database.db.read().await.unwrap();
    let sql = tx.dialect(
        "SELECT t.name, c.name, c.\"notnull\" = 0 AND c.pk = 0 FROM sqlite_master t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '_sqlx%'",
        "SELECT table_name::text, column_name::text, is_nullable = 'YES' FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'",
    );
    let rows: Vec<Column> = on!(&mut tx, |c| sqlx::query_as(sql).fetch_all(c).await).unwrap();
    rows.into_iter().collect()
}

async fn unique_keys(database: &TestDb) -> BTreeSet<(String, String)> {
    let mut tx = database.db.read().await.unwrap();
    // A single INTEGER key is SQLite's row number and has no index.
    let sql = tx.dialect(
        "SELECT t.name, (SELECT group_concat(name) FROM (SELECT k.name FROM pragma_index_info(i.name) k ORDER BY k.name))
         FROM sqlite_master t JOIN pragma_index_list(t.name) i
         WHERE t.type = 'table' AND i.\"unique\" = 1 AND t.name NOT LIKE '_sqlx%'
         UNION SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE '_sqlx%' AND c.type = 'INTEGER' AND c.pk = 1
           AND (SELECT COUNT(*) FROM pragma_table_info(t.name) k WHERE k.pk > 0) = 1",
        "SELECT t.relname::text, (SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a
                            WHERE a.attrelid = t.oid AND a.attnum = ANY(i.indkey::int2[]))
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
         WHERE i.indisunique AND n.nspname = 'public' AND t.relname NOT LIKE '\\_sqlx%'",
    );
    let rows: Vec<(String, String)> = on!(&mut tx, |c| sqlx::query_as(sql).fetch_all(c).await).unwrap();
    rows.into_iter().collect()
}

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    let (sqlite, postgres) = (TestDb::sqlite().await.unwrap(), TestDb::postgres().await.unwrap());
    let (left, right) = (columns(&sqlite).await, columns(&postgres).await);
    assert!(left.len() > 50, "{}", left.len());
    assert_eq!(left.symmetric_difference(&right).collect::<Vec<_>>(), Vec::<&Column>::new());
    let (left, right) = (unique_keys(&sqlite).await, unique_keys(&postgres).await);
    assert!(left.len() > 5, "{left:?}");
    assert_eq!(left.symmetric_difference(&right).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
}

#[tokio::test]
async fn every_table_of_sqlite_is_strict() {
    let database = TestDb::sqlite().await.unwrap();
    let mut tx = database.db.read().await.unwrap();
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%STRICT%'
               AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'";
    let loose: Vec<String> = on!(&mut tx, |c| sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
    assert!(loose.is_empty(), "{loose:?}");
}

async fn writers_do_not_lose_each_other(engine: Engine) {
    let database = TestDb::of(engine).await.unwrap();
    let count = "INSERT INTO schedule_ticks (schedule, tick) VALUES ('test', $1)";
    let writers = (0..8_i64).map(|writer| {
        let db = database.db.clone();
        tokio::spawn(async move {
            for n in 0..25_i64 {
                let mut tx = db.write().await.unwrap();
                on!(&mut tx, |c| sqlx::query(count).bind(writer * 1_000 + n).execute(c).await.map(drop)).unwrap();
                // Every fifth is left without a commit and must leave nothing.
                if n % 5 != 0 {
                    tx.commit().await.unwrap();
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut tx = database.db.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM schedule_ticks";
    let rows: i64 = on!(&mut tx, |c| sqlx::query_scalar(sql).fetch_one(c).await).unwrap();
    assert_eq!(rows, 8 * 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_on_sqlite() {
    writers_do_not_lose_each_other(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_on_postgres() {
    writers_do_not_lose_each_other(Engine::Postgres).await;
}

#[tokio::test]
async fn readers_of_sqlite_cannot_write() {
    let database = TestDb::sqlite().await.unwrap();
    let mut tx = database.db.read().await.unwrap();
    let sql = "DELETE FROM schedule_ticks";
    assert!(on!(&mut tx, |c| sqlx::query(sql).execute(c).await.map(drop)).is_err());
}

async fn a_newer_replica_has_migrated(engine: Engine) {
    let database = TestDb::of(engine).await.unwrap();
    let mut tx = database.db.write().await.unwrap();
    let sql = tx.dialect(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'newer', 1, x'00', 0)",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'newer', TRUE, '\\x00', 0)",
    );
    on!(&mut tx, |c| sqlx::query(sql).execute(c).await.map(drop)).unwrap();
    tx.commit().await.unwrap();
    database.db.migrate().await.unwrap();
    assert!(database.db.migration_state().await.unwrap().is_done());
}

#[tokio::test]
async fn the_version_before_starts_on_sqlite() {
    a_newer_replica_has_migrated(Engine::Sqlite).await;
}

#[tokio::test]
async fn the_version_before_starts_on_postgres() {
    a_newer_replica_has_migrated(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_of_postgres_is_given_up_on() {
    let database = TestDb::postgres().await.unwrap();
    let mut holder = database.db.write().await.unwrap();
    let lock = "LOCK TABLE schedule_ticks IN ACCESS EXCLUSIVE MODE";
    on!(&mut holder, |c| sqlx::query(lock).execute(c).await.map(drop)).unwrap();
    let mut tx = database.db.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM schedule_ticks";
    let waited: db::DbResult<i64> =
        on!(&mut tx, |c| sqlx::query_scalar(sql).fetch_one(c).await).map_err(db::DbError::from);
    assert!(waited.expect_err("the lock is held").is_unavailable());
}
