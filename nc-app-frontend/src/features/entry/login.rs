//! Sign-in by mail address and password.

use gloo_timers::callback::Interval;
use shared_protocol::ErrorCode;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::{
    Callback, Html, Properties, SubmitEvent, component, html, use_effect_with, use_node_ref, use_state, use_state_eq,
};

use super::frame::Frame;
use crate::{
    api::{Api, Failure},
    app::context::use_texts,
    browser,
    components::{Button, Kind, PasswordField, TextField},
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
    let wait = use_wait(failure.as_ref().and_then(Failure::retry_after));
    let password_node = use_node_ref();

    let onsubmit = {
        let (api, done) = (props.api.clone(), props.on_done.clone());
        let (email, password, busy) = (email.clone(), password.clone(), busy.clone());
        let (failure, node) = (failure.setter(), password_node.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || wait > 0 {
                return;
            }
            busy.set(true);
            let (api, done, busy, failure) = (api.clone(), done.clone(), busy.clone(), failure.clone());
            let (email, password, node) = (email.to_string(), password.to_string(), node.clone());
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
            let mut text = texts.t(failure.text_key());
            if wait > 0 {
                text = format!("{text} {}", texts.with("wait-seconds", "seconds", wait));
            }
            html! { <p class="notice notice-bad" role="alert" data-testid="login-error">{ text }</p> }
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

/// Seconds that are still to be waited, counted down.
#[yew::hook]
fn use_wait(seconds: Option<u64>) -> u64 {
    let left = use_state_eq(|| 0);
    let setter = left.setter();
    use_effect_with(seconds, move |seconds| {
        let mut rest = seconds.unwrap_or(0);
        setter.set(rest);
        let counting = (rest > 0).then(|| {
            Interval::new(1_000, move || {
                rest = rest.saturating_sub(1);
                setter.set(rest);
            })
        });
        move || drop(counting)
    });
    *left
}
