//! Migrations: two folders with the same numbers and names, append only.

use std::sync::LazyLock;

use sqlx::migrate::Migrator;

use crate::{Db, DbResult, on};

/// A newer replica may have applied migrations that this program does not know: replicas are replaced one
/// by one, and the version before runs on the new schema.
fn lenient(mut migrator: Migrator) -> Migrator {
    migrator.set_ignore_missing(true);
    migrator
}

static SQLITE: LazyLock<Migrator> = LazyLock::new(|| lenient(sqlx::migrate!("migrations/sqlite")));
static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| lenient(sqlx::migrate!("migrations/postgres")));

/// How far the database is behind this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Migrations that were applied.
    pub applied: usize,
    /// Migrations that this program has.
    pub known: usize,
}

impl MigrationState {
    /// Whether nothing is left to apply.
    pub const fn is_done(self) -> bool {
        self.applied >= self.known
    }
}

impl Db {
    /// Applies what is missing. Several processes may call it at once: `PostgreSQL` serialises them
    /// by an advisory lock, and an `SQLite` file has one process.
    ///
    /// # Errors
    /// Fails when a migration fails or an applied one was changed; the database must not be used then.
    pub async fn migrate(&self) -> DbResult<()> {
        if let Some(pool) = self.sqlite_writer() {
            SQLITE.run(pool).await?;
        }
        if let Some(pool) = self.postgres() {
            let mut connection = pool.acquire().await?;
            // Building an index, or waiting for another replica that does, takes as long as it takes.
            for sql in ["SET lock_timeout = 0", "SET statement_timeout = 0"] {
                sqlx::query(sql).execute(&mut *connection).await?;
            }
            POSTGRES.run(&mut *connection).await?;
            for sql in ["RESET lock_timeout", "RESET statement_timeout"] {
                sqlx::query(sql).execute(&mut *connection).await?;
            }
        }
        Ok(())
    }

    /// Compares the database with this program.
    ///
    /// # Errors
    /// Fails when the database is away.
    pub async fn migration_state(&self) -> DbResult<MigrationState> {
        let known = SQLITE.iter().count();
        let mut tx = self.read().await?;
        let exists = tx.dialect(
            "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'",
        );
        let tables: i64 = on!(&mut tx, |c| sqlx::query_scalar(exists).fetch_one(c).await)?;
        if tables == 0 {
            return Ok(MigrationState { applied: 0, known });
        }
        let sql = "SELECT COUNT(*) FROM _sqlx_migrations WHERE success";
        let applied: i64 = on!(&mut tx, |c| sqlx::query_scalar(sql).fetch_one(c).await)?;
        Ok(MigrationState { applied: usize::try_from(applied).unwrap_or(0), known })
    }
}
