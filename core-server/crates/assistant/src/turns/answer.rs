//! The task that makes an answer: asks the model, writes events, stores the end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use db::DbResult;
use futures_util::{FutureExt as _, StreamExt as _};
use identity::Principal;
use metrics::{counter, histogram};
use models::{ChatRequest, Delta, FinishReason, Message, ModelError, SharedModel, context};
use platform::metrics::{CHAT_DURATION, CHAT_TOKENS, CHAT_TURNS};
use shared_protocol::{
    AgentId,
    chat::{ChatEvent, Done, Start, TitleUpdate, Token, TurnError, TurnErrorCode, Usage},
    conversation::MessageStatus,
};
use tokio_util::sync::CancellationToken;

use super::{prompt, store, title, words};
use crate::{
    Assistant,
    log::{self, TurnLog},
    messages,
};

/// Tokens of the context window that are kept free for the answer.
const RESERVE: usize = 512;
/// How often a conversation that turns out too long is tried again with half of it.
const HALVINGS: u32 = 3;
/// The longest wait between two tries to store an end.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// An answer in the making.
struct Turn {
    assistant: Assistant,
    principal: Principal,
    agent: AgentId,
    start: Start,
    log: Arc<TurnLog>,
    cancel: CancellationToken,
    content: String,
    model: Option<String>,
    usage: Usage,
}

/// Starts the task.
pub(super) fn spawn(
    assistant: &Assistant,
    principal: &Principal,
    agent: AgentId,
    start: Start,
    placeholder: Option<String>,
) {
    let (log, cancel) = assistant.hub.begin(start.message_id);
    let conversation_id = start.conversation_id;
    let turn = Turn {
        assistant: assistant.clone(),
        principal: principal.clone(),
        agent,
        log,
        cancel,
        content: String::new(),
        model: None,
        usage: Usage::default(),
        start: start.clone(),
    };
    turn.emit(&ChatEvent::Start(start));
    if let Some(title) = placeholder {
        turn.emit(&ChatEvent::TitleUpdate(TitleUpdate { title, conversation_id }));
    }
    // Ids and the model, never what was said. The task runs within the span, below its request's.
    let span = tracing::info_span!(
        "turn",
        turn = %turn.start.message_id,
        conversation = %conversation_id,
        agent = %agent,
        organisation = %principal.org.wire(),
        model = tracing::field::Empty,
    );
    span.in_scope(|| assistant.lifecycle.spawn("turn", turn.run()));
}

impl Turn {
    fn emit(&self, event: &ChatEvent) {
        self.assistant.hub.emit(&self.log, event);
    }

    async fn run(mut self) {
        let started = Instant::now();
        let limit = self.assistant.config.limits.turn_timeout;
        let (cancel, stopped) = (self.cancel.clone(), self.assistant.lifecycle.stopped().clone());
        // A panic must end the turn like any other fault, or its conversation would stay busy.
        let answer = std::panic::AssertUnwindSafe(self.answer()).catch_unwind();
        let result = tokio::select! {
            result = answer => result.unwrap_or_else(|_| Err(words::error(TurnErrorCode::Internal))),
            () = cancel.cancelled() => Err(words::error(TurnErrorCode::Cancelled)),
            () = stopped.cancelled() => Err(words::error(TurnErrorCode::Interrupted)),
            () = tokio::time::sleep(limit) => Err(words::error(TurnErrorCode::Timeout)),
        };
        self.finish(result.err()).await;
        let model = self.model.clone().unwrap_or_else(|| "none".to_owned());
        let tier = self.principal.tier.as_str();
        counter!(CHAT_TURNS, "tier" => tier, "model" => model.clone()).increment(1);
        histogram!(CHAT_DURATION, "tier" => tier, "model" => model.clone()).record(started.elapsed());
        counter!(CHAT_TOKENS, "direction" => "input", "model" => model.clone()).increment(self.usage.input);
        counter!(CHAT_TOKENS, "direction" => "output", "model" => model).increment(self.usage.output);
    }

    /// Streams the model's answer into the log.
    async fn answer(&mut self) -> Result<(), TurnError> {
        let (model, messages) = self.prepare().await?;
        self.model = Some(model.name().to_owned());
        tracing::Span::current().record("model", model.name());
        let reserve = RESERVE.min(model.context_window() / 4);
        let room = model.context_window().saturating_sub(reserve);
        let mut halvings = 0;
        loop {
            let kept_free = model.context_window() - (room >> halvings);
            let fitting = context::fit(&*model, messages.clone(), kept_free);
            let result = match fitting {
                Ok(messages) => self.stream(&model, messages).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(FinishReason::ContentFilter) => return Err(words::error(TurnErrorCode::ModerationBlocked)),
                Ok(_) if self.content.is_empty() => return Err(self.model_fault(&ModelError::Malformed(None))),
                Ok(_) => return Ok(()),
                // Tokens are estimated, and a provider's window may be smaller than we are told.
                Err(ModelError::ContextOverflow) if halvings < HALVINGS && self.content.is_empty() => halvings += 1,
                Err(error) => return Err(self.model_fault(&error)),
            }
        }
    }

