//! One conversation and what can be done in it. The calls stay the same for as long as the page is
//! there: what does not change is not drawn again.

use std::rc::Rc;

use shared_protocol::{ConversationId, MessageId, chat::EventId, conversation::Feedback};
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseReducerHandle, hook, use_effect_with, use_memo, use_reducer};

use super::{
    control::{Control, State},
    drafts::Drafts,
    use_news::News,
};
use crate::{
    api::{Failure, turn::Signal},
    app::context::{use_api, use_complain, use_session},
    browser,
    state::thread::{Action, Older, Phase, Place, Thread},
};

/// The conversation and what can be done in it.
#[derive(Clone, PartialEq)]
pub(super) struct ThreadHandle {
    pub(super) thread: UseReducerHandle<Thread>,
    pub(super) calls: Rc<Calls>,
}

/// A rating, and who wants to know whether it was kept.
pub(super) type Rated = (MessageId, Feedback, Callback<Result<(), Failure>>);

/// What can be done.
#[derive(PartialEq)]
pub(super) struct Calls {
    /// Asks: a new text (or none for a retry) and its place.
    pub(super) ask: Callback<(Option<String>, Place)>,
    /// Asks a text in another conversation once that is shown.
    pub(super) ask_in: Callback<(Option<ConversationId>, String)>,
    pub(super) stop: Callback<()>,
    /// Takes up a turn whose connection was lost.
    pub(super) reconnect: Callback<()>,
    pub(super) older: Callback<()>,
    pub(super) reload: Callback<()>,
    /// Reads the conversation again unless something is going on in it.
    pub(super) refresh: Callback<()>,
    pub(super) rate: Callback<Rated>,
    pub(super) dismiss: Callback<()>,
    /// The thread as it is when asked for.
    pub(super) now: Callback<(), UseReducerHandle<Thread>>,
    pub(super) drafts: Drafts,
}

/// Shows a conversation, or a new one. `known` tells the conversations of the list.
#[hook]
pub(super) fn use_thread(
    id: Option<ConversationId>,
    news: &Callback<News>,
    known: &Callback<(), Vec<ConversationId>>,
) -> ThreadHandle {
    let api = use_api();
    let complain = use_complain();
    let user = use_session().map(|session| session.user.id.to_string()).unwrap_or_default();
    let thread = use_reducer(|| Thread::opened(id));
    let control = {
        let (thread, news, known) = (thread.clone(), news.clone(), known.clone());
        use_memo((), move |()| Control {
            api,
            thread,
            news,
            drafts: Drafts::of(&user),
            known,
            complain,
            state: Rc::new(State::default()),
        })
    };
    {
        let control = control.clone();
        use_effect_with(id, move |id| {
            let thread = control.now();
            let is_untouched = thread.detail.is_none() && thread.turn.is_none() && thread.messages.is_empty();
            // The address follows a first message; the thread is there already.
            if *id != thread.id || is_untouched {
                control.leave();
                control.thread.dispatch(Action::Open(*id));
                match *id {
                    Some(id) => control.load(id),
                    None => control.ask_next(),
                }
            }
        });
    }
    {
        let control = control.clone();
        use_effect_with((), move |()| move || control.leave());
    }
    let calls = use_memo((), move |()| calls(&control));
    ThreadHandle { thread, calls }
}

fn calls(control: &Control) -> Calls {
    let call = |work: fn(&Control)| {
        let control = control.clone();
        Callback::from(move |()| work(&control))
    };
    let (asking, later, rating, reading) = (control.clone(), control.clone(), control.clone(), control.clone());
    Calls {
        ask: Callback::from(move |(text, place)| asking.ask(text, place)),
        ask_in: Callback::from(move |(conversation, text)| later.ask_in(conversation, text)),
        stop: call(Control::stop),
        reconnect: call(reconnect),
        older: call(older),
        reload: call(|control| {
            if let Some(id) = control.now().id {
                control.load(id);
            }
        }),
        refresh: call(|control| {
            let thread = control.now();
            if let Some(id) = thread.id.filter(|_| thread.phase == Phase::Ready && !thread.is_busy()) {
                control.load(id);
            }
        }),
        rate: Callback::from(move |rated| rate(&rating, rated)),
        dismiss: call(|control| control.thread.dispatch(Action::Dismiss)),
        now: Callback::from(move |()| reading.now()),
        drafts: control.drafts.clone(),
    }
}

fn reconnect(control: &Control) {
    let thread = control.now();
    if let Some((turn, message_id)) = thread.turn.as_ref().and_then(|turn| Some((turn, turn.message_id?))) {
        control.thread.dispatch(Action::Signals(vec![Signal::Lost(1)], browser::now()));
        control.resume(EventId { message_id, seq: turn.seq });
    }
}

fn older(control: &Control) {
    let thread = control.now();
    let (Some(id), Some(before)) = (thread.id, thread.older) else { return };
    if thread.older_reading == Older::Reading {
        return;
    }
    control.thread.dispatch(Action::OlderReading);
    let control = control.clone();
    spawn_local(async move {
        let read = control.api.messages(id, Some(before)).await;
        // Another conversation may be shown by now, or the same one from its beginning.
        let thread = control.now();
        if thread.id == Some(id) && thread.older == Some(before) {
            control.thread.dispatch(match read {
                Ok(page) => Action::Older(page),
                Err(failure) => Action::OlderFailed(failure),
            });
        }
    });
}

/// Shows a rating at once, and the one before when the server could not be told.
fn rate(control: &Control, (id, feedback, done): Rated) {
    let before = control.now().message(id).and_then(|message| message.feedback.clone());
    control.thread.dispatch(Action::Rated(id, Some(feedback.clone())));
    let control = control.clone();
    spawn_local(async move {
        let result = control.api.rate(id, &feedback).await;
        if result.is_err() {
            control.thread.dispatch(Action::Rated(id, before));
            control.complain.emit("rating-failed");
        }
        done.emit(result);
    });
}
