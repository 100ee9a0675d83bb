//! Markdown as a tree of the nodes that an answer may show.
//!
//! Raw HTML becomes text, pictures become links (nothing is loaded from elsewhere), and only
//! links to http, https and mail addresses are links.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag as Source};

use super::bare::bare_links;

/// The extensions that are understood.
pub(super) const OPTIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_TASKLISTS).union(Options::ENABLE_STRIKETHROUGH);

/// How deep nodes may stand in each other; deeper ones are flattened into the last level.
const MAX_DEPTH: usize = 24;

/// A node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Text.
    Text(String),
    /// Code inside a line.
    Code(String),
    /// A line break that the author wanted.
    Break,
    /// A line across.
    Rule,
    /// The box of a task, ticked or not.
    Task(bool),
    /// A block of code and its language.
    CodeBlock {
        /// The language's name, or nothing.
        language: String,
        /// The code.
        text: String,
    },
    /// A link whose address is safe to follow.
    Link {
        /// The address.
        href: String,
        /// What it shows.
        children: Vec<Node>,
    },
    /// Anything with content.
    Element(Tag, Vec<Node>),
}

/// Nodes with content.
#[derive(Clone, Debug, PartialEq)]
pub enum Tag {
    /// Not an element of its own.
    Span,
    /// A paragraph.
    Paragraph,
    /// A heading, 1 to 6.
    Heading(u8),
    /// A quotation.
    Quote,
    /// A list, with its first number when it is numbered.
    List(Option<u64>),
    /// An item of a list.
    Item,
    /// Strong emphasis.
    Strong,
    /// Emphasis.
    Emphasis,
    /// Struck out.
    Struck,
    /// A table.
    Table,
    /// The first row of a table.
    HeadRow,
    /// Another row.
    Row,
    /// A cell.
    Cell(Align),
}

/// Where a cell's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the beginning.
    Start,
    /// In the middle.
    Center,
    /// At the end.
    End,
}

/// Reads markdown.
pub fn parse(text: &str) -> Vec<Node> {
    let mut reader = Reader { open: vec![(Frame::Tag(Tag::Span), Vec::new())], columns: Vec::new(), column: 0 };
    for event in Parser::new_ext(text, OPTIONS) {
        reader.take(event);
    }
    while reader.open.len() > 1 {
        reader.close();
    }
    with_links(reader.open.pop().map(|(_, nodes)| nodes).unwrap_or_default())
}

/// Makes links of bare addresses. Code and what is inside of links stays as it is.
fn with_links(nodes: Vec<Node>) -> Vec<Node> {
    let mut out = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Text(text) => out.extend(bare_links(text)),
            Node::Element(tag, children) => out.push(Node::Element(tag, with_links(children))),
            other => out.push(other),
        }
    }
    out
}

enum Frame {
    Tag(Tag),
    Link(Option<String>),
    Code(String),
}

struct Reader {
    open: Vec<(Frame, Vec<Node>)>,
    columns: Vec<Align>,
    column: usize,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => {
                let frame = self.frame(tag);
                self.open.push((frame, Vec::new()));
            }
            Event::End(_) => self.close(),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.text(&text),
            Event::Code(text) => self.push(Node::Code(text.into_string())),
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.push(Node::Break),
            Event::Rule => self.push(Node::Rule),
            Event::TaskListMarker(done) => self.push(Node::Task(done)),
        }
    }

    fn frame(&mut self, tag: Source<'_>) -> Frame {
        Frame::Tag(match tag {
            Source::Paragraph => Tag::Paragraph,
            Source::Heading { level, .. } => Tag::Heading(level as u8),
            Source::BlockQuote(_) => Tag::Quote,
            Source::CodeBlock(kind) => {
                return Frame::Code(match kind {
                    CodeBlockKind::Fenced(info) => language(&info),
                    CodeBlockKind::Indented => String::new(),
                });
            }
            Source::List(first) => Tag::List(first),
            Source::Item => Tag::Item,
            Source::Emphasis => Tag::Emphasis,
            Source::Strong => Tag::Strong,
            Source::Strikethrough => Tag::Struck,
            Source::Table(columns) => {
                self.columns = columns.into_iter().map(align).collect();
                Tag::Table
            }
            Source::TableHead => {
                self.column = 0;
                Tag::HeadRow
            }
            Source::TableRow => {
                self.column = 0;
                Tag::Row
            }
            Source::TableCell => {
                let align = self.columns.get(self.column).copied().unwrap_or(Align::Start);
                self.column += 1;
                Tag::Cell(align)
            }
            Source::Link { dest_url, .. } | Source::Image { dest_url, .. } => return Frame::Link(safe(&dest_url)),
            _ => Tag::Span,
        })
    }

    fn close(&mut self) {
        let Some((frame, children)) = self.open.pop() else { return };
        let too_deep = self.open.len() > MAX_DEPTH;
        match frame {
            Frame::Code(language) => {
                let text =
                    children.into_iter().map(|node| if let Node::Text(text) = node { text } else { String::new() });
                let text: String = text.collect();
                self.push(Node::CodeBlock { language, text: text.trim_end_matches('\n').to_owned() });
            }
            Frame::Link(Some(href)) if !too_deep => {
                let children = if children.is_empty() { vec![Node::Text(href.clone())] } else { children };
                self.push(Node::Link { href, children });
            }
            Frame::Tag(tag) if !too_deep && tag != Tag::Span => self.push(Node::Element(tag, children)),
            Frame::Link(_) | Frame::Tag(_) => children.into_iter().for_each(|node| self.push(node)),
        }
    }

    fn push(&mut self, node: Node) {
        if let Some((_, nodes)) = self.open.last_mut() {
            nodes.push(node);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, nodes)) = self.open.last_mut() {
            if let Some(Node::Text(last)) = nodes.last_mut() {
                last.push_str(text);
            } else {
                nodes.push(Node::Text(text.to_owned()));
            }
        }
    }
}

