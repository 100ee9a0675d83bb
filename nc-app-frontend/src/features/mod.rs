//! Pages, one folder per area.

pub(crate) mod account;
pub(crate) mod chat;
pub(crate) mod entry;
