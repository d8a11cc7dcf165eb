//! A database that cannot be written, is held by others, is another's or is damaged: said in one line, and nothing is lost.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use rustix::fs::{CWD, Mode, mkfifoat};
use support::{Findings, Output, Plimsoll, has_own_mounts, mount_small, until};

const LIMIT: Duration = Duration::from_secs(60);

/// Hosts with a fact that makes them large enough to fill pages.
fn hosts(count: usize, os: &str) -> String {
    let host = |number: usize| {
        let noise = blake(number, os);
        format!(
            "{{\"asset\":{{\"id\":\"host:faults/{number}\",\"kind\":\"host\",\"name\":\"{number}\",\"facts\":{{\
             \"os\":\"{os}\",\"noise\":\"{noise}\"}}}}}}\n"
        )
    };
    (0..count).map(host).collect()
}

/// Text that no compression makes much smaller.
fn blake(number: usize, salt: &str) -> String {
    let hash = |part: usize| blake3::hash(format!("{number} {salt} {part}").as_bytes()).to_hex();
    (0..8).map(|part| hash(part).to_string()).collect()
}

/// A program with a store and a file of findings.
struct Ship {
    findings: Findings,
    plimsoll: Plimsoll,
}

impl Ship {
    /// One that waits `busy_timeout` for others.
    fn waiting(busy_timeout: &str) -> Self {
        let findings = Findings::of(&hosts(40, "Debian 12"));
        let source = findings.source();
        let plimsoll = Plimsoll::new(&format!("busy_timeout = \"{busy_timeout}\"\n{source}"));
        Self { findings, plimsoll }
    }

    /// One that has scanned its hosts once.
    fn scanned() -> Self {
        let ship = Self::waiting("1s");
        let report = ship.plimsoll.scan();
        assert_eq!(report.assets("host"), 40);
        ship
    }

    fn database(&self) -> PathBuf {
        self.plimsoll.data().join("plimsoll.db")
    }

