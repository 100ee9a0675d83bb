//! The event log: the numbered events of each turn, readable from any point.
//!
//! - [`turn_log`]: the events of a turn that runs here.
//! - [`journal`]: the file that an event enters before anybody sees it.
//! - [`hub`]: all logs of this process.
//! - [`flusher`]: moves events to the table, for other replicas and late readers.
//! - [`reader`]: one way of reading, wherever the events are.
//! - [`recovery`]: ends the turns of dead processes.
//!
//! Table owned: `turn_chunks`.

mod flusher;
mod hub;
mod journal;
mod reader;
mod recovery;
pub(crate) mod store;
mod turn_log;

pub use hub::Hub;
pub use reader::{Next, Reader};
pub use turn_log::TurnLog;

use crate::Assistant;

/// Bus topic: new events of the turns in the payload are in the table.
pub const ADVANCED_TOPIC: &str = "turn.advanced";

/// Ends what dead processes left, then starts the flusher and the sweeper.
///
/// # Errors
/// Fails when the database does.
pub(crate) async fn start(assistant: &Assistant) -> anyhow::Result<()> {
    recovery::recover(assistant, recovery::When::Start).await?;
    flusher::start(assistant);
    recovery::start(assistant);
    Ok(())
}
