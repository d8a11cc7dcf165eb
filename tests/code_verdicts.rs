//! Code that was approved in Git or on GitLab, from its collector to the verdict: what proves an approval, and what does not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use plimsoll_gitlab::testkit::FakeGitlab;
use serde_json::{Value, json};

const IDA: i64 = 11;
const NORA: i64 = 12;
const BO: i64 = 13;

const PEOPLE: &str = r#"
[[people]]
name = "Ida"
roles = ["engineering-lead"]
accounts = { any = ["ida@example.com", "11"] }
[[people]]
name = "Nora"
roles = ["engineering-lead"]
accounts = { any = ["nora@example.com", "12"] }
[approval]
policy = "ours"
paths = ["ours.toml"]
"#;

/// A system that runs a commit, and a tracker.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new(tracker: &str, policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let config = format!(
            "[store]\npath = {:?}\n[[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {:?}\n{tracker}{PEOPLE}",
            at("plimsoll.db"),
            at("estate.jsonl"),
        );
        std::fs::write(at("config.toml"), config).unwrap();
        std::fs::write(at("ours.toml"), policy).unwrap();
        Self { folder }
    }

    /// Scans with a commit running, and again with another; gives the verdict on the change.
    fn deploy(&self, commit: &str) -> Value {
        self.run(&"0".repeat(40));
        self.run(commit).unwrap()
    }

    /// Scans with a commit running; gives the verdict on the change where there is one.
    fn run(&self, commit: &str) -> Option<Value> {
        let asset = json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api",
            "labels": {"plimsoll.environment": "production", "plimsoll.role": "worker"}, "facts": {"source.commit": commit}}});
        let text = format!(
            "{{\"plimsoll\":\"findings/v1\",\"scope\":\"h\"}}\n{asset}\n{{\"scope\":{{\"complete\":true}}}}\n"
        );
        std::fs::write(self.folder.path().join("estate.jsonl"), text).unwrap();
        let report = self.scan();
        let changes = report["changes"].as_array().unwrap();
        let own = changes.iter().find(|one| one["kind"] == "modified");
        own.cloned()
    }

    fn scan(&self) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command
            .arg("--quiet")
            .arg("--config")
            .arg(self.folder.path().join("config.toml"));
        let output = command.args(["scan", "--format", "json"]).output().unwrap();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

#[track_caller]
fn assert_verdict(change: &Value, verdict: &str, because: &str) {
    assert_eq!(change["verdict"], verdict, "{change:#}");
    assert!(
        change["reasons"].to_string().contains(because),
        "{because}: {:#}",
        change["reasons"]
    );
}

/// So many hours ago, in seconds since 1970.
fn ago(hours: i64) -> i64 {
    Timestamp::now().as_second() - hours * 3600
}

