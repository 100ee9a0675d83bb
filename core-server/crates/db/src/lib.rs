//! The database: one SQL text and one function body per query, on SQLite and on PostgreSQL.
//!
//! [`Db`] holds the pools, [`Tx`] a connection for one unit of work, and the macro [`on!`] runs a
//! query on whichever engine is in use. Only the `store.rs` of a feature holds SQL.
//! Every store function takes an [`OrgId`] right after the transaction, so that no query can forget
//! whose data it touches; the few that work across organisations (workers, purges) say so in their name.
//!
//! Rules found by measurement: SQLite has one writer that begins `IMMEDIATE`, and a pool of readers;
//! PostgreSQL claims rows with `FOR UPDATE SKIP LOCKED`; times are microseconds in a `BIGINT`.

mod connect;
mod error;
mod migrate;
mod org;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;

pub use connect::{Db, Engine, Target};
pub use error::{DbError, DbResult};
pub use migrate::MigrationState;
pub use org::OrgId;
pub use tx::{Connection, Tx};
