//! Real repositories, well kept and not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{House, day, read, read_from, request, script, told};
use plimsoll_git::REGISTRATION;
use plimsoll_kit::Right;
use plimsoll_kit::testkit::{build, context, run};

#[test]
fn a_story_over_several_reads() {
    let house = House::new();
    house.allow(&[]);
    house.commit("ann", "Nothing to say", day(1), None);
    let one = house.commit(
        "ann",
        "Open a port for OPS-16\n\nSystem: api\n\nApproved-by: Lee Moss <Lee@Example.com>\nTicket: OPS-17",
        day(2),
        None,
    );
    let harvest = house.read("");
    assert!(harvest.scopes[0].complete, "{}", told(&harvest));
    assert_eq!(harvest.requests.len(), 1);
    let commit = request(&harvest, &format!("acme/infra@{one}"));
    assert_eq!(commit.kind, "commit");
    assert_eq!(commit.approvals[0].by.account, "lee@example.com");
    assert_eq!(commit.approvals[0].at, None, "nobody knows when");
    assert_eq!(commit.links.requests, ["OPS-17", "OPS-16"]);
    assert_eq!(commit.names, ["api"]);
    // Work on a branch is none of main's until it is merged, and then the merge is what counts.
    house.git(&["checkout", "-q", "-b", "work"], day(3));
    house.commit("bo", "Work\n\nApproved-by: bo@example.com", day(3), None);
    let main = read(&format!("{}branches = ['main']", house.settings("")));
    assert_eq!(main.requests.len(), 1);
    house.git(&["checkout", "-q", "main"], day(4));
    let message = "Merge work\n\nReviewed-by: kim@example.com";
    house.git(&["merge", "-q", "--no-ff", "-m", message, "work"], day(4));
    let merged = house.git(&["rev-parse", "HEAD"], day(4));
    let harvest = house.read("");
    let ids: Vec<_> = harvest
        .requests
        .iter()
        .map(|one| one.id.to_string())
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    let merge = request(&harvest, &format!("acme/infra@{merged}"));
    assert_eq!(merge.reviews[0].at, None);
    // Of a merge all that was merged.
    assert_eq!(
        common::authors(merge),
        [
            "bo@example.com",
            "mo@example.com",
            "author of unsigned commits"
        ]
    );
    assert_eq!(
        merge.merge.as_ref().unwrap().branch.as_deref(),
        Some("main")
    );
    // What is not kept any more is not read.
    let from = jiff::Timestamp::from_second(day(3)).unwrap();
    assert_eq!(read_from(&house.settings(""), from).requests.len(), 1);
}

#[test]
fn a_clone_is_read_as_its_remote_was_and_a_mirror_as_it_is() {
    let house = House::new();
    house.allow(&[]);
    let one = house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    let (clone, mirror) = (house.path("clone"), house.path("mirror.git"));
    let source = house.repository.display().to_string();
    house.git(
        &["clone", "-q", &source, &clone.display().to_string()],
        day(1),
    );
    house.git(
        &[
            "clone",
            "-q",
            "--mirror",
            &source,
            &mirror.display().to_string(),
        ],
        day(1),
    );
    for folder in [&clone, &mirror] {
        let harvest = read(&format!("[[repositories]]\npath = '{}'", folder.display()));
        assert!(harvest.scopes[0].complete, "{}", told(&harvest));
        assert!(harvest.requests[0].id.ends_with(&one));
    }
    // A local commit of the clone is not on the remote's branch.
    let git = |args: &[&str]| {
        let mut command = house.command("git", day(2));
        common::output(command.current_dir(&clone).args(args));
    };
    git(&[
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Mine\n\nTicket: OPS-2",
    ]);
    let harvest = read(&format!("[[repositories]]\npath = '{}'", clone.display()));
    assert_eq!(harvest.requests.len(), 1);
    // Whoever may push to a mirror's source may push what only looks like a remote's branch.
    let pushed = house.commit("eve", "Eve\n\nTicket: OPS-3", day(2), None);
    house.git(&["update-ref", "refs/remotes/origin/main", &pushed], day(2));
    house.git(&["reset", "-q", "--hard", &one], day(2));
    let mut fetch = house.command("git", day(2));
    common::output(fetch.current_dir(&mirror).args(["fetch", "-q"]));
    let harvest = read(&format!("[[repositories]]\npath = '{}'", mirror.display()));
    assert_eq!(harvest.requests.len(), 1);
}

