//! What the server answers beside the API: the UI's files and the API document.

pub mod assets;
pub mod docs;
pub mod listen;
