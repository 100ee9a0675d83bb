//! Tools that an answer used, each as a row that opens to what was asked and what came back.

use serde_json::Value;
use shared_protocol::conversation::ToolCallRecord;
use yew::{Html, Properties, classes, component, html};

use crate::{
    app::context::use_texts,
    components::{Glyph, Icon, Spinner},
};

#[derive(Properties, PartialEq)]
pub(super) struct StepsProps {
    pub(super) tools: Vec<ToolCallRecord>,
    /// Whether a tool without an outcome is still at work.
    #[prop_or_default]
    pub(super) running: bool,
}

/// The rows, in the order of the calls.
#[component]
pub(super) fn Steps(props: &StepsProps) -> Html {
    let texts = use_texts();
    if props.tools.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="steps" aria-label={texts.t("steps")}>
            { for props.tools.iter().map(|tool| {
                let runs = props.running && tool.result.is_none() && tool.error.is_none();
                html! {
                    <li key={tool.id.to_string()} data-testid="step">
                        <details class={classes!("step", tool.error.is_some().then_some("step-bad"))}>
                            <summary>
                                if runs { <Spinner /> } else { <Icon glyph={if tool.error.is_some() { Glyph::Alert } else { Glyph::Tool }} /> }
                                <span>{ &tool.name }</span>
                            </summary>
                            <h3>{ texts.t("step-arguments") }</h3>
                            <pre tabindex="0">{ pretty(&tool.args) }</pre>
                            if let Some(result) = &tool.result {
                                <h3>{ texts.t("step-result") }</h3>
                                <pre tabindex="0">{ pretty(result) }</pre>
                            }
                            if let Some(error) = &tool.error {
                                <h3>{ texts.t("step-error") }</h3>
                                <p dir="auto">{ error }</p>
                            }
                        </details>
                    </li>
                }
            }) }
        </ul>
    }
}

fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}