#[test]
fn a_clone_that_nobody_fetches_is_not_read_whole() {
    let house = House::new();
    house.allow(&[]);
    house.commit("ann", "One", day(1), None);
    let mirror = house.path("mirror.git");
    let source = house.repository.display().to_string();
    house.git(
        &[
            "clone",
            "-q",
            "--mirror",
            &source,
            &mirror.display().to_string(),
        ],
        day(1),
    );
    let settings = format!(
        "fetched_within = '1 day'\n[[repositories]]\npath = '{}'",
        mirror.display()
    );
    let harvest = read(&settings);
    assert!(!harvest.scopes[0].complete && told(&harvest).contains("never, as it seems"));
    let mut fetch = house.command("git", day(2));
    common::output(fetch.current_dir(&mirror).args(["fetch", "-q"]));
    // The tests' clock stands at the start of 2026.
    let now: std::time::SystemTime = plimsoll_kit::testkit::NOW
        .parse::<jiff::Timestamp>()
        .unwrap()
        .into();
    let head = std::fs::File::options()
        .write(true)
        .open(mirror.join("FETCH_HEAD"))
        .unwrap();
    let hour = std::time::Duration::from_secs(3600);
    head.set_modified(now - 23 * hour).unwrap();
    assert!(read(&settings).scopes[0].complete);
    head.set_modified(now - 25 * hour).unwrap();
    let harvest = read(&settings);
    assert!(!harvest.scopes[0].complete && told(&harvest).contains("longer ago than"));
}

#[test]
fn nothing_of_a_repository_runs_and_nothing_is_written() {
    let house = House::new();
    house.allow(&[("lee@example.com", "", "lee")]);
    let commit = house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    house.tag("v1", &commit, "lee", day(2));
    let mark = house.path("it-ran");
    let evil = house.path("evil");
    script(&evil, &format!("#!/bin/sh\ntouch '{}'\n", mark.display()));
    let program = evil.display().to_string();
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "gpg.program",
        "gpg.ssh.program",
        "core.editor",
        "credential.helper",
    ] {
        house.git(&["config", key, &program], day(2));
    }
    house.git(&["config", "log.showSignature", "true"], day(2));
    house.git(&["config", "trailer.separators", "%"], day(2));
    for hook in [
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
    ] {
        let hooks = house.repository.join(".git/hooks");
        std::fs::create_dir_all(&hooks).unwrap();
        script(
            &hooks.join(hook),
            &format!("#!/bin/sh\ntouch '{}'\n", mark.display()),
        );
    }
    let listing = || {
        common::output(
            std::process::Command::new("ls")
                .args(["-lRi", "--time-style=full-iso"])
                .arg(&house.repository),
        )
    };
    let before = listing();
    let harvest = house.read("");
    assert_eq!(harvest.requests.len(), 2, "{}", told(&harvest));
    assert!(!mark.exists(), "a program of the repository's own ran");
    assert_eq!(before, listing());
}

/// Nothing of a repository's configuration is read, so nothing in it can do anything, whatever a version of `git` makes of it.
#[test]
fn a_repositorys_own_configuration_is_not_read() {
    let house = House::new();
    house.allow(&[("lee@example.com", "", "lee")]);
    let commit = house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    house.tag("v1", &commit, "lee", day(2));
    let whole = plimsoll_kit::testkit::render(&house.read(""));
    let path = house.repository.join(".git/config");
    let config = std::fs::read_to_string(&path).unwrap();
    for evil in [
        "[broken\n",
        "[include]\n\tpath = /nowhere/fifo\n[extensions]\n\tunheardof = true\n[core]\n\trepositoryformatversion = 1\n",
        "[core]\n\tworktree = /\n\tbare = maybe\n",
    ] {
        std::fs::write(&path, format!("{config}{evil}")).unwrap();
        let harvest = house.read("");
        assert_eq!(plimsoll_kit::testkit::render(&harvest), whole, "{evil}");
    }
}

/// A working tree beside another has its own `HEAD` and the other's branches and tags.
#[test]
fn a_linked_working_tree_is_read_like_the_first() {
    let house = House::new();
    house.allow(&[("lee@example.com", "", "lee")]);
    let commit = house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    house.tag("v1", &commit, "lee", day(2));
    let linked = house.path("linked");
    let place = linked.display().to_string();
    house.git(&["worktree", "add", "-q", "-b", "side", &place], day(2));
    let whole = house.read("");
    let first = house.repository.display().to_string();
    let mut beside = house;
    beside.repository = linked;
    let harvest = beside.read("");
    assert_eq!(
        harvest.requests.len(),
        whole.requests.len(),
        "{first}: {}",
        told(&harvest)
    );
}

