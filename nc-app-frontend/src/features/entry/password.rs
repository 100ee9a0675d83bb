//! The rules of a new password, ticked off while it is typed.

use yew::{AttrValue, Html, Properties, classes, component, html};

use crate::{
    app::context::use_texts,
    components::{Glyph, Icon},
};

type Rule = (&'static str, fn(&str) -> bool);

/// The rules, each with the key of its text.
const RULES: [Rule; 4] = [
    ("password-rule-length", |text| text.chars().count() >= 8),
    ("password-rule-upper", |text| text.chars().any(char::is_uppercase)),
    ("password-rule-lower", |text| text.chars().any(char::is_lowercase)),
    ("password-rule-digit", |text| text.chars().any(|sign| sign.is_ascii_digit())),
];

/// Whether a password keeps all rules.
pub(super) fn is_strong_enough(password: &str) -> bool {
    RULES.iter().all(|(_, holds)| holds(password))
}

#[derive(Properties, PartialEq)]
pub(super) struct RulesProps {
    pub(super) id: AttrValue,
    pub(super) password: AttrValue,
}

/// The list of rules.
#[component]
pub(super) fn PasswordRules(props: &RulesProps) -> Html {
    let texts = use_texts();
    html! {
        <ul id={props.id.clone()} class="rules" aria-live="polite">
            { for RULES.iter().map(|(key, holds)| {
                let kept = holds(&props.password);
                html! {
                    <li class={classes!(kept.then_some("rule-kept"))}>
                        <Icon glyph={Glyph::Check} />
                        { texts.t(key) }
                        <span class="hidden">{ if kept { texts.t("rule-kept") } else { String::new() } }</span>
                    </li>
                }
            }) }
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_counts() {
        assert!(is_strong_enough("Abcdefg1"));
        for weak in ["Abcdef1", "abcdefg1", "ABCDEFG1", "Abcdefgh"] {
            assert!(!is_strong_enough(weak), "{weak}");
        }
    }
}
