//! What happens to the shown conversation: it is read, asked in, followed, stopped.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use shared_protocol::{
    ConversationId, ErrorCode, MessageId,
    chat::{ChatEvent, ChatRequest, Content, EventId, InputMessage},
    conversation::MessageRole,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal};
use yew::{Callback, UseReducerHandle};

use super::{drafts::Drafts, use_news::News};
use crate::{
    api::{
        Api,
        turn::{Asked, BACK_OFF, Follower, Signal},
    },
    browser::{self, frames::Gatherer, wake},
    state::thread::{Action, Place, Thread},
};

/// Whose draft is sent: that of a conversation, or that of a new one.
#[derive(Clone, Copy)]
struct SentDraft(Option<ConversationId>);

/// Starts followers, of which one is alive at most.
#[derive(Clone)]
pub(super) struct Control {
    pub(super) api: Api,
    pub(super) thread: UseReducerHandle<Thread>,
    pub(super) news: Callback<News>,
    pub(super) drafts: Drafts,
    /// The conversations that are known at the moment.
    pub(super) known: Callback<(), Vec<ConversationId>>,
    /// Says what went wrong, by the key of the text.
    pub(super) complain: Callback<&'static str>,
    pub(super) state: Rc<State>,
}

/// What a control remembers.
#[derive(Default)]
pub(super) struct State {
    abort: RefCell<Option<AbortController>>,
    /// Whether the turn is to be stopped as soon as it has begun.
    stopping: Cell<bool>,
    /// How often in a row a turn's events could not be had.
    overs: Cell<usize>,
    /// What is to be asked once a conversation is there.
    next: RefCell<Option<(Option<ConversationId>, String)>>,
}

impl Control {
    /// The thread as it is now. A handle keeps all that was read through it, so the one that lives as
    /// long as the page must not be read through.
    pub(super) fn now(&self) -> UseReducerHandle<Thread> {
        self.thread.clone()
    }

    /// Stops listening. The turn goes on at the server.
    pub(super) fn leave(&self) {
        if let Some(abort) = self.state.abort.borrow_mut().take() {
            abort.abort();
        }
    }

    fn begin(&self) -> Option<AbortSignal> {
        self.leave();
        let abort = AbortController::new().ok()?;
        let signal = abort.signal();
        *self.state.abort.borrow_mut() = Some(abort);
        Some(signal)
    }

    /// A follower; the draft that is sent with the turn can go once the turn has begun.
    fn follower(&self, sent: Option<SentDraft>) -> Option<Follower> {
        let signal = self.begin()?;
        let (control, gone) = (self.clone(), signal.clone());
        let gatherer = Gatherer::new(move |signals: Vec<Signal>| {
            // Another conversation may be open by now.
            if !gone.aborted() {
                control.hear(signals, sent, &gone);
            }
        });
        Some(Follower::new(self.api.clone(), signal, move |signal| gatherer.add(signal)))
    }

    fn hear(&self, signals: Vec<Signal>, sent: Option<SentDraft>, gone: &AbortSignal) {
        let told: Vec<News> = signals.iter().filter_map(news_of).collect();
        let begun = signals.iter().find_map(|signal| match signal {
            Signal::Event(_, ChatEvent::Start(start)) => Some(start.message_id),
            _ => None,
        });
        let over = signals.iter().find_map(|signal| match signal {
            Signal::Over(conversation) => Some(*conversation),
            _ => None,
        });
        if signals.iter().any(|signal| matches!(signal, Signal::Event(..))) {
            self.state.overs.set(0);
        }
        self.thread.dispatch(Action::Signals(signals, browser::now()));
        for item in told {
            if let (News::Began(_), Some(SentDraft(of))) = (&item, sent) {
                self.drafts.sent(of);
            }
            self.news.emit(item);
        }
        if let Some(message) = begun.filter(|_| self.state.stopping.replace(false)) {
            self.cancel(message);
        }
        if let Some(conversation) = over {
            self.read_again(conversation, gone.clone());
        }
    }

    /// Reads the conversation after its turn's events could not be had, ever more slowly while that
    /// does not help.
    fn read_again(&self, conversation: Option<ConversationId>, gone: AbortSignal) {
        let overs = self.state.overs.get();
        self.state.overs.set(overs + 1);
        let control = self.clone();
        spawn_local(async move {
            if let Some(before) = overs.checked_sub(1) {
                wake::pause(BACK_OFF[before.min(BACK_OFF.len() - 1)]).await;
            }
            let id = conversation.or(control.now().id);
            if let Some(id) = id.filter(|_| !gone.aborted()) {
                control.load(id);
            }
        });
    }

