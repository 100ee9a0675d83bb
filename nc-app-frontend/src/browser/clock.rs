//! The reader's clock and calendar.

use std::cell::RefCell;

use js_sys::{Array, Date, Intl::DateTimeFormat, Object, Reflect};
use shared_protocol::Timestamp;
use wasm_bindgen::JsValue;

use crate::i18n::Language;

/// The time by the reader's clock.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "microseconds of a date fit by far")]
    Timestamp::from_micros((Date::now() * 1_000.0) as i64)
}

/// Minutes by which the reader's clock is ahead of UTC.
pub(crate) fn utc_offset() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "an offset is less than a day")]
    let behind = Date::new_0().get_timezone_offset() as i64;
    -behind
}

thread_local! {
    /// Making a formatter takes a thousand times as long as using it.
    static MOMENT: RefCell<Option<(Language, DateTimeFormat)>> = const { RefCell::new(None) };
}

/// Day and time as the reader writes them.
pub(crate) fn moment(then: Timestamp, language: Language) -> String {
    MOMENT.with_borrow_mut(|known| {
        if known.as_ref().is_none_or(|(of, _)| *of != language) {
            let style = [("dateStyle", "medium"), ("timeStyle", "short")];
            *known = Some((language, formatter(language, &style)));
        }
        known.as_ref().map(|(_, formatter)| text_of(formatter, &date_of(then))).unwrap_or_default()
    })
}

/// The day of a date such as `2026-12-01`, in words.
pub(crate) fn day(date: &str, language: Language) -> String {
    let formatter = formatter(language, &[("day", "numeric"), ("month", "long"), ("timeZone", "UTC")]);
    text_of(&formatter, &Date::new(&JsValue::from_str(date)))
}

fn formatter(language: Language, options: &[(&str, &str)]) -> DateTimeFormat {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    DateTimeFormat::new(&Array::of1(&JsValue::from_str(language.code())), &object)
}

fn text_of(formatter: &DateTimeFormat, date: &Date) -> String {
    let text = formatter.format().call1(&JsValue::NULL, date);
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn date_of(then: Timestamp) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of our age are exact in a double")]
    Date::new(&JsValue::from_f64(then.micros() as f64 / 1_000.0))
}
