//! Clients of the three ways: the core, a chat-completions endpoint directly, or the peer proxy.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use shared_protocol::sse::SseParser;

use crate::model::now;

/// A way to ask for an answer.
#[derive(Clone)]
pub(crate) enum Way {
    /// Through the core.
    Core {
        /// Its origin.
        origin: String,
        /// A session.
        token: String,
    },
    /// At a chat-completions endpoint: the model itself, or the peer in front of it.
    Completions {
        /// Its base address, ending in `/v1`.
        base: String,
    },
}

/// What one answer was like.
pub(crate) struct Answer {
    /// From sending the request to the first token.
    pub first_token: Duration,
    /// From the birth of each token to its arrival.
    pub delays: Vec<Duration>,
    /// Whether the tokens were 0, 1, 2, … without a gap or a repetition.
    pub exact: bool,
}

impl Way {
    fn request(&self, http: &reqwest::Client, conversation: Option<&str>) -> RequestBuilder {
        match self {
            Self::Core { origin, token } => http.post(format!("{origin}/api/chat")).bearer_auth(token).json(
                &json!({"conversationId": conversation, "messages": [{"role": "user", "content": "Say something."}]}),
            ),
            Self::Completions { base } => http.post(format!("{base}/chat/completions")).bearer_auth("bench").json(
                &json!({"model": "bench", "stream": true, "messages": [{"role": "user", "content": "Say something."}]}),
            ),
        }
    }

    /// Makes an empty conversation; only the core has them.
    pub(crate) async fn conversation(&self, http: &reqwest::Client) -> Result<Option<String>> {
        let Self::Core { origin, token } = self else { return Ok(None) };
        let answer: Value = http
            .post(format!("{origin}/api/conversations"))
            .bearer_auth(token)
            .json(&json!({}))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        Ok(Some(answer["id"].as_str().context("no conversation id")?.to_owned()))
    }

    /// Asks and reads to the end.
    pub(crate) async fn ask(&self, http: &reqwest::Client, conversation: Option<&str>) -> Result<Answer> {
        let sent = Instant::now();
        let mut reading = Reading { parser: SseParser::new(), next: 0, exact: true, delays: Vec::new() };
        let mut first_token = None;
        let mut body = self.open(http, conversation).await?;
        while let Some(piece) = body.next().await {
            let seen = reading.next;
            reading.take(&piece?)?;
            if seen == 0 && reading.next > 0 {
                first_token = Some(sent.elapsed());
            }
        }
        Ok(Answer {
            first_token: first_token.context("an answer without tokens")?,
            delays: reading.delays,
            exact: reading.exact,
        })
    }

    /// Asks and returns the bytes as they come.
    pub(crate) async fn open(
        &self,
        http: &reqwest::Client,
        conversation: Option<&str>,
    ) -> Result<impl Stream<Item = reqwest::Result<Bytes>> + Unpin + use<>> {
        let answer = self.request(http, conversation).send().await?;
        let status = answer.status();
        if !status.is_success() {
            anyhow::bail!("{status}: {}", answer.text().await?);
        }
        Ok(Box::pin(answer.bytes_stream()))
    }
}

struct Reading {
    parser: SseParser,
    next: u64,
    exact: bool,
    delays: Vec<Duration>,
}

impl Reading {
    fn take(&mut self, piece: &[u8]) -> Result<()> {
        for event in self.parser.push(piece)? {
            if event.data == "[DONE]" {
                continue;
            }
            let data: Value = serde_json::from_str(&event.data)?;
            ensure!(event.event != "error", "the turn failed: {data}");
            let text =
                data["text"].as_str().or_else(|| data["choices"][0]["delta"]["content"].as_str()).unwrap_or_default();
            for stamp in text.split_whitespace() {
                self.stamp(stamp)?;
            }
        }
        Ok(())
    }

    fn stamp(&mut self, stamp: &str) -> Result<()> {
        let (number, born) = stamp.trim_start_matches('#').split_once('@').context("a token without a stamp")?;
        self.exact &= number.parse::<u64>()? == self.next;
        self.next += 1;
        self.delays.push(Duration::from_nanos(now().saturating_sub(born.parse()?)));
        Ok(())
    }
}
