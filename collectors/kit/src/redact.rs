//! Values that must not be seen become marks, at the edge, before anything else happens to them.

use std::sync::Arc;

use plimsoll_model::redacted::Class;
use plimsoll_model::{AssetId, Text};

use crate::value_class::class_of;

/// The length of a redaction key.
pub const KEY_BYTES: usize = 32;

/// Turns values into marks: see [`plimsoll_model::redacted`].
///
/// A mark is a BLAKE3 keyed hash over source, asset, name and value, cut to 128 bits: an unchanged value keeps
/// its mark, equal values on two assets or under two names do not show as equal, and without the key nothing can be
/// guessed and compared.
#[derive(Clone)]
pub struct Redactor {
    key: Arc<[u8; KEY_BYTES]>,
    key_id: Text,
    source: Text,
}

impl Redactor {
    /// A redactor for one source.
    pub fn new(key: [u8; KEY_BYTES], source: &str) -> Self {
        let key_id = blake3::derive_key("plimsoll 2026 redaction key id", &key);
        Self {
            key: Arc::new(key),
            key_id: hex(&key_id[..4]).into(),
            source: source.into(),
        }
    }

    /// The mark of a value.
    pub fn mark(&self, asset: &AssetId, name: &str, value: &[u8]) -> Text {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        for part in [
            self.source.as_bytes(),
            asset.as_str().as_bytes(),
            name.as_bytes(),
            value,
        ] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mac = hex(&hasher.finalize().as_bytes()[..16]);
        Text::from(format!("secret:{}:{mac}", self.key_id))
    }

    /// The mark of a variable's value with its [`Class`], which is told before the value is gone.
    pub fn mark_value(&self, asset: &AssetId, name: &str, value: &[u8]) -> Text {
        with_class(self.mark(asset, name, value), class_of(value))
    }

    /// The mark of a value with its length class, for texts whose size says something: `secret:… <256B`.
    pub fn mark_sized(&self, asset: &AssetId, name: &str, value: &[u8]) -> Text {
        let mut class = 16;
        while class < value.len() {
            class *= 4;
        }
        let mut mark = self.mark(asset, name, value);
        mark.push_str(&format!(" <={class}B"));
        mark
    }
}

/// A mark with the class of what it stands for.
pub fn with_class(mut mark: Text, class: Class) -> Text {
    mark.push(' ');
    mark.push_str(class.as_str());
    mark
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

fn hex(bytes: &[u8]) -> String {
    // Not by `format!`: a scan makes hundreds of thousands of marks.
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::redacted;

    #[test]
    fn marks_hide_equality_between_assets_and_names() {
        let redactor = Redactor::new([7; 32], "docker");
        let (a, b) = (
            AssetId::of("container", &["a"]),
            AssetId::of("container", &["b"]),
        );
        let mark = redactor.mark(&a, "PASSWORD", b"hunter2");
        assert!(redacted::parse(&mark).is_some());
        assert_eq!(mark, redactor.mark(&a, "PASSWORD", b"hunter2"));
        assert_ne!(mark, redactor.mark(&b, "PASSWORD", b"hunter2"));
        assert_ne!(mark, redactor.mark(&a, "PASSWD", b"hunter2"));
        assert_ne!(
            mark,
            Redactor::new([7; 32], "other").mark(&a, "PASSWORD", b"hunter2")
        );
        assert!(redacted::same(
            &mark,
            &Redactor::new([8; 32], "docker").mark(&a, "PASSWORD", b"x")
        ));
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", Redactor::new([0xAB; 32], "docker"));
        assert!(
            !shown.contains("abab") && !shown.contains("171, 171"),
            "{shown}"
        );
    }

    #[test]
    fn sizes_come_in_classes() {
        let redactor = Redactor::new([7; 32], "docker");
        let id = AssetId::of("container", &["a"]);
        assert!(
            redactor
                .mark_sized(&id, "command", &[b'x'; 100])
                .ends_with(" <=256B")
        );
        assert!(redactor.mark_sized(&id, "command", b"").ends_with(" <=16B"));
    }
}
