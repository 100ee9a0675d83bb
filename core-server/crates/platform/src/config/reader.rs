//! Reads settings one by one and remembers what was asked and what was wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use secrecy::SecretString;
use url::Url;

use super::PREFIX;

/// A setting with its value in force.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its full name.
    pub name: String,
    /// What applies when it is not set.
    pub default: Option<String>,
    /// What it is for.
    pub purpose: &'static str,
    /// The value in force; secrets show only that they are set.
    pub value: Option<String>,
}

/// One wrong setting.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The setting's full name.
    pub name: String,
    /// What is wrong and what would be right. Holds no secret.
    pub message: String,
}

/// All wrong settings.
#[derive(Clone, Debug, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "the configuration has {} fault(s):", self.0.len())?;
        self.0.iter().try_for_each(|fault| writeln!(out, "  {}: {}", fault.name, fault.message))
    }
}

/// Reads from a map of variables.
pub struct Reader<'a> {
    variables: &'a BTreeMap<String, String>,
    settings: Vec<Setting>,
    faults: Vec<Fault>,
    asked: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    /// A reader of these variables.
    pub fn new(variables: &'a BTreeMap<String, String>) -> Self {
        Self { variables, settings: Vec::new(), faults: Vec::new(), asked: BTreeSet::new() }
    }

    /// A text without default; empty counts as not set.
    pub fn text(&mut self, name: &str, purpose: &'static str) -> Option<String> {
        let value = self.raw(name);
        self.record(name, None, purpose, value.clone());
        value
    }

    /// A value with a default. A value that cannot be read is a fault, and the default stands in.
    pub fn value<T: FromStr>(&mut self, name: &str, default: &str, expected: &str, purpose: &'static str) -> Option<T> {
        let raw = self.raw(name);
        self.record(name, Some(default), purpose, Some(raw.clone().unwrap_or_else(|| default.to_owned())));
        let parsed = raw.as_deref().unwrap_or(default).parse();
        if parsed.is_err() {
            self.fault(name, format!("\"{}\" is not {expected}", raw.unwrap_or_default()));
        }
        parsed.ok().or_else(|| default.parse().ok())
    }

    /// A value without default.
    pub fn optional<T: FromStr>(&mut self, name: &str, expected: &str, purpose: &'static str) -> Option<T> {
        let raw = self.raw(name);
        self.record(name, None, purpose, raw.clone());
        let raw = raw?;
        let parsed = raw.parse().ok();
        if parsed.is_none() {
            self.fault(name, format!("\"{raw}\" is not {expected}"));
        }
        parsed
    }

    /// A switch: true, false, 1, 0, on, off, yes, no.
    pub fn switch(&mut self, name: &str, default: bool, purpose: &'static str) -> bool {
        let raw = self.raw(name);
        let shown = raw.clone().unwrap_or_else(|| default.to_string());
        self.record(name, Some(&default.to_string()), purpose, Some(shown));
        match raw.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None => default,
            Some("true" | "1" | "on" | "yes") => true,
            Some("false" | "0" | "off" | "no") => false,
            Some(other) => {
                self.fault(name, format!("\"{other}\" is not true or false"));
                default
            }
        }
    }

    /// A comma-separated list.
    pub fn list(&mut self, name: &str, purpose: &'static str) -> Vec<String> {
        let text = self.text(name, purpose).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A comma-separated list of origins, such as `https://cloud.example.org`, in their normal form. With
    /// `wildcards` a host may begin with `*.`.
    pub fn origins(&mut self, name: &str, wildcards: bool, purpose: &'static str) -> Vec<String> {
        let origins = self.list(name, purpose);
        origins
            .into_iter()
            .filter_map(|text| {
                let origin = origin(&text, wildcards);
                if origin.is_none() {
                    self.fault(name, format!("\"{text}\" is not an origin such as https://cloud.example.org"));
                }
                origin
            })
            .collect()
    }

    /// A secret; its value is shown nowhere.
    pub fn secret(&mut self, name: &str, purpose: &'static str) -> Option<SecretString> {
        let value = self.raw(name);
        self.record(name, None, purpose, value.as_ref().map(|_| "(set)".to_owned()));
        value.map(SecretString::from)
    }

    /// Reports a fault that a section found.
    pub fn fault(&mut self, name: &str, message: impl Into<String>) {
        self.faults.push(Fault { name: format!("{PREFIX}{name}"), message: message.into() });
    }

    /// Variables with our prefix that no section asked for. To be called after all sections.
    pub fn unknown(&self) -> Vec<String> {
        self.variables.keys().filter(|name| name.starts_with(PREFIX) && !self.asked.contains(*name)).cloned().collect()
    }

    /// All settings, or all faults.
    ///
    /// # Errors
    /// Fails when any fault was found.
    pub fn finish(self) -> Result<Vec<Setting>, Faults> {
        if self.faults.is_empty() { Ok(self.settings) } else { Err(Faults(self.faults)) }
    }

    /// The value under our name, or under the plain name for the few that are in common use.
    fn raw(&mut self, name: &str) -> Option<String> {
        const PLAIN: [&str; 4] = ["DATABASE_URL", "REDIS_URL", "METRICS_BASIC_AUTH", "OTEL_EXPORTER_OTLP_ENDPOINT"];
        let full = format!("{PREFIX}{name}");
        let value = self.variables.get(&full).or_else(|| self.variables.get(name).filter(|_| PLAIN.contains(&name)));
        self.asked.insert(full);
        value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn record(&mut self, name: &str, default: Option<&str>, purpose: &'static str, value: Option<String>) {
        let name = format!("{PREFIX}{name}");
        self.settings.push(Setting { name, default: default.map(str::to_owned), purpose, value });
    }
}

fn origin(text: &str, wildcards: bool) -> Option<String> {
    let (scheme, host) = text.split_once("://")?;
    let (star, host) = match host.strip_prefix("*.") {
        Some(rest) if wildcards => ("*.", rest),
        Some(_) => return None,
        None => ("", host),
    };
    let url = Url::parse(&format!("{scheme}://{host}")).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    plain.then(|| url.origin().ascii_serialization().replacen("://", &format!("://{star}"), 1))
}
