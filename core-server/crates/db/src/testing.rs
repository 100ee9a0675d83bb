//! Databases for tests: each test gets one of its own and leaves nothing behind.
//!
//! `PostgreSQL` tests need `ALCOVE_TEST_POSTGRES_URL`, the address of a server whose user may create
//! databases; `scripts/test` starts one. Without it [`TestDb::postgres`] panics, so that no run
//! passes by leaving half of the tests out.

use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Db, DbResult, Engine, Target};

/// A migrated database that lives as long as this value.
pub struct TestDb {
    /// The open database.
    pub db: Db,
    /// Where it is, to open it once more.
    pub target: Target,
    _folder: Option<TempDir>,
}

/// The address of the test server for `PostgreSQL`, if one is given.
#[expect(clippy::disallowed_methods, reason = "the test server's address comes from the environment")]
pub fn postgres_url() -> Option<String> {
    std::env::var("ALCOVE_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}

impl TestDb {
    /// A fresh `SQLite` file.
    ///
    /// # Errors
    /// Fails when the file cannot be made.
    pub async fn sqlite() -> DbResult<Self> {
        let folder =
            TempDir::new().map_err(|source| crate::DbError::File { path: "temporary folder".to_owned(), source })?;
        let target = Target::Sqlite(folder.path().join("alcove.db"));
        let db = Db::connect(&target).await?;
        db.migrate().await?;
        Ok(Self { db, target, _folder: Some(folder) })
    }

    /// A fresh `PostgreSQL` database on the test server.
    ///
    /// # Errors
    /// Fails when the server refuses.
    ///
    /// # Panics
    /// Panics when `ALCOVE_TEST_POSTGRES_URL` is not set.
    #[expect(clippy::expect_used, clippy::disallowed_methods, reason = "tests only")]
    pub async fn postgres() -> DbResult<Self> {
        let server = postgres_url().expect("ALCOVE_TEST_POSTGRES_URL must name a PostgreSQL server; see scripts/test");
        let name = format!("alcove_{}", Uuid::now_v7().simple());
        let mut connection = PgConnection::connect(&server).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0")))
            .execute(&mut connection)
            .await?;
        let mut url = server;
        let cut = url.rfind('/').expect("the address ends in a database name");
        url.replace_range(cut + 1.., &name);
        let target = Target::Postgres { url, max_connections: 8 };
        let db = Db::connect(&target).await?;
        db.migrate().await?;
        Ok(Self { db, target, _folder: None })
    }

    /// A fresh database of that engine.
    ///
    /// # Errors
    /// Fails as the engine's own function does.
    pub async fn of(engine: Engine) -> DbResult<Self> {
        match engine {
            Engine::Sqlite => Self::sqlite().await,
            Engine::Postgres => Self::postgres().await,
        }
    }
}
