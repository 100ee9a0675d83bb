//! Markdown of answers: cut into blocks, so that finished ones need no second look while the text
//! grows; read into a tree of allowed nodes, so that nothing else can reach the page.

mod blocks;
mod growing;
mod tree;

pub use blocks::Blocks;
pub use growing::presentable;
pub use tree::{Align, Node, Tag, parse};
