//! Parts of pages that know nothing of any feature.

mod avatar;
mod button;
mod dialog;
mod field;
mod icon;
mod markdown;
mod menu;
mod states;
mod toast;
mod wait;

pub(crate) use avatar::Avatar;
pub(crate) use button::{Button, IconButton, Kind};
pub(crate) use dialog::{Confirm, Dialog};
pub(crate) use field::{PasswordField, TextField};
pub(crate) use icon::{Glyph, Icon, Mark};
pub(crate) use markdown::Markdown;
pub(crate) use menu::{Menu, MenuItem};
pub(crate) use states::{Failed, Spinner};
pub(crate) use toast::{ToastProvider, Toaster};
pub(crate) use wait::{WaitText, use_wait};
