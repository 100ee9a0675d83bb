//! The tokenizer, built from the vocabulary and the merges that the weights' file carries.

use ahash::AHashMap;

use candle_core::quantized::gguf_file::{Content, Value};
use tokenizers::{
    AddedToken, DecoderWrapper, PreTokenizerWrapper, Tokenizer,
    models::bpe::BPE,
    pre_tokenizers::{byte_level::ByteLevel, digits::Digits, sequence::Sequence},
};

use crate::Message;

/// Text to tokens and back, and the form in which the model wants a conversation.
pub(super) struct Vocabulary {
    tokenizer: Tokenizer,
    begin: u32,
    end: u32,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Vocabulary {
    /// Reads the vocabulary out of the file's header.
    pub(super) fn read(content: &Content) -> Result<Self, Failure> {
        let texts = |name: &str| -> Result<Vec<String>, Failure> {
            let list = content.metadata.get(name).ok_or_else(|| format!("the file has no {name}"))?.to_vec()?;
            Ok(list.iter().map(Value::to_string).collect::<Result<Vec<_>, _>>()?.into_iter().cloned().collect())
        };
        let tokens = texts("tokenizer.ggml.tokens")?;
        let merges: Vec<(String, String)> = texts("tokenizer.ggml.merges")?
            .iter()
            .filter_map(|merge| merge.split_once(' '))
            .map(|(left, right)| (left.to_owned(), right.to_owned()))
            .collect();
        let types = content.metadata.get("tokenizer.ggml.token_type").ok_or("the file has no token types")?.to_vec()?;
        // 3 marks control tokens: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
        let special: Vec<AddedToken> = tokens
            .iter()
            .zip(types)
            .filter(|(_, kind)| kind.to_i32().is_ok_and(|kind| kind == 3))
            .map(|(token, _)| AddedToken::from(token.clone(), true))
            .collect();
        let vocabulary: AHashMap<String, u32> = tokens.into_iter().zip(0..).collect();
        let bytes = ByteLevel::new(false, true, true);
        let mut tokenizer = Tokenizer::new(BPE::builder().vocab_and_merges(vocabulary, merges).build()?);
        let digits = PreTokenizerWrapper::Digits(Digits::new(true));
        tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![digits, PreTokenizerWrapper::ByteLevel(bytes)])));
        tokenizer.with_decoder(Some(DecoderWrapper::ByteLevel(bytes)));
        tokenizer.add_special_tokens(special)?;
        let id = |token: &str| tokenizer.token_to_id(token).ok_or_else(|| format!("the vocabulary has no {token}"));
        Ok(Self { begin: id("<|im_start|>")?, end: id("<|im_end|>")?, tokenizer })
    }

    /// The token that ends an answer.
    pub(super) fn end(&self) -> u32 {
        self.end
    }

    /// The conversation in the model's own form, up to where the answer begins.
    pub(super) fn prompt(&self, messages: &[Message]) -> Result<Vec<u32>, Failure> {
        let mut prompt = Vec::new();
        for message in messages {
            let role = match message {
                Message::System(_) => "system",
                Message::User(_) | Message::Tool { .. } => "user",
                Message::Assistant { .. } => "assistant",
            };
            prompt.push(self.begin);
            // A control token that somebody typed must stay text: the model would take it for ours.
            let text = message.text().replace("<|", "< |");
            prompt.extend(self.encode(&format!("{role}\n{text}"))?);
            prompt.push(self.end);
            prompt.extend(self.encode("\n")?);
        }
        prompt.push(self.begin);
        prompt.extend(self.encode("assistant\n")?);
        Ok(prompt)
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, Failure> {
        Ok(self.tokenizer.encode(text, false)?.get_ids().to_vec())
    }

    /// The text of these tokens. A character that is cut off at the end shows as U+FFFD.
    pub(super) fn decode(&self, tokens: &[u32]) -> Result<String, Failure> {
        self.tokenizer.decode(tokens, true)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::{
        local::{catalog::CHAT, network::open},
        tokens::{self, samples},
    };

    /// A count that is too low lets `context::fit` keep more than the window takes. Runs where the
    /// weights are; `tests/it/local.rs` holds that they are where they must be.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test's weights are named by the environment")]
    fn the_estimate_is_not_too_low_for_any_script() {
        let folder = std::env::var("ALCOVE_TEST_MODELS").map_or_else(
            |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/test-models")),
            PathBuf::from,
        );
        if !CHAT.is_present(&folder) {
            return;
        }
        let (content, _) = open(&folder.join(CHAT.file)).expect("the weights");
        let vocabulary = Vocabulary::read(&content).expect("their vocabulary");
        for (name, text) in samples::ALL {
            let (ours, exact) = (tokens::estimate_small(text), vocabulary.encode(text).expect("tokens").len());
            assert!(ours * 20 >= exact * 19, "{name}: {ours} for {exact}");
            assert!(ours * 2 <= exact * 5, "{name}: {ours} for {exact}");
        }
    }
}
