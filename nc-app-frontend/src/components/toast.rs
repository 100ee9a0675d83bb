//! Short notices that come and go.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::{Callback, ContextProvider, Html, Properties, Reducible, classes, component, html, use_reducer};

use super::{Glyph, Icon, IconButton};
use crate::app::context::use_texts;

/// How long a notice stays, in milliseconds.
const STAYS: u32 = 6_000;

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
    let newest = toasts.last;
    {
        let dispatch = toasts.dispatcher();
        yew::use_effect_with(newest, move |newest| {
            let newest = *newest;
            if newest > 0 {
                Timeout::new(STAYS, move || dispatch.dispatch(Action::Remove(newest))).forget();
            }
        });
    }
    html! {
        <ContextProvider<Toaster> context={Toaster { add }}>
            { props.children.clone() }
            <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
                { for toasts.shown.iter().map(|toast| {
                    let (dispatch, id) = (toasts.dispatcher(), toast.id);
                    html! {
                        <div key={toast.id} class={classes!("toast", toast.bad.then_some("toast-bad"))}>
                            <Icon glyph={if toast.bad { Glyph::Alert } else { Glyph::Check }} />
                            <span>{ &toast.text }</span>
                            <IconButton
                                glyph={Glyph::Close}
                                label={texts.t("close")}
                                onclick={move |_| dispatch.dispatch(Action::Remove(id))}
                            />
                        </div>
                    }
                }) }
            </div>
        </ContextProvider<Toaster>>
    }
}
