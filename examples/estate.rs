//! Writes the findings of a made-up estate, to try Plimsoll at any size.
//!
//! `cargo run --example estate -- --assets 100000 [--changed PERCENT] [--seed N] [--month 2026-03] > estate.jsonl`
//!
//! The same arguments give the same bytes; images are as old as `--month`, by default this month, and the newest backups
//! are of its first day, by default of today. With `--changed` that share of the assets differs from the estate without
//! it: redeployed, a port opened, a kernel updated. Most systems are as they should be, and a few of a hundred are not.

use std::fmt::{self, Display, Formatter};
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll_model::{RelationKind, fact, kind};

fn main() -> ExitCode {
    let written = match Estate::from_arguments(std::env::args().skip(1)) {
        Ok(estate) => estate.write(BufWriter::with_capacity(1 << 16, io::stdout().lock())),
        Err(why) => Err(io::Error::other(why)),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "estate: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is to be made up.
pub(crate) struct Estate {
    /// How many assets; there are one and a half times as many relations.
    pub(crate) assets: u64,
    /// How many of 10,000 assets differ from the same estate with none here.
    pub(crate) changed: u64,
    /// Another number is another estate.
    pub(crate) seed: u64,
    /// When the images were built, as `2026-03`.
    pub(crate) month: String,
    /// When the newest backups were taken, as `2026-03-01`.
    pub(crate) day: String,
}

/// A host and what is on it: this many assets of each kind, forty in all. The kinds are in order of their ids.
const GROUP: [(&str, u64); 6] = [
    (kind::CONTAINER, 24),
    (kind::DATABASE, 2),
    (kind::HOST, 1),
    (kind::IMAGE, 2),
    (kind::NETWORK, 3),
    (kind::VOLUME, 8),
];
const SCOPES: [&str; 3] = ["eu-1", "eu-2", "us-1"];
/// Roles and their ports. Hosts come in pairs, the first with front ends and the second with what stands behind them.
const ROLES: [[(&str, u64); 3]; 2] = [
    [
        ("web-service", 8080),
        ("edge-proxy", 443),
        ("web-service", 8081),
    ],
    [("worker", 0), ("cache", 6379), ("worker", 0)],
];

impl Estate {
    /// The estate that command line arguments ask for.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut estate = Self {
            assets: 1000,
            changed: 0,
            seed: 1,
            month: this_month(),
            day: today(),
        };
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_default();
            if name == "--month" {
                estate.day = format!("{value}-01");
                estate.month = value;
                continue;
            }
            let value = value.parse::<f64>().ok();
            let value = value.filter(|value| (0.0..=1e9).contains(value));
            let value = value.ok_or_else(|| format!("{name} needs a number from 0 to 1e9"))?;
            match name.as_str() {
                "--assets" => estate.assets = value as u64,
                "--changed" => estate.changed = (value * 100.0) as u64,
                "--seed" => estate.seed = value as u64,
                _ => {
                    return Err(format!(
                        "{name} is none of --assets, --changed, --seed, --month"
                    ));
                }
            }
        }
        Ok(estate)
    }

    /// Writes the findings.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn write(&self, mut out: impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{{\"plimsoll\":\"findings/v1\",\"scope\":\"{}\"}}",
            SCOPES[0]
        )?;
        let mut first = 0;
        for (kind, count) in GROUP {
            for group in 0..self.assets.div_ceil(40) {
                for slot in first..first + count {
                    if group * 40 + slot < self.assets {
                        let thing = self.thing(kind, group, slot - first, slot);
                        thing.write(&mut out)?;
                    }
                }
            }
            first += count;
        }
        for scope in SCOPES {
            writeln!(
                out,
                "{{\"scope\":{{\"name\":\"{scope}\",\"complete\":true}}}}"
            )?;
        }
        out.flush()
    }

    fn thing(&self, kind: &'static str, group: u64, slot: u64, place: u64) -> Thing<'_> {
        let mut draw = Draw(self.seed ^ (group * 40 + place).wrapping_mul(0xd6e8_feb8_6659_fd93));
        // Drawn in any case, so that everything after is drawn alike.
        let changed = draw.below(10_000) < self.changed;
        Thing {
            kind,
            group,
            slot,
            changed,
            draw,
            groups: self.assets.div_ceil(40),
            month: &self.month,
            day: &self.day,
        }
    }
}

