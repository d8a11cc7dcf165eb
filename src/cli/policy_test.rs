//! `plimsoll policy test`: a house's own labelled scenarios, judged by its own policy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use plimsoll_settings::{Document, Mistake, Mistakes};
use serde_json::json;

use super::args::ListFormat;
use super::args_changes::PolicyTestArgs;
use super::door::{Door, Out};
use super::exit::Exit;
use crate::approval::scenario::{Difference, House, PolicyChoice, Scenario, read};
use crate::approval::{Judged, People, Policies, Policy};
use crate::config::read_document;
use crate::report::tame;

/// The file of a folder that says who is who.
const PEOPLE: &str = "people.toml";
/// More files than scenarios can fill: a folder with more is not one of scenarios.
const MOST: usize = 1_000;

/// A scenario with what came out, and how that differs from its label.
struct Tried {
    scenario: Scenario,
    judged: Judged,
    difference: Option<Difference>,
}

pub(super) fn run(door: &Door, args: &PolicyTestArgs, out: &mut Out) -> anyhow::Result<Exit> {
    let approval = &door.config.approval;
    let draft = args.policy.as_deref().filter(|name| is_file(name));
    let own = match draft {
        Some(path) => {
            let document = read_document(Path::new(path)).map_err(one)?;
            Some(approval.policies.and(&[document])?)
        }
        None => None,
    };
    let policies: &Policies = own.as_ref().unwrap_or(&approval.policies);
    let choice = match (&args.policy, &approval.policy) {
        (Some(name), _) => PolicyChoice::Always(named(policies, draft.map_or(name, stem))?),
        (None, chosen) => PolicyChoice::Default(chosen.as_ref()),
    };
    let tried = try_all(&args.folder, door, policies, choice)?;
    match args.format {
        ListFormat::Text => write_text(&tried, out)?,
        ListFormat::Json => write_json(&tried, out)?,
    }
    let differs = tried.iter().any(|one| one.difference.is_some());
    Ok(if differs { Exit::Drift } else { Exit::Clean })
}

fn one(mistake: Mistake) -> Mistakes {
    Mistakes::new(vec![mistake])
}

/// Whether a policy is given by its file and not by its name.
fn is_file(name: &str) -> bool {
    name.ends_with(".toml") || name.contains(std::path::is_separator)
}

fn stem(path: &str) -> &str {
    let stem = Path::new(path).file_stem();
    stem.and_then(|stem| stem.to_str()).unwrap_or(path)
}

fn named<'a>(policies: &'a Policies, name: &str) -> anyhow::Result<&'a Policy> {
    match policies.get(name) {
        Some(policy) => Ok(policy),
        None => bail!(
            "no approval policy is called {name:?} ({}; a file is given by its path, as ./{name}.toml)",
            policies.suggest(name)
        ),
    }
}

/// Reads every document of a folder and judges its scenarios.
///
/// # Errors
/// All mistakes of all documents.
fn try_all(
    folder: &Path,
    door: &Door,
    policies: &Policies,
    choice: PolicyChoice<'_>,
) -> Result<Vec<Tried>, Mistakes> {
    let mut mistakes: Vec<Mistake> = Vec::new();
    let files = list(folder).map_err(one)?;
    let mut people = Arc::new(door.config.people.clone());
    if files.iter().any(|path| is_people(path)) {
        let document = read_document(&folder.join(PEOPLE)).map_err(one)?;
        match document.read(People::read) {
            Ok(own) => people = Arc::new(own),
            Err(more) => mistakes.extend(more.into_vec()),
        }
    }
    let house = House {
        policies,
        choice,
        people,
    };
    let mut scenarios = Vec::new();
    for path in files.iter().filter(|path| !is_people(path)) {
        let document: Document = match read_document(path) {
            Ok(document) => document,
            Err(mistake) => {
                mistakes.push(mistake);
                continue;
            }
        };
        match read(&document, &house) {
            Ok(more) => scenarios.extend(more),
            Err(more) => mistakes.extend(more.into_vec()),
        }
    }
    if !mistakes.is_empty() {
        return Err(Mistakes::new(mistakes));
    }
    let tried = scenarios.into_iter().map(|scenario| {
        let judged = scenario.judge();
        let difference = scenario.compare(&judged);
        Tried {
            scenario,
            judged,
            difference,
        }
    });
    Ok(tried.collect())
}

fn is_people(path: &Path) -> bool {
    path.file_name() == Some(PEOPLE.as_ref())
}

