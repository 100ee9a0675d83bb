//! The dialog in which a person changes the own name.

use shared_protocol::auth::ProfileUpdate;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, Html, Properties, SubmitEvent, component, html, use_state, use_state_eq};

use crate::{
    api::{Failure, failure::Fault},
    app::context::{use_api, use_session, use_texts, use_toaster},
    components::{Button, Dialog, Kind, TextField},
};

#[derive(Properties, PartialEq)]
pub(super) struct ProfileProps {
    pub(super) on_close: Callback<()>,
}

/// Name and mail address of the signed-in person.
#[component]
pub(super) fn ProfileDialog(props: &ProfileProps) -> Html {
    let texts = use_texts();
    let api = use_api();
    let toaster = use_toaster();
    let session = use_session();
    let user = session.as_ref().map(|session| session.user.clone());
    let name = use_state_eq(|| user.as_ref().map(|user| user.display_name.clone()).unwrap_or_default());
    let busy = use_state_eq(|| false);
    let failure = use_state(|| None::<Failure>);
    let onsubmit = {
        let (name, busy, failure) = (name.clone(), busy.clone(), failure.setter());
        let (close, reload) = (props.on_close.clone(), session.map(|session| session.reload));
        let texts = texts.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || name.trim().is_empty() {
                return;
            }
            busy.set(true);
            let update = ProfileUpdate { display_name: Some(name.trim().to_owned()), ..ProfileUpdate::default() };
            let (api, busy, failure, close) = (api.clone(), busy.clone(), failure.clone(), close.clone());
            let (reload, toaster, texts) = (reload.clone(), toaster.clone(), texts.clone());
            spawn_local(async move {
                match api.update_profile(&update).await {
                    Ok(()) => {
                        if let Some(toaster) = toaster {
                            toaster.good(texts.t("profile-saved"));
                        }
                        if let Some(reload) = reload {
                            reload.emit(());
                        }
                        close.emit(());
                    }
                    Err(wrong) => failure.set(Some(wrong)),
                }
                busy.set(false);
            });
        }
    };
    let setter = name.setter();
    let wrong = failure.as_ref().map(|failure| {
        let fault = Fault::of(Some(failure), "displayName");
        fault.map_or_else(|| texts.t(failure.text_key()), |fault| fault.text(&texts))
    });
    let close = props.on_close.reform(|_| ());
    html! {
        <Dialog title={texts.t("profile")} on_close={&props.on_close} testid="profile-dialog">
            <form {onsubmit}>
                <TextField
                    name="profile-name" label={texts.t("field-name")} value={name.to_string()}
                    oninput={move |text| setter.set(text)} autocomplete="name" required=true
                    error={wrong} testid="profile-name"
                />
                <p class="faint">{ user.map(|user| user.email.clone()).unwrap_or_default() }</p>
                <footer class="dialog-actions">
                    <Button onclick={close}>{ texts.t("cancel") }</Button>
                    <Button kind={Kind::Primary} submit=true busy={*busy} testid="profile-save">{ texts.t("save") }</Button>
                </footer>
            </form>
        </Dialog>
    }
}
