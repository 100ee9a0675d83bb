//! Short notices that come and go.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::{Callback, ContextProvider, Html, Properties, Reducible, classes, component, html, use_reducer};

use super::{Glyph, Icon, IconButton};
use crate::{app::context::use_texts, browser};

/// How long good news stays, in milliseconds.
const GOOD: u32 = 2_000;
/// How long bad news stays, in milliseconds.
const BAD: u32 = 8_000;

#[derive(Clone, Debug, PartialEq)]
struct Toast {
    id: u32,
    text: String,
    bad: bool,
}

#[derive(Default)]
struct Toasts {
    last: u32,
    shown: Vec<Toast>,
}

enum Action {
    Add(String, bool),
    Remove(u32),
}

impl Reducible for Toasts {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut shown = self.shown.clone();
        let mut last = self.last;
        match action {
            Action::Add(text, bad) => {
                last += 1;
                shown.retain(|toast| toast.text != text);
                shown.push(Toast { id: last, text, bad });
            }
            Action::Remove(id) => shown.retain(|toast| toast.id != id),
        }
        Rc::new(Self { last, shown })
    }
}

/// Shows notices.
#[derive(Clone, PartialEq)]
pub(crate) struct Toaster {
    add: Callback<(String, bool)>,
}

impl Toaster {
    /// Something went well.
    pub(crate) fn good(&self, text: String) {
        self.add.emit((text, false));
    }

    /// Something went wrong.
    pub(crate) fn bad(&self, text: String) {
        self.add.emit((text, true));
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct ToastProviderProps {
    pub(crate) children: Html,
}

/// The place where notices appear, and the context by which they are shown.
#[component]
pub(crate) fn ToastProvider(props: &ToastProviderProps) -> Html {
    let texts = use_texts();
    let toasts = use_reducer(Toasts::default);
    let add = {
        let dispatch = toasts.dispatcher();
        Callback::from(move |(text, bad)| dispatch.dispatch(Action::Add(text, bad)))
    };
    let newest = toasts.shown.last().map(|toast| (toast.id, toast.bad)).filter(|(id, _)| *id == toasts.last);
    {
        let dispatch = toasts.dispatcher();
        yew::use_effect_with(newest, move |newest| {
            if let Some((id, bad)) = *newest {
                Timeout::new(if bad { BAD } else { GOOD }, move || dispatch.dispatch(Action::Remove(id))).forget();
            }
        });
    }
    html! {
        <ContextProvider<Toaster> context={Toaster { add }}>
            { props.children.clone() }
            <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
                { for toasts.shown.iter().map(|toast| {
                    let (dispatch, id) = (toasts.dispatcher(), toast.id);
                    let close = move |_| {
                        dispatch.dispatch(Action::Remove(id));
                        // The focus would be lost with the button.
                        browser::focus_on("#main");
                    };
                    html! {
                        <div key={toast.id} class={classes!("toast", toast.bad.then_some("toast-bad"))}>
                            <Icon glyph={if toast.bad { Glyph::Alert } else { Glyph::Check }} />
                            <span>{ &toast.text }</span>
                            <IconButton
                                glyph={Glyph::Close}
                                label={texts.t("close")}
                                onclick={close}
                            />
                        </div>
                    }
                }) }
            </div>
        </ContextProvider<Toaster>>
    }
}
