//! Fields of forms, each with its label and its error.

use web_sys::HtmlInputElement;
use yew::{
    AttrValue, Callback, Html, InputEvent, NodeRef, Properties, TargetCast as _, classes, component, html, use_state,
};

use super::Glyph;
use crate::{app::context::use_texts, components::IconButton};

#[derive(Properties, PartialEq)]
pub(crate) struct FieldProps {
    /// The field's name in the form; also its id.
    pub(crate) name: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) value: AttrValue,
    pub(crate) oninput: Callback<String>,
    #[prop_or(AttrValue::Static("text"))]
    pub(crate) kind: AttrValue,
    #[prop_or_default]
    pub(crate) autocomplete: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) required: bool,
    #[prop_or_default]
    pub(crate) autofocus: bool,
    /// The id of a text that describes the field.
    #[prop_or_default]
    pub(crate) described_by: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) node: NodeRef,
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
    /// What stands inside the field's end.
    #[prop_or_default]
    pub(crate) end: Html,
}

/// A field of one line.
#[component]
pub(crate) fn TextField(props: &FieldProps) -> Html {
    let note = format!("{}-note", props.name);
    let has_note = props.error.is_some() || props.hint.is_some();
    let describes = has_note.then(|| AttrValue::from(note.clone())).or_else(|| props.described_by.clone());
    let oninput = props.oninput.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    html! {
        <div class={classes!("field", props.error.is_some().then_some("field-wrong"))}>
            <label for={props.name.clone()}>{ &props.label }</label>
            <div class="field-box">
                <input
                    ref={&props.node}
                    id={props.name.clone()}
                    name={props.name.clone()}
                    type={props.kind.clone()}
                    value={props.value.clone()}
                    {oninput}
                    required={props.required}
                    autofocus={props.autofocus}
                    autocomplete={props.autocomplete.clone()}
                    aria-invalid={props.error.is_some().then_some("true")}
                    aria-describedby={describes}
                    data-testid={props.testid.clone()}
                />
                { props.end.clone() }
            </div>
            if let Some(error) = &props.error {
                <p id={note} class="field-error" role="alert">{ error }</p>
            } else if let Some(hint) = &props.hint {
                <p id={note} class="field-hint">{ hint }</p>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct PasswordProps {
    pub(crate) name: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) value: AttrValue,
    pub(crate) oninput: Callback<String>,
    pub(crate) autocomplete: AttrValue,
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) described_by: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) node: NodeRef,
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
}

/// A field for a password, which can be shown.
#[component]
pub(crate) fn PasswordField(props: &PasswordProps) -> Html {
    let texts = use_texts();
    let shown = use_state(|| false);
    let toggle = {
        let shown = shown.clone();
        move |_| shown.set(!*shown)
    };
    let label = texts.t(if *shown { "password-hide" } else { "password-show" });
    let end = html! {
        <IconButton
            glyph={if *shown { Glyph::EyeOff } else { Glyph::Eye }}
            {label}
            pressed={*shown}
            onclick={toggle}
            class="field-end"
        />
    };
    html! {
        <TextField
            name={props.name.clone()}
            label={props.label.clone()}
            value={props.value.clone()}
            oninput={&props.oninput}
            kind={if *shown { "text" } else { "password" }}
            autocomplete={props.autocomplete.clone()}
            error={props.error.clone()}
            described_by={props.described_by.clone()}
            node={&props.node}
            required=true
            testid={props.testid.clone()}
            {end}
        />
    }
}
