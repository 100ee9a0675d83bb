//! The last block of a growing text, changed so that markup which is not whole yet neither shows
//! nor jumps.

use std::borrow::Cow;

/// The block as it can be shown.
pub fn presentable(block: &str) -> Cow<'_, str> {
    if let Some(fence) = open_fence(block) {
        return Cow::Borrowed(without_partial_fence(block, fence));
    }
    if ends_with_fence(block) {
        return Cow::Borrowed(block);
    }
    let block = without_partial_marker(block);
    if is_partial_table(block) {
        return Cow::Borrowed("");
    }
    closed(block)
}

/// The fence of a code block that is not closed.
fn open_fence(block: &str) -> Option<&str> {
    let mut open: Option<&str> = None;
    for line in block.lines() {
        let line = line.trim_start();
        let length = line.len() - line.trim_start_matches(['`', '~']).len();
        let fence = &line[..length];
        match open {
            None if length >= 3 => open = Some(fence),
            Some(begun) if fence.starts_with(begun) && line[length..].trim().is_empty() => open = None,
            _ => {}
        }
    }
    open
}

/// Whether the last line is the fence that closes a block of code.
fn ends_with_fence(block: &str) -> bool {
    let last = block.trim_end().lines().last().unwrap_or_default().trim();
    last.len() >= 3 && (last.chars().all(|sign| sign == '`') || last.chars().all(|sign| sign == '~'))
}

/// A closing fence comes sign by sign; its first signs are not code.
fn without_partial_fence<'a>(block: &'a str, fence: &str) -> &'a str {
    let start = block.rfind('\n').map_or(0, |at| at + 1);
    let last = block[start..].trim();
    let is_partial = start > 0 && !last.is_empty() && last.len() < fence.len() && fence.starts_with(last);
    if is_partial { &block[..start] } else { block }
}

/// A line that holds only the beginning of a marker would turn what stands above it into a heading
/// or a list for a moment.
fn without_partial_marker(block: &str) -> &str {
    let start = block.rfind('\n').map_or(0, |at| at + 1);
    let last = block[start..].trim();
    let is_marker = !last.is_empty()
        && (last.chars().all(|sign| matches!(sign, '-' | '=' | '*' | '+' | '#' | '>' | '`' | '~' | '_'))
            || last.trim_end_matches(['.', ')']).chars().all(|sign| sign.is_ascii_digit()));
    if is_marker { &block[..start] } else { block }
}

/// A table is one from its second line on; until then its first line looks like text.
fn is_partial_table(block: &str) -> bool {
    let text = block.trim_start();
    text.starts_with('|') && text.matches('\n').count() < 2
}

/// Closes emphasis and code that is open at the end, and takes away a link that is not whole.
fn closed(block: &str) -> Cow<'_, str> {
    let start = block.rfind("\n\n").map_or(0, |at| at + 2);
    let (before, paragraph) = block.split_at(start);
    let open = Open::of(paragraph);
    if open == Open::default() {
        return Cow::Borrowed(block);
    }
    let mut out = String::with_capacity(block.len() + 8);
    out.push_str(before);
    match open.bracket {
        Some(at) if !open.code => {
            let is_image = paragraph[..at].ends_with('!');
            out.push_str(&paragraph[..at - usize::from(is_image)]);
            let label = &paragraph[at + 1..];
            out.push_str(label.split_once("](").map_or(label.trim_end_matches(']'), |(label, _)| label));
        }
        _ => out.push_str(paragraph),
    }
    if open.code {
        // A code span cannot end with the sign that ends it.
        out.truncate(out.trim_end_matches('`').len().max(before.len()));
        if out[before.len()..].matches('`').count() % 2 == 1 {
            out.push('`');
        }
    }
    for mark in open.marks.iter().rev() {
        let kept = out.trim_end().len();
        if out[..kept].ends_with(mark) {
            out.truncate(kept - mark.len());
        } else {
            out.truncate(kept);
            out.push_str(mark);
        }
    }
    Cow::Owned(out)
}

/// What is open at the end of a paragraph.
#[derive(Debug, Default, PartialEq, Eq)]
struct Open {
    code: bool,
    bracket: Option<usize>,
    marks: Vec<&'static str>,
}

impl Open {
    fn of(paragraph: &str) -> Self {
        let mut open = Self::default();
        let mut rest = paragraph;
        while let Some(sign) = rest.chars().next() {
            let at = paragraph.len() - rest.len();
            let mut length = sign.len_utf8();
            match sign {
                '\\' => length += rest[1..].chars().next().map_or(0, char::len_utf8),
                '`' => open.code = !open.code,
                _ if open.code => {}
                '[' if open.bracket.is_none() => open.bracket = Some(at),
                ']' if rest.len() > 1 && !rest[1..].starts_with('(') => open.bracket = None,
                ')' if open.bracket.is_some_and(|from| paragraph[from..at].contains("](")) => open.bracket = None,
                '*' | '~' => length = open.mark(rest, at == 0 || paragraph[..at].ends_with(char::is_whitespace)),
                _ => {}
            }
            rest = &rest[length..];
        }
        open
    }

    /// Opens or closes emphasis; gives the length of its sign.
    fn mark(&mut self, rest: &str, after_space: bool) -> usize {
        let mark = ["**", "~~", "*"].into_iter().find(|mark| rest.starts_with(mark));
        let Some(mark) = mark else { return 1 };
        let followed = rest[mark.len()..].chars().next();
        if let Some(at) = self.marks.iter().rposition(|known| *known == mark).filter(|_| !after_space) {
            self.marks.truncate(at);
        } else if followed.is_none_or(|next| !next.is_whitespace()) {
            self.marks.push(mark);
        }
        mark.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_emphasis_and_code_are_closed() {
        assert_eq!(presentable("a **bold te"), "a **bold te**");
        assert_eq!(presentable("a **"), "a ");
        assert_eq!(presentable("an *it"), "an *it*");
        assert_eq!(presentable("use `let x"), "use `let x`");
        assert_eq!(presentable("use `"), "use ");
        assert_eq!(presentable("**a** and *b*"), "**a** and *b*");
        assert_eq!(presentable("2 * 3 and 4 * 5"), "2 * 3 and 4 * 5");
    }

    #[test]
    fn half_a_link_shows_its_text() {
        assert_eq!(presentable("see [the do"), "see the do");
        assert_eq!(presentable("see [the docs](https://exa"), "see the docs");
        assert_eq!(presentable("see [the docs](https://example.org)"), "see [the docs](https://example.org)");
        assert_eq!(presentable("- [ ] task"), "- [ ] task");
    }

    #[test]
    fn a_fence_that_closes_sign_by_sign_is_not_code() {
        assert_eq!(presentable("```rust\nlet a;\n``"), "```rust\nlet a;\n");
        assert_eq!(presentable("```rust\nlet a;\n```"), "```rust\nlet a;\n```");
    }

    #[test]
    fn markers_that_may_become_something_else_wait() {
        assert_eq!(presentable("Text\n-"), "Text\n");
        assert_eq!(presentable("Text\n12."), "Text\n");
        assert_eq!(presentable("| a | b |\n|--"), "");
        assert_eq!(presentable("| a | b |\n|---|---|\n"), "| a | b |\n|---|---|\n");
    }

    #[test]
    fn no_prefix_of_anything_panics() {
        let text = "é **b** `c` [d](e) ![f](g) ~~h~~ \\* ```\n| x |\n*\\";
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = presentable(&text[..end]);
        }
    }
}
