//! The questions of `plimsoll inventory`: `path`, `reach`, `blast`, `shared` and `orphans`.

mod json;
mod text;

use std::collections::HashMap;

use super::args_export::{AnswerArgs, AnswerFormat};
use super::door::{Door, Out};
use super::export::{Estate, write};
use super::inventory::{find, json as page};
use crate::export::{Heading, Mark, Selection, shown};
use crate::inventory::{self, Edge};

/// A part of the inventory that answers a question.
#[derive(Default)]
struct Answer {
    heading: String,
    places: Vec<u32>,
    marks: HashMap<u32, Mark>,
    edges: HashMap<Edge, Mark>,
}

impl Answer {
    fn mark(&mut self, at: u32, mark: Mark) {
        self.places.push(at);
        self.marks.insert(at, mark);
    }

    fn draw(self, estate: &Estate<'_>, args: &AnswerArgs, out: &mut Out) -> anyhow::Result<()> {
        let Some(format) = args.format.diagram() else {
            return Ok(());
        };
        let heading: Heading<'_> = estate.heading(self.heading);
        let selection = Selection::of(self.places);
        let diagram = estate.draw(&heading, &selection, &self.marks, &self.edges, args.limit);
        write(&diagram, format, out)
    }
}

pub(super) fn path(
    door: &Door,
    from: &str,
    to: &str,
    args: &AnswerArgs,
    out: &mut Out,
) -> anyhow::Result<()> {
    let estate = Estate::load(door, args.at)?;
    let ends = (find(&estate.snapshot, from)?, find(&estate.snapshot, to)?);
    let found = inventory::path(&estate.snapshot, ends.0, ends.1);
    match args.format {
        AnswerFormat::Text => out.write(|out| text::path(&estate, ends, found.as_ref(), out)),
        AnswerFormat::Json => page(
            &estate.scan,
            &json::path(&estate, ends, found.as_ref()),
            out,
        ),
        _ => {
            let name = |at: u32| shown(&estate.snapshot.asset(at).name);
            let way = match &found {
                Some(_) => format!("How {} leads to {}", name(ends.0), name(ends.1)),
                None => format!("Nothing connects {} and {}", name(ends.0), name(ends.1)),
            };
            let mut answer = Answer {
                heading: way,
                ..Answer::default()
            };
            for hop in found.iter().flat_map(|path| &path.hops) {
                answer.places.extend([hop.edge.from, hop.edge.to]);
                answer.edges.insert(hop.edge, Mark::Focus);
            }
            answer.mark(ends.0, Mark::Focus);
            answer.mark(ends.1, Mark::Focus);
            answer.draw(&estate, args, out)
        }
    }
}

/// What a question is asked about: all where neither is given.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Roles, those that extend them too.
    pub(super) role: &'a [String],
    /// Kinds of assets, or roles of that name.
    pub(super) kind: &'a [String],
}

impl Wanted<'_> {
    fn all(&self) -> bool {
        self.role.is_empty() && self.kind.is_empty()
    }

    /// Whether an asset is among it.
    fn has(&self, estate: &Estate<'_>, at: u32) -> bool {
        let role = estate.role(at);
        let of_role = |name: &str| {
            role.is_some_and(|role| role.name == name || role.extends.iter().any(|one| one == name))
        };
        let kind = estate.snapshot.asset(at).kind.as_str();
        let by_role = self.role.is_empty() || self.role.iter().any(|name| of_role(name));
        let by_kind =
            self.kind.is_empty() || self.kind.iter().any(|name| name == kind || of_role(name));
        by_role && by_kind
    }

    /// Refuses a name that nothing has: an empty answer to it would look like good news.
    fn check(&self, estate: &Estate<'_>) -> anyhow::Result<()> {
        let roles: Vec<&str> = estate.roles().collect();
        for role in self.role {
            anyhow::ensure!(
                roles.contains(&role.as_str()),
                "there is no role {role:?}: there are {}",
                roles.join(", ")
            );
        }
        for kind in self.kind {
            let nodes = estate.snapshot.nodes();
            let there = nodes.iter().any(|node| *node.asset.kind == **kind);
            anyhow::ensure!(
                there || roles.contains(&kind.as_str()),
                "no asset is of the kind {kind:?}, and no role is called so: `plimsoll inventory list` has the kinds that there are"
            );
        }
        Ok(())
    }
}

