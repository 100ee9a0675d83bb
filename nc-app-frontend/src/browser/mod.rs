//! What the page and the browser can do, in calls that cannot fail.

pub(crate) mod frames;
pub(crate) mod storage;

use gloo_utils::{document, document_element, window};
use shared_protocol::Timestamp;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, Node};

use crate::i18n::Language;

/// The path before every address of ours, without a slash at its end. A page that is served below
/// another path says so in the attribute `data-base` of its root element.
pub(crate) fn base_path() -> String {
    let base = document_element().get_attribute("data-base").unwrap_or_default();
    base.trim_end_matches('/').to_owned()
}

/// The time by the reader's clock.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "microseconds of a date fit by far")]
    Timestamp::from_micros((js_sys::Date::now() * 1_000.0) as i64)
}

/// Minutes by which the reader's clock is ahead of UTC.
pub(crate) fn utc_offset() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "an offset is less than a day")]
    let behind = js_sys::Date::new_0().get_timezone_offset() as i64;
    -behind
}

/// The language that the browser's user prefers among ours.
pub(crate) fn preferred_language() -> Language {
    let languages = window().navigator().languages();
    languages
        .iter()
        .filter_map(|language| language.as_string())
        .find_map(|code| Language::of_code(&code))
        .unwrap_or_default()
}

/// Says in which language the page is.
pub(crate) fn set_page_language(language: Language) {
    // Setting an attribute of the root element cannot fail.
    let _ = document_element().set_attribute("lang", language.code());
}

/// Sets the window's title.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// How light or dark the page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

const THEME: &str = "alcove-theme";

impl Theme {
    /// What was chosen in this browser.
    pub(crate) fn chosen() -> Self {
        match storage::LOCAL.read(THEME).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// Applies and remembers a choice. `theme.js` applies it before the next page's first paint.
    pub(crate) fn choose(self) {
        let root = document_element();
        let name = match self {
            Self::System => {
                storage::LOCAL.remove(THEME);
                // Removing an attribute cannot fail.
                let _ = root.remove_attribute("data-theme");
                return;
            }
            Self::Light => "light",
            Self::Dark => "dark",
        };
        storage::LOCAL.write(THEME, name);
        let _ = root.set_attribute("data-theme", name);
    }
}

/// Copies a text; false when the browser does not allow it.
pub(crate) async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    // Pages that are not of a secure origin have no clipboard, which the bindings do not know.
    let has_clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|found| !found.is_undefined());
    has_clipboard && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Puts the focus on an element.
pub(crate) fn focus(element: &HtmlElement) {
    // An element that cannot be focused is left alone by the browser.
    let _ = element.focus();
}

/// Puts the focus on the first element that matches.
pub(crate) fn focus_on(selector: &str) {
    if let Some(element) = document().query_selector(selector).ok().flatten() {
        focus(element.unchecked_ref());
    }
}

/// The element that has the focus.
pub(crate) fn focused() -> Option<HtmlElement> {
    document().active_element().and_then(|element| element.dyn_into().ok())
}

/// Whether the event's target is inside an element.
pub(crate) fn is_inside(element: &Node, event: &web_sys::Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
    element.contains(target.as_ref())
}

/// Whether a media query holds now.
pub(crate) fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|found| found.matches())
}
