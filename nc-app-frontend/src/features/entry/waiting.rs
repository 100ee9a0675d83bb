//! The page of an account that waits for approval.

use wasm_bindgen_futures::spawn_local;
use yew::{Callback, Html, Properties, component, html};

use super::frame::Frame;
use crate::{api::Api, app::context::use_texts, components::Button};

#[derive(Properties, PartialEq)]
pub(crate) struct WaitingProps {
    pub(crate) api: Api,
    /// Asks the server again.
    pub(crate) on_done: Callback<()>,
}

/// Says that an admin has to approve the account.
#[component]
pub(crate) fn WaitingPage(props: &WaitingProps) -> Html {
    let texts = use_texts();
    let again = props.on_done.reform(|_| ());
    let out = {
        let (api, done) = (props.api.clone(), props.on_done.clone());
        move |_| {
            let (api, done) = (api.clone(), done.clone());
            spawn_local(async move {
                // Whether it worked shows in what the server says next.
                drop(api.sign_out().await);
                done.emit(());
            });
        }
    };
    html! {
        <Frame title={texts.t("waiting-title")} lead={texts.t("error-account-pending")}>
            <div class="dialog-actions">
                <Button onclick={out}>{ texts.t("sign-out") }</Button>
                <Button onclick={again}>{ texts.t("try-again") }</Button>
            </div>
        </Frame>
    }
}
