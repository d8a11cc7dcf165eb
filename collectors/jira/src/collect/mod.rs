//! Reads the projects, one after the other, and of each the issues that were altered since it was read whole the last time.

mod parts;
mod search;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _};
use plimsoll_kit::http::Error;
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;
use serde_json::value::RawValue;

use crate::client::Jira;
use crate::normalise::{self, said};
use crate::settings::{On, Product, Settings};
use crate::wire::{self, Issue};
use crate::world::World;
use parts::{Asked, Got, Off};
use search::Search;

/// Reads everything. The scopes are open already.
pub(crate) async fn collect(
    jira: &Jira,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    let world = match World::read(jira).await {
        Ok(world) => world,
        Err(error) => {
            let why = error_text(&error, &jira.place);
            for project in &settings.projects {
                harvest.trouble(project, why.clone());
            }
            return;
        }
    };
    let missing = world.missing(settings);
    for (at, project) in settings.projects.iter().enumerate() {
        context.progress.step(at, settings.projects.len());
        for what in &missing {
            harvest.remark(project, what.clone());
        }
        let reading = Reading {
            jira,
            settings,
            context,
            world: &world,
        };
        reading.project(project, harvest).await;
    }
}

/// What an error says, with where the token came from where that may help.
fn error_text(error: &Error, place: &str) -> String {
    match error.status() {
        Some(401 | 403) => format!("the token from {place}: {error}"),
        _ => error.to_string(),
    }
}

struct Reading<'r> {
    jira: &'r Jira,
    settings: &'r Settings,
    context: &'r Context,
    world: &'r World,
}

