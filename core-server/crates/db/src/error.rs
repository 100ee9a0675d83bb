//! Database failures, sorted by what the caller can do about them.

use std::time::Duration;

use platform::ApiError;
use shared_protocol::ErrorCode;

/// The result of a database call.
pub type DbResult<T> = Result<T, DbError>;

/// A failed database call.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The engine refused or broke off.
    #[error("the database call failed")]
    Sql(#[from] sqlx::Error),
    /// A migration failed; the database must not be used.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Another process has this SQLite file open.
    #[error("another process uses the database {0}; stop it first, or use PostgreSQL for several processes")]
    InUse(String),
    /// The database's folder or lock file cannot be made.
    #[error("cannot prepare the database file {path}")]
    File {
        /// The file in question.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A stored value does not mean anything to this version.
    #[error("the stored value of {0} cannot be read")]
    Corrupt(&'static str),
}

/// `SQLite` result codes that pass: busy, locked, read-only, I/O error, full, cannot open.
/// Source: <https://www.sqlite.org/rescode.html>. Extended codes carry the primary one in the low byte.
const SQLITE_PASSING: [i32; 6] = [5, 6, 8, 10, 13, 14];

/// `PostgreSQL` error classes that pass: connection, out of resources, operator intervention,
/// serialization failure and deadlock, a lock that was not had in time, and a server that only reads after a
/// failover. Source: <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
const POSTGRES_PASSING: [&str; 6] = ["08", "53", "57", "40", "55P03", "25006"];

impl DbError {
    /// Whether a unique key stood in the way. `SQLite` does not say which: decide by the statement.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether the database is away, busy or full for the moment.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Sql(error) => match error {
                sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::WorkerCrashed => true,
                sqlx::Error::Database(error) => {
                    let code = error.code().unwrap_or_default();
                    match error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                        Some(_) => POSTGRES_PASSING.iter().any(|class| code.starts_with(class)),
                        None => code.parse().is_ok_and(|code: i32| SQLITE_PASSING.contains(&(code & 0xff))),
                    }
                }
                _ => false,
            },
            Self::InUse(_) | Self::File { .. } | Self::Migrate(_) | Self::Corrupt(_) => false,
        }
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        if error.is_unavailable() {
            ApiError::new(ErrorCode::Unavailable, "The database is not available at the moment. Please try again.")
                .with_retry_after(Duration::from_secs(2))
                .with_source(error)
        } else {
            ApiError::internal(error)
        }
    }
}
