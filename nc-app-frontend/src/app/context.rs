//! What every part of the application may ask for.

use std::rc::Rc;

use shared_protocol::auth::CurrentUser;
use yew::{Callback, hook, use_callback, use_context, use_mut_ref};

use crate::{
    api::Api,
    components::Toaster,
    i18n::{Language, Texts},
};

/// The signed-in person, and what can be done about the session.
#[derive(Clone, PartialEq)]
pub(crate) struct Session {
    /// Who is signed in.
    pub(crate) user: Rc<CurrentUser>,
    /// Changes the language here and on the server.
    pub(crate) set_language: Callback<Language>,
    /// Asks the server again who is signed in.
    pub(crate) reload: Callback<()>,
    /// Shows the sign-in page after the person has signed out.
    pub(crate) left: Callback<()>,
}

/// The texts in the chosen language.
#[hook]
pub(crate) fn use_texts() -> Rc<Texts> {
    use_context().unwrap_or_else(|| Rc::new(Texts::of(Language::default())))
}

/// The API of the core.
#[hook]
pub(crate) fn use_api() -> Api {
    use_context().unwrap_or_else(|| Api::new(String::new(), Callback::noop()))
}

/// The signed-in person; `None` outside of the signed-in part.
#[hook]
pub(crate) fn use_session() -> Option<Session> {
    use_context()
}

/// Where notices are shown; `None` before the page has one.
#[hook]
pub(crate) fn use_toaster() -> Option<Toaster> {
    use_context()
}

/// Says in a notice what went wrong, by the key of the text. The callback stays the same for as long
/// as the component is there.
#[hook]
pub(crate) fn use_complain() -> Callback<&'static str> {
    let (texts, toaster) = (use_texts(), use_toaster());
    let latest = use_mut_ref(|| (texts.clone(), toaster.clone()));
    *latest.borrow_mut() = (texts, toaster);
    use_callback((), move |key: &'static str, ()| {
        let (texts, toaster) = latest.borrow().clone();
        if let Some(toaster) = toaster {
            toaster.bad(texts.t(key));
        }
    })
}
