//! The signed-in person's menu and profile.

mod menu;
mod profile;

pub(crate) use menu::AccountMenu;
