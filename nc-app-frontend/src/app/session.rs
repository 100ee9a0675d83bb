//! Finds out who is here: set up, sign in, or go on.

use std::{cell::Cell, rc::Rc};

use shared_protocol::auth::CurrentUser;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseStateHandle, hook, use_callback, use_effect_with, use_memo, use_state};

use crate::{
    api::{Api, Failure},
    browser::storage,
    features::chat::forget_drafts,
    i18n::Language,
};

/// Where the visit stands.
pub(super) enum Stage {
    /// The server is being asked.
    Booting,
    /// The server could not be asked.
    Failed(Failure),
    /// The installation has no admin yet.
    Setup,
    /// Nobody is signed in.
    Out {
        /// Whether somebody was until just now.
        ended: bool,
        /// Whether sign-in by password is possible.
        passwords: bool,
        /// Whether the person signed out: then the address of what was open goes as well.
        left: bool,
    },
    /// Somebody is signed in.
    In(Rc<CurrentUser>),
}

/// The stage, and what leads to another one.
pub(super) struct Visit {
    pub(super) stage: UseStateHandle<Stage>,
    /// Finds the stage out anew.
    pub(super) boot: Callback<()>,
    /// The person has signed out.
    pub(super) left: Callback<()>,
    pub(super) api: Api,
}

/// Finds the stage out.
#[hook]
pub(super) fn use_stage(base: &str, set_language: &Callback<Language>) -> Visit {
    let stage = use_state(|| Stage::Booting);
    // As the server said when it was last asked.
    let passwords = use_memo((), |()| Cell::new(true));
    let api = {
        let (stage, passwords) = (stage.setter(), passwords.clone());
        use_memo(base.to_owned(), move |base| {
            let signed_out = Callback::from(move |()| {
                stage.set(Stage::Out { ended: true, passwords: passwords.get(), left: false });
            });
            Api::new(base.clone(), signed_out)
        })
    };
    let api = Api::clone(&api);
    let left = {
        let (stage, passwords) = (stage.setter(), passwords.clone());
        use_callback((), move |(), ()| {
            forget_drafts();
            stage.set(Stage::Out { ended: false, passwords: passwords.get(), left: true });
        })
    };
    let boot = {
        let (stage, api, set_language) = (stage.setter(), api.clone(), set_language.clone());
        Callback::from(move |()| {
            let (stage, api, set_language) = (stage.clone(), api.clone(), set_language.clone());
            let passwords = passwords.clone();
            spawn_local(async move {
                let next = find(&api, &passwords).await;
                if let Stage::In(user) = &next
                    && storage::LOCAL.read(super::LANGUAGE).is_none()
                    && let Some(language) = user.language.as_deref().and_then(Language::of_code)
                {
                    set_language.emit(language);
                }
                stage.set(next);
            });
        })
    };
    {
        let boot = boot.clone();
        use_effect_with((), move |()| boot.emit(()));
    }
    Visit { stage, boot, left, api }
}

async fn find(api: &Api, passwords: &Cell<bool>) -> Stage {
    let status = match api.setup_status().await {
        Ok(status) => status,
        Err(failure) => return Stage::Failed(failure),
    };
    passwords.set(status.allow_password_login);
    if !status.is_setup_complete {
        return Stage::Setup;
    }
    match api.who_am_i().await {
        Ok(Some(user)) => Stage::In(Rc::new(user)),
        Ok(None) => Stage::Out { ended: false, passwords: status.allow_password_login, left: false },
        Err(failure) => Stage::Failed(failure),
    }
}
