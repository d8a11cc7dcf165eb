//! The first line.

use std::io::Read;

use plimsoll_model::Text;

use super::chunks::Chunks;
use super::{part, said};
use crate::wire::{AnyHeader, FORMAT, Header, VERSION};

/// Reads the header: the scope that it names, perhaps empty.
///
/// # Errors
/// Why none of the findings can be read, and what to do.
pub(super) fn read<R: Read>(chunks: &mut Chunks<R>, name: &str) -> Result<Text, String> {
    let example = format!("{{\"plimsoll\":\"{FORMAT}{VERSION}\"}}");
    let Some(line) = chunks.first_line() else {
        return Err(match chunks.cut() {
            Some(cut) => said::cut(name, cut),
            None => format!("{name} is empty or has no lines; its first line must be {example}"),
        });
    };
    // Some editors put a byte order mark in front.
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
    let none = || format!("{name} does not start with a header; its first line must be {example}");
    let any: AnyHeader = plimsoll_kit::json::read(line).map_err(|_| none())?;
    let version = any
        .plimsoll
        .strip_prefix(FORMAT)
        .and_then(|v| v.parse::<u64>().ok());
    match version {
        None => return Err(none()),
        Some(VERSION) => {}
        Some(other) => {
            return Err(format!(
                "{name} has findings of version {other}, and version {VERSION} is read here; update plimsoll, or write version {VERSION}"
            ));
        }
    }
    let header: Header = plimsoll_kit::json::read(line)
        .map_err(|error| format!("{name} line 1: {}", said::json(&error)))?;
    if !header.scope.is_empty() && !part::is_scope(&header.scope) {
        return Err(format!("{name} line 1: {}", part::BAD_SCOPE));
    }
    Ok(header.scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &[u8]) -> Result<Text, String> {
        read(&mut Chunks::new(text, 1000, 10_000), "x.jsonl")
    }

    #[test]
    fn reads_with_or_without_scope_mark_and_carriage_return() {
        assert_eq!(header(b"{\"plimsoll\":\"findings/v1\"}").unwrap(), "");
        assert_eq!(
            header(b"\xef\xbb\xbf{\"plimsoll\":\"findings/v1\",\"scope\":\"a\"}\r\n{}").unwrap(),
            "a"
        );
    }

    #[test]
    fn refuses_clearly() {
        for (text, says) in [
            ("", "is empty"),
            ("\n", "does not start with a header"),
            ("{\"asset\":{}}", "does not start with a header"),
            ("{\"plimsoll\":\"findings/v2\",\"new\":1}", "version 2"),
            (
                "{\"plimsoll\":\"findings/v1\",\"scop\":\"a\"}",
                "unknown field",
            ),
            (
                "{\"plimsoll\":\"findings/v1\",\"scope\":\"a\\u0000\"}",
                "control",
            ),
        ] {
            let refused = header(text.as_bytes()).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
        assert!(header(&[b'x'; 20_000]).is_err());
    }
}
