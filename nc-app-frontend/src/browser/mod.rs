//! What the page and the browser can do, in calls that cannot fail.

mod clock;
mod copy;
pub(crate) mod frames;
pub(crate) mod storage;
pub(crate) mod wake;

use gloo_utils::{document, document_element, window};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent, MediaQueryList, Node};

use crate::{format, i18n::Language};

pub(crate) use clock::{day, moment, now, utc_offset};
pub(crate) use copy::copy;

/// Up to this width the list of conversations lies over the page.
pub(crate) const NARROW: &str = "(max-width: 767px)";
/// Fingers: targets are larger, and a focus in a field opens a keyboard over the page.
const COARSE: &str = "(pointer: coarse)";

/// The path before every address of ours, without a slash at its end. A page that is served below
/// another path says so in the attribute `data-base` of its root element; otherwise the page's own
/// address tells.
pub(crate) fn base_path() -> String {
    match document_element().get_attribute("data-base").filter(|base| !base.is_empty()) {
        Some(base) => base.trim_end_matches('/').to_owned(),
        None => format::base_of(&window().location().pathname().unwrap_or_default()).to_owned(),
    }
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

/// Puts the focus on the first element that matches once the page has been drawn anew.
pub(crate) fn focus_soon(selector: impl Into<String>) {
    let selector = selector.into();
    frames::at_next_frame(move || focus_on(&selector));
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

/// A media query, which can be asked and listened to.
pub(crate) fn media_query(query: &str) -> Option<MediaQueryList> {
    window().match_media(query).ok().flatten()
}

/// Whether a media query holds now.
fn media(query: &str) -> bool {
    media_query(query).is_some_and(|found| found.matches())
}

/// Whether the page is worked with by finger.
pub(crate) fn is_coarse() -> bool {
    media(COARSE)
}

/// Whether the list of conversations lies over the page.
pub(crate) fn is_narrow() -> bool {
    media(NARROW)
}

/// Whether the key belongs to the composing of letters, where Enter and Escape choose among them.
/// Safari ends the composing before it tells of the key, and then gives it the old code 229.
pub(crate) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}