    async fn stream(&mut self, model: &SharedModel, messages: Vec<Message>) -> Result<FinishReason, ModelError> {
        // Our own count stands for a turn that is stopped before the provider tells its count.
        let count = |text: &str| u64::try_from(model.count_tokens(text)).unwrap_or(0);
        self.usage = Usage { input: messages.iter().map(|message| count(message.text())).sum(), output: 0 };
        let mut deltas = model.stream(ChatRequest { messages, ..ChatRequest::default() }).await?;
        while let Some(delta) = deltas.next().await {
            match delta? {
                Delta::Text(text) => {
                    // PostgreSQL has no text with this character.
                    let text = if text.contains('\0') { text.replace('\0', "") } else { text };
                    self.usage.output += count(&text);
                    self.content.push_str(&text);
                    self.emit(&ChatEvent::Token(Token { text }));
                }
                Delta::Finish { reason, usage } => {
                    self.usage = Usage { input: usage.input, output: usage.output };
                    return Ok(reason);
                }
                // No tools were offered, so there is nothing that could be called.
                Delta::ToolCall(_) => return Err(ModelError::Malformed(None)),
            }
        }
        Err(ModelError::Unavailable(None))
    }

    async fn prepare(&self) -> Result<(SharedModel, Vec<Message>), TurnError> {
        let identity = &self.assistant.identity;
        let org = self.principal.org;
        let provider = self.assistant.providers.of(identity, org).await.map_err(|error| self.own_fault(&error))?;
        let model = provider.map_err(|error| self.model_fault(&error))?;
        let reading = async {
            let agent = self.assistant.agents.get(&identity.db, org, Some(self.agent)).await?;
            let mut tx = identity.db.read().await?;
            let history = messages::store::history(
                &mut tx,
                org,
                self.start.conversation_id,
                self.start.message_id,
                prompt::HISTORY,
            )
            .await?;
            DbResult::Ok((agent, history))
        };
        let (agent, history) = reading.await.map_err(|error| self.own_fault(&error))?;
        let agent = agent.ok_or_else(|| words::error(TurnErrorCode::Internal))?;
        Ok((model, prompt::build(&agent, &self.principal, history, identity.clock.now())))
    }

    fn model_fault(&self, error: &ModelError) -> TurnError {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(turn = %self.start.message_id, %error, cause, "the model did not answer");
        words::of_model(error)
    }

    fn own_fault(&self, error: &dyn std::fmt::Display) -> TurnError {
        tracing::error!(turn = %self.start.message_id, %error, "a turn could not be prepared");
        words::error(TurnErrorCode::Internal)
    }

    /// Stores the end and then shows it. While the database is away this goes on trying: the text is
    /// in the journal, and an end that was shown must be stored.
    async fn finish(&self, error: Option<TurnError>) {
        let event = match &error {
            None => ChatEvent::Done(Done {
                message_id: self.start.message_id,
                usage: self.usage,
                model: self.model.clone().unwrap_or_default(),
            }),
            Some(error) => ChatEvent::Error(error.clone()),
        };
        let _flushing = self.log.flushing().await;
        let Ok((seq, bytes)) = self.log.encode(&event) else { return };
        let mut wait = Duration::from_millis(100);
        loop {
            match self.store_end(error.as_ref(), seq, &bytes).await {
                Ok(true) => break,
                Ok(false) => return self.lose(),
                Err(fault) => {
                    tracing::warn!(turn = %self.start.message_id, error = %fault, "the end of a turn could not be stored yet");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
                // The journal stays, and the next process ends the turn from it.
                () = self.assistant.lifecycle.stopped().cancelled() => return self.log.abandon(),
            }
        }
        self.log.end(seq, bytes);
        self.assistant.hub.finish(self.start.message_id);
        if self.assistant.identity.bus.is_remote() {
            self.assistant.identity.bus.publish(log::ADVANCED_TOPIC, &self.start.message_id.to_string());
        }
    }

    /// Somebody took this process for dead and ended the turn: what is stored is what they stored, and
    /// readers must look there.
    fn lose(&self) {
        tracing::warn!(turn = %self.start.message_id, "a turn was ended by another process");
        self.log.abandon();
        self.assistant.hub.finish(self.start.message_id);
    }

    /// Stores the end. False when the turn had ended before.
    async fn store_end(&self, error: Option<&TurnError>, seq: u64, event: &[u8]) -> DbResult<bool> {
        let identity = &self.assistant.identity;
        let (org, now) = (self.principal.org, identity.clock.now());
        let status = match error.map(|error| error.code) {
            None => MessageStatus::Completed,
            Some(TurnErrorCode::Cancelled) => MessageStatus::Cancelled,
            Some(TurnErrorCode::Interrupted) => MessageStatus::Interrupted,
            Some(_) => MessageStatus::Failed,
        };
        let ended = store::Ended {
            content: &self.content,
            status,
            error,
            model: self.model.as_deref(),
            usage: Some(self.usage),
        };
        let mut tx = identity.db.write().await?;
        if !store::end(&mut tx, org, self.start.message_id, self.start.conversation_id, &ended, now).await? {
            return Ok(false);
        }
        let fresh = self.log.unflushed();
        let first = fresh.as_ref().map_or(seq, |fresh| fresh.first);
        let text = fresh.map(|fresh| fresh.text).unwrap_or_default() + std::str::from_utf8(event).unwrap_or_default();
        log::store::insert(&mut tx, self.start.message_id, first, seq, &text).await?;
        let titled = status == MessageStatus::Completed
            && title::enqueue(&mut tx, identity, org, self.start.conversation_id, now).await?;
        tx.commit().await?;
        if titled {
            title::wake(identity);
        }
        Ok(true)
    }
}
