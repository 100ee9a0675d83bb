//! What is read out of sound answers.

use models::{Delta, FinishReason, ModelError, ProviderKind};
use serde_json::{Value, json};

use super::{
    samples::{KINDS, framed, text, whole},
    server::{Reply, assert_is, read, server},
};

#[tokio::test]
async fn every_format_gives_the_same_answer_however_it_is_cut() {
    for kind in KINDS {
        for cut in [1, 7, 100_000] {
            let server = server(kind, cut, vec![Reply::Bytes(whole(kind))]).await;
            let deltas = read(&server.model).await.expect("an answer");
            let text: String = deltas
                .iter()
                .filter_map(|delta| if let Delta::Text(text) = delta { Some(text.as_str()) } else { None })
                .collect();
            assert_eq!(text, "Grüß dich 😀", "{kind:?}");
            let calls: Vec<_> = deltas
                .iter()
                .filter_map(|delta| if let Delta::ToolCall(call) = delta { Some(call) } else { None })
                .collect();
            assert_eq!(
                (calls.len(), calls[0].name.as_str(), &calls[0].arguments),
                (1, "find", &json!({"q": "x"})),
                "{kind:?}"
            );
            let Some(Delta::Finish { reason: FinishReason::ToolCalls, usage }) = deltas.last() else {
                panic!("{kind:?}: {deltas:?}")
            };
            assert_eq!((usage.input, usage.output), (7, 5), "{kind:?}");
        }
    }
}

async fn end_of(kind: ProviderKind, pieces: &[Value]) -> Result<FinishReason, ModelError> {
    let server = server(kind, 99, vec![Reply::Bytes(framed(kind, pieces))]).await;
    let deltas = read(&server.model).await?;
    let Some(Delta::Finish { reason, .. }) = deltas.last() else { panic!("{kind:?}: {deltas:?}") };
    Ok(*reason)
}

#[tokio::test]
async fn refusals_end_as_filtered_in_every_format() {
    let end = |reason: &str| json!({"candidates": [{"finishReason": reason}]});
    let blocked = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}});
    let call = json!({"candidates": [{"content": {"parts": [{"functionCall": {"name": "find", "args": {}}}]}}]});
    let delta =
        |delta: Value, finish: Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let google = ProviderKind::Google;
    for (kind, pieces) in [
        (google, vec![blocked.clone()]),
        (google, vec![blocked.clone(), end("STOP")]),
        (google, vec![call, end("SAFETY")]),
        (google, vec![text(google, "Well"), end("RECITATION")]),
        (google, vec![end("BLOCKLIST")]),
        (ProviderKind::OpenAi, vec![delta(json!({"content": "Well"}), json!("content_filter"))]),
        (ProviderKind::OpenAi, vec![delta(json!({"refusal": "No."}), json!("stop"))]),
        (
            // The filter cut the call off before its arguments were whole.
            ProviderKind::OpenAi,
            vec![delta(
                json!({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "find", "arguments": "{\"q"}}]}),
                json!("content_filter"),
            )],
        ),
        (
            ProviderKind::Anthropic,
            vec![
                json!({"type": "message_delta", "delta": {"stop_reason": "refusal"}}),
                json!({"type": "message_stop"}),
            ],
        ),
    ] {
        assert_eq!(end_of(kind, &pieces).await.expect("an end"), FinishReason::ContentFilter, "{kind:?}: {pieces:?}");
    }
}

#[tokio::test]
async fn a_call_that_the_model_garbled_is_no_refusal() {
    let garbled = json!({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]});
    let error = end_of(ProviderKind::Google, &[garbled]).await.expect_err("a fault");
    assert_is(&error, "Malformed", "Google");
}

#[tokio::test]
async fn an_answer_that_its_provider_broke_off_is_no_whole_one() {
    let kind = ProviderKind::Mistral;
    let broken = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]});
    assert_is(&end_of(kind, &[text(kind, "Well"), broken]).await.expect_err("a fault"), "Unavailable", "Mistral");
}
