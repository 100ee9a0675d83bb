//! The texts of the user interface, in three languages.

use std::fmt;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::langid;

/// A language that the user interface speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Dutch.
    Dutch,
    /// German.
    German,
}

impl Language {
    /// All of them, in the order of a choice.
    pub const ALL: [Self; 3] = [Self::English, Self::Dutch, Self::German];

    /// The language's code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
            Self::German => "de",
        }
    }

    /// The language's own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Dutch => "Nederlands",
            Self::German => "Deutsch",
        }
    }

    /// The language of a code such as `nl` or `nl-BE`.
    pub fn of_code(code: &str) -> Option<Self> {
        let main = code.split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == main)
    }

    const fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../i18n/en.ftl"),
            Self::Dutch => include_str!("../../i18n/nl.ftl"),
            Self::German => include_str!("../../i18n/de.ftl"),
        }
    }
}

/// The texts of one language.
pub struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads the texts of a language. Entries that cannot be read are left out; a test sees to it
    /// that there are none.
    pub fn of(language: Language) -> Self {
        let id = match language {
            Language::English => langid!("en"),
            Language::Dutch => langid!("nl"),
            Language::German => langid!("de"),
        };
        let mut bundle = FluentBundle::new(vec![id]);
        // No text mixes writing directions, and the marks would get into page titles.
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(language.source().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        // A key that stands twice keeps its first text.
        let _ = bundle.add_resource(resource);
        Self { language, bundle }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A text without values. An unknown key is its own text.
    pub fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text with one value.
    pub fn with<'a>(&self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        let mut values = FluentArgs::new();
        values.set(name, value);
        self.format(key, Some(&values))
    }

    fn format(&self, key: &str, values: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        self.bundle.format_pattern(pattern, values, &mut Vec::new()).into_owned()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Texts").field("language", &self.language).finish_non_exhaustive()
    }
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
