//! Answers for a terminal.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use crate::cli::export::Estate;
use crate::cli::inventory_text::shown;
use crate::inventory::{self, Reach, Sharing, Way};

/// Of a longer list the rest is counted.
const SHOWN: usize = 200;

impl Estate<'_> {
    fn label(&self, at: u32) -> String {
        shown(self.snapshot.asset(at).id.as_str())
    }

    fn head(&self, title: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{title}, as of {} (scan {})",
            self.scan.finished, self.scan.id
        )
    }

    /// What could not be read, so that nobody takes the answer for all there is.
    fn foot(&self, what: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.complete() {
            return Ok(());
        }
        let open: Vec<String> = self
            .snapshot
            .coverage()
            .iter()
            .filter(|row| !row.complete)
            .map(|row| shown(&format!("{}/{}", row.source, row.scope)))
            .collect();
        let names = open.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let more = open.len().saturating_sub(5);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        writeln!(
            out,
            "\n! {names}{more} could not be read completely: {what}"
        )
    }
}

/// Writes a titled list, cut where it is long.
fn list(title: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title} ({})", lines.len())?;
    for line in lines.iter().take(SHOWN) {
        writeln!(out, "  {line}")?;
    }
    match lines.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more: `--format json` has them all"),
    }
}

pub(super) fn path(
    estate: &Estate<'_>,
    (from, to): (u32, u32),
    path: Option<&inventory::Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    estate.head(
        &format!("from {} to {}", estate.label(from), estate.label(to)),
        out,
    )?;
    let Some(path) = path else {
        writeln!(out, "\nno relation connects them")?;
        return estate.foot("what connects them may be there", out);
    };
    let steps = path.hops.len();
    let steps = if steps == 1 {
        "1 step".to_owned()
    } else {
        format!("{steps} steps")
    };
    let how = match path.way {
        _ if path.hops.is_empty() => "both are one",
        Way::Along => "the first leads to the second",
        Way::Against => "the second leads to the first",
        Way::Mixed => "neither leads to the other, both are connected",
    };
    writeln!(out, "\n{steps}: {how}\n\n  {}", estate.label(from))?;
    for hop in &path.hops {
        if hop.against {
            writeln!(
                out,
                "    ← {} ← {}",
                hop.edge.kind,
                estate.label(hop.edge.from)
            )?;
        } else {
            writeln!(
                out,
                "    → {} → {}",
                hop.edge.kind,
                estate.label(hop.edge.to)
            )?;
        }
    }
    Ok(())
}

