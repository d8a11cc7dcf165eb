//! What is signed, split from its signature, and what is said of who signed it.

use jiff::Timestamp;

use super::{Person, is_hash};

/// Which program verifies a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ssh,
    Gpg,
    Other,
}

/// What was signed, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

const BEGINNINGS: [(&[u8], Kind); 4] = [
    (b"-----BEGIN SSH SIGNATURE-----", Kind::Ssh),
    (b"-----BEGIN PGP SIGNATURE-----", Kind::Gpg),
    (b"-----BEGIN PGP MESSAGE-----", Kind::Gpg),
    (b"-----BEGIN SIGNED MESSAGE-----", Kind::Other),
];

fn beginning(line: &[u8]) -> Option<Kind> {
    let mut all = BEGINNINGS.iter();
    all.find(|(word, _)| line.starts_with(word))
        .map(|(_, kind)| *kind)
}

/// An annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) commit: String,
    /// The name that the tag itself says: a tag can be put under another.
    pub(crate) name: String,
    pub(crate) tagger: Person,
    pub(crate) at: Timestamp,
    pub(crate) message: String,
    pub(crate) signed: Option<Signed>,
}

/// Reads a tag; none where it is none of a commit, or has no time.
pub(crate) fn tag(bytes: &[u8]) -> Option<Tag> {
    let mut at = 0;
    let mut signed_from = None;
    // As `git` does it: the last line that begins a signature.
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Some(kind) = beginning(line) {
            signed_from = Some((at, kind));
        }
        at += line.len();
    }
    let (payload, signed) = match signed_from {
        None => (bytes, None),
        Some((from, kind)) => {
            let (payload, signature) = bytes.split_at(from);
            let (payload_own, signature) = (payload.to_vec(), signature.to_vec());
            let payload_own = Signed {
                kind,
                payload: payload_own,
                signature,
            };
            (payload, Some(payload_own))
        }
    };
    let text = String::from_utf8_lossy(payload);
    let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
    // Each once and in this order, as a tag has them.
    let mut lines = head.lines();
    let mut next = |key: &str| lines.next()?.strip_prefix(key)?.strip_prefix(' ');
    let commit = next("object")?.to_owned();
    let kind = next("type")?;
    let name = next("tag")?.to_owned();
    let (tagger, at) = person(next("tagger")?)?;
    (kind == "commit" && is_hash(&commit)).then_some(Tag {
        commit,
        name,
        tagger,
        at,
        message: message.to_owned(),
        signed,
    })
}

/// A commit without its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// None where it bears no signature.
    pub(super) signed: Option<Signed>,
    /// Its author and who committed it, from what was signed itself.
    pub(super) people: [Person; 2],
    pub(super) at: Timestamp,
}

/// What of a commit was signed, and who wrote it.
pub(super) fn signed_commit(bytes: &[u8]) -> Option<Split> {
    let mut payload = Vec::with_capacity(bytes.len());
    let mut signature = Vec::new();
    let (mut inside, mut head) = (false, true);
    let (mut author, mut committer) = (None, None);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if head && (line == b"\n") {
            head = false;
        }
        if head {
            if inside && line.starts_with(b" ") {
                signature.extend_from_slice(line.get(1..).unwrap_or_default());
                continue;
            }
            inside = false;
            let first = line
                .strip_prefix(b"gpgsig ")
                .or(line.strip_prefix(b"gpgsig-sha256 "));
            if let Some(first) = first {
                signature.extend_from_slice(first);
                inside = true;
                continue;
            }
            let text = String::from_utf8_lossy(line);
            let text = text.trim_end_matches('\n');
            if let Some(text) = text.strip_prefix("author ") {
                author = author.or(person(text));
            } else if let Some(text) = text.strip_prefix("committer ") {
                committer = committer.or(person(text));
            }
        }
        payload.extend_from_slice(line);
    }
    let ((author, _), (committer, at)) = (author?, committer?);
    let signed = (!signature.is_empty()).then(|| Signed {
        kind: beginning(&signature).unwrap_or(Kind::Other),
        payload,
        signature,
    });
    Some(Split {
        signed,
        people: [author, committer],
        at,
    })
}

/// `Kim Doe <kim@example.com> 1700000000 +0100`.
fn person(text: &str) -> Option<(Person, Timestamp)> {
    let (who, when) = text.rsplit_once('>')?;
    let (name, mail) = who.split_once('<')?;
    let second = when.split_whitespace().next()?.parse().ok()?;
    let person = Person {
        name: name.trim().to_owned(),
        mail: mail.trim().to_owned(),
    };
    Some((person, Timestamp::from_second(second).ok()?))
}

/// Who made a signature of OpenPGP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GpgSigner {
    /// The fingerprint of the primary key, in lower case.
    pub(crate) key: String,
    /// The key's owner.
    pub(crate) name: Option<String>,
    /// When it was made, as the signature itself says.
    pub(crate) at: Timestamp,
}

