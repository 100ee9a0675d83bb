//! How an answer ended, when it did not end by itself.

use shared_protocol::{
    chat::TurnErrorCode,
    conversation::{Message, MessageStatus},
};

use crate::i18n::Texts;

/// The sentence below an answer that is not whole; nothing below one that is.
pub(super) fn note(message: &Message, texts: &Texts) -> Option<String> {
    let code = match message.status {
        MessageStatus::Completed | MessageStatus::Generating => return None,
        MessageStatus::Cancelled => TurnErrorCode::Cancelled,
        MessageStatus::Interrupted => TurnErrorCode::Interrupted,
        MessageStatus::Failed => message.error.as_ref().map_or(TurnErrorCode::Internal, |error| error.code),
    };
    Some(texts.t(text_key(code)))
}

fn text_key(code: TurnErrorCode) -> &'static str {
    match code {
        TurnErrorCode::Cancelled => "ending-cancelled",
        TurnErrorCode::Interrupted => "ending-interrupted",
        TurnErrorCode::ProviderUnavailable => "ending-provider",
        TurnErrorCode::RateLimit => "ending-rate-limit",
        TurnErrorCode::Overloaded => "ending-overloaded",
        TurnErrorCode::Timeout => "ending-timeout",
        TurnErrorCode::ContextOverflow => "ending-context",
        TurnErrorCode::PayloadTooLarge => "ending-too-large",
        TurnErrorCode::BadRequest => "ending-refused",
        TurnErrorCode::Auth => "ending-auth",
        TurnErrorCode::ToolLimit => "ending-tool-limit",
        TurnErrorCode::ModerationBlocked => "ending-moderation",
        TurnErrorCode::Internal => "ending-internal",
    }
}