fn align(alignment: Alignment) -> Align {
    match alignment {
        Alignment::None | Alignment::Left => Align::Start,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::End,
    }
}

/// The first word after a fence, as far as it looks like a name.
fn language(info: &str) -> String {
    let word = info.split([' ', ',', '{']).next().unwrap_or_default();
    word.chars().filter(|sign| sign.is_ascii_alphanumeric() || "+-#._".contains(*sign)).take(24).collect()
}

/// The address if its scheme is allowed.
pub(super) fn safe(address: &str) -> Option<String> {
    // A browser passes over control characters and blanks before it reads the scheme.
    let address: String = address.chars().filter(|sign| !sign.is_control()).collect();
    let address = address.trim();
    let lower = address.to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    #[test]
    fn html_is_text() {
        let nodes = parse("<script>alert(1)</script>\n\na <b onclick=x>b</b>");
        let shown = format!("{nodes:?}");
        assert!(shown.contains("<script>alert(1)</script>"), "{shown}");
        assert!(shown.contains("a <b onclick=x>b</b>"), "{shown}");
    }

    #[test]
    fn only_safe_links_are_links() {
        for bad in ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:x", "data:text/html,x", "//e.org", "/x"]
        {
            assert_eq!(safe(bad), None, "{bad}");
        }
        assert_eq!(parse("[a](javascript:x)"), [Node::Element(Tag::Paragraph, vec![text("a")])]);
        let Node::Element(_, children) = &parse("[a](https://e.org)")[0] else { panic!("no paragraph") };
        assert_eq!(children[0], Node::Link { href: "https://e.org".to_owned(), children: vec![text("a")] });
    }

    #[test]
    fn pictures_are_links_and_load_nothing() {
        let Node::Element(_, children) = &parse("![seen](https://e.org/p.png)")[0] else { panic!("no paragraph") };
        assert_eq!(children[0], Node::Link { href: "https://e.org/p.png".to_owned(), children: vec![text("seen")] });
    }

    #[test]
    fn code_keeps_its_text_and_its_language() {
        let node = Node::CodeBlock { language: "rust".to_owned(), text: "let <a>;".to_owned() };
        assert_eq!(parse("```rust,ignore\nlet <a>;\n```"), [node]);
    }

    #[test]
    fn a_table_knows_its_columns() {
        let Node::Element(Tag::Table, rows) = &parse("|a|b|\n|--|-:|\n|1|2|")[0] else { panic!("no table") };
        assert_eq!(
            rows[1],
            Node::Element(
                Tag::Row,
                vec![
                    Node::Element(Tag::Cell(Align::Start), vec![text("1")]),
                    Node::Element(Tag::Cell(Align::End), vec![text("2")]),
                ]
            )
        );
    }

    #[test]
    fn a_thousand_quotes_are_flat() {
        let deep = parse(&">".repeat(1_000));
        assert!(format!("{deep:?}").matches("Quote").count() <= MAX_DEPTH + 1);
    }
}
