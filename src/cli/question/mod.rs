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

pub(super) fn reach(door: &Door, args: &AnswerArgs, out: &mut Out) -> anyhow::Result<()> {
    let estate = Estate::load(door, args.at)?;
    let found = inventory::reach(&estate.snapshot, |at| estate.is_system(at));
    match args.format {
        AnswerFormat::Text => out.write(|out| text::reach(&estate, &found, out)),
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