impl Reading<'_> {
    async fn project(&self, project: &str, harvest: &mut Harvester) {
        let desk = match self.is_service_desk(project).await {
            Ok(Some(desk)) => desk && self.settings.service_desk,
            Ok(None) => {
                let what =
                    format!("{project}: there is no such project, or the token may not see it");
                return harvest.trouble(project, what);
            }
            Err(error) => return harvest.trouble(project, error.to_string()),
        };
        // The overlap covers what Cloud's search shows late, clocks that differ, and an issue that moved between two projects while one was
        // read already. The query's own time is exact to the millisecond and has no zone.
        let since = self.context.cursors.from(project, self.settings.overlap);
        let mut search = Search::new(self.jira, project, since, self.fields());
        let mut asked = Asked::new(desk, self.settings);
        let mut first = true;
        let mut handed = 0;
        loop {
            let issues = match search.next().await {
                Ok(Some(issues)) => issues,
                Ok(None) => break,
                Err(why) => return harvest.trouble(project, why),
            };
            let mut issues = issues.iter();
            if first && let Some(raw) = issues.next() {
                // The first one alone tells what need not be asked of the others, so that nothing hangs on which answer comes first.
                let read = self.issue(raw, asked).await;
                asked = asked.without(read.off);
                handed += read.requests.len();
                hand_over(project, read, harvest);
                first = false;
            }
            let work: Vec<BoxFuture<'_, Read>> =
                issues.map(|raw| self.issue(raw, asked).boxed()).collect();
            let mut done = futures::stream::iter(work).buffered(self.settings.concurrency);
            while let Some(read) = done.next().await {
                handed += read.requests.len();
                hand_over(project, read, harvest);
            }
            if handed > self.context.limits.records {
                // The harvest has said so.
                return;
            }
        }
        harvest.complete(project);
    }

    /// Whether a project is a service desk; none where it is not to be seen.
    async fn is_service_desk(&self, project: &str) -> Result<Option<bool>, Error> {
        let answer = self.jira.project(project).await;
        let kind = match self.jira.product {
            Product::Cloud => {
                let page: wire::Page = answer?.json()?;
                let (found, _) = wire::sound::<wire::Project>(&page.values);
                // A project that has another key today is found by its old one.
                let exact = found.iter().find(|one| one.key == project);
                exact
                    .or(found.first())
                    .map(|one| one.project_type_key.clone())
            }
            Product::DataCenter => match answer {
                Ok(answer) => Some(answer.json::<wire::Project>()?.project_type_key),
                Err(error) if error.status() == Some(404) => None,
                Err(error) => return Err(error),
            },
        };
        Ok(kind.map(|kind| kind == "service_desk"))
    }

    /// The fields that are asked for: no others leave Jira.
    fn fields(&self) -> String {
        let fields = &self.settings.fields;
        let marks = fields.emergency.iter().chain(&fields.provisions);
        let marks: Vec<String> = marks.map(|mark| mark.field.clone()).collect();
        let lists = [
            &fields.systems,
            &fields.assets,
            &fields.environments,
            &fields.facts,
            &fields.window_start,
            &fields.window_end,
            &fields.implementers,
            &fields.releases,
            &fields.operations,
            &fields.texts,
            &marks,
        ];
        let mut all: Vec<&str> = vec![
            "summary",
            "status",
            "labels",
            "assignee",
            "reporter",
            "creator",
            "created",
            "description",
            "issuelinks",
            "parent",
        ];
        for list in lists {
            all.extend(self.world.ids(list));
        }
        let rules = self.settings.approvals.iter().map(|rule| &rule.on);
        let rules = rules.chain(self.settings.sign_offs.iter().map(|rule| &rule.on));
        for on in rules {
            if let On::Field { field, .. } = on {
                all.extend(self.world.ids(std::slice::from_ref(field)));
            }
        }
        all.extend(self.world.request_type.as_deref());
        all.sort_unstable();
        all.dedup();
        all.join(",")
    }

    async fn issue(&self, raw: &RawValue, asked: Asked) -> Read {
        let Ok(issue) = serde_json::from_str::<Issue>(raw.get()) else {
            let key = key_of(raw).unwrap_or_else(|| Text::const_new("an issue"));
            return Read::trouble(format!(
                "{key}: it is not the issue that was expected, and was left out"
            ));
        };
        let key = said(&issue.key, 100);
        let Got {
            parts,
            mut troubles,
            keep,
            off,
        } = parts::read(self.jira, self.settings, self.world, &issue, asked).await;
        let mut read = Read {
            off,
            ..Read::default()
        };
        if keep {
            match normalise::request(&issue, &parts, self.world, self.settings) {
                Ok(good) => {
                    read.requests = good.requests;
                    read.remarks = good.remarks.into_iter().collect();
                }
                Err(why) => troubles.push(format!("{why}; it was left out")),
            }
        }
        read.troubles = troubles
            .iter()
            .map(|what| format!("{key}: {what}"))
            .collect();
        read.remarks = read
            .remarks
            .iter()
            .map(|what| format!("{key}: {what}"))
            .collect();
        read
    }
}

/// What became of an issue, on the way to the harvest.
#[derive(Default)]
struct Read {
    requests: Vec<plimsoll_model::ChangeRequest>,
    troubles: Vec<String>,
    remarks: Vec<String>,
    /// What need not be asked of others.
    off: Off,
}

impl Read {
    fn trouble(what: String) -> Self {
        Self {
            troubles: vec![what],
            ..Self::default()
        }
    }
}

fn hand_over(project: &str, read: Read, harvest: &mut Harvester) {
    for what in read.troubles {
        harvest.trouble(project, what);
    }
    for what in read.remarks {
        harvest.remark(project, what);
    }
    for request in read.requests {
        harvest.request(project, request);
    }
}

/// The key of an issue of which not all is as it should be.
fn key_of(raw: &RawValue) -> Option<Text> {
    #[derive(serde::Deserialize)]
    struct Key {
        key: String,
    }
    let key = serde_json::from_str::<Key>(raw.get()).ok()?.key;
    (!key.is_empty()).then(|| said(&key, 100))
}
