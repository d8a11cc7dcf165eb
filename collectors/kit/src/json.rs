//! Reading JSON.

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

/// Decodes what came as bytes.
///
/// As [`serde_json::from_slice`] does, but with the reader of [`serde_json::from_str`]: each type's decoder is compiled once for each
/// reader, and they are a good part of the program. Checking all of the text at once is also quicker than each word of it.
///
/// # Errors
/// What serde_json says, also of bytes that are no UTF-8.
pub fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => Err(garbled(bytes)),
    }
}

/// Where bytes that are no UTF-8 stop to be JSON.
#[cold]
fn garbled(bytes: &[u8]) -> serde_json::Error {
    match serde_json::from_slice::<&RawValue>(bytes) {
        Ok(_) => serde_json::Error::custom("the text is no UTF-8"),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_serde_json_reads() {
        assert_eq!(read::<Vec<&str>>(br#"["a","b"]"#).unwrap(), ["a", "b"]);
        for bytes in [
            &b"[\"a\",\n \"\xff\"]"[..],
            b"\xff",
            b"[1]\xff",
            b"[1\xff]",
            b"[1,",
            b"{\"\xff\":1}",
            b"",
        ] {
            let ours = read::<serde_json::Value>(bytes).unwrap_err();
            let theirs = serde_json::from_slice::<serde_json::Value>(bytes).unwrap_err();
            assert_eq!(ours.classify(), theirs.classify(), "{ours} {theirs}");
            assert_eq!(ours.line(), theirs.line(), "{ours} {theirs}");
        }
    }
}