pub(super) fn reach(
    door: &Door,
    wanted: Wanted<'_>,
    args: &AnswerArgs,
    out: &mut Out,
) -> anyhow::Result<()> {
    let estate = Estate::load(door, args.at)?;
    wanted.check(&estate)?;
    let whole = inventory::reach(&estate.snapshot, |at| estate.is_system(at));
    let found = if wanted.all() {
        whole.clone()
    } else {
        narrow(&whole, &estate, wanted)
    };
    match args.format {
        AnswerFormat::Text => out.write(|out| text::reach(&estate, &found, &whole, out)),
        AnswerFormat::Json => page(&estate.scan, &json::reach(&estate, &found), out),
        _ => {
            let mut answer = Answer {
                heading: "What the internet reaches".to_owned(),
                ..Answer::default()
            };
            answer
                .places
                .extend(found.entries.iter().map(|entry| entry.at));
            for one in &found.through {
                answer.mark(one.at, Mark::Reached);
            }
            for one in &found.unknown {
                answer.mark(one.at, Mark::Unknown);
            }
            answer.draw(&estate, args, out)
        }
    }
}

/// The part of an answer that is about what is wanted.
fn narrow(whole: &inventory::Reach, estate: &Estate<'_>, wanted: Wanted<'_>) -> inventory::Reach {
    let has = |at: u32| wanted.has(estate, at);
    let mut found = whole.clone();
    found.entries.retain(|one| has(one.at));
    found.through.retain(|one| has(one.at));
    found.unknown.retain(|one| has(one.at));
    found.idle.retain(|one| has(one.at));
    let mut asked: Vec<u32> = (0..estate.snapshot.nodes().len() as u32)
        .filter(|at| has(*at))
        .collect();
    let mut answered: std::collections::HashSet<u32> =
        found.entries.iter().map(|one| one.at).collect();
    answered.extend(found.through.iter().map(|one| one.at));
    answered.extend(found.unknown.iter().map(|one| one.at));
    answered.extend(found.idle.iter().map(|one| one.at));
    asked.retain(|at| !answered.contains(at));
    found.unreached = asked.len();
    found
}

pub(super) fn blast(
    door: &Door,
    asset: &str,
    args: &AnswerArgs,
    out: &mut Out,
) -> anyhow::Result<()> {
    let estate = Estate::load(door, args.at)?;
    let at = find(&estate.snapshot, asset)?;
    let found = inventory::blast(&estate.snapshot, at);
    match args.format {
        AnswerFormat::Text => out.write(|out| text::blast(&estate, at, &found, out)),
        AnswerFormat::Json => page(&estate.scan, &json::blast(&estate, at, &found), out),
        _ => {
            let name = shown(&estate.snapshot.asset(at).name);
            let mut answer = Answer {
                heading: format!("What depends on {name}"),
                ..Answer::default()
            };
            for one in &found {
                answer.mark(one.at, Mark::Affected);
            }
            answer.mark(at, Mark::Focus);
            answer.draw(&estate, args, out)
        }
    }
}

pub(super) fn shared(door: &Door, args: &AnswerArgs, out: &mut Out) -> anyhow::Result<()> {
    let estate = Estate::load(door, args.at)?;
    let systems: Vec<(u32, Option<&str>)> = estate
        .systems
        .iter()
        .map(|system| (system.at, system.environment.as_deref()))
        .collect();
    let found = inventory::shared(&estate.snapshot, &systems);
    match args.format {
        AnswerFormat::Text => out.write(|out| text::shared(&estate, &found, out)),
        AnswerFormat::Json => page(&estate.scan, &json::shared(&estate, &found), out),
        _ => {
            let heading = "What production and another environment both use".to_owned();
            let mut answer = Answer {
                heading,
                ..Answer::default()
            };
            for (list, mark) in [
                (&found.shared, Mark::Shared),
                (&found.unknown, Mark::Unknown),
            ] {
                for one in list {
                    answer
                        .places
                        .extend(one.users.iter().map(|(_, user)| *user));
                    answer.mark(one.at, mark);
                }
            }
            answer.draw(&estate, args, out)
        }
    }
}

pub(super) fn orphans(door: &Door, args: &AnswerArgs, out: &mut Out) -> anyhow::Result<()> {
    let estate = Estate::load(door, args.at)?;
    let found = inventory::orphans(&estate.snapshot, |at| estate.is_system(at));
    match args.format {
        AnswerFormat::Text => out.write(|out| text::orphans(&estate, &found, out)),
        AnswerFormat::Json => page(&estate.scan, &json::orphans(&estate, &found), out),
        _ => {
            let mut answer = Answer {
                heading: "What nobody uses".to_owned(),
                ..Answer::default()
            };
            for one in &found {
                answer.mark(one.at, Mark::Unused);
            }
            answer.draw(&estate, args, out)
        }
    }
}
