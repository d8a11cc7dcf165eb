//! A commit as it is stored.
//!
//! Read from its raw bytes and not from what `git` makes of them: a repository's own configuration says what a trailer is called, how a
//! message is shown and what a pattern means, and whoever keeps the clone can write there.

use jiff::Timestamp;

use super::signed::{self, Signed};
use super::{Person, is_hash};

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) hash: String,
    pub(crate) parents: Vec<String>,
    pub(crate) author: Person,
    pub(crate) committer: Person,
    /// When it was committed, as it says itself.
    pub(crate) at: Timestamp,
    pub(crate) title: String,
    /// Key and value of each trailer, as they are written.
    pub(crate) trailers: Vec<(String, String)>,
    pub(crate) message: String,
    /// What was signed of it; none where it bears no signature.
    pub(crate) signed: Option<Signed>,
}

/// Reads a commit; none where it has no author or no time.
pub(crate) fn commit(hash: &str, bytes: &[u8]) -> Option<Commit> {
    let split = signed::signed_commit(bytes)?;
    let head = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, message) = match head {
        Some(end) => (bytes.get(..end)?, bytes.get(end + 2..)?),
        None => (bytes, &b""[..]),
    };
    let head = String::from_utf8_lossy(head);
    let parents = head.lines().filter_map(|line| line.strip_prefix("parent "));
    let parents = parents.filter(|parent| is_hash(parent));
    let message = String::from_utf8_lossy(message).into_owned();
    let [author, committer] = split.people;
    Some(Commit {
        hash: hash.to_owned(),
        parents: parents.map(str::to_owned).collect(),
        author,
        committer,
        at: split.at,
        title: title(&message),
        trailers: trailers(&message),
        signed: split.signed,
        message,
    })
}

/// The first paragraph on one line.
fn title(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    let lines = lines.skip_while(|line| line.is_empty());
    let first: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    first.join(" ")
}

/// The trailers of a message: of its last paragraph, where that is not its title, and all of it is trailers; or a fourth of it, where one
/// of them is a line that `git` itself writes. A value goes on in lines that begin with a space.
fn trailers(message: &str) -> Vec<(String, String)> {
    const WRITTEN: [&str; 2] = ["Signed-off-by: ", "(cherry picked from commit "];
    let lines: Vec<&str> = message.lines().map(str::trim_end).collect();
    let end = lines.iter().rposition(|line| !line.is_empty());
    let Some(lines) = end.and_then(|end| lines.get(..=end)) else {
        return Vec::new();
    };
    let Some(start) = lines.iter().rposition(|line| line.is_empty()) else {
        return Vec::new();
    };
    // An empty line before all of it makes no title.
    if lines.iter().take(start).all(|line| line.is_empty()) {
        return Vec::new();
    }
    let mut found: Vec<(String, String)> = Vec::new();
    let (mut others, mut written) = (0_usize, false);
    let mut within = false;
    for line in lines.iter().skip(start + 1) {
        written |= WRITTEN.iter().any(|start| line.starts_with(start));
        if line.starts_with([' ', '\t']) {
            match found.last_mut().filter(|_| within) {
                Some((_, value)) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                None => others += 1,
            }
        } else if let Some(trailer) = trailer(line) {
            found.push(trailer);
            within = true;
        } else {
            within = false;
            others += usize::from(!line.starts_with(WRITTEN[1]));
        }
    }
    match others == 0 || (written && found.len() * 3 >= others) {
        true => found,
        false => Vec::new(),
    }
}

/// `Key: value`: a key of letters, digits and dashes.
fn trailer(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim_end();
    let right = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    right.then(|| (key.to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789012345678901234567890123456789";

    fn of(message: &str) -> Vec<(String, String)> {
        trailers(message)
    }

    #[test]
    fn a_commit_is_read_from_what_is_stored() {
        let text = format!(
            "tree {HASH}\nparent {HASH}\nparent {HASH}\nauthor Ann <ann@x> 1700000000 +0100\ncommitter Bo <bo@x> 1700000001 +0000\n\
             mergetag object {HASH}\n type commit\n \n parent of nothing\n\nFix:\nit\n\nbody\n\nApproved-by: Lee <lee@x>\nTicket: OPS-1,\n OPS-2\n"
        );
        let one = commit(HASH, text.as_bytes()).unwrap();
        assert_eq!(
            (one.title.as_str(), one.committer.mail.as_str()),
            ("Fix: it", "bo@x")
        );
        assert_eq!((one.parents.len(), one.at.as_second()), (2, 1_700_000_001));
        let wanted = [("Approved-by", "Lee <lee@x>"), ("Ticket", "OPS-1, OPS-2")];
        assert_eq!(
            one.trailers,
            wanted.map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert!(one.message.starts_with("Fix:\nit"));
        assert_eq!(
            commit(HASH, b"tree 1\n\nauthor Ann <ann@x> 1 +0000\n"),
            None
        );
    }

    #[test]
    fn trailers_are_the_last_paragraph_and_no_title() {
        let yes = ("Approved-by".to_owned(), "Lee".to_owned());
        for message in [
            "Fix\n\nApproved-by: Lee\n\n\n",
            "Fix\n\nbody\n\nApproved-by : Lee\n",
            "Fix\n\n(cherry picked from commit 01)\nApproved-by: Lee",
        ] {
            assert_eq!(of(message), std::slice::from_ref(&yes), "{message}");
        }
        let mixed = "Fix\n\nfree text\nSigned-off-by: Ann\nApproved-by: Lee";
        assert_eq!(of(mixed).len(), 2);
        for message in [
            "Approved-by: Lee",
            "\n\nApproved-by: Lee",
            "Fix\n\nApproved-by: Lee\nand more text",
            "Fix\n\nApproved-by: Lee\n\nbody",
            "Fix\nApproved-by: Lee",
            "Fix\n\nApproved by: Lee",
            "",
        ] {
            assert!(of(message).is_empty(), "{message}");
        }
    }
}
