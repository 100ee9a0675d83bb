//! The picture that stands for a person.

use yew::{AttrValue, Html, Properties, component, html};

use crate::format::initials;

#[derive(Properties, PartialEq)]
pub(crate) struct AvatarProps {
    pub(crate) name: AttrValue,
    /// An emoji that the person chose.
    #[prop_or_default]
    pub(crate) emoji: Option<AttrValue>,
}

/// The person's emoji, or the first letters of the name.
#[component]
pub(crate) fn Avatar(props: &AvatarProps) -> Html {
    let shown = props.emoji.as_ref().map_or_else(|| initials(&props.name), ToString::to_string);
    html! { <span class="avatar" aria-hidden="true">{ shown }</span> }
}
