//! One conversation: read, asked in, followed while it is answered.

use std::{cell::RefCell, rc::Rc};

use shared_protocol::{
    ConversationId, ErrorCode, MessageId,
    chat::{ChatEvent, ChatRequest, Content, EventId, InputMessage},
    conversation::{Feedback, MessageRole},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;
use yew::{Callback, UseReducerDispatcher, UseReducerHandle, hook, use_effect_with, use_mut_ref, use_reducer};

use super::{drafts, use_news::News};
use crate::{
    api::{
        Api,
        turn::{Follower, Signal},
    },
    app::context::use_api,
    browser::{self, frames::Gatherer},
    state::thread::{Action, Place, Thread},
};

/// The conversation and what can be done in it.
#[derive(Clone, PartialEq)]
pub(super) struct ThreadHandle {
    pub(super) thread: UseReducerHandle<Thread>,
    /// Asks: a new text (or none for a retry) and its place.
    pub(super) ask: Callback<(Option<String>, Place)>,
    pub(super) stop: Callback<()>,
    /// Takes up a turn whose connection was lost.
    pub(super) reconnect: Callback<()>,
    pub(super) older: Callback<()>,
    pub(super) reload: Callback<()>,
    pub(super) rate: Callback<(MessageId, Feedback)>,
    pub(super) dismiss: Callback<()>,
}

type Abort = Rc<RefCell<Option<AbortController>>>;

/// Whose draft is sent: that of a conversation, or that of a new one.
#[derive(Clone, Copy)]
struct SentDraft(Option<ConversationId>);

/// Starts followers, of which one is alive at most.
#[derive(Clone)]
struct Control {
    api: Api,
    dispatch: UseReducerDispatcher<Thread>,
    abort: Abort,
    news: Callback<News>,
}

impl Control {
    fn leave(&self) {
        if let Some(abort) = self.abort.borrow_mut().take() {
            abort.abort();
        }
    }

    /// A follower; the draft that is sent with the turn can go once the turn has begun.
    fn follower(&self, sent: Option<SentDraft>) -> Option<Follower> {
        self.leave();
        let abort = AbortController::new().ok()?;
        let signal = abort.signal();
        *self.abort.borrow_mut() = Some(abort);
        let (dispatch, news, gone, again) = (self.dispatch.clone(), self.news.clone(), signal.clone(), self.clone());
        let gatherer = Gatherer::new(move |signals: Vec<Signal>| {
            // Another conversation may be open by now.
            if gone.aborted() {
                return;
            }
            let busy_elsewhere = signals.iter().any(|signal| {
                matches!(signal, Signal::Refused(failure) if failure.code() == Some(ErrorCode::TurnInProgress))
            });
            let told: Vec<News> = signals.iter().filter_map(news_of).collect();
            dispatch.dispatch(Action::Signals(signals, browser::now()));
            for item in told {
                if let (News::Began(_), Some(SentDraft(of))) = (&item, sent) {
                    drafts::write(of, "");
                }
                news.emit(item);
            }
            if busy_elsewhere {
                again.news.emit(News::Ended);
            }
        });
        Some(Follower::new(self.api.clone(), signal, move |signal| gatherer.add(signal)))
    }

    fn resume(&self, after: EventId) {
        if let Some(follower) = self.follower(None) {
            spawn_local(follower.resume(after));
        }
    }

    fn load(&self, id: ConversationId) {
        self.leave();
        let Ok(abort) = AbortController::new() else { return };
        let gone = abort.signal();
        *self.abort.borrow_mut() = Some(abort);
        let control = self.clone();
        spawn_local(async move {
            let (detail, messages) =
                futures_util::future::join(control.api.conversation(id), control.api.messages(id, None)).await;
            if gone.aborted() {
                return;
            }
            match (detail, messages) {
                (Ok(detail), Ok(messages)) => {
                    let active = detail.conversation.active_message_id;
                    control.dispatch.dispatch(Action::Loaded(detail, messages));
                    if let Some(message_id) = active {
                        control.resume(EventId { message_id, seq: 0 });
                    }
                }
                (Err(failure), _) | (_, Err(failure)) => control.dispatch.dispatch(Action::LoadFailed(failure)),
            }
        });
    }
}

fn news_of(signal: &Signal) -> Option<News> {
    match signal {
        Signal::Event(_, ChatEvent::Start(start)) => Some(News::Began(start.conversation_id)),
        Signal::Event(_, ChatEvent::TitleUpdate(title)) => {
            Some(News::Titled(title.conversation_id, title.title.clone()))
        }
        Signal::Event(_, event) if event.is_last() => Some(News::Ended),
        _ => None,
    }
}

/// Shows a conversation, or a new one.
#[hook]
pub(super) fn use_thread(id: Option<ConversationId>, news: &Callback<News>) -> ThreadHandle {
    let api = use_api();
    let thread = use_reducer(|| Thread::opened(id));
    let abort = use_mut_ref(|| None::<AbortController>);
    let control = Control { api: api.clone(), dispatch: thread.dispatcher(), abort, news: news.clone() };

    {
        let (control, shown) = (control.clone(), thread.id);
        let is_untouched = thread.detail.is_none() && thread.turn.is_none();
        use_effect_with(id, move |id| {
            // The address follows a first message; the thread is there already.
            if *id != shown || is_untouched {
                control.leave();
                control.dispatch.dispatch(Action::Open(*id));
                if let Some(id) = *id {
                    control.load(id);
                }
            }
        });
    }
    {
        let control = control.clone();
        use_effect_with((), move |()| move || control.leave());
    }
    let ask = {
        let (control, thread) = (control.clone(), thread.clone());
        Callback::from(move |(text, place): (Option<String>, Place)| {
            if thread.is_busy() {
                return;
            }
            let parent_id = match place {
                Place::End => None,
                Place::Instead(id) | Place::After(id) => Some(id),
            };
            let message =
                text.clone().map(|text| InputMessage { role: MessageRole::User, content: Content::Text(text) });
            let request = ChatRequest {
                conversation_id: thread.id,
                messages: message.into_iter().collect(),
                parent_id,
                ..ChatRequest::default()
            };
            let sent = (place == Place::End).then_some(SentDraft(thread.id));
            thread.dispatch(Action::Ask(text, place));
            if let Some(follower) = control.follower(sent) {
                spawn_local(follower.begin(request));
            }
        })
    };
    let stop = {
        let (api, thread, control) = (api.clone(), thread.clone(), control.clone());
        Callback::from(move |()| {
            let Some(turn) = thread.turn.as_ref() else { return };
            let Some(message) = turn.message_id else {
                // Nothing has begun that the server could be asked to stop.
                control.leave();
                let refused = Signal::Refused(crate::api::Failure::Aborted);
                thread.dispatch(Action::Signals(vec![refused], browser::now()));
                return;
            };
            thread.dispatch(Action::Stopping);
            let api = api.clone();
            // A turn that ended meanwhile answers 404, and its last event is on its way.
            spawn_local(async move { drop(api.cancel(message).await) });
        })
    };
    let reconnect = {
        let (control, thread) = (control.clone(), thread.clone());
        Callback::from(move |()| {
            if let Some((turn, message_id)) = thread.turn.as_ref().and_then(|turn| Some((turn, turn.message_id?))) {
                thread.dispatch(Action::Signals(vec![Signal::Lost(1)], browser::now()));
                control.resume(EventId { message_id, seq: turn.seq });
            }
        })
    };
    let older = {
        let (api, thread) = (api.clone(), thread.clone());
        let reading = use_mut_ref(|| false);
        Callback::from(move |()| {
            let (Some(id), Some(before)) = (thread.id, thread.older) else { return };
            if std::mem::replace(&mut *reading.borrow_mut(), true) {
                return;
            }
            let (api, dispatch, reading) = (api.clone(), thread.dispatcher(), reading.clone());
            spawn_local(async move {
                if let Ok(page) = api.messages(id, Some(before)).await {
                    dispatch.dispatch(Action::Older(page));
                }
                *reading.borrow_mut() = false;
            });
        })
    };
    let reload = {
        let (control, id) = (control, thread.id);
        Callback::from(move |()| {
            if let Some(id) = id {
                control.load(id);
            }
        })
    };
    let rate = {
        let thread = thread.dispatcher();
        Callback::from(move |(id, feedback): (MessageId, Feedback)| {
            thread.dispatch(Action::Rated(id, feedback.clone()));
            let api = api.clone();
            spawn_local(async move { drop(api.rate(id, &feedback).await) });
        })
    };
    let dismiss = {
        let dispatch = thread.dispatcher();
        Callback::from(move |()| dispatch.dispatch(Action::Dismiss))
    };
    ThreadHandle { thread, ask, stop, reconnect, older, reload, rate, dismiss }
}
