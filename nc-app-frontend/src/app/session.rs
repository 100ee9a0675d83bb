//! Finds out who is here: set up, sign in, or go on.

use std::rc::Rc;

use shared_protocol::auth::CurrentUser;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseStateHandle, hook, use_effect_with, use_memo, use_state};

use crate::{
    api::{Api, Failure},
    browser::storage,
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
    },
    /// Somebody is signed in.
    In(Rc<CurrentUser>),
}

/// The stage, a call that finds it out anew, and the API.
#[hook]
pub(super) fn use_stage(base: &str, set_language: &Callback<Language>) -> (UseStateHandle<Stage>, Callback<()>, Api) {
    let stage = use_state(|| Stage::Booting);
    let api = {
        let stage = stage.setter();
        use_memo(base.to_owned(), move |base| {
            let signed_out = Callback::from(move |()| stage.set(Stage::Out { ended: true, passwords: true }));
            Api::new(base.clone(), signed_out)
        })
    };
    let api = Api::clone(&api);
    let boot = {
        let (stage, api, set_language) = (stage.setter(), api.clone(), set_language.clone());
        Callback::from(move |()| {
            let (stage, api, set_language) = (stage.clone(), api.clone(), set_language.clone());
            spawn_local(async move {
                let next = find(&api).await;
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
    (stage, boot, api)
}

async fn find(api: &Api) -> Stage {
    let status = match api.setup_status().await {
        Ok(status) => status,
        Err(failure) => return Stage::Failed(failure),
    };
    if !status.is_setup_complete {
        return Stage::Setup;
    }
    match api.who_am_i().await {
        Ok(Some(user)) => Stage::In(Rc::new(user)),
        Ok(None) => Stage::Out { ended: false, passwords: status.allow_password_login },
        Err(failure) => Stage::Failed(failure),
    }
}