/// A repository with keys of Ida and Nora, and of a stranger.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = Self { folder };
        std::fs::create_dir(made.path("infra")).unwrap();
        made.git(&["init", "-q", "-b", "main"], 9, "ida");
        let mut allowed = String::new();
        for who in ["ida", "nora", "stranger"] {
            let mut command = Command::new("ssh-keygen");
            command
                .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
                .arg(made.path(who));
            output(&mut command);
            let key = std::fs::read_to_string(made.path(&format!("{who}.pub"))).unwrap();
            if who != "stranger" {
                allowed.push_str(&format!("{who}@example.com namespaces=\"git\" {key}"));
            }
        }
        std::fs::write(made.path("allowed"), allowed).unwrap();
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn git(&self, args: &[&str], hours: i64, who: &str) -> String {
        let date = format!("@{} +0000", ago(hours));
        let mut command = Command::new("git");
        command
            .current_dir(self.path("infra"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .args([
                "-c",
                "gpg.format=ssh",
                "-c",
                &format!("user.name={who}"),
                "-c",
                &format!("user.email={who}@example.com"),
            ])
            .args([
                "-c",
                &format!("user.signingkey={}", self.path(who).display()),
            ])
            .args(args);
        output(&mut command)
    }

    /// A commit by somebody, signed or not; gives its hash.
    fn commit(&self, who: &str, message: &str, signed: bool) -> String {
        let sign = if signed { "-S" } else { "--no-gpg-sign" };
        self.git(
            &["commit", "-q", "--allow-empty", sign, "-m", message],
            8,
            who,
        );
        self.git(&["rev-parse", "HEAD"], 8, who)
    }

    fn tag(&self, who: &str, name: &str) {
        self.git(&["tag", "-s", "-m", "Release", name], 7, who);
    }

    fn house(&self) -> House {
        let tracker = format!(
            "[[sources]]\nname = \"code\"\ncollector = \"git\"\n[sources.settings]\nallowed_signers = {:?}\n[[sources.settings.repositories]]\npath = {:?}\n",
            self.path("allowed"),
            self.path("infra")
        );
        House::new(
            &tracker,
            "[[rule]]\nid = \"all\"\napprovers = [\"engineering-lead\"]\n",
        )
    }
}

fn output(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output().unwrap();
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_release_that_another_signed_is_approved() {
    let repository = Repository::new();
    let commit = repository.commit("ida", "Open a port", true);
    repository.tag("nora", "v1");
    assert_verdict(
        &repository.house().deploy(&commit),
        "approved",
        "nora@example.com",
    );
}

#[test]
fn nobody_signs_for_their_own_work() {
    let repository = Repository::new();
    let commit = repository.commit("ida", "Open a port", true);
    repository.tag("ida", "v1");
    assert_verdict(
        &repository.house().deploy(&commit),
        "unapproved",
        "approved it and",
    );
    // Nor by typing another's name.
    let repository = Repository::new();
    repository.git(
        &[
            "commit",
            "-q",
            "--allow-empty",
            "-S",
            "-m",
            "Open a port",
            "--author",
            "Nora <nora@example.com>",
        ],
        8,
        "ida",
    );
    let commit = repository.git(&["rev-parse", "HEAD"], 8, "ida");
    repository.tag("ida", "v1");
    assert_verdict(
        &repository.house().deploy(&commit),
        "unapproved",
        "approved it and",
    );
}

#[test]
fn what_nobody_signed_leaves_it_unproven() {
    let repository = Repository::new();
    let commit = repository.commit("ida", "Open a port", false);
    repository.tag("nora", "v1");
    assert_verdict(
        &repository.house().deploy(&commit),
        "unproven",
        "it may be Nora",
    );
}

#[test]
fn a_trailer_has_no_time_and_approves_nothing() {
    let repository = Repository::new();
    let commit = repository.commit(
        "ida",
        "Open a port\n\nApproved-by: Nora <nora@example.com>",
        true,
    );
    assert_verdict(
        &repository.house().deploy(&commit),
        "unproven",
        "does not say when",
    );
}

#[test]
fn a_strangers_signature_is_none() {
    let repository = Repository::new();
    // Where nothing at all is asked for, it is not known that this is a tracker.
    repository.commit("ida", "Before\n\nTicket: OPS-1", true);
    let commit = repository.commit("ida", "Open a port", true);
    repository.tag("stranger", "v1");
    let change = repository.house().deploy(&commit);
    assert_eq!(change["verdict"], "unapproved", "{change:#}");
}

/// A house that reviews merge requests, and what happens in one; gives the verdict on its merge commit.
fn gitlab(story: impl FnOnce(&mut plimsoll_gitlab::testkit::Gitlab, i64)) -> Value {
    gitlab_spoiled(story, |_| {})
}

/// The same, with something done to its lists in the end.
fn gitlab_spoiled(
    story: impl FnOnce(&mut plimsoll_gitlab::testkit::Gitlab, i64),
    spoil: impl FnOnce(&mut plimsoll_gitlab::testkit::MergeRequest),
) -> Value {
    gitlab_merged("", story, |gitlab, _| spoil(gitlab.of(1)))
}

/// The same by a policy with more in its rule, with something done after it was merged.
fn gitlab_merged(
    more: &str,
    story: impl FnOnce(&mut plimsoll_gitlab::testkit::Gitlab, i64),
    then: impl FnOnce(&mut plimsoll_gitlab::testkit::Gitlab, &str),
) -> Value {
    let fake = FakeGitlab::new("acme/infra");
    let commit = fake.with(|gitlab| {
        gitlab.now = ago(5);
        let one = gitlab.open(IDA, "Open a port", "");
        story(gitlab, one);
        let commit = gitlab.merge(one, IDA);
        then(gitlab, &commit);
        commit
    });
    let folder = tempfile::tempdir().unwrap();
    let settings = fake.settings(Path::new(folder.path()));
    let tracker = format!(
        "[[sources]]\nname = \"code\"\ncollector = \"gitlab\"\n[sources.settings]\n{settings}"
    );
    let policy = format!(
        "[[rule]]\nid = \"all\"\napprovers = [\"engineering-lead\"]\ncounts = [\"review\", \"approval\"]\nmerged = true\n{more}\
         [[rule.review]]\nkind = \"peer\"\nroles = [\"engineering-lead\"]\n"
    );
    House::new(&tracker, &policy).deploy(&commit)
}

#[test]
fn a_merge_request_that_another_approved_is_approved() {
    let change = gitlab(|gitlab, one| gitlab.approve(one, NORA));
    assert_verdict(&change, "approved", "12 approved acme/infra!1");
    assert_eq!(change["request"], "acme/infra!1");
}

#[test]
fn no_other_yes_is_one() {
    assert_eq!(gitlab(|_, _| {})["verdict"], "unapproved");
    let own = gitlab(|gitlab, one| gitlab.approve(one, IDA));
    assert_verdict(&own, "unapproved", "approved it and");
    let back = gitlab(|gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.unapprove(one, NORA);
    });
    assert_verdict(&back, "unapproved", "was withdrawn at");
    let pushed = gitlab(|gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.push(one, IDA);
    });
    assert_verdict(&pushed, "unapproved", "after it was approved");
    let said = gitlab(|gitlab, one| gitlab.comment(one, NORA, "approved this merge request"));
    assert_eq!(said["verdict"], "unapproved");
    let reopened = gitlab(|gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.state(one, IDA, "closed");
        gitlab.state(one, IDA, "reopened");
    });
    assert_eq!(reopened["verdict"], "unapproved");
}

