//! The real local model. `scripts/test` fetches its weights; with `ALCOVE_REQUIRE_LOCAL_MODEL=1` a
//! run without them fails.

use std::{path::PathBuf, time::Duration};

use futures_util::StreamExt as _;
use models::{ChatRequest, Delta, FinishReason, LocalModels, Message, ModelError};

#[expect(clippy::disallowed_methods, reason = "the test's weights are named by the environment")]
fn local() -> Option<LocalModels> {
    let folder = std::env::var("ALCOVE_TEST_MODELS").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/test-models")),
        PathBuf::from,
    );
    let models = LocalModels::new(folder, Duration::from_secs(600));
    let required = std::env::var("ALCOVE_REQUIRE_LOCAL_MODEL").is_ok_and(|value| value == "1");
    assert!(models.is_ready() || !required, "the weights of the local model are missing: run scripts/test");
    models.is_ready().then_some(models)
}

fn question(text: &str) -> ChatRequest {
    ChatRequest {
        messages: vec![Message::System("You are a helpful assistant.".to_owned()), Message::User(text.to_owned())],
        max_output_tokens: Some(24),
        temperature: Some(0.0),
        ..ChatRequest::default()
    }
}

async fn answer(models: &LocalModels, request: ChatRequest) -> (String, FinishReason) {
    let mut stream = models.chat().stream(request).await.expect("the model starts");
    let (mut text, mut end) = (String::new(), None);
    while let Some(delta) = stream.next().await {
        match delta.expect("no error") {
            Delta::Text(piece) => text.push_str(&piece),
            Delta::Finish { reason, usage } => {
                assert!(usage.input > 10 && usage.output > 0);
                end = Some(reason);
            }
            Delta::ToolCall(_) => panic!("no tools were given"),
        }
    }
    (text, end.expect("a last delta"))
}

#[tokio::test]
async fn it_knows_paris_and_repeats_itself_exactly() {
    let Some(models) = local() else { return };
    let (first, _) = answer(&models, question("What is the capital of France?")).await;
    assert!(first.contains("Paris"), "{first}");
    // Another conversation in between, so that the prefix known from before is cut and read again.
    let (other, _) = answer(&models, question("Name a colour.")).await;
    assert_ne!(first, other);
    let (again, _) = answer(&models, question("What is the capital of France?")).await;
    assert_eq!(first, again);
}

#[tokio::test]
async fn a_reader_that_leaves_frees_the_model() {
    let Some(models) = local() else { return };
    let mut long = question("Tell me a very long story about a lighthouse.");
    long.max_output_tokens = Some(1500);
    let mut stream = models.chat().stream(long).await.expect("the model starts");
    stream.next().await.expect("a delta").expect("no error");
    drop(stream);
    // Were the story told to its end, this would take minutes and the runner would stop it.
    let (text, _) = answer(&models, question("What is the capital of France?")).await;
    assert!(text.contains("Paris"), "{text}");
}

#[tokio::test]
async fn limits_hold() {
    let Some(models) = local() else { return };
    let mut short = question("Count from one to one hundred.");
    short.max_output_tokens = Some(5);
    assert_eq!(answer(&models, short).await.1, FinishReason::Length);
    let mut stream = models.chat().stream(question(&"word ".repeat(5000))).await.expect("queued");
    assert!(matches!(stream.next().await, Some(Err(ModelError::ContextOverflow))));
}

#[tokio::test]
async fn missing_weights_are_named() {
    let models = LocalModels::new(PathBuf::from("/nonexistent"), Duration::from_secs(1));
    assert!(matches!(models.chat().stream(question("Hi")).await.err(), Some(ModelError::NotConfigured(_))));
}
