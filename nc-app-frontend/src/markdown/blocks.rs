//! A growing text as top-level blocks. Only the last block can still change.

use pulldown_cmark::{Event, Parser};

use super::tree::OPTIONS;

/// The blocks of a text that grows at its end.
#[derive(Debug, Default)]
pub struct Blocks {
    settled: Vec<String>,
    settled_to: usize,
    /// The addresses of reference links that finished blocks define.
    definitions: String,
}

impl Blocks {
    /// The blocks of `text`, finished ones first, then the last one, and what stands before a block so
    /// that its reference links are known, whichever finished block defines them. A text that does not
    /// continue the last one is read from its beginning.
    pub fn of<'a>(&'a mut self, text: &'a str) -> (&'a [String], &'a str, &'a str) {
        let continues = text.get(..self.settled_to).is_some_and(|known| {
            let mut at = 0;
            self.settled.iter().all(|block| {
                let same = known[at..].starts_with(block.as_str());
                at += block.len();
                same
            })
        });
        if !continues {
            *self = Self::default();
        }
        let rest = &text[self.settled_to..];
        let mut starts = starts(rest);
        // A last block of which no line is whole may still turn out to go on with the one before it.
        if starts.last().is_some_and(|last| !rest[*last..].contains('\n')) {
            starts.pop();
        }
        let mut from = 0;
        for next in starts.into_iter().skip(1) {
            let block = &rest[from..next];
            self.definitions.push_str(&definitions(block));
            self.settled.push(block.to_owned());
            from = next;
        }
        self.settled_to += from;
        (&self.settled, &text[self.settled_to..], &self.definitions)
    }
}

/// A block with the addresses of its reference links before it. Behind it they would get into a block
/// of code that is not closed yet.
pub fn defined(block: &str, definitions: &str) -> String {
    if definitions.is_empty() || !block.contains('[') { block.to_owned() } else { format!("{definitions}\n{block}") }
}

/// The definitions of reference links in a text, one a line, in the order in which they stand there.
pub fn definitions(text: &str) -> String {
    if !text.contains("]:") {
        return String::new();
    }
    let parser = Parser::new_ext(text, OPTIONS);
    let mut found: Vec<_> = parser.reference_definitions().iter().collect();
    found.sort_by_key(|(_, definition)| definition.span.start);
    let line = |label: &str, address: &str| {
        let address = address.replace(['<', '>', '\n'], "");
        format!("[{label}]: <{address}>\n")
    };
    found.iter().map(|(label, definition)| line(label, &definition.dest)).collect()
}

/// Where top-level blocks begin. The first one begins at 0, with what stands before it.
fn starts(text: &str) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut starts = Vec::new();
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        match event {
            Event::Start(_) => {
                if depth == 0 {
                    starts.push(range.start);
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ if depth == 0 => starts.push(range.start),
            _ => {}
        }
    }
    // An indented block begins after its indent; the indent belongs to it.
    starts.iter().map(|&start| text[..start].rfind('\n').map_or(0, |line| line + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Title\n\nOne *two*\nthree\n\n- a\n\n- b\n  - c\n\n```rust\nfn a() {}\n\n// x\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\nEnd";

    #[test]
    fn pieces_give_the_same_blocks_as_the_whole() {
        let mut whole = Blocks::default();
        let (settled, tail, _) = whole.of(TEXT);
        let expected: Vec<String> = settled.iter().cloned().chain([tail.to_owned()]).collect();
        assert_eq!(expected.len(), 6, "{expected:?}");
        assert_eq!(expected.concat(), TEXT);

        let mut grown = Blocks::default();
        for end in (0..=TEXT.len()).filter(|end| TEXT.is_char_boundary(*end)) {
            grown.of(&TEXT[..end]);
        }
        let (settled, tail, _) = grown.of(TEXT);
        let pieces: Vec<String> = settled.iter().cloned().chain([tail.to_owned()]).collect();
        assert_eq!(pieces, expected);
    }

    #[test]
    fn definitions_reach_every_block_also_those_before_them() {
        let text =
            "See [the docs][d] and [d].\n\n> [q]: https://e.org/q \"title\"\n\n[d]: <https://e.org/a b>\n\nEnd [q]\n\n";
        assert_eq!(definitions(text), "[q]: <https://e.org/q>\n[d]: <https://e.org/a b>\n");
        let mut blocks = Blocks::default();
        assert!(blocks.of(text).2.contains("[d]: <https://e.org/a b>\n"));
        let block = defined("See [the docs][d].", &definitions(text));
        let shown = format!("{:?}", super::super::parse(&block));
        assert!(shown.contains("https://e.org/a b"), "{shown}");
        assert_eq!(defined("```\n[a", &definitions(text)).lines().last(), Some("[a"));
        assert_eq!(defined("no link", &definitions(text)), "no link");
    }

    #[test]
    fn another_text_is_read_anew() {
        let mut blocks = Blocks::default();
        blocks.of("a\n\nb\n\nc\n");
        let (settled, tail, _) = blocks.of("x\n\ny\n");
        assert_eq!((settled, tail), (&["x\n\n".to_owned()][..], "y\n"));
    }
}
