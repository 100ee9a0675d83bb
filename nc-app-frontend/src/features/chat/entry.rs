//! One conversation in the list.

use shared_protocol::{api::MAX_TITLE_CHARS, conversation::Conversation};
use web_sys::HtmlInputElement;
use yew::{
    Callback, FocusEvent, Html, KeyboardEvent, Properties, TargetCast as _, classes, component, html, use_effect_with,
    use_node_ref, use_state_eq,
};
use yew_router::{components::Link, hooks::use_navigator};

use super::use_list::ListHandle;
use crate::{
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
    pub(super) handle: ListHandle,
}

/// A link to the conversation, and a menu to rename, pin or delete it.
#[component]
pub(super) fn Entry(props: &EntryProps) -> Html {
    let texts = use_texts();
    let navigator = use_navigator();
    let renaming = use_state_eq(|| false);
    let deleting = use_state_eq(|| false);
    let busy = use_state_eq(|| false);
    let Conversation { id, title, pinned, .. } = &*props.conversation;
    let (id, pinned) = (*id, *pinned);

    if *renaming {
        let (rename, renaming, old) = (props.handle.rename.clone(), renaming.setter(), title.clone());
        let on_done = Callback::from(move |title: Option<String>| {
            renaming.set(false);
            if let Some(title) = title.filter(|title| *title != old) {
                rename.emit((id, title));
            }
        });
        return html! { <li class="conversation"><Rename title={title.clone()} {on_done} /></li> };
    }
    let begin = renaming.setter();
    let pin = props.handle.pin.clone();
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
        let (delete, deleting, busy) = (props.handle.delete.clone(), deleting.setter(), busy.setter());
        let current = props.current;
        Callback::from(move |()| {
            busy.set(true);
            let (deleting, busy, navigator) = (deleting.clone(), busy.clone(), navigator.clone());
            let gone = Callback::from(move |()| {
                busy.set(false);
                deleting.set(false);
                if let Some(navigator) = navigator.as_ref().filter(|_| current) {
                    navigator.push(&Route::New);
                }
            });
            delete.emit((id, gone));
        })
    };
    let close = deleting.setter();
    html! {
        <li class={classes!("conversation", props.current.then_some("conversation-current"))} data-testid="conversation-item">
            <Link<Route> to={Route::Conversation { id }} classes="conversation-link">
                if pinned { <Icon glyph={Glyph::Pin} /> }
                <span class="conversation-title" title={title.clone()}>{ title }</span>
                if props.current { <span class="hidden">{ texts.t("current") }</span> }
            </Link<Route>>
            <Menu label={texts.with("conversation-menu", "title", title.as_str())} {groups} class="icon-button" testid="conversation-menu">
                <Icon glyph={Glyph::More} />
            </Menu>
            if *deleting {
                <Confirm
                    title={texts.t("delete-title")}
                    text={texts.with("delete-text", "title", title.as_str())}
                    action={texts.t("delete")}
                    busy={*busy}
                    {on_confirm}
                    on_close={move |()| close.set(false)}
                />
            }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct RenameProps {
    title: String,
    /// The new title, or nothing when it stays.
    on_done: Callback<Option<String>>,
}

/// The title as a field: Enter and leaving keep it, Escape does not.
#[component]
fn Rename(props: &RenameProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        if let Some(input) = node.cast::<HtmlInputElement>() {
            browser::focus(&input);
            input.select();
        }
    });
    let finish = |input: &HtmlInputElement| Some(input.value().trim().to_owned()).filter(|title| !title.is_empty());
    let onkeydown = {
        let done = props.on_done.clone();
        move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !event.is_composing() => done.emit(finish(&event.target_unchecked_into())),
            "Escape" => {
                event.stop_propagation();
                done.emit(None);
            }
            _ => {}
        }
    };
    let onblur = {
        let done = props.on_done.clone();
        move |event: FocusEvent| done.emit(finish(&event.target_unchecked_into()))
    };
    html! {
        <input
            ref={node}
            class="rename"
            value={props.title.clone()}
            maxlength={MAX_TITLE_CHARS.to_string()}
            aria-label={texts.t("rename")}
            {onkeydown}
            {onblur}
            data-testid="rename-input"
        />
    }
}
