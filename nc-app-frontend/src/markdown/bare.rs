//! Addresses that stand in a text without any markup.

use super::tree::{Node, safe};

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// A text with its bare addresses as links.
pub(super) fn bare_links(text: String) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(start) = next_scheme(&text, at) {
        let end = start + address(&text[start..]);
        at = end;
        let is_word = text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        let Some(href) = safe(&text[start..end]).filter(|href| !is_word && names_a_host(href)) else { continue };
        if from < start {
            nodes.push(Node::Text(text[from..start].to_owned()));
        }
        nodes.push(Node::Link { children: vec![Node::Text(text[start..end].to_owned())], href });
        from = end;
    }
    if nodes.is_empty() {
        return vec![Node::Text(text)];
    }
    if from < text.len() {
        nodes.push(Node::Text(text[from..].to_owned()));
    }
    nodes
}

fn next_scheme(text: &str, from: usize) -> Option<usize> {
    SCHEMES.iter().filter_map(|scheme| text[from..].find(scheme)).min().map(|at| from + at)
}

/// How long the address at the beginning of the text is.
fn address(text: &str) -> usize {
    let is_end = |sign: char| sign.is_whitespace() || sign.is_control() || "<>\"`|\\^{}".contains(sign);
    let mut found = &text[..text.find(is_end).unwrap_or(text.len())];
    // A sentence goes on after the address; a bracket belongs to it only when it was opened in it.
    loop {
        let Some(last) = found.chars().next_back() else { return 0 };
        let opening = match last {
            ')' => Some('('),
            ']' => Some('['),
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '’' | '”' | '“' | '»' => None,
            _ => return found.len(),
        };
        let count = |sign: char| found.matches(sign).count();
        if opening.is_some_and(|opening| count(opening) >= count(last)) {
            return found.len();
        }
        found = &found[..found.len() - last.len_utf8()];
    }
}

fn names_a_host(href: &str) -> bool {
    let host = SCHEMES.iter().find_map(|scheme| href.strip_prefix(scheme)).unwrap_or_default();
    host.starts_with(|sign: char| sign.is_alphanumeric() || sign == '[')
}

#[cfg(test)]
mod tests {
    use super::super::{Tag, parse};
    use super::*;

    fn links(text: &str) -> Vec<String> {
        fn gather(nodes: &[Node], found: &mut Vec<String>) {
            for node in nodes {
                match node {
                    Node::Link { href, .. } => found.push(href.clone()),
                    Node::Element(_, children) => gather(children, found),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        gather(&parse(text), &mut found);
        found
    }

    #[test]
    fn bare_addresses_become_links_without_the_sentence_around_them() {
        assert_eq!(
            links("See https://e.org/a_b_c?x=1&y=2, or (http://e.org/x)."),
            ["https://e.org/a_b_c?x=1&y=2", "http://e.org/x"]
        );
        assert_eq!(links("https://e.org/wiki/A_(b)."), ["https://e.org/wiki/A_(b)"]);
        assert_eq!(links("**https://e.org**"), ["https://e.org"]);
    }

    #[test]
    fn code_links_and_halves_stay_as_they_are() {
        assert!(links("`https://e.org` and xhttps://e.org and https:// alone").is_empty());
        assert!(links("```\nhttps://e.org\n```").is_empty());
        assert_eq!(links("[https://a.org](https://b.org)"), ["https://b.org"]);
        assert!(links("javascript://e.org").is_empty());
    }

    #[test]
    fn the_text_around_stays() {
        let text = |text: &str| Node::Text(text.to_owned());
        let link = Node::Link { href: "https://e.org".to_owned(), children: vec![text("https://e.org")] };
        assert_eq!(parse("é https://e.org ü"), [Node::Element(Tag::Paragraph, vec![text("é "), link, text(" ü")])]);
    }
}
