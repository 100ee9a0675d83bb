//! How dates are grouped and numbers of bytes of text are cut.

use shared_protocol::Timestamp;

/// Under which heading a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Kept on top.
    Pinned,
    /// Changed today.
    Today,
    /// Changed yesterday.
    Yesterday,
    /// Changed in the seven days before that.
    Week,
    /// Changed earlier.
    Older,
}

impl Age {
    /// The key of the heading's text.
    pub const fn text_key(self) -> &'static str {
        match self {
            Self::Pinned => "list-pinned",
            Self::Today => "list-today",
            Self::Yesterday => "list-yesterday",
            Self::Week => "list-week",
            Self::Older => "list-older",
        }
    }

    /// The group of something that changed at `then`, for a reader whose clock is `offset` minutes
    /// ahead of UTC.
    pub fn of(pinned: bool, then: Timestamp, now: Timestamp, offset: i64) -> Self {
        let day = |time: Timestamp| (time.seconds() + offset * 60).div_euclid(86_400);
        match day(now) - day(then) {
            _ if pinned => Self::Pinned,
            ..=0 => Self::Today,
            1 => Self::Yesterday,
            2..=7 => Self::Week,
            _ => Self::Older,
        }
    }
}

/// The path before every address of ours, found from the address of one of our pages: what stands
/// before `/app`, `/app/c/…` and the other pages. Without a slash at its end.
pub fn base_of(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let without = |end: &str| path.strip_suffix(end).filter(|base| base.is_empty() || base.starts_with('/'));
    if let Some(base) = ["/app", "/login", "/signup", "/waitlist"].into_iter().find_map(without) {
        return base;
    }
    // The folder before the last part tells the pages that have one: `/app/c/<id>`, `/invite/<token>`.
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    ["/app/c", "/app", "/invite"].into_iter().find_map(|end| folder.strip_suffix(end)).unwrap_or(path)
}

/// The first day of the month after `now`, by UTC, as `2026-12-01`.
pub fn next_month(now: Timestamp) -> String {
    let today = now.to_string();
    let mut parts = today.split('-').map(|part| part.parse::<u32>().unwrap_or(1));
    let (year, month) = (parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    let (year, month) = if month >= 12 { (year + 1, 1) } else { (year, month + 1) };
    format!("{year:04}-{month:02}-01")
}

/// The first letters of a person's names, for the picture that stands for them.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// A model's name without the folder that some providers put before it.
pub fn model_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether the text ends a sentence, so that it can be read out.
pub fn sentences(text: &str, from: usize) -> Option<(&str, usize)> {
    let rest = text.get(from..)?;
    let end = rest.char_indices().rfind(|(_, letter)| matches!(letter, '.' | '!' | '?' | '\n' | ':'))?;
    let until = end.0 + end.1.len_utf8();
    let followed = rest[until..].chars().next();
    // A dot inside a number or an address is no end.
    (end.1 == '\n' || followed.is_none_or(char::is_whitespace)).then(|| (&rest[..until], from + until))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    #[test]
    fn groups_follow_the_readers_midnight() {
        let now = Timestamp::from_micros(10 * DAY + 3_600_000_000);
        let just_before_utc_midnight = Timestamp::from_micros(10 * DAY - 1);
        assert_eq!(Age::of(false, just_before_utc_midnight, now, 0), Age::Yesterday);
        assert_eq!(Age::of(false, just_before_utc_midnight, now, 120), Age::Today);
        assert_eq!(Age::of(false, Timestamp::from_micros(3 * DAY), now, 0), Age::Week);
        assert_eq!(Age::of(false, Timestamp::from_micros(2 * DAY), now, 0), Age::Older);
        assert_eq!(Age::of(true, Timestamp::from_micros(0), now, 0), Age::Pinned);
    }

    #[test]
    fn the_base_is_what_stands_before_our_pages() {
        for root in ["/", "/app", "/app/", "/app/c/conv_1", "/login", "/invite/abc", ""] {
            assert_eq!(base_of(root), "", "{root}");
        }
        let below = "/index.php/apps/app_api/proxy/alcove";
        for page in ["", "/", "/app", "/app/c/conv_1", "/app/settings", "/login", "/invite/abc"] {
            assert_eq!(base_of(&format!("{below}{page}")), below, "{page}");
        }
    }

    #[test]
    fn the_next_month_may_be_of_the_next_year() {
        assert_eq!(next_month("2026-11-25T04:00:00Z".parse_wire()), "2026-12-01");
        assert_eq!(next_month("2026-12-31T23:59:59Z".parse_wire()), "2027-01-01");
    }

    trait ParseWire {
        fn parse_wire(&self) -> Timestamp;
    }

    impl ParseWire for str {
        fn parse_wire(&self) -> Timestamp {
            serde_json::from_value(serde_json::Value::from(self)).expect("a time")
        }
    }

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        assert_eq!(initials("Ada van Lovelace"), "AL");
        assert_eq!(initials("élodie"), "É");
        assert_eq!(initials(" "), "");
    }

    #[test]
    fn sentences_are_read_out_when_they_are_whole() {
        assert_eq!(sentences("One. Two", 0), Some(("One.", 4)));
        assert_eq!(sentences("Version 1.5", 0), None);
        assert_eq!(sentences("One. Two. Th", 4), Some((" Two.", 9)));
    }
}
