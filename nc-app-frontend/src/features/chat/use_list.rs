//! The list of conversations: read in pages, searched, kept current.

use gloo_timers::callback::Timeout;
use shared_protocol::{
    ConversationId,
    conversation::{Conversation, ConversationUpdate},
};
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseReducerHandle, hook, use_effect_with, use_reducer, use_state_eq};

use crate::{
    api::conversations::LIST_PAGE,
    app::context::{use_api, use_texts, use_toaster},
    state::list::{Action, List},
};

/// How long typing must rest before the search is sent, in milliseconds.
const REST: u32 = 250;

/// The list and what can be done with it.
#[derive(Clone, PartialEq)]
pub(super) struct ListHandle {
    pub(super) list: UseReducerHandle<List>,
    pub(super) search: Callback<String>,
    pub(super) refresh: Callback<()>,
    pub(super) more: Callback<()>,
    pub(super) rename: Callback<(ConversationId, String)>,
    pub(super) pin: Callback<(ConversationId, bool)>,
    /// Deletes a conversation and then tells that it is gone.
    pub(super) delete: Callback<(ConversationId, Callback<()>)>,
    /// Whether more is being read.
    pub(super) reading: bool,
}

/// Reads the list.
#[hook]
pub(super) fn use_list() -> ListHandle {
    let api = use_api();
    let texts = use_texts();
    let toaster = use_toaster();
    let list = use_reducer(List::default);
    let reading = use_state_eq(|| false);

    let refresh = {
        let (api, dispatch, query) = (api.clone(), list.dispatcher(), list.query.clone());
        Callback::from(move |()| {
            let (api, dispatch, query) = (api.clone(), dispatch.clone(), query.clone());
            spawn_local(async move {
                dispatch.dispatch(match api.conversations(&query, 0, LIST_PAGE).await {
                    Ok(page) => Action::First(query, page),
                    Err(failure) => Action::Failed(failure),
                });
            });
        })
    };
    {
        let refresh = refresh.clone();
        use_effect_with(list.query.clone(), move |query| {
            let rest = if query.is_empty() { 0 } else { REST };
            let waiting = Timeout::new(rest, move || refresh.emit(()));
            move || drop(waiting)
        });
    }
    let search = {
        let dispatch = list.dispatcher();
        Callback::from(move |query: String| dispatch.dispatch(Action::Search(query)))
    };
    let more = {
        let (api, list, reading) = (api.clone(), list.clone(), reading.clone());
        Callback::from(move |()| {
            if *reading || !list.has_more() || !list.known {
                return;
            }
            reading.set(true);
            let (api, dispatch, reading) = (api.clone(), list.dispatcher(), reading.clone());
            let (query, offset) = (list.query.clone(), u32::try_from(list.items.len()).unwrap_or(u32::MAX));
            spawn_local(async move {
                dispatch.dispatch(match api.conversations(&query, offset, LIST_PAGE).await {
                    Ok(page) => Action::More(query, page),
                    Err(failure) => Action::Failed(failure),
                });
                reading.set(false);
            });
        })
    };
    let complain = {
        let texts = texts.clone();
        Callback::from(move |key: &'static str| {
            if let Some(toaster) = &toaster {
                toaster.bad(texts.t(key));
            }
        })
    };
    let change = {
        let (api, dispatch, complain, refresh) = (api.clone(), list.dispatcher(), complain.clone(), refresh.clone());
        Callback::from(move |(id, update): (ConversationId, ConversationUpdate)| {
            let (api, dispatch, complain) = (api.clone(), dispatch.clone(), complain.clone());
            let refresh = refresh.clone();
            if let Some(title) = &update.title {
                dispatch.dispatch(Action::Renamed(id, title.clone()));
            }
            spawn_local(async move {
                match api.update_conversation(id, &update).await {
                    Ok(changed) => dispatch.dispatch(Action::Changed(Box::<Conversation>::new(changed))),
                    Err(failure) => {
                        complain.emit(failure.text_key());
                        refresh.emit(());
                    }
                }
            });
        })
    };
    let rename = change.reform(|(id, title)| (id, ConversationUpdate { title: Some(title), ..Default::default() }));
    let pin = change.reform(|(id, pinned)| (id, ConversationUpdate { pinned: Some(pinned), ..Default::default() }));
    let delete = {
        let (api, dispatch) = (api, list.dispatcher());
        Callback::from(move |(id, gone): (ConversationId, Callback<()>)| {
            let (api, dispatch, complain, gone) = (api.clone(), dispatch.clone(), complain.clone(), gone);
            spawn_local(async move {
                match api.delete_conversation(id).await {
                    Ok(()) => dispatch.dispatch(Action::Removed(id)),
                    Err(failure) => complain.emit(failure.text_key()),
                }
                gone.emit(());
            });
        })
    };
    ListHandle { list, search, refresh, more, rename, pin, delete, reading: *reading }
}