    /// A connection as another program would have it.
    fn other(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    /// Every command that reads or writes the database, refused with one line that has these parts; nothing is changed.
    fn assert_refused(&self, parts: &[&str]) {
        let before = self.plimsoll.left_behind();
        for command in [
            ["scan", "--quiet"].as_slice(),
            &["report"],
            &["drift"],
            &["changes"],
            &["inventory", "list"],
            &["check", "--offline", "--database"],
        ] {
            let output = self.plimsoll.run(command);
            assert_said(&output, parts);
            assert!(
                self.plimsoll.left_behind() == before,
                "{command:?} changed what it refused"
            );
        }
    }
}

/// Ended with 1 and one line on standard error, which has the parts.
fn assert_said(output: &Output, parts: &[&str]) {
    let said = &output.stderr;
    assert_eq!(output.code, Some(1), "{}{said}", output.stdout);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("plimsoll: "), "{said}");
    for part in parts {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
}

#[test]
fn on_a_full_disk_the_last_scan_stays_and_the_next_works() {
    if !has_own_mounts(
        "on_a_full_disk_the_last_scan_stays_and_the_next_works",
        4 * LIMIT,
    ) {
        return;
    }
    let ship = Ship::waiting("1s");
    mount_small(&ship.plimsoll.data(), 2 << 20);
    ship.plimsoll.scan();
    let inventory = || {
        ship.plimsoll
            .run(&["inventory", "list", "--format", "json"])
    };
    let before = inventory().success("the inventory");
    let ballast = ship.plimsoll.data().join("ballast");
    let mut failed = 0;
    // What is left decides which step fails: the memory that readers share, the log, or putting it away.
    for left in [0, 4, 36, 64, 128, 256, 400, 480, 560, 640, 800, 1000] {
        let mut file = File::create(&ballast).unwrap();
        while file.write(&[0; 4096]).is_ok() {}
        let full = file.metadata().unwrap().len();
        file.set_len(full.saturating_sub(left << 10)).unwrap();
        ship.findings.write(&hosts(200, "Debian 13"));
        let output = ship.plimsoll.run(&["scan", "--quiet", "--format", "json"]);
        if output.code == Some(1) {
            failed += 1;
            assert_said(&output, &["plimsoll.db", "full", "make room"]);
            file.set_len(0).unwrap();
            let after = inventory().success("the inventory after the disk was full");
            assert!(after.stdout == before.stdout, "{left} KiB left");
        } else {
            // Room for the log, and perhaps not for putting it away: the scan is stored all the same.
            assert_eq!(output.code, Some(10), "{}", output.stderr);
            let after = inventory().success("the inventory on a disk that is nearly full");
            assert_eq!(after.stdout.matches("host:faults/").count(), 200);
            break;
        }
    }
    assert!(
        (3..12).contains(&failed),
        "the disk was full {failed} times"
    );
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(ship.plimsoll.scan().assets("host"), 200);
}

/// Where nothing can be stored everything is read and shown all the same, what is stored too.
#[test]
fn on_a_read_only_file_system_the_report_is_shown() {
    const NAME: &str = "on_a_read_only_file_system_the_report_is_shown";
    if !has_own_mounts(NAME, LIMIT) {
        return;
    }
    let findings = Findings::of(&hosts(3, "Debian 12"));
    let plimsoll = Plimsoll::new(&findings.source());
    mount_small(&plimsoll.data(), 16 << 20);
    let first = plimsoll.run(&["scan"]);
    assert_eq!(first.code, Some(10), "{}", first.stderr);
    let mut command = std::process::Command::new("mount");
    command.args(["-o", "remount,ro"]).arg(plimsoll.data());
    assert!(command.status().unwrap().success());
    findings.write(&hosts(3, "Debian 13"));
    let scan = plimsoll.run(&["scan", "--quiet", "--format", "json"]);
    assert_eq!(scan.code, Some(1), "{}", scan.stdout);
    assert_said(
        &scan,
        &["read-only file system", "nothing of this scan was stored"],
    );
    let report: serde_json::Value = serde_json::from_str(&scan.stdout).unwrap();
    assert_eq!(report["changes"].as_array().unwrap().len(), 3);
    let stored = plimsoll.run(&["report", "--format", "json"]);
    assert_eq!(stored.code, Some(10), "{}", stored.stderr);
    let report: serde_json::Value = serde_json::from_str(&stored.stdout).unwrap();
    assert_eq!(report["scan"]["id"], 1);
}

#[test]
fn a_folder_that_may_not_be_written_is_named() {
    let Ship { findings, plimsoll } = Ship::waiting("1s");
    let ship = Ship {
        findings,
        plimsoll: plimsoll.unprivileged(),
    };
    let data = ship.plimsoll.data();
    let mode = |mode: u32| std::fs::set_permissions(&data, Permissions::from_mode(mode)).unwrap();

    mode(0o500);
    let output = ship.plimsoll.run(&["scan", "--quiet"]);
    assert_said(&output, &["plimsoll.db", "may write"]);

    mode(0o700);
    ship.plimsoll.scan();
    let file = |mode: u32| {
        std::fs::set_permissions(ship.database(), Permissions::from_mode(mode)).unwrap();
    };
    file(0o400);
    mode(0o500);
    let before = ship.plimsoll.left_behind();
    let output = ship.plimsoll.run(&["scan", "--quiet"]);
    assert_said(&output, &["plimsoll.db", "the rights of the file"]);
    assert!(ship.plimsoll.left_behind() == before);
    // SQLite keeps a log beside the file, for who reads too.
    let inventory = ship.plimsoll.run(&["inventory", "list"]);
    assert_said(&inventory, &["plimsoll.db", "the rights of the file"]);

    file(0o600);
    mode(0o700);
    ship.plimsoll.scan().assert_changes(&[]);
}

#[test]
fn locked_by_another_process_the_scan_gives_up_and_says_so() {
    let ship = Ship::scanned();
    ship.findings.write(&hosts(40, "Debian 13"));
    let mut other = ship.other();
    let held = other
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    let output = ship.plimsoll.run(&["scan", "--quiet"]);
    assert_said(
        &output,
        &[
            "plimsoll.db is locked by another process",
            "after 1 s",
            "busy_timeout",
        ],
    );
    // Who only reads does not wait for whoever writes.
    let report = ship.plimsoll.run(&["report", "--format", "json"]);
    assert_eq!(report.code, Some(10), "{}", report.stderr);
    drop(held);
    assert_eq!(
        ship.plimsoll.scan().json["changes"]
            .as_array()
            .unwrap()
            .len(),
        40
    );
}

#[test]
fn a_lock_that_is_released_in_time_is_waited_for() {
    let ship = Ship::waiting("60s");
    ship.plimsoll.scan();
    let mut other = ship.other();
    let held = other
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    let scan = ship.plimsoll.start(&["scan"]);
    until("the source to be read", LIMIT, || {
        scan.stderr().contains("read estate").then_some(())
    });
    drop(held);
    let output = scan.finish(LIMIT);
    assert_eq!(output.code, Some(10), "{}", output.stderr);
}

#[test]
fn a_source_is_scanned_by_one_at_a_time_and_others_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, begun) = (folder.path().join("pipe"), folder.path().join("begun"));
    mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
    let findings = Findings::of(&hosts(1, "Debian 12"));
    let plimsoll = Plimsoll::new(&format!(
        "busy_timeout = \"1s\"\n{}[[sources]]\nname = \"slow\"\ncollector = \"exec\"\n\
         settings.command = [\"/bin/sh\", \"-c\", \"echo > {}; cat < {}\"]\n",
        findings.source(),
        begun.display(),
        pipe.display()
    ));
    // Both ends, so that nobody waits for the other to open it; reading ends when this is dropped.
    let mut held = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .unwrap();
    let only = ["scan", "--source", "slow"];
    let first = plimsoll.start(&only);
    until("the program to run", LIMIT, || begun.exists().then_some(()));

    let second = plimsoll.run(&["scan", "--source", "slow", "--quiet"]);
    assert_said(
        &second,
        &["another scan of source slow is running", "after 1 s"],
    );
    // So does a scan of all: it would scan that source too.
    let all = plimsoll.run(&["scan", "--quiet"]);
    assert_said(&all, &["another scan of source slow is running"]);
    let other = plimsoll.run(&["scan", "--source", "estate"]);
    assert_eq!(other.code, Some(10), "{}", other.stderr);

    held.write_all(
        Findings::whole("{\"asset\":{\"id\":\"volume:v\",\"kind\":\"volume\",\"name\":\"v\"}}")
            .as_bytes(),
    )
    .unwrap();
    drop(held);
    let first = first.finish(LIMIT);
    assert!(matches!(first.code, Some(0 | 10)), "{}", first.stderr);
    let list = plimsoll
        .run(&["inventory", "list"])
        .success("the inventory");
    assert!(
        list.stdout.contains("volume:v") && list.stdout.contains("host:faults/0"),
        "{}",
        list.stdout
    );
}

