//! Waiting that the server asked for, counted down.

use gloo_timers::callback::Interval;
use yew::{Html, Properties, component, hook, html, use_effect_with, use_state_eq};

use crate::app::context::use_texts;

/// Seconds that are still to be waited. `asked` is the whole wait and what tells one wait from the
/// next, which may be of the same length.
#[hook]
pub(crate) fn use_wait(asked: Option<(u64, i64)>) -> u64 {
    let left = use_state_eq(|| asked.map_or(0, |(seconds, _)| seconds));
    let setter = left.setter();
    use_effect_with(asked, move |asked| {
        let mut rest = asked.map_or(0, |(seconds, _)| seconds);
        setter.set(rest);
        let counting = (rest > 0).then(|| {
            Interval::new(1_000, move || {
                rest = rest.saturating_sub(1);
                setter.set(rest);
            })
        });
        move || drop(counting)
    });
    *left
}

#[derive(Properties, PartialEq)]
pub(crate) struct WaitProps {
    /// The whole wait, in seconds.
    pub(crate) seconds: u64,
    /// What is left of it.
    pub(crate) left: u64,
}

/// Says how long to wait. It is read out once and not again each second.
#[component]
pub(crate) fn WaitText(props: &WaitProps) -> Html {
    let texts = use_texts();
    html! {
        <>
            <span aria-hidden="true" data-testid="wait">{ texts.with("wait-seconds", "seconds", props.left) }</span>
            <span class="hidden">{ texts.with("wait-seconds", "seconds", props.seconds) }</span>
        </>
    }
}
