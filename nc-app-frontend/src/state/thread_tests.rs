//! What a conversation does with news.

use shared_protocol::chat::{Done, Start, Token, TurnError, TurnErrorCode, Usage};

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_000_000);

fn message_id(last: char) -> MessageId {
    format!("msg_0000000000000000000000000{last}").parse().expect("an id")
}

fn conversation_id() -> ConversationId {
    format!("conv_{}", "0".repeat(26)).parse().expect("an id")
}

fn start(question: char, answer: char) -> Signal {
    Signal::Event(
        1,
        ChatEvent::Start(Start {
            message_id: message_id(answer),
            conversation_id: conversation_id(),
            user_message_id: message_id(question),
        }),
    )
}

fn token(seq: u64, text: &str) -> Signal {
    Signal::Event(seq, ChatEvent::Token(Token { text: text.to_owned() }))
}

fn done(seq: u64, answer: char) -> Signal {
    let done = Done { message_id: message_id(answer), usage: Usage::default(), model: "m".to_owned() };
    Signal::Event(seq, ChatEvent::Done(done))
}

fn after(thread: Thread, actions: Vec<Action>) -> Thread {
    let thread = actions.into_iter().fold(Rc::new(thread), Reducible::reduce);
    Rc::unwrap_or_clone(thread)
}

fn answered() -> Thread {
    after(
        Thread::opened(None),
        vec![
            Action::Ask(Some("hello".to_owned()), Place::End),
            Action::Signals(vec![start('1', '2'), token(2, "Good "), token(3, "day"), done(4, '2')], NOW),
        ],
    )
}

fn texts(thread: &Thread) -> Vec<&str> {
    thread.messages.iter().map(|message| message.content.as_str()).collect()
}

#[test]
fn a_first_question_makes_the_conversation_and_its_two_messages() {
    let thread = answered();
    assert_eq!(thread.id, Some(conversation_id()));
    assert_eq!(texts(&thread), ["hello", "Good day"]);
    assert!(!thread.is_busy());
}

#[test]
fn an_edit_replaces_the_message_and_drops_what_followed() {
    let asked = after(answered(), vec![Action::Ask(Some("bye".to_owned()), Place::Instead(message_id('1')))]);
    assert!(texts(&asked).is_empty());
    let edited = after(asked, vec![Action::Signals(vec![start('3', '4'), token(2, "So long"), done(3, '4')], NOW)]);
    assert_eq!(texts(&edited), ["bye", "So long"]);
}

#[test]
fn a_retry_keeps_the_question() {
    let actions = vec![
        Action::Ask(None, Place::After(message_id('1'))),
        Action::Signals(vec![start('1', '4'), token(2, "Again"), done(3, '4')], NOW),
    ];
    assert_eq!(texts(&after(answered(), actions)), ["hello", "Again"]);
}

#[test]
fn a_refused_question_leaves_everything_as_it_was_and_gives_the_text_back() {
    let actions = vec![
        Action::Ask(Some("bye".to_owned()), Place::Instead(message_id('1'))),
        Action::Signals(vec![Signal::Refused(Failure::Offline)], NOW),
    ];
    let thread = after(answered(), actions);
    assert_eq!(texts(&thread), ["hello", "Good day"]);
    let refusal = Refusal {
        failure: Failure::Offline,
        text: Some("bye".to_owned()),
        place: Place::Instead(message_id('1')),
        at: NOW,
    };
    assert_eq!(thread.refused, Some(refusal));
}

fn detail(active: Option<char>) -> ConversationDetail {
    serde_json::from_value(serde_json::json!({
        "id": conversation_id(), "title": "t", "titlePlaceholder": false, "agentId": format!("asst_{}", "0".repeat(26)),
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "lastMessagePreview": null,
        "pinned": false, "labels": [], "status": "completed", "activeMessageId": active.map(message_id), "threads": [],
        "agent": {
            "id": format!("asst_{}", "0".repeat(26)), "name": "a", "description": "", "starterPrompts": [],
            "threadsEnabled": true
        },
    }))
    .expect("a conversation")
}

fn page(items: &[(char, MessageRole, &str)], older: Option<char>) -> MessagePage {
    let items = items.iter().map(|(id, role, text)| sample(message_id(*id), conversation_id(), *role, text)).collect();
    MessagePage { items, next_before: older.map(message_id) }
}

const ASKED: (char, MessageRole, &str) = ('3', MessageRole::User, "hello");

#[test]
fn a_refused_resume_keeps_the_partial_text_until_the_conversation_was_read() {
    let actions = vec![
        Action::Ask(Some("hello".to_owned()), Place::End),
        Action::Signals(vec![start('3', '4'), token(2, "half"), Signal::Over(None)], NOW),
    ];
    let over = after(Thread::opened(None), actions);
    assert_eq!(over.turn.as_ref().map(|turn| turn.text.as_str()), Some("half"));
    let failed = after(over.clone(), vec![Action::LoadFailed(Failure::Offline)]);
    assert_eq!(failed.phase, Phase::Ready);
    assert_eq!(failed.turn.as_ref().map(|turn| turn.link), Some(Link::Lost));
    let answer = ('4', MessageRole::Assistant, "half and the rest");
    let read = after(over, vec![Action::Loaded(detail(None), page(&[ASKED, answer], None))]);
    assert_eq!(texts(&read), ["hello", "half and the rest"]);
    assert!(!read.is_busy());
}

#[test]
fn a_turn_that_still_runs_goes_on_from_what_is_there() {
    let actions = vec![
        Action::Ask(Some("hello".to_owned()), Place::End),
        Action::Signals(vec![start('3', '4'), token(2, "half"), Signal::Over(None)], NOW),
        Action::Loaded(detail(Some('4')), page(&[ASKED, ('4', MessageRole::Assistant, "")], None)),
    ];
    let thread = after(Thread::opened(None), actions);
    assert_eq!(texts(&thread), ["hello"]);
    assert_eq!(thread.turn.as_ref().map(|turn| (turn.text.as_str(), turn.seq)), Some(("half", 2)));
}

