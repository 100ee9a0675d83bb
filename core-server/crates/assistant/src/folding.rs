//! Text in the form in which it is searched: without regard to case, in every script.
//!
//! Databases fold ASCII alike and the rest each in its own way, or not at all. So a text whose folding
//! goes beyond ASCII is stored folded by us beside itself.

/// The folded text, if folding ASCII alone would give another one.
pub(crate) fn folded(text: &str) -> Option<String> {
    let folded = text.to_lowercase();
    (folded != text.to_ascii_lowercase()).then_some(folded)
}

/// A pattern for `LIKE … ESCAPE '\'` that finds the text anywhere.
pub(crate) fn pattern(text: &str) -> String {
    let plain = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{plain}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_database_cannot_fold_is_stored_twice() {
        assert_eq!(folded("Tax LETTERS, grün"), None);
        assert_eq!(folded("Übersicht").as_deref(), Some("übersicht"));
        assert_eq!(folded("МОСКВА").as_deref(), Some("москва"));
        assert_eq!(pattern("50%_Ü"), "%50\\%\\_ü%");
    }
}
