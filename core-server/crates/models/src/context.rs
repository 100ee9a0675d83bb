//! Keeping a conversation within the context window.

use crate::{ChatModel, Message, ModelError};

/// Tokens that each message takes beside its text: role and separators.
const PER_MESSAGE: usize = 6;

/// Drops the oldest messages until the rest and `reserve_output` tokens of answer fit.
///
/// The system message and everything from the newest user message on always stay. What is dropped
/// ends before a user message, so that no answer and no tool result is left without its question.
///
/// # Errors
/// [`ModelError::ContextOverflow`] when what must stay does not fit.
pub fn fit(
    model: &dyn ChatModel,
    mut messages: Vec<Message>,
    reserve_output: usize,
) -> Result<Vec<Message>, ModelError> {
    let room = model.context_window().saturating_sub(reserve_output);
    let cost = |message: &Message| model.count_tokens(message.text()) + calls_cost(model, message) + PER_MESSAGE;
    let first = usize::from(matches!(messages.first(), Some(Message::System(_))));
    let newest = messages.iter().rposition(|message| matches!(message, Message::User(_))).unwrap_or(first).max(first);
    let mut used: usize = messages[..first].iter().chain(&messages[newest..]).map(cost).sum();
    if used > room {
        return Err(ModelError::ContextOverflow);
    }
    // From the newest back, and only up to the first that does not fit: a gap would make no sense.
    let mut keep_from = newest;
    for (place, message) in messages.iter().enumerate().take(newest).skip(first).rev() {
        used += cost(message);
        if used > room {
            break;
        }
        if matches!(message, Message::User(_)) {
            keep_from = place;
        }
    }
    messages.drain(first..keep_from);
    Ok(messages)
}

fn calls_cost(model: &dyn ChatModel, message: &Message) -> usize {
    let Message::Assistant { tool_calls, .. } = message else { return 0 };
    tool_calls
        .iter()
        .map(|call| model.count_tokens(&call.name) + model.count_tokens(&call.arguments.to_string()) + PER_MESSAGE)
        .sum()
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use proptest::prelude::*;

    use super::*;
    use crate::{ChatRequest, ChatStream};

    struct Window(usize);

    #[async_trait]
    impl ChatModel for Window {
        fn name(&self) -> &'static str {
            "window"
        }
        fn context_window(&self) -> usize {
            self.0
        }
        fn count_tokens(&self, text: &str) -> usize {
            text.len()
        }
        async fn stream(&self, _: ChatRequest) -> Result<ChatStream, ModelError> {
            Err(ModelError::Overloaded)
        }
    }

    fn conversation(lengths: &[usize]) -> Vec<Message> {
        let mut messages = vec![Message::System("s".repeat(10))];
        for (place, length) in lengths.iter().enumerate() {
            let text = "x".repeat(*length);
            messages.push(if place % 2 == 0 {
                Message::User(text)
            } else {
                Message::Assistant { content: text, tool_calls: Vec::new() }
            });
        }
        if lengths.len().is_multiple_of(2) {
            messages.push(Message::User("last".to_owned()));
        }
        messages
    }

    proptest! {
        #[test]
        fn what_is_kept_fits_and_is_the_end(lengths in prop::collection::vec(0_usize..200, 0..40), window in 0_usize..1500) {
            let whole = conversation(&lengths);
            match fit(&Window(window), whole.clone(), 50) {
                Ok(kept) => {
                    let used: usize = kept.iter().map(|message| message.text().len() + PER_MESSAGE).sum();
                    prop_assert!(used + 50 <= window);
                    prop_assert_eq!(&kept[0], &whole[0]);
                    prop_assert_eq!(&kept[1..], &whole[whole.len() + 1 - kept.len()..]);
                    prop_assert!(matches!(kept[1], Message::User(_)));
                }
                Err(ModelError::ContextOverflow) => {
                    let must = whole[0].text().len() + whole[whole.len() - 1].text().len() + 2 * PER_MESSAGE;
                    prop_assert!(must + 50 > window);
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
