//! The small model in the process: answers without a key and without a network.
//!
//! - [`catalog`]: which files there are, where they come from and how they are recognised.
//! - [`pull`]: fetches them.
//! - With the feature `local-models`: the network itself, its tokenizer, sampling, and the thread
//!   that runs it. The weights are loaded at the first use and given back after a while without use.

pub mod catalog;
pub mod pull;

#[cfg(feature = "local-models")]
mod engine;
#[cfg(feature = "local-models")]
mod generate;
#[cfg(feature = "local-models")]
mod network;
#[cfg(feature = "local-models")]
mod sampling;
#[cfg(feature = "local-models")]
mod vocabulary;

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::SharedModel;

/// The local models of this installation; clones share the loaded weights.
#[derive(Clone)]
pub struct LocalModels {
    folder: PathBuf,
    chat: SharedModel,
}

impl LocalModels {
    /// Models whose files are in `folder`. Nothing is read before the first use; after `idle`
    /// without use the memory is given back.
    pub fn new(folder: PathBuf, idle: Duration) -> Self {
        #[cfg(feature = "local-models")]
        let chat: SharedModel = Arc::new(engine::LocalChat::new(folder.join(catalog::CHAT.file), idle));
        #[cfg(not(feature = "local-models"))]
        let chat: SharedModel = {
            let _ = idle;
            Arc::new(absent::Absent)
        };
        Self { folder, chat }
    }

    /// The chat model.
    pub fn chat(&self) -> SharedModel {
        Arc::clone(&self.chat)
    }

    /// Whether the chat model's file is there and whole.
    pub fn is_ready(&self) -> bool {
        cfg!(feature = "local-models") && catalog::CHAT.is_present(&self.folder)
    }
}

#[cfg(not(feature = "local-models"))]
mod absent {
    //! Stands in where the program was built without local models.

    use async_trait::async_trait;

    use crate::{ChatModel, ChatRequest, ChatStream, ModelError, tokens};

    pub(super) struct Absent;

    #[async_trait]
    impl ChatModel for Absent {
        fn name(&self) -> &'static str {
            "none"
        }

        fn context_window(&self) -> usize {
            2048
        }

        fn count_tokens(&self, text: &str) -> usize {
            tokens::estimate_small(text)
        }

        async fn stream(&self, _: ChatRequest) -> Result<ChatStream, ModelError> {
            Err(ModelError::NotConfigured("this program was built without local models".to_owned()))
        }
    }
}
