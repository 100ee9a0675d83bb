//! What stands in the way of the answer, above the composer.

use shared_protocol::ErrorCode;
use yew::{Callback, Html, Properties, component, html};

use super::{composer::put_back, use_thread::ThreadHandle};
use crate::{
    app::context::use_texts,
    browser,
    components::{Button, Glyph, Icon, IconButton, Spinner, WaitText, use_wait},
    format::next_month,
    state::{
        thread::{Place, Refusal},
        turn::Link,
    },
};

#[derive(Properties, PartialEq)]
pub(super) struct NoticeProps {
    pub(super) handle: ThreadHandle,
}

/// A refused message with its text, or what is wrong with the connection.
#[component]
pub(super) fn Notice(props: &NoticeProps) -> Html {
    let texts = use_texts();
    let thread = &*props.handle.thread;
    if let Some(refusal) = &thread.refused {
        return html! { <Refused refusal={refusal.clone()} handle={props.handle.clone()} busy={thread.is_busy()} /> };
    }
    let reconnect = with_focus(&props.handle.calls.reconnect);
    match thread.turn.as_ref().map(|turn| turn.link) {
        Some(Link::Reconnecting) => html! {
            <div class="notice" role="status" data-testid="reconnecting">
                <Spinner /><span>{ texts.t("link-reconnecting") }</span>
            </div>
        },
        Some(Link::Lost) => html! {
            <div class="notice notice-bad" role="alert" data-testid="connection-lost">
                <Icon glyph={Glyph::Alert} />
                <span>{ texts.t("link-lost") }</span>
                <Button onclick={reconnect.reform(|_| ())} testid="reconnect">{ texts.t("try-again") }</Button>
            </div>
        },
        _ => Html::default(),
    }
}

#[derive(Properties, PartialEq)]
struct RefusedProps {
    refusal: Refusal,
    handle: ThreadHandle,
    busy: bool,
}

/// A turn that could not be begun. The text is here until it is in the field again or on its way; that
/// of a changed message is in the message's own field.
#[component]
fn Refused(props: &RefusedProps) -> Html {
    let texts = use_texts();
    let Refusal { failure, text, place, at } = &props.refusal;
    let asked = failure.retry_after().map(|seconds| (seconds, at.micros()));
    let wait = use_wait(asked);
    let calls = &props.handle.calls;
    let shown = props.handle.thread.id;
    let is_edit = matches!(place, Place::Instead(_));
    let kept = text.clone().filter(|_| !is_edit);
    let dismiss = with_focus(&calls.dismiss);
    let back = {
        let (calls, kept) = (calls.clone(), kept.clone());
        Callback::from(move |()| {
            calls.dismiss.emit(());
            calls.drafts.sent(shown);
            if let Some(text) = &kept {
                put_back(text);
            }
        })
    };
    let again = {
        let (ask, text, place) = (calls.ask.clone(), text.clone(), *place);
        let waits = wait > 0 || props.busy;
        move |_| {
            if !waits {
                ask.emit((text.clone(), place));
            }
        }
    };
    let show = {
        let (back, reload) = (back.clone(), calls.reload.clone());
        move |_| {
            back.emit(());
            reload.emit(());
        }
    };
    let sentence = if failure.is_limit() {
        let day = browser::day(&next_month(browser::now()), texts.language());
        format!("{} {}", texts.t("error-tier-limit"), texts.with("limit-renews", "day", day))
    } else {
        texts.t(failure.text_key())
    };
    html! {
        <div class="notice notice-bad notice-refused" role="alert" data-testid="chat-error">
            <Icon glyph={Glyph::Alert} />
            <span>
                { sentence }
                if let Some((seconds, _)) = asked.filter(|_| wait > 0) { { " " }<WaitText {seconds} left={wait} /> }
            </span>
            if kept.is_none() {
                <IconButton glyph={Glyph::Close} label={texts.t("close")} onclick={dismiss.reform(|_| ())} testid="dismiss" />
            }
            if let Some(text) = &kept {
                <blockquote class="refused-text" dir="auto" tabindex="0" data-testid="refused-text">{ text }</blockquote>
            }
            <div class="notice-actions">
                if failure.code() == Some(ErrorCode::TurnInProgress) {
                    <Button onclick={show} testid="turn-show">{ texts.t("turn-show") }</Button>
                }
                if kept.is_some() {
                    <Button onclick={back.reform(|_| ())} testid="put-back">{ texts.t("put-back") }</Button>
                }
                if !is_edit {
                    <Button onclick={again} inactive={wait > 0 || props.busy} testid="try-again">{ texts.t("try-again") }</Button>
                }
            </div>
        </div>
    }
}

/// The notice goes with the click, so the focus has to go elsewhere.
fn with_focus(call: &Callback<()>) -> Callback<()> {
    let call = call.clone();
    Callback::from(move |()| {
        call.emit(());
        browser::focus_soon(if browser::is_coarse() { "#main" } else { "#composer" });
    })
}
