//! The page: list, header, messages, composer.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use gloo_utils::document;
use shared_protocol::ConversationId;
use wasm_bindgen::JsCast as _;
use web_sys::KeyboardEvent;
use yew::{Callback, Html, Properties, classes, component, html, use_callback, use_effect_with, use_state_eq};
use yew_router::hooks::use_navigator;

use super::{
    pane::Pane,
    sidebar::Sidebar,
    use_list::use_list,
    use_thread::{News, use_thread},
};
use crate::{
    app::context::{use_api, use_texts},
    browser,
    route::Route,
    state::{list, thread},
};

/// When the list is read again after an answer, in milliseconds: the title is made afterwards.
const LATER: [u32; 3] = [300, 4_000, 15_000];
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
    let api = use_api();
    let navigator = use_navigator();
    let list = use_list();
    let drawer = use_state_eq(|| false);
    let folded = use_state_eq(|| false);
    let heard = use_state_eq(|| None::<(u32, News)>);
    let news = {
        let heard = heard.setter();
        let count = yew::use_mut_ref(|| 0_u32);
        use_callback((), move |item: News, ()| {
            let mut count = count.borrow_mut();
            *count += 1;
            heard.set(Some((*count, item)));
        })
    };
    let handle = use_thread(props.id, &news);

    {
        let (list, thread, shown) = (list.clone(), handle.thread.dispatcher(), props.id);
        let (navigator, api) = (navigator.clone(), api);
        use_effect_with((*heard).clone(), move |item| {
            let mut waiting = Vec::new();
            match item.as_ref().map(|(_, item)| item) {
                Some(News::Began(id)) => {
                    list.refresh.emit(());
                    if let (None, Some(navigator)) = (shown, navigator) {
                        navigator.replace(&Route::Conversation { id: *id });
                        let id = *id;
                        wasm_bindgen_futures::spawn_local(async move {
                            if let Ok(detail) = api.conversation(id).await {
                                thread.dispatch(thread::Action::Detail(detail));
                            }
                        });
                    }
                }
                Some(News::Titled(id, title)) => {
                    list.list.dispatch(list::Action::Renamed(*id, title.clone()));
                    thread.dispatch(thread::Action::Renamed(*id, title.clone()));
                }
                Some(News::Ended) => {
                    let again = |after| {
                        let refresh = list.refresh.clone();
                        Timeout::new(after, move || refresh.emit(()))
                    };
                    waiting.extend(LATER.map(again));
                }
                None => {}
            }
            move || drop(waiting)
        });
    }

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
            <a class="skip" href="#composer">{ texts.t("skip") }</a>
            <Sidebar handle={list.clone()} shown={props.id} close={close.clone()} />
            <div class="backdrop" onclick={close.reform(|_| ())}></div>
            <main class="main" id="main" inert={covered}>
                <Pane handle={handle.clone()} {title} {toggle} open={*drawer || !*folded} />
            </main>
        </div>
    }
}
