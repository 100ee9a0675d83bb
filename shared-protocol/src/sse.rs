//! Server-sent events: how one is written, and a parser that takes the stream in any pieces.
//!
//! Format: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use std::fmt::Write as _;

/// The longest line that the parser keeps, in bytes. A longer one is an error and not memory.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// One event as it stands in the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The last id that the stream named.
    pub id: Option<String>,
    /// The event's name; `message` when the stream gave none.
    pub event: String,
    /// The data lines, joined by line feeds.
    pub data: String,
}

/// A line of the stream is longer than [`MAX_LINE_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line of the event stream is too long")]
pub struct LineTooLong;

/// Writes one event. `data` may hold line feeds; `id` and `event` must not.
pub fn encode(id: impl std::fmt::Display, event: &str, data: &str) -> String {
    let mut out = String::with_capacity(data.len() + event.len() + 64);
    // Writing to a string cannot fail.
    let _ = write!(out, "id: {id}\nevent: {event}\n");
    for line in data.split('\n') {
        out.push_str("data: ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
    out
}

/// Turns pieces of a stream into events. Pieces may cut lines and characters anywhere.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    after_carriage_return: bool,
    started: bool,
    id: Option<String>,
    event: String,
    data: String,
    has_data: bool,
}

impl SseParser {
    /// A parser at the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece and returns the events that became complete.
    ///
    /// # Errors
    /// Fails on a line longer than [`MAX_LINE_BYTES`]; the parser is of no use afterwards.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<SseEvent>, LineTooLong> {
        let mut events = Vec::new();
        for &byte in piece {
            let line_ended = match byte {
                b'\n' if self.after_carriage_return => {
                    self.after_carriage_return = false;
                    continue;
                }
                b'\n' => true,
                b'\r' => {
                    self.after_carriage_return = true;
                    events.extend(self.end_line());
                    continue;
                }
                _ => false,
            };
            self.after_carriage_return = false;
            if line_ended {
                events.extend(self.end_line());
            } else if self.line.len() < MAX_LINE_BYTES {
                self.line.push(byte);
            } else {
                return Err(LineTooLong);
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let mut line: &str = &text;
        if !std::mem::replace(&mut self.started, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(value);
            }
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<SseEvent> {
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then(|| SseEvent {
            id: self.id.clone(),
            event: if event.is_empty() { "message".to_owned() } else { event },
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse_whole(stream: &[u8]) -> Vec<SseEvent> {
        SseParser::new().push(stream).expect("no line is too long")
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_in_any_pieces(
            texts in prop::collection::vec("[^\r]*", 1..6),
            cuts in prop::collection::vec(1_usize..9, 0..200),
        ) {
            let stream: String =
                texts.iter().enumerate().map(|(seq, text)| encode(seq, "token", text)).collect();
            let mut parser = SseParser::new();
            let mut rest = stream.as_bytes();
            let mut events = Vec::new();
            for cut in cuts {
                let (piece, tail) = rest.split_at(cut.min(rest.len()));
                events.extend(parser.push(piece).expect("no line is too long"));
                rest = tail;
            }
            events.extend(parser.push(rest).expect("no line is too long"));
            let read: Vec<_> = events.iter().map(|event| event.data.clone()).collect();
            prop_assert_eq!(read, texts);
            prop_assert_eq!(events, parse_whole(stream.as_bytes()));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = SseParser::new().push(&bytes);
        }
    }

    #[test]
    fn comments_bom_and_line_ends_of_all_kinds() {
        let events = parse_whole("\u{feff}: beat\r\nid: 7\r\ndata: a\rdata: b\n\n: beat\n\ndata\n\n".as_bytes());
        assert_eq!(events.len(), 2);
        assert_eq!((events[0].id.as_deref(), events[0].data.as_str()), (Some("7"), "a\nb"));
        assert_eq!((events[1].event.as_str(), events[1].data.as_str()), ("message", ""));
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut parser = SseParser::new();
        let piece = vec![b'x'; MAX_LINE_BYTES];
        assert!(parser.push(&piece).is_ok());
        assert_eq!(parser.push(b"x"), Err(LineTooLong));
    }
}
