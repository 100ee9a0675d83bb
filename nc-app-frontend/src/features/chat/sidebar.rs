//! The list of conversations, grouped by age, with search.

use shared_protocol::ConversationId;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::{
    Callback, Event, Html, InputEvent, KeyboardEvent, MouseEvent, Properties, TargetCast as _, component, html,
    use_node_ref,
};
use yew_router::{components::Link, hooks::use_navigator};

use super::{entry::Entry, use_list::ListHandle};
use crate::{
    app::context::use_texts,
    browser,
    components::{Failed, Glyph, Icon, IconButton, Mark, Spinner},
    features::account::AccountMenu,
    format::Age,
    route::Route,
};

#[derive(Properties, PartialEq)]
pub(super) struct SidebarProps {
    pub(super) handle: ListHandle,
    pub(super) shown: Option<ConversationId>,
    /// Closes the list where it lies over the page.
    pub(super) close: Callback<()>,
}

/// Distance from the list's end at which more is read, in pixels.
const NEAR_END: i32 = 300;

#[component]
pub(super) fn Sidebar(props: &SidebarProps) -> Html {
    let texts = use_texts();
    let navigator = use_navigator();
    let search = use_node_ref();
    let list = &props.handle.list;
    let onscroll = {
        let more = props.handle.calls.more.clone();
        move |event: Event| {
            let element: Element = event.target_unchecked_into();
            if element.scroll_height() - element.scroll_top() - element.client_height() < NEAR_END {
                more.emit(());
            }
        }
    };
    let oninput =
        props.handle.calls.search.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let clear = {
        let (handle, search) = (props.handle.calls.search.clone(), search.clone());
        Callback::from(move |_| {
            handle.emit(String::new());
            if let Some(input) = search.cast::<HtmlInputElement>() {
                input.set_value("");
                browser::focus(&input);
            }
        })
    };
    let new_chat = {
        let close = props.close.clone();
        move |_| {
            close.emit(());
            if let Some(navigator) = &navigator {
                navigator.push(&Route::New);
            }
            browser::focus_soon("#composer");
        }
    };
    let show_more = {
        let more = props.handle.calls.more.clone();
        move |_| {
            more.emit(());
            // The button goes with the last page; from the last row Tab leads to the new ones.
            browser::focus_on(".conversations section:last-of-type li:last-child .conversation-link");
        }
    };
    // The conversation that is open already changes nothing on the page but what lies over it.
    let onclick = {
        let close = props.close.clone();
        move |event: MouseEvent| {
            let link = event.target_dyn_into::<Element>().and_then(|target| target.closest("a").ok().flatten());
            if link.is_some() {
                close.emit(());
            }
        }
    };
    html! {
        <aside class="sidebar" aria-label={texts.t("conversations")}>
            <div class="sidebar-head">
                <Link<Route> to={Route::New} classes="brand"><Mark /><span>{ texts.t("app-name") }</span></Link<Route>>
                <IconButton glyph={Glyph::Close} label={texts.t("close")} onclick={props.close.reform(|_| ())} class="drawer-close" />
            </div>
            <button type="button" class="new-chat" onclick={new_chat} data-testid="new-chat">
                <Icon glyph={Glyph::Plus} />{ texts.t("new-chat") }
            </button>
            <div class="search" role="search">
                <Icon glyph={Glyph::Search} />
                <input
                    ref={search}
                    type="search"
                    placeholder={texts.t("search")}
                    aria-label={texts.t("search")}
                    {oninput}
                    data-testid="conversation-search"
                />
                if !list.query.is_empty() {
                    <IconButton glyph={Glyph::Close} label={texts.t("search-clear")} onclick={clear} class="field-end" />
                }
            </div>
            <nav class="conversations" aria-label={texts.t("conversations")} {onscroll} {onclick} onkeydown={|event: KeyboardEvent| step(&event)}>
                { view_groups(props) }
                if !list.known && list.failed.is_none() {
                    <div class="skeletons" aria-hidden="true">{ for (0..6).map(|_| html! { <span class="skeleton"></span> }) }</div>
                } else if let (Some(failure), false) = (&list.failed, list.known) {
                    <Failed failure={failure.clone()} retry={props.handle.calls.refresh.clone()} />
                } else if list.items.is_empty() {
                    <p class="empty faint">
                        { texts.t(if list.query.is_empty() { "list-empty" } else { "list-nothing-found" }) }
                    </p>
                } else if list.has_more() {
                    <button type="button" class="link more" onclick={show_more} aria-disabled={props.handle.reading.then_some("true")}>
                        if props.handle.reading { <Spinner /> }
                        { texts.t("list-more") }
                    </button>
                }
            </nav>
            <div class="sidebar-foot"><AccountMenu /></div>
        </aside>
    }
}

fn view_groups(props: &SidebarProps) -> Html {
    let (now, offset) = (browser::now(), browser::utc_offset());
    let mut items: Vec<_> =
        props.handle.list.items.iter().map(|item| (Age::of(item.pinned, item.updated_at, now, offset), item)).collect();
    // The sort is stable: within a group the server's order stays.
    items.sort_by_key(|(age, _)| *age);
    html! {
        { for items.chunk_by(|a, b| a.0 == b.0).map(|group| html! {
            <Group key={group[0].0.text_key()} age={group[0].0}>
                { for group.iter().map(|(_, item)| html! {
                    <Entry
                        key={item.id.to_string()}
                        conversation={(*item).clone()}
                        current={props.shown == Some(item.id)}
                        calls={props.handle.calls.clone()}
                    />
                }) }
            </Group>
        }) }
    }
}

#[derive(Properties, PartialEq)]
struct GroupProps {
    #[prop_or(Age::Older)]
    age: Age,
    children: Html,
}

#[component]
fn Group(props: &GroupProps) -> Html {
    let texts = use_texts();
    html! {
        <section>
            <h2 class="group-title">{ texts.t(props.age.text_key()) }</h2>
            <ul>{ props.children.clone() }</ul>
        </section>
    }
}

/// Up and down move between conversations.
fn step(event: &KeyboardEvent) {
    let step: i32 = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let Some(nav) = event.current_target().and_then(|nav| nav.dyn_into::<Element>().ok()) else { return };
    let Some(focused) = browser::focused().filter(|element| element.class_list().contains("conversation-link")) else {
        return;
    };
    let Ok(links) = nav.query_selector_all(".conversation-link") else { return };
    let at = |index: u32| links.get(index).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let current = (0..links.length()).find(|index| at(*index).is_some_and(|link| link == focused));
    if let Some(next) = current.and_then(|current| current.checked_add_signed(step)).and_then(at) {
        event.prevent_default();
        browser::focus(&next);
    }
}
