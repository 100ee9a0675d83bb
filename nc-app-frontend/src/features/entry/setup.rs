//! The form that makes the first admin.

use shared_protocol::auth::SetupRequest;
use wasm_bindgen_futures::spawn_local;
use yew::{AttrValue, Callback, Html, Properties, SubmitEvent, component, html, use_state, use_state_eq};

use super::{
    frame::Frame,
    password::{PasswordRules, is_strong_enough},
};
use crate::{
    api::{Api, Failure, failure::Fault},
    app::context::use_texts,
    components::{Button, Kind, PasswordField, TextField},
    i18n::Language,
};

#[derive(Properties, PartialEq)]
pub(crate) struct SetupProps {
    pub(crate) api: Api,
    /// Called when the admin exists and is signed in.
    pub(crate) on_done: Callback<()>,
    pub(crate) set_language: Callback<Language>,
}

/// The first page of a new installation.
#[component]
pub(crate) fn SetupPage(props: &SetupProps) -> Html {
    let texts = use_texts();
    let name = use_state_eq(String::new);
    let email = use_state_eq(String::new);
    let org = use_state_eq(String::new);
    let password = use_state_eq(String::new);
    let busy = use_state_eq(|| false);
    let failure = use_state(|| None::<Failure>);

    let onsubmit = {
        let (api, done) = (props.api.clone(), props.on_done.clone());
        let (name, email, org, password) = (name.clone(), email.clone(), org.clone(), password.clone());
        let (busy, failure) = (busy.clone(), failure.setter());
        move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || !is_strong_enough(&password) {
                return;
            }
            busy.set(true);
            failure.set(None);
            let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            let request = SetupRequest {
                password: password.to_string(),
                email: filled(&email),
                display_name: filled(&name),
                org_name: filled(&org),
            };
            let (api, done, busy, failure) = (api.clone(), done.clone(), busy.clone(), failure.clone());
            spawn_local(async move {
                let email = request.email.clone().unwrap_or_else(|| "admin@localhost".to_owned());
                let result = match api.set_up(&request).await {
                    Ok(()) => api.sign_in(&email, &request.password).await,
                    Err(failure) => Err(failure),
                };
                match result {
                    Ok(()) => done.emit(()),
                    Err(wrong) => failure.set(Some(wrong)),
                }
                busy.set(false);
            });
        }
    };
    let faults = failure.as_ref().map(Failure::fields).unwrap_or_default();
    let fault = |field: &str| Fault::of(failure.as_ref(), field).map(|fault| AttrValue::from(fault.text(&texts)));
    html! {
        <Frame title={texts.t("setup-title")} lead={texts.t("setup-lead")} set_language={&props.set_language}>
            <form class="entry-form" {onsubmit} data-testid="setup-form">
                <TextField
                    name="displayName" label={texts.t("field-name")} value={name.to_string()}
                    oninput={set(&name)} autocomplete="name" required=true autofocus=true
                    error={fault("displayName")} testid="setup-name"
                />
                <TextField
                    name="email" kind="email" label={texts.t("field-email")} value={email.to_string()}
                    oninput={set(&email)} autocomplete="username" required=true
                    error={fault("email")} testid="setup-email"
                />
                <TextField
                    name="orgName" label={texts.t("field-organisation")} value={org.to_string()}
                    oninput={set(&org)} autocomplete="organization"
                    error={fault("orgName")} testid="setup-organisation"
                />
                <PasswordField
                    name="password" label={texts.t("field-password")} value={password.to_string()}
                    oninput={set(&password)} autocomplete="new-password" described_by="password-rules"
                    error={fault("password")} testid="setup-password"
                />
                <PasswordRules id="password-rules" password={password.to_string()} />
                if let Some(failure) = failure.as_ref().filter(|_| faults.is_empty()) {
                    <p class="notice notice-bad" role="alert" data-testid="setup-error">{ texts.t(failure.text_key()) }</p>
                }
                <Button
                    kind={Kind::Primary} submit=true busy={*busy}
                    disabled={!is_strong_enough(&password)} testid="setup-submit"
                >{ texts.t("setup-submit") }</Button>
            </form>
        </Frame>
    }
}

fn set(state: &yew::UseStateHandle<String>) -> Callback<String> {
    let setter = state.setter();
    Callback::from(move |text| setter.set(text))
}
