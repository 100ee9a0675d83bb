//! The documents name what is there.

use super::{read, root};

#[test]
fn the_map_names_every_crate_and_feature() {
    let map = read("ARCHITECTURE.md");
    let crates = std::fs::read_dir(root().join("core-server/crates")).unwrap();
    for folder in crates.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(map.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name the crate {name}");
        for entry in std::fs::read_dir(folder.join("src")).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                let feature = entry.file_name().unwrap().to_string_lossy().into_owned();
                assert!(map.contains(&format!("`{feature}`")), "ARCHITECTURE.md does not name {name}/{feature}");
            }
        }
    }
}

#[test]
fn the_readme_has_the_two_commands() {
    let readme = read("README.md");
    for command in ["scripts/run", "scripts/test", "scripts/bench"] {
        assert!(readme.contains(command), "README.md lacks {command}");
        assert!(root().join(command).is_file(), "{command} is missing");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = vec!["README.md".to_owned(), "ARCHITECTURE.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for folder in ["docs", "docs/adr"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.extension().is_some_and(|extension| extension == "md") {
                documents.push(format!("{folder}/{}", entry.file_name().unwrap().to_string_lossy()));
            }
        }
    }
    for document in documents {
        let text = read(&document);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.starts_with('#') {
                continue;
            }
            let target = link.split('#').next().unwrap_or_default();
            let path = root().join(&document).parent().unwrap().join(target);
            assert!(path.exists(), "{document} links to {link}, which is not there");
        }
    }
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let mut numbers: Vec<u32> = std::fs::read_dir(root().join("docs/adr"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap()[..4].parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).unwrap()), "{numbers:?}");
}
