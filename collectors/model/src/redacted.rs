//! The written form of a value that must not be seen.
//!
//! A secret-bearing value is kept as `secret:KEY:MAC`: KEY is the id of the key (8 hexadecimal digits), MAC a keyed
//! fingerprint of 128 bits (32 digits). Equal marks under one key mean an unchanged value; marks under two keys say
//! nothing, so rotating the key is no change. The kit makes the marks; this module only knows how they look.

/// A mark taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The id of the key.
    pub key: &'a str,
    /// The keyed fingerprint.
    pub mac: &'a str,
}

/// What kind of value a mark stands for, as far as the value alone tells. It follows the mark after a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// There is none.
    Empty,
    /// It names where the value is kept, or what fills it in.
    Reference,
    /// The path of a file or folder.
    Path,
    /// A number, with a unit or without.
    Number,
    /// A word for on, off or nothing.
    Switch,
    /// An address or a string of settings with a password in it.
    Credentials,
    /// A key by its form: a private key, a signed token, a key of a known service.
    Key,
    /// It looks like chance.
    Random,
    /// Anything else.
    Text,
}

impl Class {
    /// The word behind the mark.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Empty => "empty",
            Class::Reference => "reference",
            Class::Path => "path",
            Class::Number => "number",
            Class::Switch => "switch",
            Class::Credentials => "credentials",
            Class::Key => "key",
            Class::Random => "random",
            Class::Text => "text",
        }
    }

    /// How much it looks like a secret, from 0: of several values under one name the one that looks most like one counts.
    pub fn as_secret(self) -> u8 {
        match self {
            Class::Empty => 0,
            Class::Switch => 1,
            Class::Path => 2,
            Class::Reference => 3,
            Class::Number => 4,
            Class::Text => 5,
            Class::Random => 6,
            Class::Key => 7,
            Class::Credentials => 8,
        }
    }

    /// The class of a value from its mark; none where the text is no mark, or one without a class.
    pub fn of_mark(text: &str) -> Option<Self> {
        parse(text)?;
        let (_, word) = text.split_once(' ')?;
        Some(match word {
            "empty" => Class::Empty,
            "reference" => Class::Reference,
            "path" => Class::Path,
            "number" => Class::Number,
            "switch" => Class::Switch,
            "credentials" => Class::Credentials,
            "key" => Class::Key,
            "random" => Class::Random,
            "text" => Class::Text,
            _ => return None,
        })
    }
}

/// Takes a mark apart; none where the text is not one, to the letter. Anything after the mark that follows a
/// space (a length class, a [`Class`]) is left aside.
pub fn parse(text: &str) -> Option<Mark<'_>> {
    let mark = text.split_once(' ').map_or(text, |(mark, _)| mark);
    let (key, mac) = mark.strip_prefix("secret:")?.split_once(':')?;
    let hex = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    (key.len() == 8 && mac.len() == 32 && hex(key) && hex(mac)).then_some(Mark { key, mac })
}

/// Whether two texts are the same as far as can be known: equal, marks of one value whatever is said beside them, or marks made
/// under different keys.
pub fn same(a: &str, b: &str) -> bool {
    let marks = || parse(a).zip(parse(b));
    a == b || marks().is_some_and(|(a, b)| a.key != b.key || a.mac == b.mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn marks_of_two_keys_say_nothing() {
        let mark = |key: &str, mac: &str| format!("secret:{key}:{mac}");
        let other = MAC.replace('0', "1");
        assert!(same(&mark("00000001", MAC), &mark("00000002", &other)));
        assert!(!same(&mark("00000001", MAC), &mark("00000001", &other)));
        // A mark that says more of its value than before is the same mark.
        let classed = format!("{} text", mark("00000001", MAC));
        assert!(same(&mark("00000001", MAC), &classed));
        assert_eq!(Class::of_mark(&classed), Some(Class::Text));
        assert_eq!(Class::of_mark(&mark("00000001", MAC)), None);
        assert_eq!(Class::of_mark("secret text"), None);
        assert!(!same("secret:x:y", "secret:z:y"));
        assert_eq!(parse("secret:0000000g:00"), None);
        assert_eq!(
            parse(&format!("{} <64B", mark("00000001", MAC)))
                .unwrap()
                .mac,
            MAC
        );
    }
}
