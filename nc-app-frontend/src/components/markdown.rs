//! Markdown on the page, block by block: what did not change is not drawn again.

use yew::{AttrValue, Html, Properties, classes, component, html, use_mut_ref, use_state_eq};

use super::{Glyph, Icon};
use crate::{
    app::context::{use_texts, use_toaster},
    browser,
    markdown::{Align, Blocks, Kind, Node, Tag, defined, definitions, highlight, parse, presentable},
};

/// The longest code that gets colours, in bytes: each piece is a node of the page.
const COLOURED: usize = 20_000;

#[derive(Properties, PartialEq)]
pub(crate) struct MarkdownProps {
    pub(crate) text: AttrValue,
    /// Whether more text comes at the end. The same component shows the text before and after its
    /// completion, so that a selection in it stays.
    #[prop_or_default]
    pub(crate) growing: bool,
}

/// A text in markdown.
#[component]
pub(crate) fn Markdown(props: &MarkdownProps) -> Html {
    let blocks = use_mut_ref(Blocks::default);
    let mut blocks = blocks.borrow_mut();
    let (settled, tail, known) = blocks.of(&props.text);
    // Addresses may stand behind the links that use them, at the very end of a finished text.
    let known = if props.growing { known.to_owned() } else { definitions(&props.text) };
    let tail = if props.growing { presentable(tail) } else { tail.into() };
    html! {
        <div class={classes!("markdown", props.growing.then_some("markdown-growing"))} dir="auto">
            { for settled.iter().map(String::as_str).chain([&*tail]).enumerate().map(|(at, block)| html! {
                <Block key={at} text={defined(block, &known)} />
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct BlockProps {
    text: AttrValue,
}

/// One top-level block.
#[component]
fn Block(props: &BlockProps) -> Html {
    html! { { for parse(&props.text).iter().map(view) } }
}

fn view(node: &Node) -> Html {
    match node {
        Node::Text(text) => html! { { text } },
        Node::Code(text) => html! { <code>{ text }</code> },
        Node::Break => html! { <br /> },
        Node::Rule => html! { <hr /> },
        Node::Task(done) => html! { <input type="checkbox" checked={*done} disabled=true /> },
        Node::CodeBlock { language, text } => html! { <CodeBlock language={language.clone()} text={text.clone()} /> },
        Node::Link { href, children } => html! {
            <a href={href.clone()} target="_blank" rel="noopener noreferrer nofollow">{ for children.iter().map(view) }</a>
        },
        Node::Element(tag, children) => element(tag, children),
    }
}

fn element(tag: &Tag, nodes: &[Node]) -> Html {
    let inside = || html! { { for nodes.iter().map(view) } };
    match tag {
        Tag::Paragraph => html! { <p dir="auto">{ inside() }</p> },
        // Each message has a heading of its own above these. Answers skip levels as they like, and a
        // list of headings with gaps misleads screen readers: so the level is left to the eye.
        Tag::Heading(level) => {
            html! { <h3 class={format!("heading-{}", (*level).min(3))} dir="auto">{ inside() }</h3> }
        }
        Tag::Quote => html! { <blockquote dir="auto">{ inside() }</blockquote> },
        Tag::List(None) => html! { <ul dir="auto">{ inside() }</ul> },
        Tag::List(Some(first)) => html! { <ol start={first.to_string()} dir="auto">{ inside() }</ol> },
        Tag::Item => {
            let is_task = matches!(nodes.first(), Some(Node::Task(_)));
            html! { <li class={classes!(is_task.then_some("task"))} dir="auto">{ inside() }</li> }
        }
        Tag::Strong => html! { <strong>{ inside() }</strong> },
        Tag::Emphasis => html! { <em>{ inside() }</em> },
        Tag::Struck => html! { <s>{ inside() }</s> },
        Tag::Table => {
            let (head, rows) = nodes.split_at(nodes.len().min(1));
            html! {
                <div class="table-box" tabindex="0" role="group">
                    <table>
                        <thead>{ for head.iter().map(|row| view_row(row, true)) }</thead>
                        <tbody>{ for rows.iter().map(|row| view_row(row, false)) }</tbody>
                    </table>
                </div>
            }
        }
        // Rows and cells are drawn with their table.
        Tag::Span | Tag::HeadRow | Tag::Row | Tag::Cell(_) => inside(),
    }
}

fn view_row(row: &Node, is_head: bool) -> Html {
    let Node::Element(_, cells) = row else { return Html::default() };
    html! {
        <tr>
            { for cells.iter().map(|cell| {
                let Node::Element(Tag::Cell(align), inside) = cell else { return Html::default() };
                let class = match align {
                    Align::Start => None,
                    Align::Center => Some("center"),
                    Align::End => Some("end"),
                };
                let inside = inside.iter().map(view);
                if is_head {
                    html! { <th scope="col" {class}>{ for inside }</th> }
                } else {
                    html! { <td {class}>{ for inside }</td> }
                }
            }) }
        </tr>
    }
}

#[derive(Properties, PartialEq)]
struct CodeProps {
    language: AttrValue,
    text: AttrValue,
}

/// A block of code with its language and a button that copies it.
#[component]
fn CodeBlock(props: &CodeProps) -> Html {
    let texts = use_texts();
    let toaster = use_toaster();
    let copied = use_state_eq(|| false);
    let onclick = {
        let (copied, text, texts) = (copied.setter(), props.text.clone(), texts.clone());
        move |_| {
            let (copied, text) = (copied.clone(), text.clone());
            let (toaster, texts) = (toaster.clone(), texts.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if browser::copy(&text).await {
                    copied.set(true);
                    gloo_timers::future::TimeoutFuture::new(2_000).await;
                    copied.set(false);
                } else if let Some(toaster) = toaster {
                    toaster.bad(texts.t("copy-failed"));
                }
            });
        }
    };
    let language = if props.language.is_empty() { texts.t("code") } else { props.language.to_string() };
    html! {
        <div class="code-block" dir="ltr">
            <div class="code-head">
                <span>{ language }</span>
                <button type="button" class="code-copy" {onclick} data-testid="copy-code">
                    <Icon glyph={if *copied { Glyph::Check } else { Glyph::Copy }} />
                    { texts.t(if *copied { "copied" } else { "copy-code" }) }
                </button>
            </div>
            <pre tabindex="0"><code>{ view_code(&props.language, &props.text) }</code></pre>
        </div>
    }
}

fn view_code(language: &str, code: &str) -> Html {
    if code.len() > COLOURED {
        return html! { { code } };
    }
    html! {
        { for highlight(language, code).into_iter().map(|(kind, text)| {
            let class = match kind {
                Kind::Plain => return html! { { text } },
                Kind::Comment => "code-comment",
                Kind::Text => "code-text",
                Kind::Number => "code-number",
                Kind::Keyword => "code-keyword",
            };
            html! { <span {class}>{ text }</span> }
        }) }
    }
}