#[test]
fn a_turn_that_ended_unheard_opens_its_conversation() {
    let actions = vec![
        Action::Ask(Some("hello".to_owned()), Place::End),
        Action::Signals(vec![Signal::Over(Some(conversation_id()))], NOW),
        Action::Loaded(detail(None), page(&[ASKED, ('4', MessageRole::Assistant, "all")], None)),
    ];
    assert_eq!(texts(&after(Thread::opened(None), actions)), ["hello", "all"]);
}

#[test]
fn reading_again_keeps_older_pages_and_draws_nothing_anew() {
    let mut thread = Thread::opened(Some(conversation_id()));
    let newest = page(&[ASKED, ('4', MessageRole::Assistant, "day")], Some('3'));
    thread = after(thread, vec![Action::Loaded(detail(None), newest.clone())]);
    thread = after(thread, vec![Action::Older(page(&[('1', MessageRole::User, "old")], None))]);
    let again = after(thread.clone(), vec![Action::Loaded(detail(None), newest)]);
    assert!(again.messages == thread.messages, "the same address");
    assert_eq!(again.older, None);
}

#[test]
fn reading_again_forgets_a_refusal_but_no_text() {
    let refused = |text: Option<&str>, place| {
        let actions = vec![
            Action::Ask(text.map(str::to_owned), place),
            Action::Signals(vec![Signal::Refused(Failure::Offline)], NOW),
            Action::Loaded(detail(None), page(&[('1', MessageRole::User, "hello")], None)),
        ];
        after(answered(), actions).refused.and_then(|refusal| refusal.text)
    };
    assert_eq!(refused(None, Place::After(message_id('1'))), None);
    assert_eq!(refused(Some("more"), Place::End).as_deref(), Some("more"));
}

#[test]
fn stopping_is_taken_back_when_the_server_could_not_be_asked() {
    let asked = vec![Action::Ask(Some("more".to_owned()), Place::End), Action::Stopping];
    let stopping = after(answered(), asked);
    assert!(stopping.turn.as_ref().is_some_and(|turn| turn.stopping));
    // The wish to stop outlives the beginning of the turn.
    let begun = after(stopping, vec![Action::Signals(vec![start('3', '4')], NOW)]);
    assert!(begun.turn.as_ref().is_some_and(|turn| turn.stopping));
    let failed = after(begun, vec![Action::StopFailed]);
    assert!(failed.turn.is_some_and(|turn| !turn.stopping));
}

#[test]
fn older_messages_that_cannot_be_read_say_so() {
    let thread = after(answered(), vec![Action::OlderReading]);
    assert_eq!(thread.older_reading, Older::Reading);
    let failed = after(thread, vec![Action::OlderFailed(Failure::Offline)]);
    assert_eq!(failed.older_reading, Older::Failed(Failure::Offline));
}

#[test]
fn what_follows_a_question_beyond_its_answer_is_noticed() {
    let thread = answered();
    assert!(!thread.goes_on_after(message_id('1')));
    let actions = vec![
        Action::Ask(Some("more".to_owned()), Place::End),
        Action::Signals(vec![start('3', '4'), token(2, "b"), done(3, '4')], NOW),
    ];
    let longer = after(thread, actions);
    assert!(longer.goes_on_after(message_id('1')));
    assert!(!longer.goes_on_after(message_id('3')));
    assert_eq!(longer.before(message_id('3')).map(|message| message.id), Some(message_id('2')));
    assert!(longer.before(message_id('1')).is_none());
}

#[test]
fn a_stopped_answer_keeps_its_text() {
    let error = TurnError { code: TurnErrorCode::Cancelled, message: "stopped".to_owned() };
    let actions = vec![
        Action::Ask(Some("more".to_owned()), Place::End),
        Action::Signals(vec![start('3', '4'), token(2, "half"), Signal::Event(3, ChatEvent::Error(error))], NOW),
    ];
    let thread = after(answered(), actions);
    let last = thread.messages.last().expect("a message");
    assert_eq!((last.content.as_str(), last.status), ("half", MessageStatus::Cancelled));
}

#[test]
fn a_lost_connection_shows_and_goes() {
    let asked = vec![
        Action::Ask(Some("more".to_owned()), Place::End),
        Action::Signals(vec![start('3', '4'), Signal::Lost(1)], NOW),
    ];
    let lost = after(answered(), asked);
    assert_eq!(lost.turn.as_ref().map(|turn| turn.link), Some(Link::Reconnecting));
    let longer = after(lost.clone(), vec![Action::Signals(vec![Signal::Lost(BACK_OFF.len() + 1)], NOW)]);
    assert_eq!(longer.turn.as_ref().map(|turn| turn.link), Some(Link::Lost));
    let back = after(lost, vec![Action::Signals(vec![Signal::Back], NOW)]);
    assert_eq!(back.turn.as_ref().map(|turn| turn.link), Some(Link::Live));
}

#[test]
fn a_rating_changes_one_message_only() {
    let thread = answered();
    let feedback = Feedback { rating: Some(shared_protocol::conversation::Rating::Up), comment: None };
    let rated = after(thread.clone(), vec![Action::Rated(message_id('2'), Some(feedback.clone()))]);
    assert!(rated.messages[0] == thread.messages[0]);
    assert_eq!(rated.messages[1].feedback, Some(feedback));
    let rolled_back = after(rated, vec![Action::Rated(message_id('2'), None)]);
    assert_eq!(rolled_back.messages[1].feedback, None);
}