#[test]
fn several_first_scans_at_once_make_one_database() {
    let findings: Vec<Findings> = (0..4).map(|_| Findings::new()).collect();
    let mut sources = String::from("busy_timeout = \"60s\"\n");
    for (number, findings) in findings.iter().enumerate() {
        findings.write(&format!(
            "{{\"asset\":{{\"id\":\"volume:{number}\",\"kind\":\"volume\",\"name\":\"v\"}}}}"
        ));
        sources += &findings
            .source()
            .replace("\"estate\"", &format!("\"estate-{number}\""));
    }
    let plimsoll = Plimsoll::new(&sources);
    let scans: Vec<_> = (0..4)
        .map(|number| plimsoll.start(&["scan", "--source", &format!("estate-{number}")]))
        .collect();
    for scan in scans {
        let output = scan.finish(LIMIT);
        assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
    }
    let list = plimsoll
        .run(&["inventory", "list", "--format", "json"])
        .success("the inventory");
    let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!(list["scan"], 4);
    assert_eq!(list["assets"].as_array().unwrap().len(), 4);
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let ship = Ship::scanned();
    let other = ship.other();
    other.pragma_update(None, "user_version", 99).unwrap();
    drop(other);
    ship.assert_refused(&[
        "plimsoll.db was made by a newer plimsoll",
        "99",
        "update plimsoll",
        "nothing was changed",
    ]);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let ship = Ship::waiting("1s");
    let other = ship.other();
    other
        .execute_batch("CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('hardtack');")
        .unwrap();
    drop(other);
    ship.assert_refused(&[
        "plimsoll.db is no plimsoll inventory",
        "[store] path",
        "nothing was changed",
    ]);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    for garbage in [b"SQLite format 2\0".repeat(400), vec![0x5a; 5000]] {
        let ship = Ship::waiting("1s");
        std::fs::write(ship.database(), garbage).unwrap();
        ship.assert_refused(&[
            "plimsoll.db",
            "docs/guides/daemon.md",
            "nothing was changed",
        ]);
    }
}