/// Before 2.39.4 `git` knows no word against fetching what a partial clone has not: what the repository names may then be a program.
#[test]
fn an_older_git_runs_nothing_for_what_a_partial_clone_has_not() {
    let house = House::new();
    house.allow(&[("lee@example.com", "", "lee")]);
    let commit = house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    house.tag("v1", &commit, "lee", day(2));
    let tag = house.git(&["rev-parse", "refs/tags/v1"], day(2));
    let mark = house.path("it-ran");
    let evil = house.path("evil");
    script(&evil, &format!("#!/bin/sh\ntouch '{}'\n", mark.display()));
    let older = house.path("older-git");
    script(
        &older,
        "#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nexec git \"$@\"\n",
    );
    let program = evil.display().to_string();
    for (key, value) in [
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("protocol.file.allow", "always"),
        ("remote.origin.uploadpack", &program),
    ] {
        house.git(&["config", key, value], day(2));
    }
    // What the tag is has to be fetched.
    let object = format!(".git/objects/{}/{}", &tag[..2], &tag[2..]);
    std::fs::remove_file(house.repository.join(object)).unwrap();
    let vcs = format!("ext::{program}");
    for url in [vcs.as_str(), "file:///nowhere", "nowhere:repository"] {
        house.git(&["config", "remote.origin.url", url], day(2));
        house.git(&["config", "core.sshCommand", &program], day(2));
        let harvest = house.read(&format!("git = '{}'", older.display()));
        assert!(
            !mark.exists(),
            "a program of the repository's ran for {url}"
        );
        assert!(!harvest.scopes.is_empty());
    }
    // The attack is one: with the words against it gone it would run.
    house.git(&["config", "remote.origin.url", &vcs], day(2));
    let mut plain = house.command("git", day(2));
    let asked = plain
        .env_remove("GIT_NO_LAZY_FETCH")
        .args(["cat-file", "-p", &tag])
        .output();
    assert!(
        asked.is_ok() && mark.exists(),
        "nothing was fetched: the test tests nothing"
    );
}

#[test]
fn a_replaced_or_grafted_history_is_not_believed() {
    let house = House::new();
    house.allow(&[]);
    let one = house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    let two = house.commit("bo", "Two", day(2), None);
    house.git(&["replace", &two, &one], day(3));
    assert_eq!(house.git(&["log", "--format=%s", "-1"], day(3)), "One");
    let harvest = house.read("");
    assert_eq!(harvest.requests.len(), 1);
    assert!(harvest.requests[0].id.ends_with(&one));
}

#[test]
fn a_repository_of_somebody_else_is_read() {
    let house = House::new();
    house.allow(&[]);
    house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    // Only root can give a folder away; elsewhere it is one's own, and as good.
    let _ = std::os::unix::fs::chown(&house.repository, Some(12345), Some(12345));
    let _ = std::os::unix::fs::chown(house.repository.join(".git"), Some(12345), Some(12345));
    let harvest = house.read("");
    assert!(harvest.scopes[0].complete, "{}", told(&harvest));
}

#[test]
fn what_is_cut_off_or_not_there_is_said() {
    let house = House::new();
    house.allow(&[("lee@example.com", "", "lee")]);
    house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    let two = house.commit("ann", "Two\n\nTicket: OPS-2", day(2), None);
    house.tag("v1", &two, "lee", day(3));
    let shallow = house.path("shallow");
    let source = format!("file://{}", house.repository.display());
    house.git(
        &[
            "clone",
            "-q",
            "--depth",
            "1",
            "-b",
            "v1",
            &source,
            &shallow.display().to_string(),
        ],
        day(3),
    );
    let harvest = read(&house.settings("").replace(
        &house.repository.display().to_string(),
        &shallow.display().to_string(),
    ));
    assert!(!harvest.scopes[0].complete && told(&harvest).contains("shallow"));
    assert_eq!(
        request(&harvest, "acme/infra@v1").whole_history,
        Some(false)
    );
    // A folder inside a repository is none, and an empty one has no branch.
    let inside = house.repository.join("inside");
    std::fs::create_dir(&inside).unwrap();
    let harvest = read(&format!("[[repositories]]\npath = '{}'", inside.display()));
    assert!(
        !harvest.scopes[0].complete && told(&harvest).contains("status 128"),
        "{}",
        told(&harvest)
    );
    let harvest = house.read("").scopes[0].complete;
    assert!(harvest);
    let settings = house.settings("") + "branches = ['main', 'gone']\n";
    let harvest = read(&settings);
    assert!(!harvest.scopes[0].complete && told(&harvest).contains("no branch gone"));
    assert_eq!(harvest.requests.len(), 3);
}