    pub(super) fn resume(&self, after: EventId) {
        if let Some(follower) = self.follower(None) {
            spawn_local(follower.resume(after));
        }
    }

    /// Reads a conversation, and follows the turn that runs in it.
    pub(super) fn load(&self, id: ConversationId) {
        let Some(gone) = self.begin() else { return };
        let control = self.clone();
        spawn_local(async move {
            let (detail, messages) =
                futures_util::future::join(control.api.conversation(id), control.api.messages(id, None)).await;
            if gone.aborted() {
                return;
            }
            match (detail, messages) {
                (Ok(detail), Ok(messages)) => {
                    control.thread.dispatch(Action::Loaded(detail, messages));
                    let followed = control.now().turn.as_ref().and_then(|turn| Some((turn.message_id?, turn.seq)));
                    match followed {
                        Some((message_id, seq)) => control.resume(EventId { message_id, seq }),
                        None => control.ask_next(),
                    }
                }
                (Err(failure), _) | (_, Err(failure)) => control.thread.dispatch(Action::LoadFailed(failure)),
            }
        });
    }

    /// Asks: a new text, or none for a retry, and its place.
    pub(super) fn ask(&self, text: Option<String>, place: Place) {
        let thread = self.now();
        if thread.is_busy() {
            return self.complain.emit("busy-wait");
        }
        let parent_id = match place {
            Place::End => None,
            Place::Instead(id) | Place::After(id) => Some(id),
        };
        let message = text.clone().map(|text| InputMessage { role: MessageRole::User, content: Content::Text(text) });
        let request = ChatRequest {
            conversation_id: thread.id,
            messages: message.into_iter().collect(),
            parent_id,
            ..ChatRequest::default()
        };
        let asked = Asked {
            conversation: thread.id,
            text: text.clone(),
            conversations: if thread.id.is_none() { self.known.emit(()) } else { Vec::new() },
            messages: thread.messages.iter().map(|message| message.id).collect(),
        };
        let sent = text.as_ref().filter(|_| place == Place::End).map(|text| {
            self.drafts.sending(thread.id, text);
            SentDraft(thread.id)
        });
        self.state.stopping.set(false);
        self.thread.dispatch(Action::Ask(text, place));
        if let Some(follower) = self.follower(sent) {
            spawn_local(follower.begin(request, asked));
        }
        // What was clicked may be gone, and the focus with it.
        if !browser::is_coarse() {
            browser::focus_soon("#composer");
        }
    }

    /// Asks a text in another conversation once that is shown.
    pub(super) fn ask_in(&self, conversation: Option<ConversationId>, text: String) {
        *self.state.next.borrow_mut() = Some((conversation, text));
    }

    /// Asks what is waiting for the shown conversation.
    pub(super) fn ask_next(&self) {
        let shown = self.now().id;
        let next = self.state.next.borrow_mut().take_if(|(conversation, _)| *conversation == shown);
        if let Some((_, text)) = next {
            self.ask(Some(text), Place::End);
        }
    }

    /// Stops the turn at the server; one that has not begun yet is stopped when it does.
    pub(super) fn stop(&self) {
        let thread = self.now();
        let Some(turn) = thread.turn.as_ref().filter(|turn| !turn.stopping) else { return };
        self.thread.dispatch(Action::Stopping);
        match turn.message_id {
            Some(message) => self.cancel(message),
            None => self.state.stopping.set(true),
        }
    }

    fn cancel(&self, message: MessageId) {
        let control = self.clone();
        spawn_local(async move {
            match control.api.cancel(message).await {
                Ok(()) => {}
                // The turn ended meanwhile, and its last event is on its way.
                Err(failure) if failure.code() == Some(ErrorCode::NotFound) => {}
                Err(failure) => {
                    control.thread.dispatch(Action::StopFailed);
                    control.complain.emit(failure.text_key());
                }
            }
        });
    }
}

fn news_of(signal: &Signal) -> Option<News> {
    match signal {
        Signal::Event(_, ChatEvent::Start(start)) => Some(News::Began(start.conversation_id)),
        Signal::Over(Some(conversation)) => Some(News::Began(*conversation)),
        Signal::Event(_, ChatEvent::TitleUpdate(title)) => {
            Some(News::Titled(title.conversation_id, title.title.clone()))
        }
        Signal::Event(_, event) if event.is_last() => Some(News::Ended),
        // A turn runs in the conversation that the list does not show yet.
        Signal::Refused(failure) if failure.code() == Some(ErrorCode::TurnInProgress) => Some(News::Ended),
        _ => None,
    }
}
