//! Real tags with real signatures: which of them are somebody's yes, and which are not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use std::process::Command;

use common::{House, authors, day, output, read, request, told};
use plimsoll_model::request_kind;

const LEE: (&str, &str, &str) = ("lee@example.com", "namespaces=\"git\"", "lee");
const KIM: (&str, &str, &str) = ("kim@example.com", "", "kim");

#[test]
fn a_tag_signed_by_one_of_the_allowed_is_their_yes() {
    let house = House::new();
    house.allow(&[LEE]);
    let commit = house.commit("ann", "Open a port", day(2), None);
    house.tag("v1", &commit, "lee", day(3));
    let harvest = house.read("unsigned_authors = 'as-written'");
    assert!(
        harvest.scopes[0].complete && told(&harvest).is_empty(),
        "{}",
        told(&harvest)
    );
    let tag = request(&harvest, "acme/infra@v1");
    assert_eq!(
        (tag.kind.as_str(), tag.title.as_str()),
        (request_kind::TAG, "Release v1")
    );
    // Who signed it counts, and not whom it calls its tagger.
    assert_eq!(tag.approvals[0].by.account, "lee@example.com");
    assert_eq!(tag.approvals[0].at.unwrap().as_second(), day(3));
    assert_eq!(tag.head.as_deref(), Some(commit.as_str()));
    assert_eq!(authors(tag), ["ann@example.com"]);
    let requester = tag.requester.as_ref().unwrap();
    assert_eq!(
        (tag.whole_history, requester.account.as_str()),
        (None, "ann@example.com")
    );
}

#[test]
fn no_other_signature_is_anything() {
    let house = House::new();
    house.allow(&[
        LEE,
        ("old@example.com", "valid-before=\"20251201\"", "old"),
        ("elsewhere@example.com", "namespaces=\"file\"", "elsewhere"),
        ("*@example.com", "", "anybody"),
        ("one@example.com", "", "shared"),
        ("two@example.com", "", "shared"),
    ]);
    let commit = house.commit("ann", "Open a port", day(2), None);
    for (name, key) in [
        ("stranger", "stranger"),
        ("expired", "old"),
        ("namespace", "elsewhere"),
        ("pattern", "anybody"),
        ("shared", "shared"),
        ("good", "lee"),
    ] {
        house.tag(name, &commit, key, day(3));
    }
    house.git(&["tag", "-a", "-m", "Release", "unsigned", &commit], day(3));
    house.git(&["tag", "light", &commit], day(3));
    // The good one, under a name that its signer never saw, and with another text under its signature.
    let object = house.git(&["rev-parse", "good"], day(3));
    house.git(&["update-ref", "refs/tags/moved", &object], day(3));
    let text = house.git(&["cat-file", "tag", "good"], day(3));
    let altered = house.path("altered");
    std::fs::write(&altered, text.replace("tag good", "tag altered") + "\n").unwrap();
    let written = house.git(
        &[
            "hash-object",
            "-t",
            "tag",
            "-w",
            &altered.display().to_string(),
        ],
        day(3),
    );
    house.git(&["update-ref", "refs/tags/altered", &written], day(3));
    let harvest = house.read("");
    let ids: Vec<_> = harvest.requests.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["acme/infra@good"]);
    let told = told(&harvest);
    for name in [
        "stranger",
        "expired",
        "namespace",
        "pattern",
        "shared",
        "moved",
        "altered",
    ] {
        assert!(told.contains(name), "{name}: {told}");
    }
    assert!(harvest.scopes[0].complete);
    assert!(!told.contains("unsigned") && !told.contains("light"));
}

#[test]
fn without_names_of_signers_nothing_is_approved() {
    let house = House::new();
    let commit = house.commit("ann", "Open a port", day(2), None);
    house.tag("v1", &commit, "lee", day(3));
    let settings = format!("[[repositories]]\npath = '{}'", house.repository.display());
    let harvest = read(&settings);
    assert!(harvest.requests.is_empty());
    assert!(told(&harvest).contains("no `allowed_signers` are set"));
    assert!(harvest.scopes[0].complete);
    // Names that were to be there are another matter.
    let harvest = house.read("");
    assert!(harvest.requests.is_empty() && !harvest.scopes[0].complete);
    assert!(told(&harvest).contains("`allowed_signers` cannot be read"));
}