#[test]
fn a_damaged_database_is_recovered_into_a_new_one_that_scans_go_on_with() {
    let ship = Ship::scanned();
    let length = std::fs::metadata(ship.database()).unwrap().len();
    let file = OpenOptions::new()
        .write(true)
        .open(ship.database())
        .unwrap();
    // A page with rows: those of the list of tables lie before.
    file.write_all_at(&[0x5a; 4096], length - 8 * 4096).unwrap();
    let damaged = std::fs::read(ship.database()).unwrap();
    let new = ship.plimsoll.data().join("recovered.db");
    let (old, to) = (ship.database(), new.to_str().unwrap().to_owned());
    let recover = || ship.plimsoll.run(&["recover", old.to_str().unwrap(), &to]);
    let recovered = recover();
    assert!(
        matches!(recovered.code, Some(0 | 1)),
        "{}",
        recovered.stderr
    );
    let all = recovered.code == Some(0);
    let said = if all {
        "Nothing is missing"
    } else {
        "What is missing is lost"
    };
    assert!(
        recovered.stdout.contains(said),
        "{}{}",
        recovered.stdout,
        recovered.stderr
    );
    assert_eq!(std::fs::read(ship.database()).unwrap(), damaged);
    let again = recover();
    assert_eq!(again.code, Some(1));
    assert!(
        again.stderr.contains("is there already"),
        "{}",
        again.stderr
    );

    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", ship.database().display()));
    }
    std::fs::rename(&new, ship.database()).unwrap();
    assert_eq!(ship.plimsoll.scan().assets("host"), 40);
    let checked = ship.plimsoll.run(&["check", "--offline", "--database"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
}

#[test]
fn a_damaged_database_is_refused_and_pointed_to_recovery() {
    // From the second page on: what is there is no tree any more.
    let ship = Ship::scanned();
    let file = OpenOptions::new()
        .write(true)
        .open(ship.database())
        .unwrap();
    let length = file.metadata().unwrap().len();
    assert!(length > 40 << 10, "{length}");
    let garbage = vec![0x5a; usize::try_from(length).unwrap() - 4096];
    file.write_all_at(&garbage, 4096).unwrap();
    ship.assert_refused(&[
        "plimsoll.db is damaged",
        "plimsoll recover ",
        "docs/guides/daemon.md",
        "nothing was changed",
    ]);

    let ship = Ship::scanned();
    let file = OpenOptions::new()
        .write(true)
        .open(ship.database())
        .unwrap();
    file.set_len(file.metadata().unwrap().len() / 8192 * 4096)
        .unwrap();
    ship.assert_refused(&["plimsoll.db is damaged", "docs/guides/daemon.md"]);
}

#[test]
fn damage_that_no_scan_meets_is_found_by_check() {
    let ship = Ship::scanned();
    let check = ["check", "--offline", "--database"];
    let output = ship.plimsoll.run(&check).success("a sound database");
    assert!(output.stdout.contains("no damage"), "{}", output.stdout);

    // Each page in turn: none may be harmed without `check` seeing it, and none makes anything crash.
    let sound = std::fs::read(ship.database()).unwrap();
    let mut seen_by_report = 0;
    let pages = sound.len() / 4096;
    for page in 1..pages {
        let mut harmed = sound.clone();
        harmed[page * 4096..(page + 1) * 4096].fill(0x5a);
        std::fs::write(ship.database(), &harmed).unwrap();
        let output = ship.plimsoll.run(&check);
        assert_eq!(output.code, Some(1), "page {page}: {}", output.stdout);
        assert!(output.stderr.contains("plimsoll.db"), "{}", output.stderr);
        if page % 4 == 0 {
            let output = ship.plimsoll.run(&["report"]);
            assert!(
                matches!(output.code, Some(1 | 10)),
                "page {page}: {output:?}"
            );
            seen_by_report += usize::from(output.code == Some(1));
        }
        assert!(std::fs::read(ship.database()).unwrap() == harmed);
    }
    assert!(seen_by_report > 0);
    std::fs::write(ship.database(), &sound).unwrap();
    ship.plimsoll.scan().assert_changes(&[]);
}

/// One flipped bit costs what was known of one asset, which is named, and no report.
#[test]
fn a_flipped_bit_in_a_body_is_found_named_and_healed() {
    let ship = Ship::scanned();
    let other = ship.other();
    let row = "SELECT v.id, a.name, v.body FROM version v JOIN asset a ON a.id = v.asset ORDER BY v.id LIMIT 1";
    let (version, name, mut body): (i64, String, Vec<u8>) = other
        .query_row(row, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    let at = body.len() * 2 / 3;
    body[at] ^= 4;
    let put = "UPDATE version SET body = ?2 WHERE id = ?1";
    other
        .execute(put, rusqlite::params![version, body])
        .unwrap();
    drop(other);
    let check = ["check", "--offline", "--database"];
    let output = ship.plimsoll.run(&check);
    assert_said(&output, &["plimsoll.db", &name, "damaged"]);
    let copy = ship.plimsoll.data().join("copy.db");
    let output = ship.plimsoll.run(&["backup", copy.to_str().unwrap()]);
    assert_said(&output, &["copy.db is made", &name, "damaged"]);
    for command in [
        ["report"].as_slice(),
        &["drift"],
        &["inventory", "list"],
        &["export", "inventory", "--format", "csv"],
    ] {
        let output = ship.plimsoll.run(command);
        assert!(
            matches!(output.code, Some(0 | 10)),
            "{command:?}: {output:?}"
        );
    }
    ship.plimsoll.scan().assert_changes(&[]);
    ship.plimsoll.run(&["report"]);
}

/// Records too: what is damaged is named, and everything else is there.
#[test]
fn damaged_records_cost_themselves() {
    for (spoil, named) in [
        ("UPDATE drift SET body = '{'", "a drift of host:faults/1,"),
        ("UPDATE drift SET body = x'ff'", "a drift of host:faults/1,"),
    ] {
        let ship = Ship::scanned();
        let other = ship.other();
        assert!(other.execute(spoil, []).unwrap() > 0);
        drop(other);
        let output = ship.plimsoll.run(&["check", "--offline", "--database"]);
        assert_said(&output, &["plimsoll.db", named, "damaged"]);
        let output = ship.plimsoll.run(&["drift"]);
        assert_eq!(output.code, Some(10), "{output:?}");
        ship.plimsoll.scan().assert_changes(&[]);
        let output = ship.plimsoll.run(&["check", "--offline", "--database"]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }
}

/// The file's own time tells of a clock that was set back, also where no scan does.
#[test]
fn a_file_from_days_to_come_is_remarked() {
    let ship = Ship::scanned();
    let file = OpenOptions::new()
        .write(true)
        .open(ship.database())
        .unwrap();
    let ahead = std::time::SystemTime::now() + Duration::from_secs(86_400);
    file.set_modified(ahead).unwrap();
    drop(file);
    let output = ship.plimsoll.run(&["scan", "--format", "json"]);
    assert!(output.stdout.contains("file was written at"), "{output:?}");
}

#[test]
fn content_that_makes_no_sense_is_an_error_and_no_crash() {
    for (spoil, command) in [
        (
            "UPDATE version SET dictionary = 77",
            ["inventory", "list"].as_slice(),
        ),
        ("UPDATE drift SET asset = 0, body = '{'", &["drift"]),
        ("UPDATE scope_read SET at = 'soon'", &["report"]),
    ] {
        let ship = Ship::scanned();
        let other = ship.other();
        assert!(other.execute(spoil, []).unwrap() > 0);
        drop(other);
        let output = ship.plimsoll.run(command);
        assert_said(&output, &["plimsoll.db"]);
    }
}

#[test]
fn a_redaction_key_that_others_may_read_is_refused() {
    let ship = Ship::scanned();
    let key = ship.plimsoll.data().join("redaction.key");
    std::fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    let output = ship.plimsoll.run(&["scan", "--quiet"]);
    assert_said(&output, &["redaction.key", "640", "chmod 600"]);
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    ship.plimsoll.scan().assert_changes(&[]);

    std::fs::write(&key, "short").unwrap();
    let output = ship.plimsoll.run(&["scan", "--quiet"]);
    assert_said(&output, &["redaction.key", "32 bytes", "restore it"]);
}
