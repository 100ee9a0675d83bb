//! Titles by the model: once after the first answer, and whenever somebody asks.

use std::time::Duration;

use db::{DbResult, OrgId, Tx};
use futures_util::StreamExt as _;
use identity::Identity;
use jobs::{Claimed, JobError, NewJob, Runner};
use models::{ChatRequest, Delta, Message, ModelError, SharedModel};
use platform::{ApiError, ApiResult};
use serde_json::json;
use shared_protocol::{ConversationId, ErrorCode, Timestamp, UserId};

use crate::{Assistant, conversations, messages};

const KIND: &str = "conversation.title";
const PROMPT: &str =
    "Write a title of at most six words for this conversation, in its language. Answer with the title alone.";
const MAX_TOKENS: u32 = 24;
const MAX_CHARS: usize = 60;
/// Bytes of an answer that may still hold a title, with what models put around it.
const MAX_BYTES: usize = 600;
/// How long a title may take in all. The local model needs its time when it has other work.
const PATIENCE: Duration = Duration::from_secs(120);
/// Characters of each message that the title is made from.
const EXCERPT: usize = 600;

/// Has a title made, if the conversation still has its placeholder by then. True when there is a job
/// to [`wake`] the workers for, once it is committed.
pub(super) async fn enqueue(
    tx: &mut Tx,
    identity: &Identity,
    org: OrgId,
    conversation: ConversationId,
    now: Timestamp,
) -> DbResult<bool> {
    if !conversations::store::has_placeholder(tx, org, conversation).await? {
        return Ok(false);
    }
    let job = NewJob {
        kind: KIND,
        org: Some(org),
        payload: json!({"conversation": conversation}),
        run_at: now,
        dedup_key: Some(conversation.to_string()),
        max_attempts: 3,
    };
    jobs::enqueue(tx, identity.ids.uuid(), &job, now).await
}

/// Tells the workers that there is something to do.
pub(super) fn wake(identity: &Identity) {
    identity.bus.publish(jobs::WAKE_TOPIC, KIND);
}

/// Registers the job.
pub fn register(runner: &mut Runner, assistant: &Assistant) {
    let assistant = assistant.clone();
    runner.handle(KIND, move |job| {
        let assistant = assistant.clone();
        async move { run(&assistant, &job).await }
    });
}

async fn run(assistant: &Assistant, job: &Claimed) -> Result<(), JobError> {
    let payload = job.payload()?;
    let org = job.org().ok_or_else(|| JobError::Fatal("the job has no organisation".into()))?;
    let id: ConversationId = serde_json::from_value(payload["conversation"].clone())?;
    let mut tx = assistant.identity.db.read().await?;
    let wanted = conversations::store::has_placeholder(&mut tx, org, id).await?;
    drop(tx);
    if !wanted {
        return Ok(());
    }
    // A placeholder is a title too: a model that is away is no reason to keep trying.
    match generate(assistant, org, id).await? {
        Ok(title) => {
            let mut tx = assistant.identity.db.write().await?;
            conversations::store::replace_placeholder(&mut tx, org, id, &title).await?;
            tx.commit().await?;
        }
        Err(error) => tracing::info!(conversation = %id, %error, "no title was made"),
    }
    Ok(())
}

/// Makes a title now and stores it.
pub(crate) async fn regenerate(
    assistant: &Assistant,
    org: OrgId,
    user: UserId,
    id: ConversationId,
) -> ApiResult<String> {
    let title = generate(assistant, org, id).await?.map_err(|error| {
        ApiError::new(ErrorCode::ProviderUnavailable, "The model could not make a title.").with_source(error)
    })?;
    let mut tx = assistant.identity.db.write().await?;
    conversations::store::set_title(&mut tx, org, user, id, &title, false).await?;
    tx.commit().await?;
    Ok(title)
}

async fn generate(assistant: &Assistant, org: OrgId, id: ConversationId) -> ApiResult<Result<String, ModelError>> {
    let mut tx = assistant.identity.db.read().await?;
    let first = messages::store::first(&mut tx, org, id, 2).await?;
    drop(tx);
    let Some(question) = first.first() else {
        return Err(ApiError::new(ErrorCode::Conflict, "The conversation has no message yet."));
    };
    let fallback = conversations::placeholder(&question.content);
    let text: Vec<String> = first.iter().map(|row| row.content.chars().take(EXCERPT).collect()).collect();
    let model = match assistant.providers.of(&assistant.identity, org).await? {
        Ok(model) => model,
        Err(error) => return Ok(Err(error)),
    };
    Ok(ask(&model, &text.join("\n\n")).await.map(|title| clean(&title).unwrap_or(fallback)))
}

async fn ask(model: &SharedModel, text: &str) -> Result<String, ModelError> {
    let request = ChatRequest {
        messages: vec![Message::System(PROMPT.to_owned()), Message::User(text.to_owned())],
        max_output_tokens: Some(MAX_TOKENS),
        ..ChatRequest::default()
    };
    let asking = async {
        let mut deltas = model.stream(request).await?;
        let mut title = String::new();
        while let Some(delta) = deltas.next().await {
            if let Delta::Text(text) = delta? {
                title.push_str(&text);
            }
            // What has become longer is no title, and nobody waits for its end.
            if title.len() > MAX_BYTES {
                break;
            }
        }
        Ok(title)
    };
    tokio::time::timeout(PATIENCE, asking).await.map_err(|_| ModelError::Timeout)?
}

/// The title without what models like to put around it; none when nothing useful is left.
fn clean(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.trim_start_matches(['#', '-', '*', ' ']);
    let line = line.strip_prefix("Title:").unwrap_or(line);
    let line = line.trim_matches(['"', '\'', '“', '”', '„', '*', '`', '.', ' ']);
    let title: String = line.chars().filter(|symbol| !symbol.is_control()).collect();
    (!title.is_empty() && title.chars().count() <= MAX_CHARS).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_their_wrapping() {
        for text in ["\"Travel to Rome\"\n", "# Travel to Rome", "\n**Title: Travel to Rome**.", "Travel to Rome"] {
            assert_eq!(
                clean(text).as_deref().map(|title| title.trim_start_matches("Title: ")),
                Some("Travel to Rome"),
                "{text}"
            );
        }
        assert_eq!(clean("  \n"), None);
        assert_eq!(clean(&"word ".repeat(40)), None);
    }
}
