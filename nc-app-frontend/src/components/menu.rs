//! A button that opens a list of actions.

use gloo_events::EventListener;
use gloo_utils::{document, window};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;
use yew::{
    AttrValue, Callback, Html, KeyboardEvent, NodeRef, Properties, classes, component, html, use_effect_with,
    use_node_ref, use_state_eq,
};

use super::{Glyph, Icon};
use crate::browser;

/// One action.
#[derive(Clone, PartialEq)]
pub(crate) struct MenuItem {
    pub(crate) glyph: Glyph,
    pub(crate) label: AttrValue,
    pub(crate) on_select: Callback<()>,
    /// For choices: whether it is the chosen one.
    pub(crate) checked: Option<bool>,
    /// Whether it destroys something.
    pub(crate) danger: bool,
    pub(crate) testid: AttrValue,
}

impl MenuItem {
    /// An action.
    pub(crate) fn new(glyph: Glyph, label: String, testid: &'static str, on_select: impl Fn() + 'static) -> Self {
        Self {
            glyph,
            label: label.into(),
            on_select: Callback::from(move |()| on_select()),
            checked: None,
            danger: false,
            testid: testid.into(),
        }
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct MenuProps {
    /// What the button is called.
    pub(crate) label: AttrValue,
    /// Items; groups are divided by a line.
    pub(crate) groups: Vec<Vec<MenuItem>>,
    /// What the button shows.
    pub(crate) children: Html,
    #[prop_or_default]
    pub(crate) class: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
    /// Whether the button shows text, which then is its name.
    #[prop_or_default]
    pub(crate) has_text: bool,
}

/// A button with a menu: arrow keys move, letters jump, Escape closes.
#[component]
pub(crate) fn Menu(props: &MenuProps) -> Html {
    let open = use_state_eq(|| false);
    let button = use_node_ref();
    let list = use_node_ref();
    let close = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |()| {
            open.set(false);
            if let Some(button) = button.cast::<HtmlElement>() {
                browser::focus(&button);
            }
        })
    };
    use_placed(*open, &button, &list, open.setter());

    let toggle = {
        let open = open.clone();
        move |event: yew::MouseEvent| {
            event.stop_propagation();
            open.set(!*open);
        }
    };
    let onkeydown = {
        let (list, close) = (list.clone(), close.clone());
        move |event: KeyboardEvent| on_key(&event, &list, &close)
    };
    let label = props.label.clone();
    html! {
        <div class="menu">
            <button
                ref={button}
                type="button"
                class={classes!("menu-button", props.class.as_ref().map(ToString::to_string))}
                aria-haspopup="menu"
                aria-expanded={if *open { "true" } else { "false" }}
                aria-label={(!props.has_text).then(|| label.clone())}
                title={label.clone()}
                onclick={toggle}
                data-testid={props.testid.clone()}
            >
                { props.children.clone() }
            </button>
            if *open {
                <div ref={list} class="menu-list" role="menu" aria-label={label} {onkeydown}>
                    { for props.groups.iter().filter(|group| !group.is_empty()).map(|group| html! {
                        <div class="menu-group" role="group">
                            { for group.iter().map(|item| view_item(item, &close)) }
                        </div>
                    }) }
                </div>
            }
        </div>
    }
}

fn view_item(item: &MenuItem, close: &Callback<()>) -> Html {
    let (select, close) = (item.on_select.clone(), close.clone());
    let onclick = move |event: yew::MouseEvent| {
        event.stop_propagation();
        close.emit(());
        select.emit(());
    };
    html! {
        <button
            type="button"
            role={if item.checked.is_some() { "menuitemradio" } else { "menuitem" }}
            aria-checked={item.checked.map(|checked| if checked { "true" } else { "false" })}
            tabindex="-1"
            class={classes!("menu-item", item.danger.then_some("menu-danger"))}
            {onclick}
            data-testid={item.testid.clone()}
        >
            <Icon glyph={item.glyph} />
            <span>{ &item.label }</span>
            if item.checked == Some(true) { <Icon glyph={Glyph::Check} /> }
        </button>
    }
}

