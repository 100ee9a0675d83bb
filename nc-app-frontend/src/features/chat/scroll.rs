//! Keeps the end of a growing conversation in view, and the reader's place otherwise.

use gloo_utils::document;
use shared_protocol::MessageId;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Element, ResizeObserver};
use yew::{Callback, Event, NodeRef, hook, use_callback, use_effect_with, use_mut_ref, use_node_ref, use_state_eq};

use crate::{
    browser,
    state::{
        follow::{Follow, Place},
        thread::Thread,
    },
};

/// Distance from the beginning, in pixels, at which older messages are read.
const NEAR_START: i32 = 120;
/// How far below its upper edge the list is asked what stands there, in pixels.
const PROBE: f32 = 48.0;

/// The scrolled element and what is known of it.
pub(super) struct Scroll {
    pub(super) node: NodeRef,
    /// What is in the element: its size is watched.
    pub(super) content: NodeRef,
    pub(super) onscroll: Callback<Event>,
    /// Whether the end is in view.
    pub(super) at_end: bool,
    pub(super) to_end: Callback<()>,
}

#[derive(Default)]
struct Before {
    first: Option<MessageId>,
    /// What stood at the upper edge before older messages were put above it, and where.
    anchor: Option<(Element, f64)>,
    asked: bool,
}

/// Follows the end of a thread; reads older messages when the reader comes near the beginning.
#[hook]
pub(super) fn use_scroll(thread: &Thread, older: &Callback<()>) -> Scroll {
    let (node, content) = (use_node_ref(), use_node_ref());
    let at_end = use_state_eq(|| true);
    let follow = use_mut_ref(Follow::default);
    let before = use_mut_ref(Before::default);
    let first = thread.messages.first().map(|message| message.id);
    // A failed reading is repeated when the person asks for it, not by scrolling.
    let reads_older = thread.older.is_some() && thread.older_reading == crate::state::thread::Older::Idle;

    // This runs right before the page changes: the reader may have scrolled since the page was asked for.
    {
        let mut before = before.borrow_mut();
        if before.first.is_some() && before.first != first && !follow.borrow().follows {
            before.anchor = node.cast::<Element>().and_then(|list| anchor(&list));
        }
    }
    let onscroll = {
        let (follow, at_end, older) = (follow.clone(), at_end.setter(), older.clone());
        use_callback((older, reads_older), move |event: Event, (older, reads_older)| {
            use yew::TargetCast as _;
            let element: Element = event.target_unchecked_into();
            let place = place(&element);
            at_end.set(follow.borrow_mut().scrolled(place));
            if *reads_older && place.top < NEAR_START {
                older.emit(());
            }
        })
    };
    {
        let (node, content, follow, at_end) = (node.clone(), content.clone(), follow.clone(), at_end.setter());
        use_effect_with((), move |()| {
            let watcher = watch(&node, &content, move |list| {
                let follows = follow.borrow().follows;
                if follows {
                    list.set_scroll_top(list.scroll_height());
                } else {
                    // The end moves away without any scrolling.
                    at_end.set(follow.borrow_mut().scrolled(place(list)));
                }
            });
            move || drop(watcher)
        });
    }
    {
        let (node, before, follow) = (node.clone(), before.clone(), follow.clone());
        let asked = thread.turn.as_ref().is_some_and(|turn| turn.question.is_some());
        use_effect_with((first, asked), move |_| {
            let Some(element) = node.cast::<Element>() else { return };
            let mut before = before.borrow_mut();
            // A new question is always shown.
            if asked && !before.asked {
                follow.borrow_mut().follows = true;
            }
            if follow.borrow().follows {
                element.set_scroll_top(element.scroll_height());
            } else if let Some((anchor, top)) = before.anchor.take() {
                put_back(&element, &anchor, top);
                // What came above gets its true height once it has been drawn.
                browser::frames::at_next_frame(move || put_back(&element, &anchor, top));
            }
            (before.first, before.asked) = (first, asked);
        });
    }
    let to_end = {
        let node = node.clone();
        use_callback((), move |(), ()| {
            if let Some(element) = node.cast::<Element>() {
                follow.borrow_mut().follows = true;
                element.set_scroll_top(element.scroll_height());
                // The button that was clicked goes.
                browser::focus(element.unchecked_ref());
            }
        })
    };
    Scroll { node, content, onscroll, at_end: *at_end, to_end }
}

fn place(element: &Element) -> Place {
    Place { top: element.scroll_top(), height: element.scroll_height(), view: element.client_height() }
}

/// The message at the list's upper edge, and where it stands.
fn anchor(list: &Element) -> Option<(Element, f64)> {
    let edges = list.get_bounding_client_rect();
    #[expect(clippy::cast_possible_truncation, reason = "a place on the screen")]
    let (x, y) = ((edges.left() + edges.width() / 2.0) as f32, edges.top() as f32 + PROBE);
    let message = document().element_from_point(x, y)?.closest(".message").ok().flatten().or_else(|| {
        // Between two messages, or above the first one.
        list.query_selector(".message").ok().flatten()
    })?;
    let top = message.get_bounding_client_rect().top();
    Some((message, top))
}

/// Scrolls so that the anchor stands where it stood.
fn put_back(list: &Element, anchor: &Element, top: f64) {
    if anchor.is_connected() {
        #[expect(clippy::cast_possible_truncation, reason = "a distance on the page")]
        let moved = (anchor.get_bounding_client_rect().top() - top).round() as i32;
        if moved != 0 {
            list.set_scroll_top(list.scroll_top() + moved);
        }
    }
}

/// Watches the size of the list and of what is in it: the text grows, a keyboard opens, the composer
/// gets higher. Stops when dropped.
struct Watcher {
    observer: ResizeObserver,
    _changed: Closure<dyn FnMut()>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn watch(list: &NodeRef, content: &NodeRef, changed: impl Fn(&Element) + 'static) -> Option<Watcher> {
    let (list, content) = (list.cast::<Element>()?, content.cast::<Element>()?);
    let watched = list.clone();
    let changed = Closure::<dyn FnMut()>::new(move || changed(&watched));
    let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()?;
    observer.observe(&list);
    observer.observe(&content);
    Some(Watcher { observer, _changed: changed })
}
