//! One unit of work on one connection.

use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction, pool::PoolConnection};

use crate::{DbResult, Engine};

/// A connection for one unit of work.
///
/// A writing one is a transaction: it is rolled back unless [`Tx::commit`] is called. A reading one
/// is a plain connection, which saves two round trips; each of its statements sees the newest state.
pub struct Tx(Inner);

enum Inner {
    ReadSqlite(PoolConnection<Sqlite>),
    ReadPostgres(PoolConnection<Postgres>),
    WriteSqlite(Transaction<'static, Sqlite>),
    WritePostgres(Transaction<'static, Postgres>),
}

/// The engine's own connection, for the macro [`on!`](crate::on).
pub enum Connection<'a> {
    /// To an `SQLite` file.
    Sqlite(&'a mut SqliteConnection),
    /// To a `PostgreSQL` server.
    Postgres(&'a mut PgConnection),
}

impl Tx {
    pub(crate) fn read_sqlite(connection: PoolConnection<Sqlite>) -> Self {
        Self(Inner::ReadSqlite(connection))
    }

    pub(crate) fn read_postgres(connection: PoolConnection<Postgres>) -> Self {
        Self(Inner::ReadPostgres(connection))
    }

    pub(crate) fn write_sqlite(transaction: Transaction<'static, Sqlite>) -> Self {
        Self(Inner::WriteSqlite(transaction))
    }

    pub(crate) fn write_postgres(transaction: Transaction<'static, Postgres>) -> Self {
        Self(Inner::WritePostgres(transaction))
    }

    /// The connection of the engine in use.
    pub fn connection(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Inner::ReadSqlite(c) => Connection::Sqlite(c),
            Inner::ReadPostgres(c) => Connection::Postgres(c),
            Inner::WriteSqlite(t) => Connection::Sqlite(t),
            Inner::WritePostgres(t) => Connection::Postgres(t),
        }
    }

    /// The engine in use.
    pub fn engine(&self) -> Engine {
        match &self.0 {
            Inner::ReadSqlite(_) | Inner::WriteSqlite(_) => Engine::Sqlite,
            Inner::ReadPostgres(_) | Inner::WritePostgres(_) => Engine::Postgres,
        }
    }

    /// Picks the statement of the engine in use, where the two dialects part.
    pub fn dialect(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.engine() {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        }
    }

    /// Makes the changes last. For a reading one there is nothing to do.
    ///
    /// # Errors
    /// Fails when the engine cannot commit; nothing was changed then.
    pub async fn commit(self) -> DbResult<()> {
        match self.0 {
            Inner::ReadSqlite(_) | Inner::ReadPostgres(_) => {}
            Inner::WriteSqlite(t) => t.commit().await?,
            Inner::WritePostgres(t) => t.commit().await?,
        }
        Ok(())
    }
}

/// Runs one query body on the connection of the engine in use. The body is compiled once for each
/// engine, so row types are checked against both.
///
/// ```ignore
/// on!(tx, |c| sqlx::query("DELETE FROM t WHERE org_id = $1").bind(org.uuid()).execute(c).await)?;
/// ```
#[macro_export]
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $crate::Tx::connection($tx) {
            $crate::Connection::Sqlite($c) => $body,
            $crate::Connection::Postgres($c) => $body,
        }
    };
}
