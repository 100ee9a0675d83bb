//! Thumbs, and the remark that a person can add to them.

use std::rc::Rc;

use shared_protocol::{
    api::MAX_COMMENT_CHARS,
    conversation::{Feedback, Message, Rating},
};
use web_sys::HtmlTextAreaElement;
use yew::{Callback, Html, Properties, SubmitEvent, component, html, use_node_ref, use_state_eq};

use super::acts::Acts;
use crate::{
    api::Failure,
    app::context::use_texts,
    components::{Button, Dialog, Glyph, IconButton, Kind},
    state::Shared,
};

#[derive(Properties, PartialEq)]
pub(super) struct FeedbackProps {
    pub(super) message: Shared<Message>,
    pub(super) acts: Rc<Acts>,
}

/// Two thumbs. The one that is set takes itself back; a thumb down asks for the reason.
#[component]
pub(super) fn FeedbackButtons(props: &FeedbackProps) -> Html {
    let texts = use_texts();
    let asking = use_state_eq(|| false);
    let given = props.message.feedback.as_ref().and_then(|feedback| feedback.rating);
    let id = props.message.id;
    let failure = use_state_eq(|| false);
    let busy = use_state_eq(|| false);
    let rate = |rating: Rating| {
        let (rate, asking, failure) = (props.acts.rate.clone(), asking.setter(), failure.setter());
        let rating = (given != Some(rating)).then_some(rating);
        move |_| {
            rate.emit((id, Feedback { rating, comment: None }, Callback::noop()));
            failure.set(false);
            asking.set(rating == Some(Rating::Down));
        }
    };
    let close = {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(false))
    };
    let on_comment = {
        let (rate, close) = (props.acts.rate.clone(), close.clone());
        let (failure, busy) = (failure.setter(), busy.setter());
        Callback::from(move |comment: String| {
            if comment.is_empty() {
                return close.emit(());
            }
            // The dialog keeps the remark until the server has it.
            let (close, failure, sending) = (close.clone(), failure.clone(), busy.clone());
            sending.set(true);
            let done = Callback::from(move |result: Result<(), Failure>| {
                sending.set(false);
                failure.set(result.is_err());
                if result.is_ok() {
                    close.emit(());
                }
            });
            rate.emit((id, Feedback { rating: Some(Rating::Down), comment: Some(comment) }, done));
        })
    };
    html! {
        <>
            <IconButton
                class="thumb" glyph={Glyph::ThumbUp} label={texts.t("rate-up")} pressed={given == Some(Rating::Up)}
                onclick={rate(Rating::Up)} testid="rate-up"
            />
            <IconButton
                class="thumb" glyph={Glyph::ThumbDown} label={texts.t("rate-down")} pressed={given == Some(Rating::Down)}
                onclick={rate(Rating::Down)} testid="rate-down"
            />
            if *asking { <CommentDialog {on_comment} on_close={close} failed={*failure} busy={*busy} /> }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct CommentProps {
    on_comment: Callback<String>,
    on_close: Callback<()>,
    /// Whether the remark could not be kept.
    failed: bool,
    busy: bool,
}

/// Asks what was wrong.
#[component]
fn CommentDialog(props: &CommentProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    let onsubmit = {
        let (node, done) = (node.clone(), props.on_comment.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let text = node.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default();
            done.emit(text.trim().to_owned());
        }
    };
    let close = props.on_close.reform(|_| ());
    html! {
        <Dialog title={texts.t("feedback-title")} on_close={&props.on_close} testid="feedback-dialog">
            <form {onsubmit}>
                <div class="field">
                    <label for="feedback-comment">{ texts.t("feedback-label") }</label>
                    <textarea
                        ref={node} id="feedback-comment" rows="4" autofocus=true dir="auto"
                        maxlength={MAX_COMMENT_CHARS.to_string()} data-testid="feedback-comment"
                    />
                </div>
                if props.failed {
                    <p class="notice notice-bad" role="alert" data-testid="feedback-error">{ texts.t("rating-failed") }</p>
                }
                <footer class="dialog-actions">
                    <Button onclick={close}>{ texts.t("skip-step") }</Button>
                    <Button kind={Kind::Primary} submit=true busy={props.busy} testid="feedback-send">{ texts.t("feedback-send") }</Button>
                </footer>
            </form>
        </Dialog>
    }
}
