//! The front end of Alcove: a Yew application that talks to the core server on the same origin.
//!
//! What can be decided without a browser (state changes, markdown, dates, texts) is plain Rust and
//! tested on the host: `state`, `markdown`, `format`, `i18n`, `api::failure`. What touches the page
//! is in `browser` and in the components.

pub mod api;
mod app;
mod browser;
mod components;
mod features;
pub mod format;
pub mod i18n;
pub mod markdown;
mod route;
pub mod state;

/// Starts the application in the page's `main` mount point.
pub fn run() {
    let mount = gloo_utils::document().get_element_by_id("app");
    if let Some(mount) = mount {
        yew::Renderer::<app::App>::with_root(mount).render();
    }
}
