//! Gathers what happens between two frames, so that the page changes once a frame.

use std::{cell::RefCell, mem, rc::Rc};

use gloo_timers::callback::Timeout;
use gloo_utils::window;
use wasm_bindgen::{JsCast as _, closure::Closure};

use super::wake::is_hidden;

/// How long things are gathered while nobody sees the page and no frame comes, in milliseconds.
const HIDDEN: u32 = 250;

/// Gathers items and hands them over at the next frame.
pub(crate) struct Gatherer<T> {
    waiting: Rc<RefCell<Vec<T>>>,
    hand_over: Rc<dyn Fn(Vec<T>)>,
}

impl<T: 'static> Gatherer<T> {
    /// A gatherer that hands over to `hand_over`.
    pub(crate) fn new(hand_over: impl Fn(Vec<T>) + 'static) -> Self {
        Self { waiting: Rc::default(), hand_over: Rc::new(hand_over) }
    }

    /// Takes one more item.
    pub(crate) fn add(&self, item: T) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.push(item);
        if waiting.len() > 1 {
            return;
        }
        drop(waiting);
        let (waiting, hand_over) = (Rc::clone(&self.waiting), Rc::clone(&self.hand_over));
        at_next_frame(move || hand_over(mem::take(&mut *waiting.borrow_mut())));
    }
}

/// Runs something at the next frame, or soon where there are no frames.
pub(crate) fn at_next_frame(work: impl FnOnce() + 'static) {
    if is_hidden() {
        Timeout::new(HIDDEN, work).forget();
        return;
    }
    let work = Closure::once_into_js(work);
    // Asking for a frame cannot fail in a window.
    let _ = window().request_animation_frame(work.unchecked_ref());
}
