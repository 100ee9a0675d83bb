//! The menu under the person's name.

use wasm_bindgen_futures::spawn_local;
use yew::{Html, component, html, use_state_eq};

use super::profile::ProfileDialog;
use crate::{
    app::context::{use_api, use_session, use_texts, use_toaster},
    browser::Theme,
    components::{Avatar, Glyph, Menu, MenuItem},
    i18n::Language,
};

/// Name, look, language, profile, sign-out.
#[component]
pub(crate) fn AccountMenu() -> Html {
    let texts = use_texts();
    let api = use_api();
    let toaster = use_toaster();
    let theme = use_state_eq(Theme::chosen);
    let profile = use_state_eq(|| false);
    let Some(session) = use_session() else { return Html::default() };
    let user = &session.user;

    let themes = [
        (Theme::System, "theme-system", "theme-system"),
        (Theme::Light, "theme-light", "theme-light"),
        (Theme::Dark, "theme-dark", "theme-dark"),
    ];
    let themes = themes.into_iter().map(|(choice, key, testid)| {
        let setter = theme.setter();
        let select = move || {
            choice.choose();
            setter.set(choice);
        };
        MenuItem { checked: Some(*theme == choice), ..MenuItem::new(Glyph::Theme, texts.t(key), testid, select) }
    });
    let languages = Language::ALL.into_iter().map(|language| {
        let set = session.set_language.clone();
        MenuItem {
            checked: Some(texts.language() == language),
            ..MenuItem::new(Glyph::Globe, language.name().to_owned(), "language", move || set.emit(language))
        }
    });
    let open_profile = {
        let profile = profile.setter();
        move || profile.set(true)
    };
    let sign_out = {
        let (api, left, texts) = (api, session.left.clone(), texts.clone());
        move || {
            let (api, left, toaster, texts) = (api.clone(), left.clone(), toaster.clone(), texts.clone());
            spawn_local(async move {
                match api.sign_out().await {
                    Ok(()) => left.emit(()),
                    Err(failure) => {
                        if let Some(toaster) = toaster {
                            toaster.bad(texts.t(failure.text_key()));
                        }
                    }
                }
            });
        }
    };
    let groups = vec![
        vec![MenuItem::new(Glyph::User, texts.t("profile"), "profile", open_profile)],
        themes.collect(),
        languages.collect(),
        vec![MenuItem::new(Glyph::SignOut, texts.t("sign-out"), "sign-out", sign_out)],
    ];
    let emoji = user.avatar.clone().filter(|_| user.avatar_type == Some(shared_protocol::auth::AvatarType::Emoji));
    let close = profile.setter();
    html! {
        <>
            <Menu label={texts.t("account-menu")} {groups} class="account" has_text=true testid="account-menu">
                <Avatar name={user.display_name.clone()} {emoji} />
                <span class="account-names">
                    <span class="account-name" dir="auto">{ &user.display_name }</span>
                    <span class="account-org" dir="auto">{ &user.organization_name }</span>
                </span>
            </Menu>
            if *profile { <ProfileDialog on_close={move |()| close.set(false)} /> }
        </>
    }
}
