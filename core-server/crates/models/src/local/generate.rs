//! One answer, token by token.

use std::path::Path;

use super::{
    network::{Network, WINDOW, open},
    sampling::Sampler,
    vocabulary::Vocabulary,
};
use crate::{ChatRequest, Delta, FinishReason, ModelError, Usage};

/// Tokens of an answer when the request names no limit.
const DEFAULT_OUTPUT: usize = 512;
/// Tokens read at a time, so that a cancelled reading ends soon.
const SLICE: usize = 64;

/// The loaded model with what it knows of the last conversation.
pub(super) struct Generator {
    network: Network,
    vocabulary: Vocabulary,
    /// The tokens that the network has computed, in order.
    known: Vec<u32>,
}

fn broken(error: impl std::fmt::Display) -> ModelError {
    ModelError::NotConfigured(format!("the local model cannot be used: {error}"))
}

impl Generator {
    /// Loads the weights.
    pub(super) fn load(path: &Path) -> Result<Self, ModelError> {
        let (content, mut reader) = open(path).map_err(broken)?;
        let vocabulary = Vocabulary::read(&content).map_err(broken)?;
        let network = Network::load(&content, &mut reader).map_err(broken)?;
        Ok(Self { network, vocabulary, known: Vec::new() })
    }

    /// Answers. `emit` gets each delta and says whether to go on.
    pub(super) fn answer(
        &mut self,
        request: &ChatRequest,
        seed: u64,
        emit: &mut dyn FnMut(Delta) -> bool,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<(), ModelError> {
        let prompt = self.vocabulary.prompt(&request.messages).map_err(broken)?;
        let limit = request.max_output_tokens.map_or(DEFAULT_OUTPUT, |limit| limit as usize);
        if prompt.len() + 1 >= WINDOW {
            return Err(ModelError::ContextOverflow);
        }
        let limit = limit.min(WINDOW - prompt.len());
        let Some(mut scores) = self.read(&prompt, is_wanted)? else { return Ok(()) };
        let mut sampler = Sampler::new(seed, request.temperature);
        let mut said: Vec<u32> = Vec::new();
        let mut text = Text::default();
        let reason = loop {
            let token = sampler.pick(scores, &said);
            if token == self.vocabulary.end() {
                break FinishReason::Stop;
            }
            said.push(token);
            let piece = text.grow(&self.vocabulary.decode(&said[text.from..]).map_err(broken)?, said.len());
            if !piece.is_empty() && !emit(Delta::Text(piece)) {
                return Ok(());
            }
            if said.len() >= limit {
                break FinishReason::Length;
            }
            if !is_wanted() {
                return Ok(());
            }
            scores = self.network.forward(&[token], self.known.len()).map_err(broken)?;
            self.known.push(token);
        };
        let usage = Usage { input: count(prompt.len()), output: count(said.len()) };
        emit(Delta::Finish { reason, usage });
        Ok(())
    }

    /// Reads the prompt, leaving out what it shares with what is known. None when nobody waits any more.
    fn read(&mut self, prompt: &[u32], is_wanted: &dyn Fn() -> bool) -> Result<Option<Vec<f32>>, ModelError> {
        let shared = self.known.iter().zip(prompt).take_while(|(known, new)| known == new).count();
        // The last token is always read: its result is what comes next.
        self.known.truncate(shared.min(prompt.len() - 1));
        let mut scores = Vec::new();
        while self.known.len() < prompt.len() {
            if !is_wanted() {
                return Ok(None);
            }
            let seen = self.known.len();
            let slice = &prompt[seen..prompt.len().min(seen + SLICE)];
            scores = self.network.forward(slice, seen).map_err(broken)?;
            self.known.extend_from_slice(slice);
        }
        Ok(Some(scores))
    }
}

fn count(tokens: usize) -> u64 {
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

/// Text that was said, handed out in whole characters. Only the tokens since the last line are
/// decoded again, so that a long answer does not become slower.
#[derive(Default)]
struct Text {
    from: usize,
    shown: usize,
}

impl Text {
    fn grow(&mut self, decoded: &str, tokens: usize) -> String {
        // A character whose bytes are not all there yet shows as a replacement at the end.
        let whole = decoded.trim_end_matches('\u{fffd}');
        let Some(piece) = whole.get(self.shown..) else { return String::new() };
        let piece = piece.to_owned();
        self.shown = whole.len();
        if whole.len() == decoded.len() && decoded.ends_with('\n') {
            *self = Self { from: tokens, shown: 0 };
        }
        piece
    }
}
