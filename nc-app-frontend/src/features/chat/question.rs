//! A message of the person, which can be changed and sent again.

use std::rc::Rc;

use shared_protocol::{api::MAX_MESSAGE_CHARS, conversation::Message};
use web_sys::HtmlTextAreaElement;
use yew::{Html, KeyboardEvent, Properties, component, html, use_effect_with, use_node_ref, use_state_eq};

use super::acts::Acts;
use crate::{
    app::context::use_texts,
    browser,
    components::{Button, Glyph, IconButton, Kind},
    state::{Shared, thread::Place},
};

#[derive(Properties, PartialEq)]
pub(super) struct QuestionProps {
    pub(super) message: Shared<Message>,
    pub(super) acts: Rc<Acts>,
    /// Whether an answer is being made, so that nothing else can be asked.
    pub(super) busy: bool,
}

/// The message, or the field in which it is changed.
#[component]
pub(super) fn Question(props: &QuestionProps) -> Html {
    let texts = use_texts();
    let editing = use_state_eq(|| false);
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(*editing, move |editing| {
            if let Some(area) = node.cast::<HtmlTextAreaElement>().filter(|_| *editing) {
                browser::focus(&area);
                let end = u32::try_from(area.value().encode_utf16().count()).unwrap_or(u32::MAX);
                // A text field always has a selection.
                let _ = area.set_selection_range(end, end);
            }
        });
    }
    let message = &props.message;
    if !*editing {
        let (begin, copy, text) = (editing.setter(), props.acts.copy.clone(), message.content.clone());
        return html! {
            <article class="message question" aria-label={texts.t("you")} data-testid="message-user">
                <h2 class="hidden">{ texts.t("you") }</h2>
                <div class="bubble">{ &message.content }</div>
                <div class="actions">
                    <IconButton
                        glyph={Glyph::Edit} label={texts.t("edit")} disabled={props.busy}
                        onclick={move |_| begin.set(true)} testid="edit"
                    />
                    <IconButton
                        glyph={Glyph::Copy} label={texts.t("copy")}
                        onclick={move |_| copy.emit(text.clone())} testid="copy-question"
                    />
                </div>
            </article>
        };
    }
    let cancel = editing.setter();
    let save = {
        let (acts, node, editing) = (props.acts.clone(), node.clone(), editing.setter());
        let (id, busy) = (message.id, props.busy);
        move || {
            let text = node.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default();
            if !busy && !text.trim().is_empty() {
                editing.set(false);
                acts.ask.emit((Some(text.trim().to_owned()), Place::Instead(id)));
            }
        }
    };
    let onkeydown = {
        let (save, cancel) = (save.clone(), editing.setter());
        move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => {
                event.stop_propagation();
                cancel.set(false);
            }
            "Enter" if !event.shift_key() && !event.is_composing() => {
                event.prevent_default();
                save();
            }
            _ => {}
        }
    };
    html! {
        <article class="message question question-edited" aria-label={texts.t("you")}>
            <textarea
                ref={node}
                class="edit-field"
                aria-label={texts.t("edit-label")}
                maxlength={MAX_MESSAGE_CHARS.to_string()}
                rows="3"
                defaultvalue={message.content.clone()}
                {onkeydown}
                data-testid="edit-field"
            />
            <div class="dialog-actions">
                <Button onclick={move |_| cancel.set(false)} testid="edit-cancel">{ texts.t("cancel") }</Button>
                <Button kind={Kind::Primary} disabled={props.busy} onclick={move |_| save()} testid="edit-save">
                    { texts.t("edit-send") }
                </Button>
            </div>
        </article>
    }
}
