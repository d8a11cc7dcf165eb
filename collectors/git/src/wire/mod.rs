//! What `git` and the programs that verify write, read without trust.

mod commit;
mod signed;

pub(crate) use commit::{Commit, commit};
pub(crate) use signed::{Kind, Signed, Tag, gpg_signer, is_shared, tag};

/// A person as a commit or a tag names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) mail: String,
}

/// A tag's name, its object's type and id, of each line.
pub(crate) fn tags(output: &[u8]) -> Vec<(String, String, String)> {
    let text = String::from_utf8_lossy(output);
    let fields: Vec<&str> = text.split('\0').collect();
    let rows = fields.chunks_exact(3);
    let made = rows.filter_map(|row| match row {
        [name, kind, id] => {
            let name = name.trim_start_matches('\n').strip_prefix("refs/tags/")?;
            Some((name.to_owned(), (*kind).to_owned(), (*id).to_owned()))
        }
        _ => None,
    });
    made.collect()
}

/// The lines of an output that are hashes.
pub(crate) fn hashes(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let lines = text.lines().map(str::trim).filter(|line| is_hash(line));
    lines.map(str::to_owned).collect()
}

/// The first line of an output.
pub(crate) fn line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines().next().unwrap_or_default().trim().to_owned()
}

/// Whether a text is a whole hash.
pub(crate) fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An object as `cat-file --batch` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
}

/// The objects in an output, up to the first that is missing or breaks off.
pub(crate) fn objects(mut output: &[u8]) -> Vec<Object> {
    let mut found = Vec::new();
    while let Some(end) = output.iter().position(|byte| *byte == b'\n') {
        let (head, rest) = output.split_at(end);
        let head = String::from_utf8_lossy(head).into_owned();
        let mut words = head.split(' ');
        let (id, kind, size) = (words.next(), words.next(), words.next());
        let size = size.and_then(|size| size.parse::<usize>().ok());
        let (Some(id), Some(kind), Some(size)) = (id, kind, size) else {
            // "… missing": the next line is the next object.
            output = rest.get(1..).unwrap_or_default();
            continue;
        };
        let Some(bytes) = rest.get(1..).and_then(|rest| rest.get(..size)) else {
            break;
        };
        found.push(Object {
            id: id.to_owned(),
            kind: kind.to_owned(),
            bytes: bytes.to_vec(),
        });
        output = rest.get(size + 2..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn objects_up_to_what_breaks_off() {
        let text =
            format!("{HASH} commit 3\nabc\n{HASH} missing\n{HASH} tag 2\nhi\n{HASH} tag 99\nx");
        let all = objects(text.as_bytes());
        let kinds: Vec<_> = all
            .iter()
            .map(|one| (one.kind.as_str(), one.bytes.len()))
            .collect();
        assert_eq!(kinds, [("commit", 3), ("tag", 2)]);
    }
}
