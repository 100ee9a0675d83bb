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
    assert_eq!(thread.refused, Some((Failure::Offline, Some("bye".to_owned()))));
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
    let back = after(lost, vec![Action::Signals(vec![Signal::Back], NOW)]);
    assert_eq!(back.turn.as_ref().map(|turn| turn.link), Some(Link::Live));
}

#[test]
fn a_rating_changes_one_message_only() {
    let thread = answered();
    let feedback = Feedback { rating: Some(shared_protocol::conversation::Rating::Up), comment: None };
    let rated = after(thread.clone(), vec![Action::Rated(message_id('2'), feedback.clone())]);
    assert!(rated.messages[0] == thread.messages[0]);
    assert_eq!(rated.messages[1].feedback, Some(feedback));
}
