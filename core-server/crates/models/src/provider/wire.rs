//! What a wire format has to say.

use reqwest::RequestBuilder;
use serde_json::Value;
use url::Url;

use crate::{ChatRequest, Delta, FinishReason, ModelError, ProviderKind, ProviderSettings, ToolCall, Usage};

/// How pieces are told apart in the answer's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events; a piece is the data of one.
    Events,
    /// One JSON object a line.
    Lines,
}

/// A provider's wire format. Implementations hold the settings that every request needs.
pub trait WireFormat: Send + Sync + 'static {
    /// Framing of the answer.
    const FRAMING: Framing;

    /// The model's name at the provider.
    fn model(&self) -> &str;

    /// Address, headers and body of a request.
    ///
    /// # Errors
    /// Fails when the address cannot be made.
    fn request(&self, http: &reqwest::Client, request: &ChatRequest) -> Result<RequestBuilder, ModelError>;

    /// Reads one piece of the answer. Pieces that carry the provider's own error do not come here:
    /// all formats' errors are read in one place.
    ///
    /// # Errors
    /// Fails when the piece is none of the format's.
    fn read(&self, piece: &Value, incoming: &mut Incoming) -> Result<(), ModelError>;
}

/// What has come in of an answer.
#[derive(Debug, Default)]
pub struct Incoming {
    /// Complete deltas that wait to be passed on.
    pub(crate) ready: Vec<Delta>,
    /// Tool calls in the making, by the provider's index.
    calls: Vec<(u64, PartialCall)>,
    /// Why the answer ended, once that is known.
    pub(crate) finish: Option<FinishReason>,
    /// Whether the provider or the model refused to answer, whatever end it names.
    pub(crate) refused: bool,
    /// Usage, once that is known.
    pub(crate) usage: Option<Usage>,
    /// Whether the model called a tool.
    pub(crate) has_calls: bool,
    /// Numbers calls of formats that give them no ids.
    unnamed_calls: u32,
    /// Whether the format's own end mark was seen.
    pub(crate) ended: bool,
}

#[derive(Debug, Default)]
struct PartialCall {
    id: String,
    name: String,
    arguments: String,
}

impl Incoming {
    /// More visible text.
    pub fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.ready.push(Delta::Text(text.to_owned()));
        }
    }

    /// A fragment of the call with that index.
    pub fn call_fragment(&mut self, index: u64, id: Option<&str>, name: Option<&str>, arguments: &str) {
        let place = self.calls.iter().position(|(known, _)| *known == index).unwrap_or_else(|| {
            self.calls.push((index, PartialCall::default()));
            self.calls.len() - 1
        });
        let call = &mut self.calls[place].1;
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            id.clone_into(&mut call.id);
        }
        call.name.push_str(name.unwrap_or_default());
        call.arguments.push_str(arguments);
    }

    /// A call that came in one piece.
    pub fn call(&mut self, name: &str, arguments: Value) {
        let id = format!("call_{}", self.unnamed_calls);
        self.unnamed_calls += 1;
        self.has_calls = true;
        self.ready.push(Delta::ToolCall(ToolCall { id, name: name.to_owned(), arguments }));
    }

    /// The format's end is reached: what is complete is made ready, the end last. `counted` is our
    /// own count, for providers that give none.
    ///
    /// # Errors
    /// Fails when no reason has come, which means that the connection was cut, and when a call is broken.
    pub(crate) fn end(&mut self, counted: Usage) -> Result<(), ModelError> {
        let Some(reason) = self.finish else { return Err(ModelError::Unavailable(None)) };
        let reason = if self.refused || reason == FinishReason::ContentFilter {
            // A call that the filter cut off must not be run.
            FinishReason::ContentFilter
        } else {
            self.complete_calls()?;
            if self.has_calls { FinishReason::ToolCalls } else { reason }
        };
        self.ready.push(Delta::Finish { reason, usage: self.usage.unwrap_or(counted) });
        Ok(())
    }

    /// All calls in the making are complete.
    ///
    /// # Errors
    /// Fails when the arguments of one are no JSON object.
    pub fn complete_calls(&mut self) -> Result<(), ModelError> {
        for (index, call) in self.calls.drain(..) {
            let text = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
            let arguments: Value = serde_json::from_str(text).map_err(malformed)?;
            if !arguments.is_object() || call.name.is_empty() {
                return Err(ModelError::Malformed(None));
            }
            let id = if call.id.is_empty() { format!("call_{index}") } else { call.id };
            self.ready.push(Delta::ToolCall(ToolCall { id, name: call.name, arguments }));
            self.has_calls = true;
        }
        Ok(())
    }

    /// The provider's count of tokens; later counts replace earlier ones.
    pub fn usage(&mut self, input: Option<u64>, output: Option<u64>) {
        let usage = self.usage.get_or_insert_default();
        usage.input = input.unwrap_or(usage.input);
        usage.output = output.unwrap_or(usage.output);
    }
}

/// The provider's answer is not what its format promises.
pub(super) fn malformed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ModelError {
    ModelError::Malformed(Some(error.into()))
}

/// The address in force.
pub(super) fn base(settings: &ProviderSettings, kind: ProviderKind) -> Result<Url, ModelError> {
    settings
        .base_url
        .clone()
        .or_else(|| kind.default_base_url())
        .ok_or_else(|| ModelError::NotConfigured("the provider has no address".to_owned()))
}

/// An address below the base, with the base's own path kept.
pub(super) fn below(base: &Url, path: &str) -> Result<Url, ModelError> {
    Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/')))
        .map_err(|_| ModelError::NotConfigured("the provider's address is not one".to_owned()))
}
