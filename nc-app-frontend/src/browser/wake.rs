//! Waiting that ends early when there is a reason for hope: the network is back, or the page is
//! looked at again.

use futures_util::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use gloo_utils::{document, window};
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::VisibilityState;

/// Whether nobody sees the page.
pub(crate) fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// Calls back each time the page becomes visible again, as long as the listener is kept.
pub(crate) fn on_seen(mut seen: impl FnMut() + 'static) -> EventListener {
    EventListener::new(&document(), "visibilitychange", move |_| {
        if !is_hidden() {
            seen();
        }
    })
}

/// Waits so many milliseconds, and less when the network comes back or the page is looked at.
pub(crate) async fn pause(milliseconds: u32) {
    let (woken, _listeners) = woken();
    // Whichever comes first; the other is of no interest.
    let (Either::Left(_) | Either::Right(_)) = select(woken, TimeoutFuture::new(milliseconds)).await;
}

/// Like [`pause`]; while nobody sees the page it waits for as long as that takes.
pub(crate) async fn pause_while_seen(milliseconds: u32) {
    if is_hidden() {
        let (woken, _listeners) = woken();
        // The promise is never rejected.
        drop(woken.await);
    } else {
        pause(milliseconds).await;
    }
}

fn woken() -> (JsFuture, [EventListener; 2]) {
    let mut found = None;
    let promise = Promise::new(&mut |resolve: Function, _| found = Some(resolve));
    let resolve = found.unwrap_or_default();
    let online = resolve.clone();
    // Calling a promise's own function cannot fail.
    let listeners = [
        EventListener::new(&window(), "online", move |_| drop(online.call0(&JsValue::NULL))),
        on_seen(move || drop(resolve.call0(&JsValue::NULL))),
    ];
    (JsFuture::from(promise), listeners)
}