#[test]
fn what_cannot_be_known_of_it_is_unproven() {
    let unseen = gitlab(|gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.of(one).approved.clear();
    });
    assert_verdict(&unseen, "unproven", "was withdrawn, nobody says when");
    let unknown = gitlab(|gitlab, one| {
        gitlab.push(one, BO);
        gitlab.approve(one, NORA);
    });
    assert_verdict(&unknown, "unproven", "it may be Nora");
}

#[test]
fn a_tag_that_was_made_after_the_change_cannot_be_dated_back() {
    let repository = Repository::new();
    let before = repository.commit("ida", "Before", true);
    let commit = repository.commit("ida", "Open a port", true);
    let house = repository.house();
    house.run(&before);
    // Signed now, and its tagger claims seven hours ago.
    repository.tag("nora", "v1");
    let change = house.run(&commit).unwrap();
    assert_verdict(&change, "unproven", "by its own word");
    // What lay here before the change is proven by that, also when it is packed afterwards.
    let repository = Repository::new();
    let commit = repository.commit("ida", "Open a port", true);
    repository.tag("nora", "v1");
    let house = repository.house();
    house.run(&"0".repeat(40));
    repository.git(&["pack-refs", "--all"], 1, "ida");
    assert_verdict(&house.run(&commit).unwrap(), "approved", "nora@example.com");
}

