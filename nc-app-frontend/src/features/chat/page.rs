//! The page: list, header, messages, composer.

use gloo_events::EventListener;
use gloo_utils::document;
use shared_protocol::ConversationId;
use wasm_bindgen::JsCast as _;
use web_sys::KeyboardEvent;
use yew::{Callback, Html, Properties, classes, component, html, use_effect_with, use_state_eq};

use super::{pane::Pane, sidebar::Sidebar, use_list::use_list, use_news::use_news, use_thread::use_thread};
use crate::{app::context::use_texts, browser};

/// Up to this width the list lies over the page.
const NARROW: &str = "(max-width: 767px)";

#[derive(Properties, PartialEq)]
pub(crate) struct ChatProps {
    pub(crate) id: Option<ConversationId>,
}

/// A conversation with the list of all of them.
#[component]
pub(crate) fn ChatPage(props: &ChatProps) -> Html {
    let texts = use_texts();
    let list = use_list();
    let drawer = use_state_eq(|| false);
    let folded = use_state_eq(|| false);
    let (news, place) = use_news(&list, props.id);
    let handle = use_thread(props.id, &news);
    place.emit(handle.thread.dispatcher());

    // The list knows the title first, whoever changed it.
    let listed = props.id.and_then(|id| list.list.items.iter().find(|item| item.id == id).cloned());
    let title = listed.as_ref().map(|item| item.title.clone()).or_else(|| {
        handle.thread.detail.as_ref().filter(|_| props.id.is_some()).map(|detail| detail.conversation.title.clone())
    });
    let name = texts.t("app-name");
    browser::set_title(&title.as_ref().map_or_else(|| name.clone(), |title| format!("{title} · {name}")));

    {
        let drawer = drawer.setter();
        use_effect_with(props.id, move |_| drawer.set(false));
    }
    {
        let open = *drawer;
        let setter = drawer.setter();
        use_effect_with(open, move |open| {
            let listener = open.then(|| {
                browser::focus_on(".sidebar [data-testid=new-chat]");
                EventListener::new(&document(), "keydown", move |event| {
                    if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
                        setter.set(false);
                        browser::focus_on("[data-testid=toggle-sidebar]");
                    }
                })
            });
            move || drop(listener)
        });
    }
    let toggle = {
        let (drawer, folded) = (drawer.clone(), folded.clone());
        Callback::from(move |()| {
            if browser::media(NARROW) {
                drawer.set(!*drawer);
            } else {
                folded.set(!*folded);
            }
        })
    };
    let close = {
        let drawer = drawer.setter();
        Callback::from(move |()| drawer.set(false))
    };
    let covered = *drawer && browser::media(NARROW);
    html! {
        <div class={classes!("shell", drawer.then_some("drawer-open"), folded.then_some("sidebar-folded"))}>
            <a class="skip" href="#main">{ texts.t("skip") }</a>
            <Sidebar handle={list.clone()} shown={props.id} close={close.clone()} />
            <div class="backdrop" onclick={close.reform(|_| ())}></div>
            <main class="main" id="main" tabindex="-1" inert={covered}>
                <Pane handle={handle.clone()} {title} {toggle} open={*drawer || !*folded} />
            </main>
        </div>
    }
}
