//! An answer that is being read: bytes in, deltas out.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use super::{
    WireFormat, faults,
    lines::Pieces,
    remote::unavailable,
    wire::{Incoming, malformed},
};
use crate::{ChatStream, Delta, ModelError, Usage, tokens};

/// The longest answer that is read, in bytes of its wire format: some fifty thousand tokens in the most
/// talkative one, which wraps each into 300 bytes. Without an end, a faulty or hostile provider would
/// fill our memory and the database.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// An answer that is being read.
pub(super) struct Answer<W> {
    body: stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    pieces: Pieces,
    incoming: Incoming,
    wire: Arc<W>,
    /// How long the next bytes may take.
    patience: Duration,
    stall_timeout: Duration,
    /// Bytes read so far.
    size: usize,
    /// Our own count, for providers that give none.
    counted: Usage,
    over: bool,
    /// What went wrong, to be told after what came before it.
    fault: Option<ModelError>,
}

impl<W: WireFormat> Answer<W> {
    /// The answer in `response`, whose first bytes may take `patience`. `input` is our own count of the
    /// prompt's tokens.
    pub(super) fn new(
        wire: Arc<W>,
        response: reqwest::Response,
        patience: Duration,
        stall_timeout: Duration,
        input: u64,
    ) -> Self {
        Self {
            body: response.bytes_stream().boxed(),
            pieces: Pieces::new(W::FRAMING),
            incoming: Incoming::default(),
            wire,
            patience,
            stall_timeout,
            size: 0,
            counted: Usage { input, output: 0 },
            over: false,
            fault: None,
        }
    }

    /// Reads up to the first delta. Until then nobody has seen anything, and the request may be sent anew.
    ///
    /// # Errors
    /// Fails when the answer ends in a fault before there is a delta.
    pub(super) async fn begin(&mut self) -> Result<(), ModelError> {
        self.fill().await;
        if self.incoming.ready.is_empty() { self.fault.take().map_or(Ok(()), Err) } else { Ok(()) }
    }

    /// The rest as a stream.
    pub(super) fn into_stream(self) -> ChatStream {
        stream::unfold(self, Self::next).boxed()
    }

    async fn next(mut self) -> Option<(Result<Delta, ModelError>, Self)> {
        self.fill().await;
        if self.incoming.ready.is_empty() {
            return self.fault.take().map(|fault| (Err(fault), self));
        }
        let delta = self.incoming.ready.remove(0);
        if let Delta::Text(text) = &delta {
            self.counted.output += u64::try_from(tokens::estimate(text)).unwrap_or(0);
        }
        Some((Ok(delta), self))
    }

    /// Reads until there is a delta or an end.
    async fn fill(&mut self) {
        while self.incoming.ready.is_empty() && !self.over {
            if let Err(fault) = self.read().await {
                self.over = true;
                self.fault = Some(fault);
            }
        }
    }

    async fn read(&mut self) -> Result<(), ModelError> {
        let bytes = match tokio::time::timeout(self.patience, self.body.next()).await {
            Err(_) => return Err(ModelError::Timeout),
            Ok(Some(Err(error))) => return Err(unavailable(error)),
            Ok(Some(Ok(bytes))) => Some(bytes),
            Ok(None) => None,
        };
        self.patience = self.stall_timeout;
        self.size = self.size.saturating_add(bytes.as_ref().map_or(0, bytes::Bytes::len));
        if self.size > MAX_ANSWER_BYTES {
            return Err(malformed("the answer is too long"));
        }
        let Self { pieces, incoming, wire, .. } = self;
        let each = |piece: &str| {
            // The end mark of chat completions is the one piece that is no JSON.
            if piece.trim() == "[DONE]" {
                incoming.ended = true;
                return Ok(());
            }
            let piece: Value = serde_json::from_str(piece).map_err(malformed)?;
            match faults::in_answer(&piece) {
                Some(fault) => Err(fault),
                None => wire.read(&piece, incoming),
            }
        };
        match &bytes {
            Some(bytes) => pieces.push(bytes, each)?,
            None => pieces.finish(each)?,
        }
        if bytes.is_none() || self.incoming.ended {
            self.over = true;
            self.incoming.end(self.counted)?;
        }
        Ok(())
    }
}
