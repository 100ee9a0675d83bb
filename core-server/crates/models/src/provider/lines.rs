//! Cuts an answer's bytes into pieces, whatever way they arrive.

use super::{Framing, wire::malformed};
use crate::ModelError;

/// The longest line that is kept, and the longest piece that lines add up to. A longer one is a fault
/// of the provider and must not become ours.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Bytes in, pieces out.
pub(super) struct Pieces {
    framing: Framing,
    line: Vec<u8>,
    data: String,
}

impl Pieces {
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, line: Vec::new(), data: String::new() }
    }

    /// Takes the next bytes and hands each complete piece to `each`.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&str) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + part.len() > MAX_LINE_BYTES {
                return Err(malformed("a line of the answer is too long"));
            }
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.take_line(&line, &mut each)?;
            }
        }
        Ok(())
    }

    /// The answer has ended; a last line without its end counts when it is whole.
    pub(super) fn finish(&mut self, mut each: impl FnMut(&str) -> Result<(), ModelError>) -> Result<(), ModelError> {
        let line = std::mem::take(&mut self.line);
        if self.framing == Framing::Lines
            && !line.is_empty()
            && serde_json::from_slice::<serde_json::Value>(&line).is_ok()
        {
            self.take_line(&line, &mut each)?;
        }
        Ok(())
    }

    fn take_line(
        &mut self,
        line: &[u8],
        each: &mut impl FnMut(&str) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let text = std::str::from_utf8(line).map_err(malformed)?.trim_end_matches(['\r', '\n']);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self.framing {
            Framing::Lines if text.trim().is_empty() => Ok(()),
            Framing::Lines => each(text),
            Framing::Events if text.is_empty() => {
                let data = std::mem::take(&mut self.data);
                if data.is_empty() { Ok(()) } else { each(&data) }
            }
            Framing::Events => {
                if let Some(value) = text.strip_prefix("data:") {
                    if !self.data.is_empty() {
                        self.data.push('\n');
                    }
                    let value = value.strip_prefix(' ').unwrap_or(value);
                    if self.data.len() + value.len() > MAX_LINE_BYTES {
                        return Err(malformed("a piece of the answer is too long"));
                    }
                    self.data.push_str(value);
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(framing: Framing, bytes: &[u8], cut: usize) -> Vec<String> {
        let (mut pieces, mut read) = (Pieces::new(framing), Vec::new());
        for part in bytes.chunks(cut.max(1)) {
            pieces
                .push(part, |piece| {
                    read.push(piece.to_owned());
                    Ok(())
                })
                .expect("well-formed");
        }
        read
    }

    proptest! {
        #[test]
        fn every_cut_gives_the_same_pieces(texts in prop::collection::vec("[a-zäß€😀]{1,12}", 1..8), cut in 1_usize..40) {
            let events = format!(": beat\r\nevent: x\r\ndata: {}\r\n\r\n", texts.join("\r\n\r\n: beat\r\nevent: x\r\ndata: "));
            prop_assert_eq!(read(Framing::Events, events.as_bytes(), cut), texts.clone());
            let lines = texts.join("\n\n") + "\n\n";
            prop_assert_eq!(read(Framing::Lines, lines.as_bytes(), cut), texts);
        }
    }

    /// The last case would grow for ever: no line is long, and no piece ends.
    #[test]
    fn endless_lines_broken_text_and_endless_pieces_are_refused() {
        let mut pieces = Pieces::new(Framing::Events);
        assert!(pieces.push(&vec![b'x'; MAX_LINE_BYTES + 1], |_| Ok(())).is_err());
        assert!(Pieces::new(Framing::Events).push(b"data: \xff\xfe\n\n", |_| Ok(())).is_err());
        assert!(Pieces::new(Framing::Events).push(&b"data: x\n".repeat(MAX_LINE_BYTES), |_| Ok(())).is_err());
    }
}
