//! Keeps the end of a growing conversation in view, and the reader's place otherwise.

use shared_protocol::MessageId;
use web_sys::Element;
use yew::{Callback, Event, NodeRef, hook, use_callback, use_effect_with, use_mut_ref, use_node_ref, use_state_eq};

use crate::state::thread::Thread;

/// Distance from the end, in pixels, that still counts as the end.
const NEAR_END: i32 = 80;
/// Distance from the beginning, in pixels, at which older messages are read.
const NEAR_START: i32 = 120;

/// The scrolled element and what is known of it.
pub(super) struct Scroll {
    pub(super) node: NodeRef,
    pub(super) onscroll: Callback<Event>,
    /// Whether the end is in view.
    pub(super) at_end: bool,
    pub(super) to_end: Callback<()>,
}

/// What the place is remembered by: the first message and the height at that time.
#[derive(Default)]
struct Before {
    first: Option<MessageId>,
    height: i32,
    /// Whether the end is followed. A scroll that we made must not be taken for one of the reader.
    follows: bool,
    asked: bool,
}

/// Follows the end of a thread; reads older messages when the reader comes near the beginning.
#[hook]
pub(super) fn use_scroll(thread: &Thread, older: &Callback<()>) -> Scroll {
    let node = use_node_ref();
    let at_end = use_state_eq(|| true);
    let before = use_mut_ref(|| Before { follows: true, ..Before::default() });
    let has_older = thread.older.is_some();

    let onscroll = {
        let (before, at_end, older) = (before.clone(), at_end.setter(), older.clone());
        Callback::from(move |event: Event| {
            use yew::TargetCast as _;
            let element: Element = event.target_unchecked_into();
            let rest = element.scroll_height() - element.scroll_top() - element.client_height();
            before.borrow_mut().follows = rest < NEAR_END;
            at_end.set(rest < NEAR_END);
            if has_older && element.scroll_top() < NEAR_START {
                older.emit(());
            }
        })
    };
    {
        let (node, before) = (node.clone(), before.clone());
        let first = thread.messages.first().map(|message| message.id);
        let asked = thread.turn.as_ref().is_some_and(|turn| turn.question.is_some());
        let grown = thread.turn.as_ref().map(|turn| (turn.text.len(), turn.tools.len(), turn.link));
        use_effect_with((first, thread.messages.len(), grown, asked), move |_| {
            let Some(element) = node.cast::<Element>() else { return };
            let mut before = before.borrow_mut();
            let height = element.scroll_height();
            // A new question is always shown.
            if before.follows || (asked && !before.asked) {
                element.set_scroll_top(height);
                before.follows = true;
            } else if before.first.is_some() && before.first != first {
                element.set_scroll_top(element.scroll_top() + height - before.height);
            }
            (before.first, before.height, before.asked) = (first, height, asked);
        });
    }
    let to_end = {
        let node = node.clone();
        use_callback((), move |(), ()| {
            if let Some(element) = node.cast::<Element>() {
                element.set_scroll_top(element.scroll_height());
            }
        })
    };
    Scroll { node, onscroll, at_end: *at_end, to_end }
}