/// The month as `2026-03`.
fn this_month() -> String {
    today()[..7].to_owned()
}

/// The day as `2026-03-01`, by the algorithm of <https://howardhinnant.github.io/date_algorithms.html>.
fn today() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let days = now.as_secs() / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let day = day - (153 * from_march + 2) / 5 + 1;
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// SplitMix64: small, and the same everywhere.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// One asset to be written.
struct Thing<'a> {
    kind: &'static str,
    group: u64,
    slot: u64,
    changed: bool,
    draw: Draw,
    groups: u64,
    month: &'a str,
    day: &'a str,
}

/// The application that a group of assets is of: each staging group mirrors some production groups.
fn app(group: u64) -> u64 {
    let (block, place) = (group / 20, group % 20);
    let place = match place {
        0..=13 => place % 4,
        14..=17 => place - 14,
        _ => place,
    };
    block * 20 + place
}

/// The id of an asset on a host.
struct Id(&'static str, u64, u64);

impl Display for Id {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(kind, group, slot) = self;
        match *kind {
            kind::HOST => write!(f, "{kind}:node-{group:06}"),
            kind::IMAGE => write!(f, "{kind}:registry.example/app-{group:06}-{slot}"),
            _ => write!(f, "{kind}:node-{group:06}/{kind}-{slot:02}"),
        }
    }
}

/// A 256-bit digest made of two numbers.
struct Digest(u64, u64);

impl Display for Digest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{0:016x}{1:016x}{0:016x}{1:016x}", self.0, self.1)
    }
}

