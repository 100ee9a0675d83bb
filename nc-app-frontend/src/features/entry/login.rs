//! Sign-in by mail address and password.

use shared_protocol::ErrorCode;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::{
    Callback, Html, Properties, SubmitEvent, component, html, use_mut_ref, use_node_ref, use_state, use_state_eq,
};

use super::frame::Frame;
use crate::{
    api::{Api, Failure},
    app::context::use_texts,
    browser,
    components::{Button, Kind, PasswordField, TextField, WaitText, use_wait},
    i18n::Language,
};

#[derive(Properties, PartialEq)]
pub(crate) struct LoginProps {
    pub(crate) api: Api,
    /// Whether a session ended just now.
    pub(crate) ended: bool,
    /// Whether the installation signs in by password.
    pub(crate) passwords: bool,
    /// Called when somebody has signed in.
    pub(crate) on_done: Callback<()>,
    pub(crate) set_language: Callback<Language>,
}

/// The sign-in page.
#[component]
pub(crate) fn LoginPage(props: &LoginProps) -> Html {
    let texts = use_texts();
    let email = use_state_eq(String::new);
    let password = use_state_eq(String::new);
    let busy = use_state_eq(|| false);
    let failure = use_state(|| None::<Failure>);
    // Two refusals may ask for the same wait, which then begins anew.
    let tries = use_mut_ref(|| 0_i64);
    let asked = failure.as_ref().and_then(Failure::retry_after).map(|seconds| (seconds, *tries.borrow()));
    let wait = use_wait(asked);
    let password_node = use_node_ref();

    let onsubmit = {
        let (api, done) = (props.api.clone(), props.on_done.clone());
        let (email, password, busy) = (email.clone(), password.clone(), busy.clone());
        let (failure, node, tries) = (failure.setter(), password_node.clone(), tries.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || wait > 0 {
                return;
            }
            busy.set(true);
            let (api, done, busy, failure) = (api.clone(), done.clone(), busy.clone(), failure.clone());
            let (email, password, node) = (email.to_string(), password.to_string(), node.clone());
            *tries.borrow_mut() += 1;
            spawn_local(async move {
                match api.sign_in(email.trim(), &password).await {
                    Ok(()) => {
                        failure.set(None);
                        done.emit(());
                    }
                    Err(wrong) => {
                        let is_password = wrong.code() == Some(ErrorCode::InvalidCredentials);
                        failure.set(Some(wrong));
                        if let Some(input) = node.cast::<HtmlInputElement>().filter(|_| is_password) {
                            browser::focus(&input);
                            input.select();
                        }
                    }
                }
                busy.set(false);
            });
        }
    };
    let set = |state: &yew::UseStateHandle<String>| {
        let setter = state.setter();
        Callback::from(move |text| setter.set(text))
    };
    let notice = match failure.as_ref() {
        Some(failure) => {
            html! {
                <p class="notice notice-bad" role="alert" data-testid="login-error">
                    <span>
                        { texts.t(failure.text_key()) }{ " " }
                        if let Some((seconds, _)) = asked.filter(|_| wait > 0) { <WaitText {seconds} left={wait} /> }
                    </span>
                </p>
            }
        }
        None if props.ended => html! {
            <p class="notice" role="status" data-testid="session-ended">{ texts.t("session-ended") }</p>
        },
        None => Html::default(),
    };
    html! {
        <Frame title={texts.t("login-title")} set_language={&props.set_language}>
            { notice }
            if props.passwords {
                <form class="entry-form" {onsubmit} data-testid="login-form">
                    <TextField
                        name="email" kind="email" label={texts.t("field-email")} value={email.to_string()}
                        oninput={set(&email)} autocomplete="username" required=true autofocus=true testid="login-email"
                    />
                    <PasswordField
                        name="password" label={texts.t("field-password")} value={password.to_string()}
                        oninput={set(&password)} autocomplete="current-password" node={password_node}
                        testid="login-password"
                    />
                    <Button kind={Kind::Primary} submit=true busy={*busy} disabled={wait > 0} testid="login-submit">
                        { texts.t("login-submit") }
                    </Button>
                </form>
            } else {
                <p>{ texts.t("error-password-disabled") }</p>
            }
        </Frame>
    }
}