#[test]
fn an_impossible_time_is_none() {
    let house = House::new();
    house.allow(&[LEE]);
    let commit = house.commit("ann", "Open a port", day(10), None);
    house.tag("backdated", &commit, "lee", day(2));
    house.tag("ahead", &commit, "lee", day(90));
    let harvest = house.read("");
    for name in ["backdated", "ahead"] {
        let tag = request(&harvest, &format!("acme/infra@{name}"));
        assert_eq!(tag.approvals[0].at, None, "{name}");
    }
}

#[test]
fn who_wrote_it_is_in_doubt_where_nobody_signed_the_commits() {
    let house = House::new();
    house.allow(&[LEE, KIM]);
    let first = house.commit("kim", "Signed", day(2), Some("kim"));
    house.tag("v1", &first, "lee", day(3));
    let second = house.commit("ann", "Unsigned", day(4), None);
    house.tag("v2", &second, "lee", day(5));
    // Under the name of another: the key tells.
    let third = house.commit("kim", "Signed for her", day(6), Some("lee"));
    house.tag("v3", &third, "kim", day(7));
    let harvest = house.read("");
    let of = |name: &str| authors(request(&harvest, &format!("acme/infra@{name}")));
    assert_eq!(of("v1"), ["kim@example.com"]);
    assert_eq!(
        of("v2"),
        [
            "ann@example.com",
            "kim@example.com",
            "author of unsigned commits"
        ]
    );
    // What Lee signed before is dealt with, but Lee may be Kim under another name.
    assert_eq!(of("v3"), ["kim@example.com", "lee@example.com"]);
}

#[test]
fn two_tags_of_ones_own_do_not_make_ones_work_anothers() {
    let house = House::new();
    house.allow(&[LEE, KIM]);
    let own = house.commit("lee", "My own", day(2), Some("lee"));
    house.tag("v1", &own, "lee", day(3));
    let others = house.commit("kim", "Hers", day(4), Some("kim"));
    house.tag("v2", &others, "lee", day(5));
    let harvest = house.read("");
    assert_eq!(
        authors(request(&harvest, "acme/infra@v2")),
        ["kim@example.com", "lee@example.com"]
    );
    // Once somebody else has signed for it, it is dealt with.
    house.tag("v1-again", &own, "kim", day(4));
    let harvest = house.read("");
    assert_eq!(
        authors(request(&harvest, "acme/infra@v2")),
        ["kim@example.com"]
    );
    // A house that deploys every tag says so.
    house.git(&["tag", "-d", "v1-again"], day(5));
    let harvest = house.read("authors_since = 'tag'");
    assert_eq!(
        authors(request(&harvest, "acme/infra@v2")),
        ["kim@example.com"]
    );
}

#[test]
fn more_commits_than_are_looked_at_leave_it_unproven() {
    let house = House::new();
    house.allow(&[LEE]);
    house.commit("ann", "One", day(2), None);
    let last = house.commit("ann", "Two", day(2), None);
    house.tag("v1", &last, "lee", day(3));
    let harvest = house.read("most_commits = 1");
    assert_eq!(
        request(&harvest, "acme/infra@v1").whole_history,
        Some(false)
    );
    assert!(told(&harvest).contains("raise `most_commits`"));
    assert!(house.read("most_tags = 0").requests.is_empty());
}

/// A home of GnuPG with one key, whose agent ends with it.
struct Gpg(tempfile::TempDir);

impl Gpg {
    fn new(uid: &str) -> Self {
        let gpg = Self(tempfile::tempdir().unwrap());
        let args = [
            "--batch",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
            "--quick-gen-key",
            uid,
            "ed25519",
            "sign",
        ];
        output(gpg.command("gpg").args(args));
        gpg
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("GNUPGHOME", self.0.path());
        command
    }

