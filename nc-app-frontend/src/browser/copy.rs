//! Putting text on the clipboard, also where the page is not of a secure origin.

use gloo_utils::{document, window};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

/// Copies a text; false when the browser does not allow it.
pub(crate) async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    // Pages over plain http have no clipboard, which the bindings do not know.
    let has_clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|found| !found.is_undefined());
    (has_clipboard && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok())
        || copy_selected(text).unwrap_or(false)
}

/// The way of old: a field that nobody sees is selected and copied.
fn copy_selected(text: &str) -> Option<bool> {
    let before = super::focused();
    let field = document().create_element("textarea").ok()?.dyn_into::<HtmlTextAreaElement>().ok()?;
    field.set_value(text);
    field.set_class_name("hidden");
    // Outside an open dialog nothing can have the focus.
    let place = document().query_selector("dialog[open]").ok().flatten();
    let place = place.and_then(|dialog| dialog.dyn_into::<HtmlElement>().ok()).or_else(|| document().body())?;
    place.append_child(&field).ok()?;
    field.select();
    let done = document().dyn_into::<HtmlDocument>().ok()?.exec_command("copy").unwrap_or(false);
    field.remove();
    if let Some(before) = before {
        super::focus(&before);
    }
    Some(done)
}
