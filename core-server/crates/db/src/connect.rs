//! Opening the database: an SQLite file that belongs to this process alone, or a PostgreSQL server.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection as _, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{DbError, DbResult, Tx};

/// How long a request waits for a connection before it is told to come again.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long `SQLite` waits for a lock that another connection holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers of an `SQLite` file: more than cores gains nothing, each costs a thread.
const SQLITE_READERS: u32 = 4;

/// Which engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// An `SQLite` file.
    Sqlite,
    /// A `PostgreSQL` server.
    Postgres,
}

impl Engine {
    /// The engine's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Target {
    /// The path of an `SQLite` file; it and its folder are made when missing.
    Sqlite(PathBuf),
    /// The address of a `PostgreSQL` database and the most connections to it.
    Postgres {
        /// `postgres://user:password@host/name`.
        url: String,
        /// The most connections that this process opens.
        max_connections: u32,
    },
}

/// The database; clones share their connections.
#[derive(Clone)]
pub struct Db(Pools);

#[derive(Clone)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool, _lock: Arc<File> },
    Postgres(PgPool),
}

impl Db {
    /// Opens the database. No migration runs: see [`Db::migrate`].
    ///
    /// # Errors
    /// Fails when the file is in use by another process, cannot be made, or the server refuses.
    pub async fn connect(target: &Target) -> DbResult<Self> {
        match target {
            Target::Sqlite(path) => Self::open_file(path).await,
            Target::Postgres { url, max_connections } => {
                // A statement that waits for a lock must not hold its request as long as somebody
                // else likes. Migrations lift both for themselves.
                let options = PgConnectOptions::from_str(url)?
                    .application_name("alcove")
                    .options([("lock_timeout", "5s"), ("statement_timeout", "30s")]);
                let pool = PgPoolOptions::new()
                    .max_connections(*max_connections)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                Ok(Self(Pools::Postgres(pool)))
            }
        }
    }

    async fn open_file(path: &Path) -> DbResult<Self> {
        let lock = lock_file(path)?;
        // The engine gives its log and index files the rights of the database file.
        let fault = |source| DbError::File { path: path.display().to_string(), source };
        platform::files::private_file(path).map_err(fault)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // In WAL mode a crash of the process loses nothing; a power cut may lose the last commits
            // but never corrupts the file.
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("temp_store", "memory")
            .statement_cache_capacity(256);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // When the disk is full the engine rolls back by itself and the pool's connection believes to
            // be in a transaction for ever; such a one is closed and opened anew.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self(Pools::Sqlite { writer, readers, _lock: Arc::new(lock) }))
    }

    /// A connection for reading. `SQLite` refuses writes on it.
    ///
    /// # Errors
    /// Fails when no connection is free in time.
    pub async fn read(&self) -> DbResult<Tx> {
        Ok(match &self.0 {
            Pools::Sqlite { readers, .. } => Tx::read_sqlite(readers.acquire().await?),
            Pools::Postgres(pool) => Tx::read_postgres(pool.acquire().await?),
        })
    }

    /// A transaction for writing. On `SQLite` it takes the write lock at once: a deferred one fails
    /// when another writer was faster.
    ///
    /// # Errors
    /// Fails when no connection is free in time or the file is locked.
    pub async fn write(&self) -> DbResult<Tx> {
        Ok(match &self.0 {
            Pools::Sqlite { writer, .. } => Tx::write_sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Tx::write_postgres(pool.begin().await?),
        })
    }

    /// Which engine answers.
    pub fn engine(&self) -> Engine {
        match &self.0 {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Connections in use, and the most there can be.
    pub fn pool_usage(&self) -> (u32, u32) {
        let in_use = |size: u32, idle: usize| size.saturating_sub(u32::try_from(idle).unwrap_or(u32::MAX));
        match &self.0 {
            Pools::Sqlite { writer, readers, .. } => (
                in_use(writer.size(), writer.num_idle()) + in_use(readers.size(), readers.num_idle()),
                1 + SQLITE_READERS,
            ),
            Pools::Postgres(pool) => (in_use(pool.size(), pool.num_idle()), pool.options().get_max_connections()),
        }
    }

    /// Closes all connections after the running statements.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn sqlite_writer(&self) -> Option<&SqlitePool> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => Some(writer),
            Pools::Postgres(_) => None,
        }
    }

    pub(crate) fn postgres(&self) -> Option<&PgPool> {
        match &self.0 {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(pool) => Some(pool),
        }
    }
}

/// Takes the file for this process. The kernel gives the lock back when the process ends, however it
/// ends, so a crash leaves nothing to clean up.
fn lock_file(database: &Path) -> DbResult<File> {
    let fault = |source| DbError::File { path: database.display().to_string(), source };
    if let Some(folder) = database.parent() {
        platform::files::private_folder(folder).map_err(fault)?;
    }
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let file = platform::files::private_file(Path::new(&path)).map_err(fault)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DbError::InUse(database.display().to_string())),
        Err(TryLockError::Error(source)) => Err(fault(source)),
    }
}
