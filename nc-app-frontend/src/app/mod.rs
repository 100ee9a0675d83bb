//! The root: language, session, and which page is shown.

pub(crate) mod context;
mod session;

use std::rc::Rc;

use shared_protocol::auth::{CurrentUser, ProfileUpdate};
use yew::{AttrValue, Callback, ContextProvider, Html, Properties, component, html, use_effect_with, use_state_eq};
use yew_router::{BrowserRouter, Switch, hooks::use_navigator, hooks::use_route};

use crate::{
    api::Api,
    browser::{self, storage},
    components::{Failed, Spinner, ToastProvider},
    features::{
        chat::ChatPage,
        entry::{LoginPage, SetupPage, WaitingPage},
    },
    i18n::{Language, Texts},
    route::Route,
};

use context::{Session, use_texts};
use session::{Stage, Visit, use_stage};

const LANGUAGE: &str = "alcove-language";

/// The whole application.
#[component]
pub(crate) fn App() -> Html {
    let language = use_state_eq(|| {
        storage::LOCAL
            .read(LANGUAGE)
            .and_then(|code| Language::of_code(&code))
            .unwrap_or_else(browser::preferred_language)
    });
    let texts = yew::use_memo(*language, |language| Texts::of(*language));
    use_effect_with(*language, |language| browser::set_page_language(*language));
    let set_language = {
        let language = language.setter();
        Callback::from(move |chosen: Language| {
            storage::LOCAL.write(LANGUAGE, chosen.code());
            language.set(chosen);
        })
    };
    let base = AttrValue::from(browser::base_path());
    html! {
        <ContextProvider<Rc<Texts>> context={texts}>
            <ToastProvider>
                <BrowserRouter basename={(!base.is_empty()).then(|| base.clone())}>
                    <Root base={base} {set_language} />
                </BrowserRouter>
            </ToastProvider>
        </ContextProvider<Rc<Texts>>>
    }
}

#[derive(Properties, PartialEq)]
struct RootProps {
    base: AttrValue,
    set_language: Callback<Language>,
}

/// Decides by the session what is shown.
#[component]
fn Root(props: &RootProps) -> Html {
    let texts = use_texts();
    let Visit { stage, boot, left, api } = use_stage(&props.base, &props.set_language);
    let title = texts.t("app-name");
    let navigator = use_navigator();
    use_effect_with(matches!(*stage, Stage::Out { left: true, .. }), move |left| {
        if let (true, Some(navigator)) = (*left, navigator) {
            navigator.replace(&Route::Login);
        }
    });
    if !matches!(*stage, Stage::In(_)) {
        browser::set_title(&title);
    }
    match &*stage {
        Stage::Booting => {
            html! { <main class="entry" id="main"><Spinner /><span class="hidden">{ texts.t("loading") }</span></main> }
        }
        Stage::Failed(failure) => html! {
            <main class="entry" id="main">
                <Failed failure={failure.clone()} title={texts.t("boot-failed")} retry={boot} />
            </main>
        },
        Stage::Setup => html! { <SetupPage {api} on_done={boot} set_language={&props.set_language} /> },
        Stage::Out { ended, passwords, .. } => html! {
            <LoginPage {api} ended={*ended} passwords={*passwords} on_done={boot} set_language={&props.set_language} />
        },
        Stage::In(user) if user.pending_approval => html! { <WaitingPage {api} on_done={boot} /> },
        Stage::In(user) => html! {
            <Inside {api} user={Rc::clone(user)} set_language={&props.set_language} reload={boot} {left} />
        },
    }
}

#[derive(Properties, PartialEq)]
struct InsideProps {
    api: Api,
    user: Rc<CurrentUser>,
    set_language: Callback<Language>,
    reload: Callback<()>,
    left: Callback<()>,
}

/// What signed-in people see.
#[component]
fn Inside(props: &InsideProps) -> Html {
    let route = use_route::<Route>();
    let navigator = use_navigator();
    use_effect_with(route.clone(), move |route| {
        if let (None | Some(Route::Elsewhere | Route::Login), Some(navigator)) = (route, navigator) {
            navigator.replace(&Route::New);
        }
    });
    let set_language = {
        let (api, set) = (props.api.clone(), props.set_language.clone());
        Callback::from(move |language: Language| {
            set.emit(language);
            let api = api.clone();
            let update = ProfileUpdate { language: Some(language.code().to_owned()), ..ProfileUpdate::default() };
            // The choice holds in this browser even when the server cannot be told.
            wasm_bindgen_futures::spawn_local(async move { drop(api.update_profile(&update).await) });
        })
    };
    let (user, reload, left) = (Rc::clone(&props.user), props.reload.clone(), props.left.clone());
    let session = Session { user, set_language, reload, left };
    html! {
        <ContextProvider<Api> context={props.api.clone()}>
            <ContextProvider<Session> context={session}>
                <Switch<Route> render={|route| match route {
                    Route::Conversation { id } => html! { <ChatPage id={Some(id)} /> },
                    Route::New | Route::Login | Route::Elsewhere => html! { <ChatPage id={None} /> },
                }} />
            </ContextProvider<Session>>
        </ContextProvider<Api>>
    }
}
