#![no_main]

//! Texts of times, durations and versions of TLS.

#[path = "../../src/baseline/expect/shape.rs"]
#[allow(dead_code)]
mod shape;

mod inner {
    use std::time::Duration;

    use plimsoll_model::Value;

    use super::shape;

    pub(super) fn read(bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let _ = (shape::tls_version(&text), shape::is_digest(&text));
        let value = Value::from(text.as_ref());
        let _ = (shape::skew_ms(&value), shape::path(&value), shape::word(&value));
        let _ = text.parse::<jiff::Timestamp>();
        let quoted = format!("at = {text:?}\nspan = {text:?}\n");
        let document = plimsoll_settings::Document::new("times.toml", quoted);
        let _ = document.read(|root| {
            root.date("at");
            root.duration("span", Duration::ZERO..=Duration::MAX);
        });
        let document = plimsoll_settings::Document::new("times.toml", text);
        let _ = document.read(|root| {
            root.date("at");
            root.duration("span", Duration::ZERO..=Duration::MAX);
        });
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inner::read(bytes));
