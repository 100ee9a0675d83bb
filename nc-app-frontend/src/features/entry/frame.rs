//! What all entry pages have around them.

use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::{app::context::use_texts, components::Mark, i18n::Language};

#[derive(Properties, PartialEq)]
pub(super) struct FrameProps {
    pub(super) title: AttrValue,
    #[prop_or_default]
    pub(super) lead: Option<AttrValue>,
    pub(super) children: Html,
    #[prop_or_default]
    pub(super) set_language: Option<Callback<Language>>,
}

/// The mark, a title, the page's content, and the choice of language.
#[component]
pub(super) fn Frame(props: &FrameProps) -> Html {
    let texts = use_texts();
    html! {
        <main class="entry" id="main">
            <div class="entry-card">
                <div class="entry-head">
                    <Mark />
                    <h1>{ &props.title }</h1>
                    if let Some(lead) = &props.lead { <p class="faint">{ lead }</p> }
                </div>
                { props.children.clone() }
            </div>
            if let Some(set) = &props.set_language {
                <nav class="entry-languages" aria-label={texts.t("language")}>
                    { for Language::ALL.into_iter().map(|language| {
                        let set = set.clone();
                        html! {
                            <button
                                type="button"
                                class="link"
                                lang={language.code()}
                                aria-pressed={if texts.language() == language { "true" } else { "false" }}
                                onclick={move |_| set.emit(language)}
                            >{ language.name() }</button>
                        }
                    }) }
                </nav>
            }
        </main>
    }
}
