//! Stopping a turn, wherever it runs.

use db::{DbResult, OrgId};
use identity::model_settings::CHANGED_TOPIC;
use shared_protocol::MessageId;
use tokio::sync::broadcast::error::RecvError;

use super::store;
use crate::Assistant;

/// Bus topic: stop the turn in the payload.
const CANCEL_TOPIC: &str = "turn.cancel";

/// Stops the turn here, or asks the other replicas to: at once over the bus, and by a mark on the turn in
/// case the bus loses the message.
///
/// # Errors
/// Fails when the database does.
pub(crate) async fn cancel(assistant: &Assistant, org: OrgId, message: MessageId) -> DbResult<()> {
    if assistant.hub.cancel(message) {
        return Ok(());
    }
    let mut tx = assistant.identity.db.write().await?;
    store::mark_cancelled(&mut tx, org, message, assistant.identity.clock.now()).await?;
    tx.commit().await?;
    assistant.identity.bus.publish(CANCEL_TOPIC, &message.to_string());
    Ok(())
}

/// Listens for turns that are to be stopped and for changed model settings.
pub fn listen(assistant: &Assistant) {
    let assistant = assistant.clone();
    let stopped = assistant.lifecycle.stopped().clone();
    let mut bus = assistant.identity.bus.subscribe();
    assistant.lifecycle.clone().serve("turn bus", async move {
        loop {
            let message = tokio::select! {
                message = bus.recv() => message,
                () = stopped.cancelled() => return,
            };
            match message {
                Ok(message) if message.topic == CANCEL_TOPIC => {
                    if let Ok(id) = message.payload.parse() {
                        assistant.hub.cancel(id);
                    }
                }
                Ok(message) if message.topic == CHANGED_TOPIC => assistant.providers.forget(),
                Ok(_) => {}
                // A change of settings may be among what was missed; a missed stop is marked on its turn.
                Err(RecvError::Lagged(_)) => assistant.providers.forget(),
                Err(RecvError::Closed) => return,
            }
        }
    });
}