/// Places an open list beside its button, focuses its first item, and closes it on a click elsewhere.
#[yew::hook]
fn use_placed(is_open: bool, button: &NodeRef, list: &NodeRef, open: yew::UseStateSetter<bool>) {
    let nodes = (button.clone(), list.clone());
    use_effect_with(is_open, move |is_open| {
        let (button, list) = nodes;
        let mut listeners = Vec::new();
        if *is_open && let (Some(button), Some(list)) = (button.cast::<HtmlElement>(), list.cast::<HtmlElement>()) {
            place(&button, &list);
            move_focus(&list, Step::First);
            let away = open.clone();
            listeners.push(EventListener::new(&document(), "pointerdown", move |event| {
                if !browser::is_inside(&list, event) && !browser::is_inside(&button, event) {
                    away.set(false);
                }
            }));
            let resized = open.clone();
            listeners.push(EventListener::new(&window(), "resize", move |_| resized.set(false)));
        }
        move || drop(listeners)
    });
}

/// Below the button where there is room, above it otherwise, and never out of the window.
fn place(button: &HtmlElement, list: &HtmlElement) {
    const GAP: f64 = 6.0;
    let number = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    let (width, height) = (number(window().inner_width()), number(window().inner_height()));
    let (anchor, size) = (button.get_bounding_client_rect(), list.get_bounding_client_rect());
    let below = anchor.bottom() + GAP;
    let top = if below + size.height() + GAP > height { anchor.top() - size.height() - GAP } else { below };
    let left = if anchor.left() + size.width() + GAP > width { anchor.right() - size.width() } else { anchor.left() };
    let style = list.style();
    // Both are known properties with plain values.
    let _ = style.set_property("top", &format!("{}px", top.max(GAP)));
    let _ = style.set_property("left", &format!("{}px", left.max(GAP)));
}

enum Step {
    First,
    Last,
    Next,
    Previous,
    Letter(String),
}

fn on_key(event: &KeyboardEvent, list: &NodeRef, close: &Callback<()>) {
    let Some(list) = list.cast::<HtmlElement>() else { return };
    let step = match event.key().as_str() {
        "ArrowDown" => Step::Next,
        "ArrowUp" => Step::Previous,
        "Home" => Step::First,
        "End" => Step::Last,
        "Escape" | "Tab" => {
            event.prevent_default();
            event.stop_propagation();
            close.emit(());
            return;
        }
        letter if letter.chars().count() == 1 && letter != " " => Step::Letter(letter.to_lowercase()),
        _ => return,
    };
    event.prevent_default();
    move_focus(&list, step);
}

fn move_focus(list: &HtmlElement, step: Step) {
    let Ok(found) = list.query_selector_all("button") else { return };
    let items: Vec<HtmlElement> =
        (0..found.length()).filter_map(|at| found.get(at)).filter_map(|node| node.dyn_into().ok()).collect();
    if items.is_empty() {
        return;
    }
    let focused = browser::focused().and_then(|element| items.iter().position(|item| *item == element));
    let end = items.len() - 1;
    let target = match step {
        Step::First => 0,
        Step::Last => end,
        Step::Next => focused.map_or(0, |at| if at == end { 0 } else { at + 1 }),
        Step::Previous => focused.map_or(end, |at| if at == 0 { end } else { at - 1 }),
        Step::Letter(letter) => {
            let from = focused.map_or(0, |at| at + 1);
            let order = (from..items.len()).chain(0..from);
            let starts =
                |at: &usize| items[*at].text_content().unwrap_or_default().trim().to_lowercase().starts_with(&letter);
            match order.into_iter().find(starts) {
                Some(at) => at,
                None => return,
            }
        }
    };
    browser::focus(&items[target]);
}