#[test]
fn nobody_signs_for_what_they_wrote_along() {
    let repository = Repository::new();
    let message = "Open a port\n\nCo-authored-by: Nora <nora@example.com>";
    let commit = repository.commit("ida", message, true);
    repository.tag("nora", "v1");
    let change = repository.house().deploy(&commit);
    assert_verdict(&change, "unapproved", "Nora approved it and wrote it");
}

#[test]
fn a_clones_own_configuration_makes_no_approval() {
    let repository = Repository::new();
    let message = "Open a port\n\nHelped-by: Nora <nora@example.com>\nTicket: none-1";
    let commit = repository.commit("ida", message, true);
    repository.git(
        &["config", "trailer.Helped-by.key", "Approved-by"],
        1,
        "ida",
    );
    let change = repository.house().deploy(&commit);
    assert_verdict(&change, "unapproved", "nobody approved");
}

#[test]
fn a_merge_request_that_two_lists_tell_in_two_ways_is_unproven() {
    type Spoil = fn(&mut plimsoll_gitlab::testkit::MergeRequest);
    let cases: [(Spoil, &str); 5] = [
        (|one| one.versions.clear(), "the last of its versions"),
        (
            |one| drop(one.versions.remove(0)),
            "the last of its versions",
        ),
        (|one| one.notes.clear(), "no note says so"),
        (
            |one| one.states.clear(),
            "nothing that happened to it says so",
        ),
        (|one| one.commits.clear(), "its last commit is none"),
    ];
    for (spoil, because) in cases {
        let change = gitlab_spoiled(
            |gitlab, one| {
                gitlab.push(one, IDA);
                gitlab.approve(one, NORA);
            },
            spoil,
        );
        assert_verdict(&change, "unproven", because);
    }
    // A push that is in one list alone.
    let change = gitlab_spoiled(
        |gitlab, one| {
            gitlab.approve(one, NORA);
            gitlab.push(one, IDA);
        },
        |one| {
            one.versions.remove(0);
            one.notes.pop();
        },
    );
    assert_verdict(&change, "unproven", "the last of its versions");
    // That nobody approved it, where the list of notes is shorter than its count.
    let change = gitlab_spoiled(|_, _| {}, |one| one.json["user_notes_count"] = json!(3));
    assert_verdict(&change, "unproven", "it counts more notes");
}

#[test]
fn nobody_approves_a_merge_request_that_they_wrote_along() {
    let change = gitlab(|gitlab, one| {
        let message = "Work\n\nCo-authored-by: Nora <nora@example.com>";
        gitlab.of(one).commits[0]["message"] = message.into();
        gitlab.approve(one, NORA);
    });
    assert_verdict(&change, "unapproved", "approved it and wrote it");
}

#[test]
fn nobody_approves_what_a_squash_says_they_wrote_along_on_gitlab() {
    let change = gitlab_merged(
        "",
        |gitlab, one| gitlab.approve(one, NORA),
        |gitlab, commit| {
            let landed = gitlab.landed.get_mut(commit).unwrap();
            landed["message"] = "Work\n\nCo-authored-by: Nora <nora@example.com>".into();
        },
    );
    assert_verdict(&change, "unapproved", "approved it and wrote it");
}

#[test]
fn the_last_pipeline_that_came_to_an_end_counts() {
    for (results, verdict, because) in [
        (&["failed", "success"][..], "approved", "tests passed on"),
        (&["success", "failed"], "unapproved", "failed on"),
        (&["success", "skipped"], "approved", "tests passed on"),
        (&["success", "running"], "unproven", "has not ended"),
    ] {
        let change = gitlab_merged(
            "checks = true\n",
            |gitlab, one| gitlab.approve(one, NORA),
            |gitlab, commit| results.iter().for_each(|one| gitlab.pipeline(commit, one)),
        );
        assert_verdict(&change, verdict, because);
    }
}
