//! What `git` and the programs that verify write, read without trust.

mod signed;

use jiff::Timestamp;

pub(crate) use signed::{Kind, Signed, Tag, gpg_signer, is_shared, signed_commit, tag};

/// One commit: hash, parents, author, mail, committer, mail, time, title, trailers, message; each closed by a NUL.
pub(crate) const COMMIT_FORMAT: &str = "%H%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%ct%x00%s%x00%(trailers:only=true,unfold=true)%x00%B%x00";
const COMMIT_FIELDS: usize = 10;

/// A person as a commit or a tag names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) mail: String,
}

/// A commit as `git` tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) hash: String,
    pub(crate) parents: Vec<String>,
    pub(crate) author: Person,
    pub(crate) committer: Person,
    pub(crate) at: Timestamp,
    pub(crate) title: String,
    /// Key and value of each trailer, as they are written.
    pub(crate) trailers: Vec<(String, String)>,
    pub(crate) message: String,
}

/// The commits in an output; the hash of each that makes no sense is an error.
pub(crate) fn commits(output: &[u8]) -> Vec<Result<Commit, String>> {
    let text = String::from_utf8_lossy(output);
    let mut fields: Vec<&str> = text.split('\0').collect();
    // After the last NUL there is the end of a line.
    fields.pop();
    let rows = fields.chunks(COMMIT_FIELDS);
    rows.map(commit).collect()
}

fn commit(row: &[&str]) -> Result<Commit, String> {
    let hash = row.first().map_or("", |hash| hash.trim()).to_owned();
    let named = |name: &str, mail: &str| Person {
        name: name.to_owned(),
        mail: mail.to_owned(),
    };
    let [_, parents, an, ae, cn, ce, at, title, trailers, message] = row else {
        return Err(hash);
    };
    let at = at
        .parse()
        .ok()
        .and_then(|at| Timestamp::from_second(at).ok());
    let (Some(at), true) = (at, is_hash(&hash)) else {
        return Err(hash);
    };
    let trailers = trailers.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        Some((key.trim().to_owned(), value.trim().to_owned()))
    });
    Ok(Commit {
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        author: named(an, ae),
        committer: named(cn, ce),
        at,
        title: (*title).to_owned(),
        trailers: trailers.collect(),
        message: (*message).to_owned(),
        hash,
    })
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
    fn commits_with_trailers_and_one_without_a_time() {
        let row = |at: &str| {
            format!(
                "{HASH}\0{HASH}\0Ann\0ann@x\0Bo\0bo@x\0{at}\0Fix: it\0Approved-by: Lee <lee@x>\nTicket: OPS-1\n\0Fix: it\n\nbody\0\n"
            )
        };
        let all = commits(format!("{}{}", row("1700000000"), row("soon")).as_bytes());
        let one = all[0].as_ref().unwrap();
        assert_eq!(
            (one.title.as_str(), one.committer.mail.as_str()),
            ("Fix: it", "bo@x")
        );
        assert_eq!(
            one.trailers[0],
            ("Approved-by".into(), "Lee <lee@x>".into())
        );
        assert_eq!(all[1], Err(HASH.to_owned()));
        assert!(commits(b"").is_empty());
        assert!(commits(b"half a row\0")[0].is_err());
    }

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
