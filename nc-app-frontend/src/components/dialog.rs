//! Dialogs: the browser's own, which keeps the focus inside, closes on Escape and covers the page.

use web_sys::HtmlDialogElement;
use yew::{
    AttrValue, Callback, Event, Html, MouseEvent, Properties, TargetCast as _, component, html, use_effect_with,
    use_node_ref,
};

use super::{Button, Glyph, IconButton, Kind};
use crate::{app::context::use_texts, browser};

#[derive(Properties, PartialEq)]
pub(crate) struct DialogProps {
    pub(crate) title: AttrValue,
    pub(crate) on_close: Callback<()>,
    pub(crate) children: Html,
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
}

/// A dialog that is open as long as it is there.
#[component]
pub(crate) fn Dialog(props: &DialogProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        let before = browser::focused();
        let dialog = node.cast::<HtmlDialogElement>();
        if let Some(dialog) = &dialog {
            // Fails only for a dialog that is open already.
            let _ = dialog.show_modal();
        }
        move || {
            if let Some(before) = before {
                browser::focus(&before);
            }
        }
    });
    let on_cancel = props.on_close.reform(|event: Event| event.prevent_default());
    let on_close = props.on_close.clone();
    // A click on the dialog itself, not on its content, is one beside it.
    let onclick = move |event: MouseEvent| {
        let on_itself = event.target().is_some() && event.target() == event.current_target();
        if on_itself && event.target_dyn_into::<HtmlDialogElement>().is_some() {
            on_close.emit(());
        }
    };
    let close = props.on_close.reform(|_| ());
    html! {
        <dialog ref={node} class="dialog" aria-labelledby="dialog-title" oncancel={on_cancel} {onclick} data-testid={props.testid.clone()}>
            <div class="dialog-body">
                <header>
                    <h2 id="dialog-title">{ &props.title }</h2>
                    <IconButton glyph={Glyph::Close} label={texts.t("close")} onclick={close} />
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct ConfirmProps {
    pub(crate) title: AttrValue,
    pub(crate) text: AttrValue,
    /// What the confirming button says.
    pub(crate) action: AttrValue,
    #[prop_or_default]
    pub(crate) busy: bool,
    /// Why it did not work.
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    pub(crate) on_confirm: Callback<()>,
    pub(crate) on_close: Callback<()>,
}

/// Asks before something that cannot be undone.
#[component]
pub(crate) fn Confirm(props: &ConfirmProps) -> Html {
    let texts = use_texts();
    let confirm = props.on_confirm.reform(|_| ());
    let close = props.on_close.reform(|_| ());
    html! {
        <Dialog title={props.title.clone()} on_close={&props.on_close} testid="confirm">
            <p>{ &props.text }</p>
            if let Some(error) = &props.error {
                <p class="notice notice-bad" role="alert" data-testid="confirm-error">{ error }</p>
            }
            <footer class="dialog-actions">
                <Button onclick={close}>{ texts.t("cancel") }</Button>
                <Button kind={Kind::Danger} busy={props.busy} onclick={confirm} testid="confirm-action">
                    { &props.action }
                </Button>
            </footer>
        </Dialog>
    }
}
