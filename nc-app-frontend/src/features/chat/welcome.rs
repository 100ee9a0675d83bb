//! What stands where a conversation has not begun.

use yew::{Callback, Html, Properties, component, html};

use crate::{
    app::context::{use_session, use_texts},
    components::Mark,
};

/// Prompts for agents that bring none of their own.
const PROMPTS: [&str; 4] = ["prompt-explain", "prompt-mail", "prompt-plan", "prompt-ideas"];

#[derive(Properties, PartialEq)]
pub(super) struct WelcomeProps {
    /// The agent's own prompts.
    pub(super) prompts: Vec<String>,
    pub(super) on_pick: Callback<String>,
}

/// A greeting and a few things to ask.
#[component]
pub(super) fn Welcome(props: &WelcomeProps) -> Html {
    let texts = use_texts();
    let name = use_session().map(|session| session.user.display_name.clone()).unwrap_or_default();
    let greeting = match name.split_whitespace().next() {
        Some(first) => texts.with("welcome-name", "name", first),
        None => texts.t("welcome"),
    };
    let prompts: Vec<String> =
        if props.prompts.is_empty() { PROMPTS.iter().map(|key| texts.t(key)).collect() } else { props.prompts.clone() };
    html! {
        <div class="welcome" data-testid="welcome">
            <Mark />
            <h2 dir="auto">{ greeting }</h2>
            <ul class="prompts" aria-label={texts.t("prompts")}>
                { for prompts.into_iter().map(|prompt| {
                    let (pick, text) = (props.on_pick.clone(), prompt.clone());
                    html! {
                        <li><button type="button" dir="auto" onclick={move |_| pick.emit(text.clone())} data-testid="prompt">{ prompt }</button></li>
                    }
                }) }
            </ul>
        </div>
    }
}
