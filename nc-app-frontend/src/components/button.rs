//! Buttons with text, and buttons with a sign.

use yew::{AttrValue, Callback, Html, MouseEvent, NodeRef, Properties, classes, component, html};

use super::{Glyph, Icon, Spinner};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    Primary,
    #[default]
    Secondary,
    Danger,
}

#[derive(Properties, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute of its own in the markup")]
pub(crate) struct ButtonProps {
    pub(crate) children: Html,
    #[prop_or_default]
    pub(crate) kind: Kind,
    #[prop_or_default]
    pub(crate) onclick: Callback<MouseEvent>,
    #[prop_or_default]
    pub(crate) disabled: bool,
    /// Looks and sounds disabled and keeps the focus; the caller passes over the click.
    #[prop_or_default]
    pub(crate) inactive: bool,
    /// Shows that the click is being worked on; further clicks do nothing.
    #[prop_or_default]
    pub(crate) busy: bool,
    #[prop_or_default]
    pub(crate) submit: bool,
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
}

/// A button with text.
#[component]
pub(crate) fn Button(props: &ButtonProps) -> Html {
    let kind = match props.kind {
        Kind::Primary => "button-primary",
        Kind::Secondary => "button-secondary",
        Kind::Danger => "button-danger",
    };
    html! {
        <button
            type={if props.submit { "submit" } else { "button" }}
            class={classes!("button", kind)}
            disabled={props.disabled || props.busy}
            aria-busy={props.busy.then_some("true")}
            aria-disabled={props.inactive.then_some("true")}
            onclick={&props.onclick}
            data-testid={props.testid.clone()}
        >
            if props.busy { <Spinner /> }
            { props.children.clone() }
        </button>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct IconButtonProps {
    pub(crate) glyph: Glyph,
    /// What the button does, for people who do not see the sign.
    pub(crate) label: AttrValue,
    #[prop_or_default]
    pub(crate) onclick: Callback<MouseEvent>,
    #[prop_or_default]
    pub(crate) disabled: bool,
    /// Looks and sounds disabled and keeps the focus; the caller passes over the click.
    #[prop_or_default]
    pub(crate) inactive: bool,
    /// For buttons that stay pressed.
    #[prop_or_default]
    pub(crate) pressed: Option<bool>,
    #[prop_or_default]
    pub(crate) class: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) submit: bool,
    #[prop_or_default]
    pub(crate) node: NodeRef,
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
}

/// A button with a sign.
#[component]
pub(crate) fn IconButton(props: &IconButtonProps) -> Html {
    html! {
        <button
            ref={&props.node}
            type={if props.submit { "submit" } else { "button" }}
            class={classes!("icon-button", props.class.as_ref().map(ToString::to_string))}
            aria-label={props.label.clone()}
            title={props.label.clone()}
            aria-pressed={props.pressed.map(|pressed| if pressed { "true" } else { "false" })}
            disabled={props.disabled}
            aria-disabled={props.inactive.then_some("true")}
            onclick={&props.onclick}
            data-testid={props.testid.clone()}
        >
            <Icon glyph={props.glyph} />
        </button>
    }
}