    fn fingerprint(&self) -> String {
        let listed = output(
            self.command("gpg")
                .args(["--batch", "--with-colons", "--list-keys"]),
        );
        let line = listed
            .lines()
            .find(|line| line.starts_with("fpr:"))
            .unwrap();
        line.trim_matches(':')
            .rsplit(':')
            .next()
            .unwrap()
            .to_lowercase()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ = self.command("gpgconf").args(["--kill", "all"]).status();
    }
}

#[test]
fn a_key_of_a_keyring_is_its_owners_by_its_fingerprint() {
    let house = House::new();
    let (lee, stranger) = (
        Gpg::new("Lee Moss <lee@example.com>"),
        Gpg::new("Lee Moss <lee@example.com>"),
    );
    let keyring = house.path("keyring.gpg");
    output(
        lee.command("gpg")
            .args(["--batch", "--output"])
            .arg(&keyring)
            .arg("--export"),
    );
    let commit = house.commit("ann", "Open a port", day(2), None);
    for (name, gpg) in [("good", &lee), ("stranger", &stranger)] {
        let mut command = house.command("git", day(3));
        command.env("GNUPGHOME", gpg.0.path());
        output(command.args([
            "tag",
            "-s",
            "-u",
            "lee@example.com",
            "-m",
            "Release",
            name,
            &commit,
        ]));
    }
    let settings = format!("keyring = '{}'\n{}", keyring.display(), house.settings(""));
    let harvest = read(&settings);
    assert_eq!(harvest.requests.len(), 1, "{}", told(&harvest));
    let by = &request(&harvest, "acme/infra@good").approvals[0].by;
    assert_eq!(by.account, lee.fingerprint().as_str());
    assert_eq!(by.name.as_deref(), Some("Lee Moss"));
    assert!(told(&harvest).contains("stranger"));
    // A key that is none any more: revoked in the keyring.
    let revoked = lee
        .0
        .path()
        .join("openpgp-revocs.d")
        .join(format!("{}.rev", lee.fingerprint().to_uppercase()));
    let text = std::fs::read_to_string(revoked)
        .unwrap()
        .replace(":-----BEGIN", "-----BEGIN");
    std::fs::write(house.path("revocation"), text).unwrap();
    output(
        lee.command("gpg")
            .args(["--batch", "--import"])
            .arg(house.path("revocation")),
    );
    std::fs::remove_file(&keyring).unwrap();
    output(
        lee.command("gpg")
            .args(["--batch", "--output"])
            .arg(&keyring)
            .arg("--export"),
    );
    let harvest = read(&settings);
    assert!(
        harvest.requests.is_empty(),
        "a revoked key approves nothing"
    );
}

#[test]
fn everybody_whom_a_message_names_wrote_what_a_tag_brings() {
    let house = House::new();
    house.allow(&[LEE, KIM]);
    let message = "Open a port\n\nCo-authored-by: Lee <lee@example.com>\n\nmore text";
    let commit = house.commit("kim", message, day(2), Some("kim"));
    house.tag("v1", &commit, "lee", day(3));
    let harvest = house.read("");
    let of = |harvest: &_, name: &str| {
        let one = request(harvest, &format!("acme/infra@{name}"));
        authors(one)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&harvest, "v1"), ["kim@example.com", "lee@example.com"]);
    // What a merge brings, too.
    house.git(&["checkout", "-q", "-b", "side"], day(4));
    house.commit("kim", message, day(4), Some("kim"));
    house.git(&["checkout", "-q", "main"], day(4));
    house.git(
        &[
            "merge",
            "-q",
            "--no-ff",
            "-m",
            "Merge side\n\nTicket: OPS-1",
            "side",
        ],
        day(5),
    );
    let merge = house.git(&["rev-parse", "HEAD"], day(5));
    house.tag("v2", &merge, "kim", day(6));
    let harvest = house.read("unsigned_authors = 'as-written'");
    assert!(of(&harvest, &merge).contains(&"lee@example.com".to_owned()));
    assert!(of(&harvest, "v2").contains(&"lee@example.com".to_owned()));
    // More than are read may hide one.
    let many: String = (0..300)
        .map(|at| format!("Co-authored-by: {at}@example.com\n"))
        .collect();
    let commit = house.commit("kim", &format!("Many\n\n{many}"), day(7), Some("kim"));
    house.tag("v3", &commit, "lee", day(8));
    let harvest = house.read("");
    assert_eq!(
        request(&harvest, "acme/infra@v3").whole_history,
        Some(false)
    );
}

