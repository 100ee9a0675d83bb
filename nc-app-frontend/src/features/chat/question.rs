//! A message of the person, which can be changed and sent again.

use std::rc::Rc;

use shared_protocol::{api::MAX_MESSAGE_CHARS, conversation::Message};
use web_sys::HtmlTextAreaElement;
use yew::{
    AttrValue, Callback, Html, KeyboardEvent, Properties, component, html, use_effect_with, use_node_ref, use_state_eq,
};

use super::{acts::Acts, when::When};
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
    /// A new text that could not be sent: it is in the field again.
    pub(super) refused: Option<AttrValue>,
}

/// The message, or the field in which it is changed.
#[component]
pub(super) fn Question(props: &QuestionProps) -> Html {
    let texts = use_texts();
    // The message was gone while the new text was on its way, so this begins anew with the refusal.
    let editing = use_state_eq(|| props.refused.is_some());
    let button = use_node_ref();
    let message = &props.message;
    if *editing {
        let (editing, button) = (editing.setter(), button.clone());
        let on_cancel = Callback::from(move |()| {
            editing.set(false);
            let button = button.clone();
            browser::frames::at_next_frame(move || {
                if let Some(button) = button.cast() {
                    browser::focus(&button);
                }
            });
        });
        let text = props.refused.clone().unwrap_or_else(|| message.content.clone().into());
        return html! { <Edit message={message.clone()} acts={props.acts.clone()} {text} {on_cancel} /> };
    }
    let (begin, copy, text) = (editing.setter(), props.acts.copy.clone(), message.content.clone());
    html! {
        <article class="message question" aria-label={texts.t("you")} data-testid="message-user">
            <h2 class="hidden">{ texts.t("you") }</h2>
            <div class="bubble" dir="auto">{ &message.content }</div>
            <div class="actions">
                <When at={message.created_at} />
                <IconButton
                    glyph={Glyph::Edit} label={texts.t("edit")} class="needs-idle" node={button}
                    onclick={move |_| begin.set(true)} testid="edit"
                />
                <IconButton
                    glyph={Glyph::Copy} label={texts.t("copy")}
                    onclick={move |_| copy.emit(text.clone())} testid="copy-question"
                />
            </div>
        </article>
    }
}

#[derive(Properties, PartialEq)]
struct EditProps {
    message: Shared<Message>,
    acts: Rc<Acts>,
    text: AttrValue,
    on_cancel: Callback<()>,
}

/// The field. It stays until the new text is on its way: asking may be put off or called off.
#[component]
fn Edit(props: &EditProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        if let Some(area) = node.cast::<HtmlTextAreaElement>() {
            browser::focus(&area);
            let end = u32::try_from(area.value().encode_utf16().count()).unwrap_or(u32::MAX);
            // A text field always has a selection.
            let _ = area.set_selection_range(end, end);
        }
    });
    let save = {
        let (acts, node, id) = (props.acts.clone(), node.clone(), props.message.id);
        move || {
            let text = node.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default();
            if !text.trim().is_empty() {
                acts.ask.emit((Some(text.trim().to_owned()), Place::Instead(id)));
            }
        }
    };
    let is_coarse = browser::is_coarse();
    let onkeydown = {
        let (save, cancel) = (save.clone(), props.on_cancel.clone());
        move |event: KeyboardEvent| match event.key().as_str() {
            _ if browser::is_composing(&event) => {}
            "Escape" => {
                event.stop_propagation();
                cancel.emit(());
            }
            "Enter" if !event.shift_key() && !is_coarse => {
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
                dir="auto"
                aria-label={texts.t("edit-label")}
                enterkeyhint={if is_coarse { "enter" } else { "send" }}
                maxlength={MAX_MESSAGE_CHARS.to_string()}
                rows="3"
                defaultvalue={props.text.clone()}
                {onkeydown}
                data-testid="edit-field"
            />
            <div class="dialog-actions">
                <Button onclick={props.on_cancel.reform(|_| ())} testid="edit-cancel">{ texts.t("cancel") }</Button>
                <Button kind={Kind::Primary} onclick={move |_| save()} testid="edit-save">{ texts.t("edit-send") }</Button>
            </div>
        </article>
    }
}
