//! What the page does when it hears of a turn: the address, the list and the title follow.

use gloo_timers::callback::Timeout;
use shared_protocol::ConversationId;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseReducerDispatcher, hook, use_callback, use_effect_with, use_mut_ref};
use yew_router::hooks::use_navigator;

use super::use_list::ListHandle;
use crate::{
    app::context::use_api,
    route::Route,
    state::{
        list,
        thread::{self, Thread},
    },
};

/// What the rest of the page wants to know of a turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum News {
    /// A turn began in this conversation.
    Began(ConversationId),
    /// The conversation has a title.
    Titled(ConversationId, String),
    /// A turn ended.
    Ended,
}

/// When the list is read again after an answer, in milliseconds: the title is made afterwards.
const LATER: [u32; 3] = [300, 4_000, 15_000];

/// Gives the callback that hears the news, and a place for the thread that they are about. Several
/// pieces of news can come between two renderings, so each is acted on at once.
#[hook]
pub(super) fn use_news(
    list: &ListHandle,
    shown: Option<ConversationId>,
) -> (Callback<News>, Callback<UseReducerDispatcher<Thread>>) {
    let api = use_api();
    let navigator = use_navigator();
    let latest = use_mut_ref(|| (list.clone(), shown));
    *latest.borrow_mut() = (list.clone(), shown);
    let thread = use_mut_ref(|| None::<UseReducerDispatcher<Thread>>);
    let waiting = use_mut_ref(Vec::<Timeout>::new);
    {
        let waiting = waiting.clone();
        use_effect_with((), move |()| move || waiting.borrow_mut().clear());
    }
    let place = {
        let thread = thread.clone();
        use_callback((), move |dispatcher, ()| *thread.borrow_mut() = Some(dispatcher))
    };
    let hear = use_callback((), move |item: News, ()| {
        let (list, shown) = latest.borrow().clone();
        let thread = thread.borrow().clone();
        match item {
            News::Began(id) => {
                list.calls.refresh.emit(());
                if let (None, Some(navigator)) = (shown, &navigator) {
                    navigator.replace(&Route::Conversation { id });
                    let api = api.clone();
                    spawn_local(async move {
                        if let (Ok(detail), Some(thread)) = (api.conversation(id).await, thread) {
                            thread.dispatch(thread::Action::Detail(detail));
                        }
                    });
                }
            }
            News::Titled(id, title) => {
                list.list.dispatch(list::Action::Renamed(id, title.clone()));
                if let Some(thread) = thread {
                    thread.dispatch(thread::Action::Renamed(id, title));
                }
            }
            News::Ended => {
                let again = LATER.map(|after| {
                    let latest = latest.clone();
                    Timeout::new(after, move || {
                        let refresh = latest.borrow().0.calls.refresh.clone();
                        refresh.emit(());
                    })
                });
                *waiting.borrow_mut() = again.into();
            }
        }
    });
    (hear, place)
}