#[test]
fn a_message_of_ten_megabytes_costs_nothing_else() {
    let house = House::new();
    house.allow(&[]);
    house.commit("ann", "One\n\nTicket: OPS-1", day(1), None);
    let long = format!("Long\n\n{}\n\nTicket: OPS-2\n", "x ".repeat(5 << 20));
    let file = house.path("message");
    std::fs::write(&file, long).unwrap();
    house.git(
        &[
            "commit",
            "-q",
            "--allow-empty",
            "-F",
            &file.display().to_string(),
        ],
        day(2),
    );
    let harvest = house.read("");
    assert!(harvest.scopes[0].complete);
    let cut: Vec<_> = harvest
        .requests
        .iter()
        .map(|one| one.whole_history)
        .collect();
    assert_eq!(cut.iter().filter(|one| **one == Some(false)).count(), 1);
    assert_eq!(cut.len(), 2);
    assert!(told(&harvest).contains("longer than"));
    let harvest = house.read("max_bytes = 65536");
    assert!(!harvest.scopes[0].complete && told(&harvest).contains("wrote more than"));
}

#[test]
fn check_says_what_is_missing() {
    let house = House::new();
    house.allow(&[]);
    house.commit("ann", "One", day(1), None);
    let check = |settings: &str| {
        run(build(&REGISTRATION, settings)
            .unwrap()
            .check(&context("git")))
    };
    let all = check(&house.settings(""));
    assert!(all.iter().all(|one| one.right == Right::Granted), "{all:?}");
    let settings = format!(
        "keyring = '/nonexistent/ring'\ngit = '/nonexistent/git'\n{}",
        house.settings("")
    );
    let bad = check(&settings);
    let bad: Vec<_> = bad
        .iter()
        .filter(|one| one.right != Right::Granted)
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(bad, ["program git", "keyring", "repository acme/infra"]);
}

#[test]
fn nothing_that_a_repository_is_set_to_changes_what_is_read() {
    let house = House::new();
    house.allow(&[("lee@example.com", "namespaces=\"git\"", "lee")]);
    let message = "Open a port\n\nHelped-by: Lee <lee@example.com>\nApproved-by: Kim <kim@example.com>\nCo-authored-by: Bo <bo@example.com>\nTicket: OPS-1";
    let commit = house.commit("ann", message, day(2), None);
    house.tag("v1", &commit, "lee", day(3));
    let before = plimsoll_kit::testkit::render(&house.read(""));
    assert!(before.contains("kim@example.com") && before.contains("bo@example.com"));
    for (key, value) in [
        ("trailer.Helped-by.key", "Approved-by"),
        ("trailer.Approved-by.key", "Nothing"),
        ("trailer.Co-authored-by.key", "Helped-by"),
        ("trailer.separators", "="),
        ("core.commentChar", "A"),
        ("grep.patternType", "fixed"),
        ("log.mailmap", "true"),
        ("mailmap.blob", "HEAD:file"),
        ("log.date", "relative"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("i18n.commitEncoding", "UTF-16"),
        ("core.bare", "true"),
        ("core.commitGraph", "true"),
        ("core.abbrev", "4"),
        ("core.quotePath", "true"),
        ("core.ignoreCase", "true"),
        ("color.ui", "always"),
        ("gpg.ssh.allowedSignersFile", "/dev/null"),
        ("gpg.program", "/bin/false"),
        ("format.pretty", "format:nothing"),
        ("tag.sort", "-refname"),
        ("versionsort.suffix", "1"),
        ("rev-list.format", "nothing"),
        ("alias.rev-list", "!false"),
        ("alias.cat-file", "!false"),
        ("log.excludeDecoration", "refs/*"),
        ("transfer.hideRefs", "refs/tags"),
        ("uploadpack.hideRefs", "refs/tags"),
        ("core.useReplaceRefs", "true"),
        ("include.path", "/dev/null"),
        ("core.logAllRefUpdates", "always"),
        ("pack.useBitmaps", "true"),
        ("core.attributesFile", "/dev/zero"),
    ] {
        house.git(&["config", "--add", key, value], day(4));
        let after = plimsoll_kit::testkit::render(&house.read(""));
        assert_eq!(after, before, "{key} = {value}");
        house.git(&["config", "--unset-all", key], day(4));
    }
}
