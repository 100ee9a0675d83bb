//! The field in which people write, with the button that sends or stops.

use shared_protocol::{ConversationId, api::MAX_MESSAGE_CHARS};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, EventInit, HtmlTextAreaElement};
use yew::{
    Callback, Html, InputEvent, KeyboardEvent, NodeRef, Properties, SubmitEvent, TargetCast as _, component, html,
    use_effect_with, use_node_ref, use_state_eq,
};

use super::drafts::{Drafts, joined};
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
    pub(super) drafts: Drafts,
    pub(super) on_send: Callback<String>,
    pub(super) on_stop: Callback<()>,
}

/// The field: Enter sends, Shift+Enter makes a new line. Where a finger types, Enter makes a new line
/// and the button sends. What is typed is kept over a reload.
#[component]
pub(super) fn Composer(props: &ComposerProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    let empty = use_state_eq(|| true);
    {
        let (node, empty, drafts) = (node.clone(), empty.setter(), props.drafts.clone());
        let busy = props.busy;
        use_effect_with(props.conversation, move |conversation| {
            // A new conversation just got its id; what is being typed meanwhile stays.
            if busy {
                return;
            }
            let draft = drafts.read(*conversation);
            empty.set(draft.trim().is_empty());
            fill(&node, &draft);
            // On a phone the focus would open the keyboard over the conversation.
            if let Some(area) = node.cast::<HtmlTextAreaElement>().filter(|_| !browser::is_coarse()) {
                browser::focus(&area);
            }
        });
    }
    let send = {
        let (node, empty, send) = (node.clone(), empty.setter(), props.on_send.clone());
        let (busy, conversation, drafts) = (props.busy, props.conversation, props.drafts.clone());
        move || {
            let text = node.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default();
            if busy || text.trim().is_empty() {
                return;
            }
            fill(&node, "");
            empty.set(true);
            // The text is kept as one on its way from here on: the session may have ended.
            send.emit(text.trim().to_owned());
            drafts.write(conversation, "");
        }
    };
    let is_coarse = browser::is_coarse();
    let onkeydown = {
        let (send, stop) = (send.clone(), props.on_stop.clone());
        let stoppable = props.busy && !props.stopping;
        move |event: KeyboardEvent| match event.key().as_str() {
            _ if browser::is_composing(&event) => {}
            "Enter" if !event.shift_key() && !is_coarse => {
                event.prevent_default();
                send();
            }
            "Escape" if stoppable => stop.emit(()),
            _ => {}
        }
    };
    let oninput = {
        let (node, empty, conversation) = (node.clone(), empty.setter(), props.conversation);
        let drafts = props.drafts.clone();
        move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            empty.set(text.trim().is_empty());
            drafts.write(conversation, &text);
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
                dir="auto"
                enterkeyhint={if is_coarse { "enter" } else { "send" }}
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
                    inactive={props.stopping} onclick={props.on_stop.reform(|_| ())} class="send" testid="stop"
                />
            } else {
                <IconButton glyph={Glyph::Send} label={texts.t("send")} submit=true inactive={*empty} class="send" testid="send" />
            }
        </form>
    }
}

/// Puts a text into the field, before what was typed there meanwhile.
pub(super) fn put_back(text: &str) {
    let Some(area) = gloo_utils::document().get_element_by_id("composer") else { return };
    let Ok(area) = area.dyn_into::<HtmlTextAreaElement>() else { return };
    area.set_value(&joined(text, &area.value()));
    browser::focus(&area);
    // The field hears of it as if it had been typed.
    let bubbles = EventInit::new();
    bubbles.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &bubbles) {
        // Nobody cancels it.
        let _ = area.dispatch_event(&event);
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
