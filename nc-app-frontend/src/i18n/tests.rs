//! The catalogues against each other.

use std::{collections::BTreeSet, fs, path::Path};

use super::*;

fn keys(language: Language) -> BTreeSet<String> {
    let starts_key = |line: &&str| line.starts_with(|sign: char| sign.is_ascii_lowercase());
    let keys = language.source().lines().filter(starts_key).filter_map(|line| line.split_once(" ="));
    keys.map(|(key, _)| key.to_owned()).collect()
}

/// Every text between quotes in the source that looks like a key.
fn quoted(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            quoted(&entry, found);
        } else if !entry.ends_with("tests.rs") {
            let text = fs::read_to_string(&entry).expect("a source file");
            found.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
}

#[test]
fn every_language_has_every_text() {
    let english = keys(Language::English);
    for language in Language::ALL {
        assert_eq!(keys(language), english, "{}", language.name());
        assert!(FluentResource::try_new(language.source().to_owned()).is_ok(), "{}", language.name());
    }
}

#[test]
fn every_text_is_used_and_every_used_text_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut used = BTreeSet::new();
    quoted(&root, &mut used);
    let known = keys(Language::English);
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "unused: {unused:?}");

    let mut asked = BTreeSet::new();
    asked_for(&root, &mut asked);
    let missing: Vec<_> = asked.difference(&known).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    assert!(asked.len() > 60, "the search for keys finds too little: {}", asked.len());
}

/// Keys in calls of `t("…")`, `with("…"` and in tables named `text_key`.
fn asked_for(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            asked_for(&entry, found);
            continue;
        }
        if entry.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&entry).expect("a source file");
        for call in ["texts.t(\"", "texts.with(\"", "texts.with(\n"] {
            for rest in text.split(call).skip(1) {
                let rest = rest.trim_start().trim_start_matches('"');
                found.insert(rest.split('"').next().unwrap_or_default().to_owned());
            }
        }
        for table in text.split("fn text_key").skip(1) {
            let body = table.split("\n    }\n").next().unwrap_or_default();
            found.extend(body.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
}

#[test]
fn values_and_plurals_are_filled_in() {
    let texts = Texts::of(Language::German);
    assert_eq!(texts.with("wait-seconds", "seconds", 1), "Versuche es in 1 Sekunde noch einmal.");
    assert_eq!(texts.with("wait-seconds", "seconds", 7), "Versuche es in 7 Sekunden noch einmal.");
    assert_eq!(Language::of_code("nl-BE"), Some(Language::Dutch));
    assert_eq!(Language::of_code("fr"), None);
}