/// `whole` is the answer about everything: the ways to what is shown lead through it.
pub(super) fn reach(
    estate: &Estate<'_>,
    reach: &Reach,
    whole: &Reach,
    out: &mut dyn Write,
) -> io::Result<()> {
    estate.head("what the internet reaches", out)?;
    let public: Vec<String> = reach
        .entries
        .iter()
        .map(|entry| {
            format!(
                "{}  {}",
                estate.label(entry.at),
                shown(&entry.ports.join(" "))
            )
        })
        .collect();
    let idle = reach.idle.iter();
    let idle = idle.map(|entry| {
        let ports = shown(&entry.ports.join(" ")).to_string();
        format!("{}  {ports}", estate.label(entry.at))
    });
    let idle: Vec<String> = idle.collect();
    let before: HashMap<u32, (u32, &'static str)> = whole
        .through
        .iter()
        .map(|one| (one.at, (one.from, one.kind.as_str())))
        .collect();
    let chain = |at: u32| {
        let mut steps = Vec::new();
        let mut at = at;
        while let Some((from, kind)) = before.get(&at).copied().filter(|_| steps.len() < 12) {
            steps.push(format!("{} → {kind} → ", estate.label(from)));
            at = from;
        }
        steps.reverse();
        // A chain names each asset once.
        let mut text = String::new();
        for (place, step) in steps.iter().enumerate() {
            if place == 0 {
                text.push_str(step);
            } else if let Some((_, rest)) = step.split_once(" → ") {
                text.push_str(&format!(
                    "{} → {rest}",
                    step.split(" → ").next().unwrap_or_default()
                ));
            }
        }
        text.trim_end_matches(" → ").to_owned()
    };
    let through: Vec<String> = reach
        .through
        .iter()
        .map(|one| format!("{}  by {}", estate.label(one.at), chain(one.at)))
        .collect();
    list("public", &public, out)?;
    list("reached through others", &through, out)?;
    if !idle.is_empty() {
        list("not running, public once started", &idle, out)?;
    }
    let mut reasons: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for one in &reach.unknown {
        reasons.entry(&one.why).or_default().push(one.at);
    }
    if !reach.unknown.is_empty() {
        writeln!(
            out,
            "\nnot known ({}) · never to be read as not reached",
            reach.unknown.len()
        )?;
    }
    for (why, places) in reasons {
        let names: Vec<String> = places.iter().take(6).map(|at| estate.label(*at)).collect();
        let more = places.len().saturating_sub(6);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        writeln!(out, "  ? {}{more}\n      {}", names.join(", "), shown(why))?;
    }
    if public.is_empty() && through.is_empty() {
        let what = if reach == whole {
            "nothing is known to have a public port"
        } else {
            "nothing of what was asked about is known to be reached"
        };
        writeln!(out, "\n{what}")?;
    }
    writeln!(
        out,
        "\n{} of which it is known that nobody outside reaches them",
        reach.unreached
    )?;
    estate.foot("more may be reachable", out)
}

pub(super) fn blast(
    estate: &Estate<'_>,
    at: u32,
    affected: &[inventory::Affected],
    out: &mut dyn Write,
) -> io::Result<()> {
    estate.head(&format!("what depends on {}", estate.label(at)), out)?;
    let line = |one: &inventory::Affected| {
        let part = one.kind == plimsoll_model::RelationKind::Contains;
        let offer = one.kind == plimsoll_model::RelationKind::Exposes;
        let how = match () {
            () if part => "is a part of".to_owned(),
            () if offer => "is offered by".to_owned(),
            () => one.kind.to_string(),
        };
        format!(
            "{}  {how} {}",
            estate.label(one.at),
            estate.label(one.through)
        )
    };
    let direct: Vec<String> = affected
        .iter()
        .filter(|one| one.depth == 1)
        .map(line)
        .collect();
    let further: Vec<String> = affected
        .iter()
        .filter(|one| one.depth > 1)
        .map(line)
        .collect();
    list("directly", &direct, out)?;
    list("through others", &further, out)?;
    if affected.is_empty() {
        writeln!(out, "\nnothing is known to depend on it")?;
    }
    estate.foot("more may depend on it", out)
}

pub(super) fn shared(
    estate: &Estate<'_>,
    sharing: &Sharing,
    out: &mut dyn Write,
) -> io::Result<()> {
    estate.head("what production and another environment both use", out)?;
    let line = |one: &inventory::Shared| {
        let users = one.users.iter().map(|(environment, user)| {
            let environment = environment.unwrap_or("environment not known");
            if *user == one.at {
                format!("itself ({environment})")
            } else {
                format!("{} ({environment})", estate.label(*user))
            }
        });
        format!(
            "{}  {}",
            estate.label(one.at),
            users.collect::<Vec<_>>().join(", ")
        )
    };
    let rows = |list: &[inventory::Shared]| list.iter().map(line).collect::<Vec<_>>();
    list("shared", &rows(&sharing.shared), out)?;
    list(
        "not known · used with systems of which no environment is known",
        &rows(&sharing.unknown),
        out,
    )?;
    if sharing.production == 0 {
        writeln!(
            out,
            "\nno system is known to be in production: nothing can be said"
        )?;
    } else if sharing.shared.is_empty() {
        writeln!(
            out,
            "\nnothing is known to be shared by the {} in production",
            systems(sharing.production)
        )?;
    }
    if sharing.untagged > 0 {
        let have = if sharing.untagged == 1 { "has" } else { "have" };
        writeln!(out, "\n{} {have} no environment", systems(sharing.untagged))?;
    }
    estate.foot("more may be shared", out)
}

pub(super) fn orphans(
    estate: &Estate<'_>,
    orphans: &[inventory::Orphan],
    out: &mut dyn Write,
) -> io::Result<()> {
    estate.head("what nobody uses", out)?;
    for certain in [true, false] {
        let mut by_why: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in orphans.iter().filter(|one| one.certain == certain) {
            by_why
                .entry(one.why)
                .or_default()
                .push(estate.label(one.at));
        }
        for (why, lines) in by_why {
            let title = if certain {
                why.to_owned()
            } else {
                format!("{why}, as far as was seen: its source was not read completely")
            };
            list(&title, &lines, out)?;
        }
    }
    if orphans.is_empty() {
        writeln!(out, "\nnothing: everything is used")?;
    }
    estate.foot("what seems unused may be used from there", out)
}

fn systems(many: usize) -> String {
    if many == 1 {
        "1 system".to_owned()
    } else {
        format!("{many} systems")
    }
}
