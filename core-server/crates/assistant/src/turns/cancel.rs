//! Stopping a turn, wherever it runs.

use identity::model_settings::CHANGED_TOPIC;
use shared_protocol::MessageId;
use tokio::sync::broadcast::error::RecvError;

use crate::Assistant;

/// Bus topic: stop the turn in the payload.
const CANCEL_TOPIC: &str = "turn.cancel";

/// Stops the turn here, or asks the other replicas to.
pub(crate) fn cancel(assistant: &Assistant, message: MessageId) {
    if !assistant.hub.cancel(message) {
        assistant.identity.bus.publish(CANCEL_TOPIC, &message.to_string());
    }
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
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}
