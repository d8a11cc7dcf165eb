//! `kill -9` at any point of a scan: the database opens, the last whole scan is intact, and the next scan works.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::io::Read;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::Connection;
use serde_json::Value;
use support::{Findings, Plimsoll, until};

/// Kills at moments spread over a whole scan.
const AT_RANDOM: usize = 140;
/// Kills at steps that the test sees the scan take.
const AT_STEPS: usize = 50;
/// Kills of the first scan of all, which makes the database and the key.
const AT_THE_FIRST: usize = 20;

/// One of two estates that have little in common, so that a mixture of both would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    A,
    B,
}

impl Version {
    /// Every asset differs; every third is in this version alone; every relation leads elsewhere; other drifts are open.
    fn lines(self) -> String {
        let mut lines = String::new();
        let mut draw = Draw(self as u64);
        for host in 0..4_usize {
            lines += &format!(
                "{{\"asset\":{{\"id\":\"host:kill/{host}\",\"kind\":\"host\",\"name\":\"{host}\",\"facts\":{{\
                 \"version\":\"{self:?}\",\"clock.synchronised\":{}}}}}}}\n",
                (host + self as usize).is_multiple_of(2)
            );
        }
        for number in 0..24_usize {
            let own = if number.is_multiple_of(3) {
                format!("-{self:?}")
            } else {
                String::new()
            };
            let id = format!("container:kill/{number}{own}");
            let noise: String = (0..128)
                .map(|_| format!("{:016x}", draw.next_number()))
                .collect();
            lines += &format!(
                "{{\"asset\":{{\"id\":\"{id}\",\"kind\":\"container\",\"name\":\"{number}\",\"facts\":{{\
                 \"version\":\"{self:?}\",\"noise\":\"{noise}\",\"privileged\":{}}}}}}}\n",
                (number + self as usize).is_multiple_of(2)
            );
            lines += &format!(
                "{{\"relation\":{{\"from\":\"{id}\",\"kind\":\"runs-on\",\"to\":\"host:kill/{}\"}}}}\n",
                (number + self as usize) % 4
            );
        }
        lines
    }
}

/// SplitMix64: the same kills in every run, as far as the machine goes.
struct Draw(u64);

impl Draw {
    fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Part of `whole`, each as likely as the other.
    fn part(&mut self, whole: Duration) -> Duration {
        whole.mul_f64(self.next_number() as f64 / u64::MAX as f64)
    }
}

/// What a scan leaves behind, but for its number and its times.
#[derive(Clone, Debug, PartialEq)]
struct Left {
    inventory: Value,
    drifts: Value,
    changes: Value,
}

/// The estate, and the program that scans it.
struct Ship {
    findings: Findings,
    plimsoll: Plimsoll,
}

/// A scan that runs.
struct Scan {
    child: Child,
    stdout: ChildStdout,
}

impl Ship {
    fn new() -> Self {
        let findings = Findings::new();
        let plimsoll = Plimsoll::new(&findings.source());
        Self { findings, plimsoll }
    }

    /// Begins a scan of a version.
    fn start(&self, version: Version) -> Scan {
        self.findings.write(&version.lines());
        let mut command = self.plimsoll.command();
        command.args(["scan", "--format", "json", "--config"]);
        command.arg(self.plimsoll.config());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        Scan { child, stdout }
    }

    /// A scan that nobody kills. Gives its report.
    fn scan(&self, version: Version) -> Value {
        self.findings.write(&version.lines());
        let report = self.plimsoll.scan();
        assert!(report.complete(), "{:?}", report.troubles());
        assert_eq!(report.output.code, Some(10), "{}", report.output.stderr);
        report.json
    }

    /// The last scan's number and what it left, as the program itself says it.
    fn ask(&self) -> (i64, Left) {
        let inventory = self
            .plimsoll
            .run(&["inventory", "list", "--format", "json"])
            .success("the inventory");
        let mut inventory: Value = serde_json::from_str(&inventory.stdout).unwrap();
        let report = self.plimsoll.run(&["report", "--format", "json"]);
        assert_eq!(report.code, Some(10), "{}", report.stderr);
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        assert_eq!(report["scan"]["id"], inventory["scan"]);
        let scan = inventory["scan"].take().as_i64().unwrap();
        inventory["as_of"].take();
        let left = Left {
            inventory,
            drifts: drifts(&report),
            changes: changes(&report),
        };
        (scan, left)
    }