#[test]
fn a_time_that_the_signer_typed_is_bounded_by_the_first_sighting() {
    let house = House::new();
    house.allow(&[LEE]);
    let commit = house.commit("ann", "Open a port", day(2), None);
    house.tag("v1", &commit, "lee", day(3));
    let seen = |house: &House| request(&house.read(""), "acme/infra@v1").sighted;
    // The file of the tag lies here since then.
    let file = house.path("infra/.git/refs/tags/v1");
    let since = std::time::UNIX_EPOCH + std::time::Duration::from_secs(day(10).unsigned_abs());
    let set = |path: &std::path::Path| {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(since).unwrap();
    };
    set(&file);
    assert_eq!(seen(&house).unwrap().as_second(), day(10));
    // Packed with all others, it lies here since that file was written.
    house.git(&["pack-refs", "--all"], day(11));
    set(&house.path("infra/.git/packed-refs"));
    assert!(!file.exists());
    assert_eq!(seen(&house).unwrap().as_second(), day(10));
    // Nobody who pushes can set it: a file that was just written is of now.
    house.git(&["tag", "-d", "v1"], day(12));
    house.tag("v1", &commit, "lee", day(3));
    let now: jiff::Timestamp = plimsoll_kit::testkit::NOW.parse().unwrap();
    assert_eq!(seen(&house), Some(now));
}

#[test]
fn a_key_that_is_no_longer_allowed_cannot_date_a_tag_back() {
    let house = House::new();
    house.allow(&[("old@example.com", "valid-before=\"20251210\"", "old")]);
    let commit = house.commit("ann", "Open a port", day(2), None);
    house.tag("v1", &commit, "old", day(3));
    let harvest = house.read("");
    let doubts = &request(&harvest, "acme/infra@v1").doubts;
    assert!(doubts[0].contains("no longer allowed"), "{doubts:?}");
}

#[test]
fn a_signature_that_says_its_own_time_dates_the_tag() {
    let house = House::new();
    let lee = Gpg::new("Lee Moss <lee@example.com>");
    let keyring = house.path("keyring.gpg");
    output(
        lee.command("gpg")
            .args(["--batch", "--output"])
            .arg(&keyring)
            .arg("--export"),
    );
    let commit = house.commit("ann", "Open a port", day(2), None);
    // The tagger claims to have been there two years before the signature was made.
    let mut command = house.command("git", day(3));
    command.env("GNUPGHOME", lee.0.path());
    output(command.args([
        "tag",
        "-s",
        "-u",
        "lee@example.com",
        "-m",
        "Release",
        "v1",
        &commit,
    ]));
    let settings = format!("keyring = '{}'\n{}", keyring.display(), house.settings(""));
    let collector = plimsoll_kit::testkit::build(&plimsoll_git::REGISTRATION, &settings).unwrap();
    let mut context = plimsoll_kit::testkit::context("git");
    context.clock = std::sync::Arc::new(jiff::Timestamp::now);
    let harvest = plimsoll_kit::testkit::run(plimsoll_kit::testkit::harvest(&*collector, &context));
    let one = request(&harvest, "acme/infra@v1");
    let at = one.approvals[0].at.unwrap();
    assert!(at.as_second() > day(3) + 86_400, "{at}");
    assert_eq!(one.sighted, None);
    assert!(told(&harvest).contains("another time than its signature"));
}
