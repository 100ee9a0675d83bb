//! Conversations: listing, changing, branching, deleting. Table owned: `conversations`.
//!
//! A conversation belongs to one person. Deleting hides it at once; the rows go after 30 days.

mod branch;
mod http;
mod purge;
pub(crate) mod store;

pub use http::router;
pub(crate) use purge::register as register_purge;

/// Characters of a placeholder title.
const PLACEHOLDER_CHARS: usize = 60;

/// The title of a conversation that has none yet: the first words of its first message.
pub(crate) fn placeholder(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= PLACEHOLDER_CHARS {
        return line;
    }
    let mut title = String::new();
    for word in words {
        if title.chars().count() + word.chars().count() + 2 > PLACEHOLDER_CHARS {
            break;
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
    }
    if title.is_empty() {
        title = line.chars().take(PLACEHOLDER_CHARS - 1).collect();
    }
    title + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_whole_words_of_bounded_length() {
        assert_eq!(placeholder("  Hello \n there "), "Hello there");
        let long = placeholder(&"word ".repeat(40));
        assert!(long.ends_with("word…") && long.chars().count() <= PLACEHOLDER_CHARS, "{long}");
        assert_eq!(placeholder(&"ß".repeat(100)).chars().count(), PLACEHOLDER_CHARS);
    }
}
