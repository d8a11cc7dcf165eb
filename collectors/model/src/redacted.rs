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

/// Takes a mark apart; none where the text is not one, to the letter. Anything after the mark that follows a
/// space (a length class) is left aside.
pub fn parse(text: &str) -> Option<Mark<'_>> {
    let mark = text.split_once(' ').map_or(text, |(mark, _)| mark);
    let (key, mac) = mark.strip_prefix("secret:")?.split_once(':')?;
    let hex = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    (key.len() == 8 && mac.len() == 32 && hex(key) && hex(mac)).then_some(Mark { key, mac })
}

/// Whether two texts are the same as far as can be known: equal, or marks made under different keys.
pub fn same(a: &str, b: &str) -> bool {
    a == b || matches!((parse(a), parse(b)), (Some(a), Some(b)) if a.key != b.key)
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
