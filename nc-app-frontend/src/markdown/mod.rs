//! Markdown of answers: cut into blocks, so that finished ones need no second look while the text
//! grows; read into a tree of allowed nodes, so that nothing else can reach the page.

mod bare;
mod blocks;
mod growing;
mod highlight;
mod tree;

pub use blocks::{Blocks, defined, definitions};
pub use growing::presentable;
pub use highlight::{Kind, highlight};
pub use tree::{Align, Node, Tag, parse};