/// The files `*.toml` of a folder, by name, of which one at least holds scenarios.
fn list(folder: &Path) -> Result<Vec<PathBuf>, Mistake> {
    let shown = folder.display().to_string();
    let wrong = |error: std::io::Error| {
        let hint = "give the path of a folder with scenarios, each file *.toml";
        Mistake::of_file(&shown, error.to_string()).hint(hint)
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let name = entry.map_err(wrong)?.file_name();
        let toml = Path::new(&name).extension() == Some("toml".as_ref());
        if toml && !name.as_encoded_bytes().starts_with(b".") {
            files.push(folder.join(name));
        }
        if files.len() > MOST {
            let message = format!("holds more than {MOST} files *.toml");
            return Err(Mistake::of_file(&shown, message).hint("is it the right folder?"));
        }
    }
    if !files.iter().any(|path| !is_people(path)) {
        let hint =
            "each file *.toml beside people.toml is one of scenarios: write [[scenario]] in one";
        return Err(Mistake::of_file(&shown, "holds no scenarios").hint(hint));
    }
    files.sort();
    Ok(files)
}

fn write_text(tried: &[Tried], out: &mut Out) -> anyhow::Result<()> {
    out.write(|out| {
        let mut file = "";
        for one in tried {
            let Tried {
                scenario, judged, ..
            } = one;
            if scenario.file != file {
                file = &scenario.file;
                writeln!(out, "{}", tame(file, 200))?;
            }
            let name = tame(&scenario.name, 160);
            let Some(difference) = &one.difference else {
                writeln!(
                    out,
                    "  as labelled  {name}: {}",
                    tame(&scenario.expected(), 120)
                )?;
                continue;
            };
            writeln!(out, "  DIFFERS      {name} (line {})", scenario.line)?;
            writeln!(out, "    expected: {}", tame(&difference.expected, 120))?;
            writeln!(out, "    got:      {}", tame(&difference.got, 120))?;
            for reason in &difference.missing {
                writeln!(
                    out,
                    "    labelled, and did not come out: {}",
                    tame(reason, 200)
                )?;
            }
            for reason in &difference.unlabelled {
                writeln!(
                    out,
                    "    came out, and is not labelled: {}",
                    tame(reason, 200)
                )?;
            }
            writeln!(out, "    policy: {}", tame(&judged.rule, 120))?;
            for reason in &judged.reasons {
                let (outcome, sentence) = (reason.outcome.as_str(), reason.sentence());
                writeln!(
                    out,
                    "      {outcome:8} {} [{}]",
                    tame(&sentence, 400),
                    reason.rule
                )?;
            }
            for sentence in &judged.proof {
                writeln!(out, "      proof    {}", tame(sentence, 400))?;
            }
            if let Some(refusal) = &judged.refusal {
                writeln!(out, "      refused  {}", tame(refusal, 400))?;
            }
        }
        let (all, differ) = (
            tried.len(),
            tried.iter().filter(|one| one.difference.is_some()).count(),
        );
        let noun = if all == 1 { "scenario" } else { "scenarios" };
        match differ {
            0 => writeln!(out, "{all} {noun}, all as labelled"),
            _ => writeln!(out, "{all} {noun}, {differ} otherwise than labelled"),
        }
    })
}

fn write_json(tried: &[Tried], out: &mut Out) -> anyhow::Result<()> {
    let scenarios = tried.iter().map(|one| {
        let Tried {
            scenario,
            judged,
            difference,
        } = one;
        json!({
            "file": scenario.file,
            "line": scenario.line,
            "name": scenario.name,
            "as_labelled": difference.is_none(),
            "expected": scenario.expected(),
            "verdict": judged.verdict().as_str(),
            "request": judged.request,
            "rule": judged.rule,
            "reasons": judged.reasons,
            "proof": judged.proof,
            "refusal": judged.refusal,
            "missing": difference.as_ref().map_or(&[][..], |one| &one.missing),
            "unlabelled": difference.as_ref().map_or(&[][..], |one| &one.unlabelled),
        })
    });
    let scenarios: Vec<serde_json::Value> = scenarios.collect();
    let page = json!({
        "schema": "plimsoll/policy-test/v1",
        "scenarios": scenarios,
        "differing": tried.iter().filter(|one| one.difference.is_some()).count(),
    });
    out.write(|out| {
        crate::inert::json::write_pretty(out, &page)?;
        writeln!(out)
    })
}
