//! One conversation in the list.

use std::rc::Rc;

use gloo_utils::document;
use shared_protocol::{ConversationId, api::MAX_TITLE_CHARS, conversation::Conversation};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};
use yew::{
    AttrValue, Callback, FocusEvent, Html, KeyboardEvent, Properties, TargetCast as _, classes, component, html,
    use_effect_with, use_mut_ref, use_node_ref, use_state_eq,
};
use yew_router::hooks::use_navigator;

use super::{link::ConversationLink, use_list::ListCalls};
use crate::{
    api::Failure,
    app::context::use_texts,
    browser,
    components::{Confirm, Glyph, Icon, Menu, MenuItem},
    route::Route,
    state::Shared,
};

#[derive(Properties, PartialEq)]
pub(super) struct EntryProps {
    pub(super) conversation: Shared<Conversation>,
    pub(super) current: bool,
    pub(super) calls: Rc<ListCalls>,
}

/// A link to the conversation, and a menu to rename, pin or delete it.
#[component]
pub(super) fn Entry(props: &EntryProps) -> Html {
    let texts = use_texts();
    let navigator = use_navigator();
    let renaming = use_state_eq(|| false);
    let deleting = use_state_eq(|| false);
    let busy = use_state_eq(|| false);
    let failure = use_state_eq(|| None::<Failure>);
    let Conversation { id, title, pinned, .. } = &*props.conversation;
    // A conversation without a message has no title, and a link must have a name.
    let untitled = texts.t("new-chat");
    let title = if title.is_empty() { &untitled } else { title };
    let (id, pinned) = (*id, *pinned);

    if *renaming {
        let (rename, renaming, old) = (props.calls.rename.clone(), renaming.setter(), title.clone());
        let on_done = Callback::from(move |title: Option<String>| {
            renaming.set(false);
            if let Some(title) = title.filter(|title| *title != old) {
                rename.emit((id, title));
            }
        });
        return html! { <li class="conversation" data-id={id.to_string()}><Rename {id} title={title.clone()} {on_done} /></li> };
    }
    let begin = renaming.setter();
    let pin = props.calls.pin.clone();
    let ask = deleting.setter();
    let pin_key = if pinned { "unpin" } else { "pin" };
    let groups = vec![vec![
        MenuItem::new(Glyph::Edit, texts.t("rename"), "conversation-rename", move || begin.set(true)),
        MenuItem::new(Glyph::Pin, texts.t(pin_key), "conversation-pin", move || pin.emit((id, !pinned))),
        MenuItem {
            danger: true,
            ..MenuItem::new(Glyph::Trash, texts.t("delete"), "conversation-delete", move || ask.set(true))
        },
    ]];
    let on_confirm = {
        let (delete, deleting, busy) = (props.calls.delete.clone(), deleting.setter(), busy.setter());
        let (current, failure) = (props.current, failure.setter());
        Callback::from(move |()| {
            busy.set(true);
            let (deleting, busy, navigator) = (deleting.clone(), busy.clone(), navigator.clone());
            let failure = failure.clone();
            let next = neighbour(id);
            let gone = Callback::from(move |result: Result<(), Failure>| {
                busy.set(false);
                if let Err(wrong) = result {
                    return failure.set(Some(wrong));
                }
                deleting.set(false);
                if let Some(navigator) = navigator.as_ref().filter(|_| current) {
                    navigator.push(&Route::New);
                }
                browser::focus_soon(next.clone());
            });
            delete.emit((id, gone));
        })
    };
    let close = {
        let (deleting, failure) = (deleting.setter(), failure.setter());
        move |()| {
            deleting.set(false);
            failure.set(None);
        }
    };
    html! {
        <li
            class={classes!("conversation", props.current.then_some("conversation-current"))}
            data-id={id.to_string()}
            data-testid="conversation-item"
        >
            <ConversationLink {id} current={props.current}>
                if pinned { <Icon glyph={Glyph::Pin} /> }
                <span class="conversation-title" dir="auto" title={title.clone()}>{ title }</span>
            </ConversationLink>
            <Menu label={texts.with("conversation-menu", "title", title.as_str())} {groups} class="icon-button" testid="conversation-menu">
                <Icon glyph={Glyph::More} />
            </Menu>
            if *deleting {
                <Confirm
                    title={texts.t("delete-title")}
                    text={texts.with("delete-text", "title", title.as_str())}
                    action={texts.t("delete")}
                    busy={*busy}
                    error={failure.as_ref().map(|failure| AttrValue::from(texts.t(failure.text_key())))}
                    {on_confirm}
                    on_close={close}
                />
            }
        </li>
    }
}

fn link_of(id: ConversationId) -> String {
    format!("[data-id='{id}'] .conversation-link")
}

/// What gets the focus when an entry goes: the next one, the one before it, or the button above.
fn neighbour(id: ConversationId) -> String {
    let found = document().query_selector_all("[data-testid=conversation-item]").ok();
    let ids: Vec<String> = found
        .iter()
        .flat_map(|list| (0..list.length()).filter_map(|at| list.get(at)?.dyn_into::<Element>().ok()))
        .filter_map(|item| item.get_attribute("data-id"))
        .collect();
    let at = ids.iter().position(|other| *other == id.to_string());
    let next = at.and_then(|at| ids.get(at + 1).or_else(|| ids.get(at.checked_sub(1)?)));
    next.map_or_else(|| "[data-testid=new-chat]".to_owned(), |next| format!("[data-id='{next}'] .conversation-link"))
}

#[derive(Properties, PartialEq)]
struct RenameProps {
    id: ConversationId,
    title: String,
    /// The new title, or nothing when it stays.
    on_done: Callback<Option<String>>,
}

/// The title as a field: Enter and leaving keep it, Escape does not.
#[component]
fn Rename(props: &RenameProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    {
        let title = props.title.clone();
        // The field's text belongs to the person from here on, whatever is drawn anew around it.
        use_effect_with(node.clone(), move |node| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                input.set_value(&title);
                browser::focus(&input);
                input.select();
            }
        });
    }
    // A field that goes loses the focus, which must not count as a second answer.
    let is_done = use_mut_ref(|| false);
    let finish = {
        let done = props.on_done.clone();
        move |title: Option<String>| {
            if !is_done.replace(true) {
                done.emit(title);
            }
        }
    };
    let onkeydown = {
        let (finish, id) = (finish.clone(), props.id);
        move |event: KeyboardEvent| {
            let title = match event.key().as_str() {
                _ if browser::is_composing(&event) => return,
                "Enter" => title_in(&event.target_unchecked_into()),
                "Escape" => {
                    event.stop_propagation();
                    None
                }
                _ => return,
            };
            finish(title);
            browser::focus_soon(link_of(id));
        }
    };
    let onblur = move |event: FocusEvent| finish(title_in(&event.target_unchecked_into()));
    html! {
        <input
            ref={node}
            class="rename"
            dir="auto"
            enterkeyhint="done"
            maxlength={MAX_TITLE_CHARS.to_string()}
            aria-label={texts.t("rename")}
            {onkeydown}
            {onblur}
            data-testid="rename-input"
        />
    }
}

fn title_in(input: &HtmlInputElement) -> Option<String> {
    Some(input.value().trim().to_owned()).filter(|title| !title.is_empty())
}