/// Who signed and when, where `gpgv` calls a signature good and says nothing against the key.
pub(crate) fn gpg_signer(status: &str) -> Option<GpgSigner> {
    const AGAINST: [&str; 7] = [
        "BADSIG",
        "ERRSIG",
        "EXPSIG",
        "EXPKEYSIG",
        "REVKEYSIG",
        "KEYEXPIRED",
        "KEYREVOKED",
    ];
    let (mut good, mut valid) = (Vec::new(), Vec::new());
    for line in status
        .lines()
        .filter_map(|line| line.strip_prefix("[GNUPG:] "))
    {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "GOODSIG" => good.push(rest),
            "VALIDSIG" => valid.push(rest),
            _ if AGAINST.contains(&word) => return None,
            _ => {}
        }
    }
    let (&[good], &[valid]) = (good.as_slice(), valid.as_slice()) else {
        return None;
    };
    let mut words = valid.split_whitespace();
    let at = gpg_time(words.nth(2)?)?;
    let key = words.next_back()?.to_lowercase();
    let right = matches!(key.len(), 40 | 64) && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = good.split_once(' ').map(|(_, name)| {
        let name = name.split('<').next().unwrap_or_default();
        name.trim().to_owned()
    });
    let name = name.filter(|name| !name.is_empty());
    right.then_some(GpgSigner { key, name, at })
}

/// A time as `gpgv` writes it: in seconds since 1970, or `20260131T200000`, which is in UTC.
fn gpg_time(text: &str) -> Option<Timestamp> {
    if let Ok(second) = text.parse() {
        return Timestamp::from_second(second).ok();
    }
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", text).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// Whether a file of allowed signers gives a key of one name to another too: `ssh-keygen` tells only the first of them.
pub(crate) fn is_shared(signers: &str, principal: &str) -> bool {
    let lines = signers.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows: Vec<(&str, &str)> = lines
        .filter_map(|line| {
            let (name, rest) = line.split_once(char::is_whitespace)?;
            let key = rest
                .split_whitespace()
                .find(|word| word.starts_with("AAAA"))?;
            Some((name.trim_matches('"'), key))
        })
        .collect();
    let own = rows.iter().filter(|(name, _)| *name == principal);
    own.into_iter().any(|(_, key)| {
        let mut others = rows.iter().filter(|(name, _)| *name != principal);
        others.any(|(_, other)| other == key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn a_tag_is_split_at_its_last_signature() {
        let text = format!(
            "object {HASH}\ntype commit\ntag v1\ntagger Lee <lee@x> 1700000000 +0100\n\nRelease\n-----BEGIN SSH SIGNATURE-----\nold\n-----BEGIN SSH SIGNATURE-----\nnew\n"
        );
        let tag = tag(text.as_bytes()).unwrap();
        assert_eq!(
            (tag.name.as_str(), tag.tagger.mail.as_str()),
            ("v1", "lee@x")
        );
        let signed = tag.signed.unwrap();
        assert!(signed.payload.ends_with(b"old\n"));
        assert_eq!(signed.signature, b"-----BEGIN SSH SIGNATURE-----\nnew\n");
        for wrong in [
            "",
            "object x",
            &text.replace("type commit", "type tree"),
            &text.replace("tagger", "taker"),
        ] {
            assert_eq!(super::tag(wrong.as_bytes()), None);
        }
    }

    #[test]
    fn a_commit_without_its_signature_is_what_was_signed() {
        let text = "tree 1\nauthor A <a@x> 1 +0000\ncommitter C <c@x> 2 +0000\ngpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----\nencoding x\n\nmessage\n indented\n";
        let split = signed_commit(text.as_bytes()).unwrap();
        let ([author, committer], at) = (split.people, split.at);
        let signed = split.signed.unwrap();
        assert_eq!(
            String::from_utf8(signed.payload).unwrap(),
            "tree 1\nauthor A <a@x> 1 +0000\ncommitter C <c@x> 2 +0000\nencoding x\n\nmessage\n indented\n"
        );
        assert_eq!(
            signed.signature,
            b"-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n"
        );
        assert_eq!(
            (
                author.mail.as_str(),
                committer.mail.as_str(),
                at.as_second()
            ),
            ("a@x", "c@x", 2)
        );
        assert_eq!(signed_commit(b"tree 1\n\nauthor A <a@x> 1 +0000\n"), None);
    }

    #[test]
    fn a_key_under_two_names_is_nobodys_in_particular() {
        let text = "# names\nlee@x namespaces=\"git\" ssh-ed25519 AAAA1 a\nlee@x ssh-ed25519 AAAA2\n\"kim@x\" ssh-ed25519 AAAA3\nbo@x ssh-ed25519 AAAA3\n";
        assert!(!is_shared(text, "lee@x") && !is_shared(text, "no@x"));
        assert!(is_shared(text, "kim@x") && is_shared(text, "bo@x"));
    }

    #[test]
    fn only_a_key_with_nothing_against_it_counts() {
        let good = format!(
            "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 0123 Lee Moss <lee@x>\n[GNUPG:] VALIDSIG {HASH} 2026-01-01 1767225600 0 4 0 1 10 00 ABCDEF6789012345678901234567890123456789\n"
        );
        let signer = gpg_signer(&good).unwrap();
        assert_eq!(signer.key, "abcdef6789012345678901234567890123456789");
        assert_eq!(signer.name.as_deref(), Some("Lee Moss"));
        assert_eq!(signer.at.as_second(), 1_767_225_600);
        let written = good.replace(" 1767225600 ", " 20260101T000000 ");
        assert_eq!(gpg_signer(&written).unwrap().at, signer.at);
        for wrong in [
            good.replace("GOODSIG", "EXPKEYSIG"),
            format!("{good}[GNUPG:] KEYREVOKED\n"),
            format!("{good}{good}"),
            good.replace(" 1767225600 ", " soon "),
            String::new(),
        ] {
            assert_eq!(gpg_signer(&wrong), None);
        }
    }
}
