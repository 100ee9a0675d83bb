//! The main pane: header, messages, notices, composer.

use yew::{Callback, Html, Properties, component, html, use_callback};

use super::{
    announce::Announce, composer::Composer, messages::MessageList, notice::Notice, use_thread::ThreadHandle,
    welcome::Welcome,
};
use crate::{
    app::context::use_texts,
    components::{Failed, Glyph, IconButton},
    format::model_name,
    state::thread::{Phase, Place},
};

#[derive(Properties, PartialEq)]
pub(super) struct PaneProps {
    pub(super) handle: ThreadHandle,
    /// The conversation's title, once it has one.
    pub(super) title: Option<String>,
    /// Shows or hides the list of conversations.
    pub(super) toggle: Callback<()>,
    /// Whether the list is shown.
    pub(super) open: bool,
}

/// The conversation, or the place where a new one begins.
#[component]
pub(super) fn Pane(props: &PaneProps) -> Html {
    let texts = use_texts();
    let handle = &props.handle;
    let thread = &handle.thread;
    let model = thread.messages.iter().rev().find_map(|message| message.model.clone());
    let is_new = thread.messages.is_empty() && thread.turn.is_none();
    let prompts = thread.detail.as_ref().map(|detail| detail.agent.starter_prompts.clone()).unwrap_or_default();
    let send = use_callback(handle.calls.clone(), |text: String, calls| calls.ask.emit((Some(text), Place::End)));
    let content = match &thread.phase {
        Phase::Loading => html! {
            <div class="thread" aria-busy="true">
                <div class="thread-column skeletons">
                    <span class="hidden" role="status">{ texts.t("loading") }</span>
                    { for (0..5).map(|_| html! { <span class="skeleton"></span> }) }
                </div>
            </div>
        },
        Phase::Failed(failure) => {
            let retry = failure.is_passing().then(|| handle.calls.reload.clone());
            html! { <div class="thread thread-failed"><Failed failure={failure.clone()} {retry} /></div> }
        }
        Phase::Ready if is_new => html! { <Welcome {prompts} on_pick={&send} /> },
        Phase::Ready => html! { <MessageList handle={handle.clone()} /> },
    };
    html! {
        <>
            <header class="topbar">
                <IconButton
                    glyph={Glyph::Menu}
                    label={texts.t(if props.open { "list-hide" } else { "list-show" })}
                    onclick={props.toggle.reform(|_| ())}
                    testid="toggle-sidebar"
                />
                <h1 class="topbar-title" dir="auto" data-testid="conversation-title">
                    { props.title.clone().unwrap_or_else(|| texts.t("new-chat")) }
                </h1>
                if let Some(model) = model {
                    <span class="model" title={model.clone()} data-testid="model-name">{ model_name(&model) }</span>
                }
            </header>
            { content }
            <div class="dock">
                <Notice handle={handle.clone()} />
                if !matches!(thread.phase, Phase::Failed(_)) {
                    <Composer
                        conversation={thread.id}
                        busy={thread.is_busy()}
                        stopping={thread.turn.as_ref().is_some_and(|turn| turn.stopping)}
                        drafts={handle.calls.drafts.clone()}
                        on_send={send}
                        on_stop={&handle.calls.stop}
                    />
                }
                <p class="disclaimer faint">{ texts.t("disclaimer") }</p>
            </div>
            <Announce handle={handle.clone()} />
        </>
    }
}