    /// How large the log of what is being written is; SQLite keeps it beside the database.
    fn wal_bytes(&self) -> u64 {
        let wal = self.plimsoll.data().join("plimsoll.db-wal");
        std::fs::metadata(wal).map_or(0, |file| file.len())
    }

    /// When the database itself was written, which happens when a scan is stored and its log is put away.
    fn written(&self) -> Option<SystemTime> {
        let database = std::fs::metadata(self.plimsoll.data().join("plimsoll.db"));
        database.and_then(|file| file.modified()).ok()
    }

    /// The file has no damage, and no table holds rows of a scan that was not finished.
    fn assert_sound(&self) {
        let database = Connection::open(self.plimsoll.data().join("plimsoll.db")).unwrap();
        let check: String = database
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok");
        for (table, column) in [
            ("version", "max(from_scan, coalesce(to_scan, 0))"),
            ("relation", "max(from_scan, coalesce(to_scan, 0))"),
            ("drift", "max(from_scan, coalesce(to_scan, 0))"),
            ("change", "scan"),
            ("scope_read", "scan"),
        ] {
            let torn = format!(
                "SELECT count(*) FROM {table} WHERE {column} > (SELECT coalesce(max(id), 0) FROM scan)"
            );
            let rows: i64 = database.query_row(&torn, [], |row| row.get(0)).unwrap();
            assert_eq!(rows, 0, "{table} holds rows of a scan that was not");
        }
    }
}

