//! The field in which people write, with the button that sends or stops.

use shared_protocol::{ConversationId, api::MAX_MESSAGE_CHARS};
use web_sys::HtmlTextAreaElement;
use yew::{
    AttrValue, Callback, Html, InputEvent, KeyboardEvent, NodeRef, Properties, SubmitEvent, TargetCast as _, component,
    html, use_effect_with, use_node_ref, use_state_eq,
};

use super::drafts;
use crate::{
    app::context::use_texts,
    browser,
    components::{Glyph, IconButton},
};

/// The field grows with its text up to this height, in pixels.
const MAX_HEIGHT: i32 = 240;

#[derive(Properties, PartialEq)]
pub(super) struct ComposerProps {
    pub(super) conversation: Option<ConversationId>,
    /// Whether an answer is being made.
    pub(super) busy: bool,
    /// Whether it was asked to stop.
    pub(super) stopping: bool,
    /// A text that could not be sent.
    pub(super) put_back: Option<AttrValue>,
    pub(super) on_send: Callback<String>,
    pub(super) on_stop: Callback<()>,
}

/// The field: Enter sends, Shift+Enter makes a new line. What is typed is kept over a reload.
#[component]
pub(super) fn Composer(props: &ComposerProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    let empty = use_state_eq(|| true);
    {
        let (node, empty) = (node.clone(), empty.setter());
        let busy = props.busy;
        use_effect_with(props.conversation, move |conversation| {
            // A new conversation just got its id; what is being typed meanwhile stays.
            if busy {
                return;
            }
            let draft = drafts::read(*conversation);
            empty.set(draft.trim().is_empty());
            fill(&node, &draft);
            // On a phone the focus would open the keyboard over the conversation.
            if let Some(area) = node.cast::<HtmlTextAreaElement>().filter(|_| !browser::media("(pointer: coarse)")) {
                browser::focus(&area);
            }
        });
    }
    {
        let (node, empty, conversation) = (node.clone(), empty.setter(), props.conversation);
        use_effect_with(props.put_back.clone(), move |text| {
            let is_free = node.cast::<HtmlTextAreaElement>().is_some_and(|area| area.value().is_empty());
            if let Some(text) = text.as_ref().filter(|_| is_free) {
                fill(&node, text);
                drafts::write(conversation, text);
                empty.set(false);
            }
        });
    }
    let send = {
        let (node, empty, send) = (node.clone(), empty.setter(), props.on_send.clone());
        let (busy, conversation) = (props.busy, props.conversation);
        move || {
            let text = node.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default();
            if busy || text.trim().is_empty() {
                return;
            }
            // The draft is kept until the turn has begun: the session may have ended.
            drafts::write(conversation, &text);
            fill(&node, "");
            empty.set(true);
            send.emit(text.trim().to_owned());
        }
    };
    let onkeydown = {
        let (send, stop) = (send.clone(), props.on_stop.clone());
        let stoppable = props.busy && !props.stopping;
        move |event: KeyboardEvent| match event.key().as_str() {
            // While letters are being composed, Enter chooses among them.
            "Enter" if !event.shift_key() && !event.is_composing() => {
                event.prevent_default();
                send();
            }
            "Escape" if stoppable => stop.emit(()),
            _ => {}
        }
    };
    let oninput = {
        let (node, empty, conversation) = (node.clone(), empty.setter(), props.conversation);
        move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            empty.set(text.trim().is_empty());
            drafts::write(conversation, &text);
            fit(&node);
        }
    };
    let onsubmit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    html! {
        <form class="composer" {onsubmit} data-testid="composer-form">
            <textarea
                ref={node}
                id="composer"
                rows="1"
                placeholder={texts.t("composer-placeholder")}
                aria-label={texts.t("composer-label")}
                maxlength={MAX_MESSAGE_CHARS.to_string()}
                {onkeydown}
                {oninput}
                data-testid="composer"
            />
            if props.busy {
                <IconButton
                    glyph={Glyph::Stop} label={texts.t(if props.stopping { "stopping" } else { "stop" })}
                    disabled={props.stopping} onclick={props.on_stop.reform(|_| ())} class="send" testid="stop"
                />
            } else {
                <IconButton glyph={Glyph::Send} label={texts.t("send")} submit=true disabled={*empty} class="send" testid="send" />
            }
        </form>
    }
}

fn fill(node: &NodeRef, text: &str) {
    if let Some(area) = node.cast::<HtmlTextAreaElement>() {
        area.set_value(text);
        fit(node);
    }
}

/// Makes the field as high as its text.
fn fit(node: &NodeRef) {
    let Some(area) = node.cast::<HtmlTextAreaElement>() else { return };
    let style = area.style();
    // Known properties with plain values.
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &format!("{}px", area.scroll_height().min(MAX_HEIGHT)));
}
