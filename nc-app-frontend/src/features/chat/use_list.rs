//! The list of conversations: read in pages, searched, kept current. The calls stay the same for as
//! long as the page is there, so that the list is drawn only when it changes.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use shared_protocol::{
    ConversationId,
    conversation::{Conversation, ConversationUpdate},
};
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseReducerHandle, UseStateSetter, hook, use_effect_with, use_memo, use_reducer, use_state_eq};

use crate::{
    api::{Api, Failure, conversations::LIST_PAGE},
    app::context::{use_api, use_complain},
    state::list::{Action, List},
};

/// How long typing must rest before the search is sent, in milliseconds.
const REST: u32 = 250;

/// The list and what can be done with it.
#[derive(Clone, PartialEq)]
pub(super) struct ListHandle {
    pub(super) list: UseReducerHandle<List>,
    /// Whether more is being read.
    pub(super) reading: bool,
    pub(super) calls: Rc<ListCalls>,
}

/// What can be done with the list.
#[derive(PartialEq)]
pub(super) struct ListCalls {
    pub(super) search: Callback<String>,
    pub(super) refresh: Callback<()>,
    pub(super) more: Callback<()>,
    pub(super) rename: Callback<(ConversationId, String)>,
    pub(super) pin: Callback<(ConversationId, bool)>,
    /// Deletes a conversation and then tells whether it is gone.
    pub(super) delete: Callback<(ConversationId, Callback<Result<(), Failure>>)>,
    /// The conversations that are known.
    pub(super) known: Callback<(), Vec<ConversationId>>,
}

/// Reads the list.
#[hook]
pub(super) fn use_list() -> ListHandle {
    let api = use_api();
    let complain = use_complain();
    let list = use_reducer(List::default);
    let reading = use_state_eq(|| false);
    let calls = {
        let reader = Reader { api, list: list.clone(), complain, reading: reading.setter() };
        use_memo((), move |()| reader.calls())
    };
    {
        let refresh = calls.refresh.clone();
        use_effect_with(list.query.clone(), move |query| {
            let rest = if query.is_empty() { 0 } else { REST };
            let waiting = Timeout::new(rest, move || refresh.emit(()));
            move || drop(waiting)
        });
    }
    ListHandle { list, reading: *reading, calls }
}

#[derive(Clone)]
struct Reader {
    api: Api,
    list: UseReducerHandle<List>,
    complain: Callback<&'static str>,
    reading: UseStateSetter<bool>,
}

impl Reader {
    fn calls(&self) -> ListCalls {
        let (search, refresh, change, delete, known) =
            (self.clone(), self.clone(), self.clone(), self.clone(), self.clone());
        let change = Callback::from(move |(id, update)| change.change(id, update));
        ListCalls {
            search: Callback::from(move |query: String| search.list.dispatch(Action::Search(query))),
            refresh: Callback::from(move |()| refresh.refresh()),
            more: self.more(),
            rename: change.reform(|(id, title)| (id, ConversationUpdate { title: Some(title), ..Default::default() })),
            pin: change.reform(|(id, pinned)| (id, ConversationUpdate { pinned: Some(pinned), ..Default::default() })),
            delete: Callback::from(move |(id, gone)| delete.delete(id, gone)),
            known: Callback::from(move |()| known.now().items.iter().map(|item| item.id).collect()),
        }
    }

    /// The list as it is now. A handle keeps all that was read through it, so the one that lives as
    /// long as the page must not be read through.
    fn now(&self) -> UseReducerHandle<List> {
        self.list.clone()
    }

    fn refresh(&self) {
        let (api, list, query) = (self.api.clone(), self.now(), self.now().query.clone());
        spawn_local(async move {
            list.dispatch(match api.conversations(&query, 0, LIST_PAGE).await {
                Ok(page) => Action::First(query, page),
                Err(failure) => Action::Failed(failure),
            });
        });
    }

    fn more(&self) -> Callback<()> {
        let (reader, is_reading) = (self.clone(), Rc::new(std::cell::Cell::new(false)));
        Callback::from(move |()| {
            let list = reader.now();
            if !list.has_more() || !list.known || is_reading.replace(true) {
                return;
            }
            reader.reading.set(true);
            let (reader, is_reading) = (reader.clone(), is_reading.clone());
            spawn_local(async move {
                let (query, offset) = (list.query.clone(), u32::try_from(list.next).unwrap_or(u32::MAX));
                list.dispatch(match reader.api.conversations(&query, offset, LIST_PAGE).await {
                    Ok(page) => Action::More(query, page),
                    Err(failure) => Action::Failed(failure),
                });
                is_reading.set(false);
                reader.reading.set(false);
            });
        })
    }

    fn change(&self, id: ConversationId, update: ConversationUpdate) {
        if let Some(title) = &update.title {
            self.list.dispatch(Action::Renamed(id, title.clone()));
        }
        let reader = self.clone();
        spawn_local(async move {
            match reader.api.update_conversation(id, &update).await {
                Ok(changed) => reader.list.dispatch(Action::Changed(Box::<Conversation>::new(changed))),
                Err(failure) => {
                    reader.complain.emit(failure.text_key());
                    reader.refresh();
                }
            }
        });
    }

    fn delete(&self, id: ConversationId, gone: Callback<Result<(), Failure>>) {
        let reader = self.clone();
        spawn_local(async move {
            let result = reader.api.delete_conversation(id).await;
            if result.is_ok() {
                reader.list.dispatch(Action::Removed(id));
            }
            gone.emit(result);
        });
    }
}