impl Scan {
    fn kill(mut self) {
        // It may be over by now: that, too, is a moment to be killed at.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

fn drifts(report: &Value) -> Value {
    let rows = report["drifts"].as_array().unwrap().iter();
    rows.map(|row| {
        let fields = ["asset", "control", "status", "expected", "actual"];
        Value::from(fields.map(|field| row[field].clone()).to_vec())
    })
    .collect()
}

fn changes(report: &Value) -> Value {
    let rows = report["changes"].as_array().unwrap().iter();
    rows.map(|row| Value::from(format!("{} {} {}", row["asset"], row["kind"], row["paths"])))
        .collect()
}

/// Two versions that follow each other again and again.
struct Tide {
    ship: Ship,
    /// The last whole scan.
    scan: i64,
    version: Version,
    left: Left,
    /// What each version leaves when it follows the other.
    turned: [Left; 2],
    /// How long a whole scan took last, and how large the log of its writes gets.
    lasts: Duration,
    wal_bytes: u64,
    /// How many kills came before the scan was stored, and after.
    before: usize,
    after: usize,
}

impl Tide {
    fn new() -> Self {
        let ship = Ship::new();
        for version in [Version::A, Version::B, Version::A] {
            ship.scan(version);
        }
        let (_, a) = ship.ask();
        let (lasts, wal_bytes) = watched(&ship, Version::B);
        assert!(wal_bytes > 0, "a scan is stored without a log of it");
        let (scan, b) = ship.ask();
        assert_ne!(a.inventory, b.inventory);
        assert_ne!(a.drifts, b.drifts);
        assert_ne!(a.changes, b.changes);
        Self {
            ship,
            scan,
            version: Version::B,
            left: b.clone(),
            turned: [a, b],
            lasts,
            wal_bytes,
            before: 0,
            after: 0,
        }
    }

    /// Scans the other version and kills that when `moment` is over; looks at what is left, and scans again.
    fn kill(&mut self, moment: impl FnOnce(&Ship, &mut Scan)) {
        let version = match self.version {
            Version::A => Version::B,
            Version::B => Version::A,
        };
        let turned = &self.turned[version as usize];
        let mut scan = self.ship.start(version);
        moment(&self.ship, &mut scan);
        scan.kill();

        let (number, left) = self.ship.ask();
        self.ship.assert_sound();
        let stored = number != self.scan;
        if stored {
            assert_eq!(number, self.scan + 1);
            assert_eq!(left, *turned);
            self.after += 1;
        } else {
            assert_eq!(left, self.left);
            self.before += 1;
        }

        let begun = Instant::now();
        let report = self.ship.scan(version);
        // As the machine is now, so that the next kill meets a scan and not its end.
        self.lasts = begun.elapsed();
        assert_eq!(report["scan"]["id"], number + 1);
        assert_eq!(drifts(&report), turned.drifts);
        let none = Value::Array(Vec::new());
        let expected = if stored { &none } else { &turned.changes };
        assert_eq!(changes(&report), *expected);
        self.left = Left {
            changes: changes(&report),
            ..turned.clone()
        };
        (self.scan, self.version) = (number + 1, version);
    }
}

/// How long a scan takes from start to end, and how large its log gets.
fn watched(ship: &Ship, version: Version) -> (Duration, u64) {
    // Whoever closes the file last empties the log: as long as this looks at it, it stays.
    let beside = Connection::open(ship.plimsoll.data().join("plimsoll.db")).unwrap();
    let look = || beside.query_row("SELECT count(*) FROM scan", [], |row| row.get::<_, i64>(0));
    look().unwrap();
    let begun = Instant::now();
    ship.scan(version);
    (begun.elapsed(), ship.wal_bytes())
}

/// Kills at random moments; gives how many came before the scan was stored, and after.
fn kill_at_random(seed: u64, kills: usize) -> (usize, usize) {
    let mut tide = Tide::new();
    let mut draw = Draw(seed);
    for _ in 0..kills {
        // The moments are what is tried out here: nothing is right because time went by.
        let moment = draw.part(tide.lasts);
        tide.kill(|_, _| std::thread::sleep(moment));
    }
    (tide.before, tide.after)
}

#[test]
fn killed_at_any_moment_the_last_whole_scan_is_intact() {
    let (before, after) = std::thread::scope(|threads| {
        let other = threads.spawn(|| kill_at_random(1824, AT_RANDOM / 2));
        let (before, after) = kill_at_random(1857, AT_RANDOM - AT_RANDOM / 2);
        let other = other.join().unwrap();
        (before + other.0, after + other.1)
    });
    let share = AT_RANDOM / 8;
    assert!(
        before >= share && after >= share,
        "{before} kills came before the scan was stored, {after} after"
    );
}

#[test]
fn killed_while_it_stores_the_last_whole_scan_is_intact() {
    const LIMIT: Duration = Duration::from_secs(60);
    let mut tide = Tide::new();
    let mut inside = 0;
    for kill in 0..AT_STEPS {
        let wanted = tide.wal_bytes * (kill as u64 % 8) / 8 + 1;
        let before = tide.before;
        match kill % 10 {
            // All is stored, and the report is being printed.
            9 => tide.kill(|_, scan| {
                let _ = scan.stdout.read(&mut [0]).unwrap();
            }),
            // All is stored, and the log is being put away.
            8 => tide.kill(|ship, scan| {
                let written = ship.written();
                until("the database to be written", LIMIT, || {
                    (ship.written() != written || scan.is_over()).then_some(())
                });
            }),
            _ => {
                let mut grown = 0;
                tide.kill(|ship, scan| {
                    let written = ship.written();
                    until("the log to grow", LIMIT, || {
                        grown = ship.wal_bytes();
                        (grown >= wanted || ship.written() != written || scan.is_over())
                            .then_some(())
                    });
                });
                // The log had begun, and the scan was not stored: it was killed while it was written.
                inside += usize::from(grown > 0 && tide.before > before);
            }
        }
    }
    println!(
        "before {}, inside {inside}, after {}",
        tide.before, tide.after
    );
    assert!(inside > 0, "no kill came while the log was written");
    assert!(tide.after >= AT_STEPS / 5, "{} after", tide.after);
}

#[test]
fn killed_at_its_first_scan_the_next_one_begins_afresh() {
    let (mut lasts, whole) = {
        let ship = Ship::new();
        let begun = Instant::now();
        ship.scan(Version::A);
        (begun.elapsed(), ship.ask().1)
    };
    let mut draw = Draw(1876);
    let mut before = 0;
    for _ in 0..AT_THE_FIRST {
        let ship = Ship::new();
        let scan = ship.start(Version::A);
        std::thread::sleep(draw.part(lasts));
        scan.kill();

        let begun = Instant::now();
        let report = ship.scan(Version::A);
        lasts = begun.elapsed();
        let number = report["scan"]["id"].as_i64().unwrap();
        assert!(number == 1 || number == 2, "scan {number}");
        before += usize::from(number == 1);
        assert_eq!(drifts(&report), whole.drifts);
        assert_eq!(ship.ask().1.inventory, whole.inventory);
        ship.assert_sound();
    }
    assert!(
        before >= AT_THE_FIRST / 8,
        "{before} kills came before the scan was stored"
    );
}