impl Thing<'_> {
    fn write(mut self, out: &mut impl Write) -> io::Result<()> {
        let Self {
            kind, group, slot, ..
        } = self;
        let id = Id(kind, group, slot);
        let scope = SCOPES[(group / 2 % 3) as usize];
        // Environments share no host.
        let environment = match group % 20 {
            0..=13 => "production",
            14..=17 => "staging",
            _ => "development",
        };
        let (role, port) = ROLES[(group % 2) as usize][(slot % 3) as usize];
        let role = if kind == kind::CONTAINER { role } else { kind };
        let name = match kind {
            kind::CONTAINER | kind::DATABASE => {
                format!("app-{:06}-{kind}-{slot:02}", app(group))
            }
            _ => format!("{kind}-{slot:02}"),
        };
        write!(
            out,
            "{{\"asset\":{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"name\":\"{name}\",\"scope\":\"{scope}\",\"labels\":{{\"example.team\":\"team-{}\"",
            group % 12
        )?;
        if !self.draw.percent(3) {
            write!(out, ",\"plimsoll.environment\":\"{environment}\"")?;
        }
        if matches!(kind, kind::CONTAINER | kind::DATABASE | kind::HOST) {
            write!(out, ",\"plimsoll.role\":\"{role}\"")?;
        }
        write!(out, "}},\"facts\":{{")?;
        match kind {
            kind::CONTAINER => self.container(out, port)?,
            kind::DATABASE => self.database(out)?,
            kind::HOST => self.host(out)?,
            kind::IMAGE => self.image(out)?,
            kind::NETWORK => {
                let internal = self.changed ^ self.draw.percent(50);
                write!(
                    out,
                    "\"{}\":\"bridge\",\"{}\":{internal}",
                    fact::DRIVER,
                    fact::NETWORK_INTERNAL
                )?;
            }
            _ => self.volume(out)?,
        }
        writeln!(out, "}}}}}}")?;
        self.relations(out, &id, scope)
    }

    /// What leads from here: sixty relations from the forty assets of a group.
    fn relations(&self, out: &mut impl Write, id: &Id, scope: &str) -> io::Result<()> {
        let mut relation = |kind: RelationKind, to: Id| {
            writeln!(
                out,
                "{{\"relation\":{{\"from\":\"{id}\",\"kind\":\"{kind}\",\"to\":\"{to}\",\"scope\":\"{scope}\"}}}}"
            )
        };
        let (group, slot) = (self.group, self.slot);
        if !matches!(self.kind, kind::CONTAINER | kind::DATABASE) {
            return Ok(());
        }
        if self.kind == kind::DATABASE {
            // Behind the front ends, where there is a second host.
            let host = if group | 1 < self.groups {
                group | 1
            } else {
                group
            };
            return relation(RelationKind::RunsOn, Id(kind::HOST, host, 0));
        }
        relation(RelationKind::RunsOn, Id(kind::HOST, group, 0))?;
        if slot < 6 {
            relation(RelationKind::StoresOn, Id(kind::VOLUME, group, slot))?;
        }
        relation(RelationKind::BuiltFrom, Id(kind::IMAGE, group, slot % 2))?;
        if slot < 4 {
            relation(RelationKind::MemberOf, Id(kind::NETWORK, group, slot % 3))?;
        }
        Ok(())
    }

    fn container(&mut self, out: &mut impl Write, port: u64) -> io::Result<()> {
        let (group, slot) = (self.group, self.slot);
        // A redeploy shows in the digest; every third change opens a port instead.
        let opened = self.changed && slot % 3 == 0;
        let salt = u64::from(self.changed && !opened);
        let digest = Digest(self.draw.next() ^ salt, group);
        let image = format!("registry.example/app-{:06}-{}", app(group), slot % 2);
        let root = self.draw.percent(3);
        let privileged = self.draw.percent(1);
        let pinned = !self.draw.percent(2);
        // Others get theirs from a file of the secrets manager.
        let secret = if self.draw.percent(3) {
            "TOKEN"
        } else {
            "WORKERS"
        };
        write!(out, "\"{}\":[", fact::CAPABILITIES_ADDED)?;
        if self.draw.percent(2) {
            write!(out, "\"NET_ADMIN\"")?;
        }
        write!(
            out,
            "],\"{}\":{privileged},\"{}\":{{\"value\":{{",
            fact::CLOCK_SETTABLE,
            fact::ENV
        )?;
        for (at, name) in ["LOG_LEVEL", "REGION", secret].into_iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let (one, other) = (self.draw.next(), self.draw.next());
            write!(
                out,
                "{comma}\"{name}\":\"secret:5eed5eed:{one:016x}{other:016x}\""
            )?;
        }
        write!(
            out,
            "}}}},\"{}\":true,\"{}\":\"{image}:1.{}\",\"{}\":[",
            fact::HEALTH_CHECKED,
            fact::IMAGE,
            group % 30,
            fact::IMAGE_DIGESTS
        )?;
        if pinned {
            write!(out, "\"{image}@{digest}\"")?;
        }
        write!(
            out,
            "],\"{}\":\"{digest}\",\"{}\":{{\"value\":{{",
            fact::IMAGE_ID,
            fact::MOUNTS
        )?;
        if slot < 6 {
            write!(
                out,
                "\"/data\":{{\"kind\":\"volume\",\"source\":\"volume-{slot:02}\",\"readonly\":false}}"
            )?;
        }
        write!(
            out,
            "}}}},\"{}\":[],\"{}\":\"bridge\",\"{}\":{{\"value\":{{",
            fact::NAMESPACES_HOST,
            fact::NETWORK_MODE,
            fact::PORTS
        )?;
        let astray = self.draw.percent(2);
        let mut ports = [(port, false), (9000, true)].into_iter();
        let mut comma = "";
        for (port, public) in ports.by_ref().take(1 + usize::from(opened || astray)) {
            let public = public || port == 443;
            if port > 0 {
                let address = if public { "0.0.0.0" } else { "127.0.0.1" };
                write!(
                    out,
                    "{comma}\"{address}:{port}/tcp\":{{\"address\":\"{address}\",\"port\":{port},\"protocol\":\"tcp\",\"reach\":\"{}\",\"target\":{port}{}}}",
                    if public { "public" } else { "loopback" },
                    if public { ",\"tls\":\"1.2\"" } else { "" }
                )?;
                comma = ",";
            }
        }
        write!(
            out,
            "}}}},\"{}\":{privileged},\"{}\":true,\"{}\":[\"no-new-privileges\"],\"{}\":\"running\",\"{}\":\"{}\",\"{}\":{root}",
            fact::PRIVILEGED,
            fact::READONLY_ROOT,
            fact::SECURITY_OPTIONS,
            fact::STATE_WANTED,
            fact::USER,
            if root { "root" } else { "app" },
            fact::USER_ROOT
        )
    }

    fn database(&mut self, out: &mut impl Write) -> io::Result<()> {
        let encrypted = !self.draw.percent(3);
        write!(
            out,
            "\"{}\":\"2099-11-01T00:00:00Z\",\"{}\":{{\"value\":{encrypted},\"how\":\"measured\",\"basis\":\"dm-crypt\"}},\"{}\":{{\"value\":{{\"10.0.0.1:5432/tcp\":{{\"address\":\"10.0.0.1\",\"port\":5432,\"protocol\":\"tcp\",\"reach\":\"private\",\"tls\":\"1.2\"}}}}}},\"{}\":\"running\",\"{}\":\"16.{}\"",
            fact::END_OF_LIFE,
            fact::ENCRYPTED_AT_REST,
            fact::PORTS,
            fact::STATE_WANTED,
            fact::VERSION,
            1 + u64::from(self.changed)
        )?;
        write!(
            out,
            "}},\"readings\":{{\"{}\":\"{}T00:30:00Z\"",
            fact::BACKUP_LATEST,
            self.day
        )
    }

    fn host(&mut self, out: &mut impl Write) -> io::Result<()> {
        let synchronised = !self.draw.percent(3);
        let error = 400 + self.draw.below(40_000);
        write!(
            out,
            "\"{}\":\"x86_64\",\"{}\":\"chrony\",\"{}\":{{\"value\":{synchronised},\"how\":\"measured\",\"basis\":\"adjtimex(2)\"}},\"{}\":{{\"value\":true,\"how\":\"measured\",\"basis\":\"dm-crypt\"}},\"{}\":\"6.1.0-{}-amd64\",\"{}\":\"Debian 12\",\"{}\":{{\"value\":{{\"10.0.0.1:22/tcp\":{{\"address\":\"10.0.0.1\",\"port\":22,\"process\":\"sshd\",\"protocol\":\"tcp\",\"reach\":\"private\"}}}}}}}},\"readings\":{{\"{}\":{{\"value\":{error},\"how\":\"measured\",\"basis\":\"adjtimex(2)\"}},\"{}\":{}",
            fact::ARCHITECTURE,
            fact::CLOCK_DAEMON,
            fact::CLOCK_SYNCHRONISED,
            fact::ENCRYPTED_AT_REST,
            fact::KERNEL,
            30 + u64::from(self.changed),
            fact::OS,
            fact::PORTS,
            fact::CLOCK_MAX_ERROR_US,
            fact::CLOCK_SKEW_MS,
            self.draw.below(20)
        )
    }

    fn image(&mut self, out: &mut impl Write) -> io::Result<()> {
        let digest = Digest(self.draw.next() ^ u64::from(self.changed), self.group);
        let month = if self.draw.percent(3) {
            "2020-01"
        } else {
            self.month
        };
        write!(
            out,
            "\"{}\":\"x86_64\",\"{}\":\"{month}-01T00:00:00Z\",\"{}\":[\"registry.example/app@{digest}\"],\"{}\":\"{digest}\"",
            fact::ARCHITECTURE,
            fact::IMAGE_CREATED,
            fact::IMAGE_DIGESTS,
            fact::IMAGE_ID
        )
    }

    fn volume(&mut self, out: &mut impl Write) -> io::Result<()> {
        let encrypted = !self.draw.percent(3) ^ self.changed;
        write!(
            out,
            "\"{}\":\"local\",\"{}\":{{\"value\":{encrypted},\"how\":\"measured\",\"basis\":\"dm-crypt\"}},\"{}\":\"LUKS2\",\"{}\":\"/var/lib/volumes/volume-{:02}\"",
            fact::DRIVER,
            fact::ENCRYPTED_AT_REST,
            fact::ENCRYPTION_METHOD,
            fact::MOUNTPOINT,
            self.slot
        )
    }
}
