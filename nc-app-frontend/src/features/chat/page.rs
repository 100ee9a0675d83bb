//! The page: list, header, messages, composer.

use gloo_events::EventListener;
use gloo_utils::document;
use shared_protocol::ConversationId;
use wasm_bindgen::JsCast as _;
use web_sys::KeyboardEvent;
use yew::{Callback, Html, Properties, classes, component, hook, html, use_callback, use_effect_with, use_state_eq};

use super::{
    pane::Pane,
    sidebar::Sidebar,
    use_list::{ListHandle, use_list},
    use_news::use_news,
    use_thread::{ThreadHandle, use_thread},
};
use crate::{
    app::context::use_texts,
    browser::{self, wake},
};

/// How long the page must have been out of sight to be read again, in microseconds.
const AWAY: i64 = 10_000_000;

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
    let handle = use_thread(props.id, &news, &list.calls.known);
    use_return(&list, &handle);
    let narrow = use_narrow();
    place.emit(handle.thread.dispatcher());

    // The list knows the title first, whoever changed it.
    let listed = props.id.and_then(|id| list.list.items.iter().find(|item| item.id == id).cloned());
    let title = listed.as_ref().map(|item| item.title.clone()).or_else(|| {
        handle.thread.detail.as_ref().filter(|_| props.id.is_some()).map(|detail| detail.conversation.title.clone())
    });
    let title = title.filter(|title| !title.is_empty());
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
                    let is_escape = |event: &KeyboardEvent| event.key() == "Escape" && !browser::is_composing(event);
                    if event.dyn_ref::<KeyboardEvent>().is_some_and(is_escape) {
                        setter.set(false);
                        browser::focus_soon("[data-testid=toggle-sidebar]");
                    }
                })
            });
            move || drop(listener)
        });
    }
    let toggle = {
        let (drawer, folded) = (drawer.clone(), folded.clone());
        Callback::from(move |()| {
            if browser::is_narrow() {
                drawer.set(!*drawer);
            } else {
                folded.set(!*folded);
            }
        })
    };
    let close = {
        let (setter, open) = (drawer.setter(), *drawer);
        use_callback(open, move |(), open| {
            setter.set(false);
            // What was clicked is hidden with the list.
            if *open {
                browser::focus_soon("[data-testid=toggle-sidebar]");
            }
        })
    };
    let covered = *drawer && narrow;
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

/// Whether the list lies over the page; follows the window's width, so that a page that is turned or
/// made wider is never left without its main part.
#[hook]
fn use_narrow() -> bool {
    let narrow = use_state_eq(browser::is_narrow);
    let setter = narrow.setter();
    use_effect_with((), move |()| {
        let listener = browser::media_query(browser::NARROW)
            .map(|query| EventListener::new(&query, "change", move |_| setter.set(browser::is_narrow())));
        move || drop(listener)
    });
    *narrow
}

/// Reads again what may have changed while nobody saw the page.
#[hook]
fn use_return(list: &ListHandle, handle: &ThreadHandle) {
    let (list, thread) = (list.calls.clone(), handle.calls.clone());
    use_effect_with((), move |()| {
        let mut read = browser::now().micros();
        let listener = wake::on_seen(move || {
            let now = browser::now().micros();
            if now - read > AWAY {
                read = now;
                list.refresh.emit(());
                thread.refresh.emit(());
            }
        });
        move || drop(listener)
    });
}
