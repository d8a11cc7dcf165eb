//! One run: which calls are made in which order, and what becomes of a failed one.

mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;
use serde::de::DeserializeOwned;

use self::history::history;
use crate::client::{self, Asana, Listed};
use crate::list::{Failed, Pages};
use crate::normalise::{self, Site};
use crate::settings::Settings;
use crate::wire::{self, Named, Row, Task};

/// How far Asana's clock may be behind ours. Its list by time of alteration is no index that lags.
const OVERLAP: Duration = Duration::from_secs(10 * 60);

/// Reads everything.
pub(crate) async fn collect(
    client: &Asana,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    let total = settings.projects.len();
    for (done, project) in settings.projects.iter().enumerate() {
        context.progress.step(done, total);
        if one_project(client, settings, project, context, harvest).await {
            harvest.complete(project);
        }
    }
}

/// The sections of a project by their ids.
pub(crate) async fn sections(
    client: &Asana,
    project: &str,
) -> Result<BTreeMap<Text, Text>, String> {
    let rows: Vec<Row<Named>> = all(client, client::sections(project))
        .await
        .map_err(|why| format!("its sections: {why}"))?;
    let mut sections = BTreeMap::new();
    for row in rows {
        match row.item {
            Ok(Named {
                gid: Some(gid),
                name: Some(name),
            }) => {
                sections.insert(gid, name);
            }
            _ => return Err("its sections: one of them cannot be understood".to_owned()),
        }
    }
    Ok(sections)
}

/// Reads the requests of one project to which something happened since the last time; whether all could be read.
async fn one_project(
    client: &Asana,
    settings: &Settings,
    project: &str,
    context: &Context,
    harvest: &mut Harvester,
) -> bool {
    let from = context.cursors.from(project, OVERLAP);
    let from = from.max(Timestamp::UNIX_EPOCH);
    let sections = match sections(client, project).await {
        Ok(sections) => sections,
        Err(why) => {
            harvest.trouble(project, why);
            return false;
        }
    };
    let site = Site {
        settings,
        project,
        sections,
    };
    let mut reading = Reading {
        client,
        site: &site,
        from,
        seen: BTreeSet::new(),
        harvest,
    };
    let whole = reading.altered().await;
    // An approval in a subtask does not alter its parent.
    whole && reading.followed(context.now()).await
}

struct Reading<'r> {
    client: &'r Asana,
    site: &'r Site<'r>,
    from: Timestamp,
    seen: BTreeSet<Text>,
    harvest: &'r mut Harvester,
}

impl Reading<'_> {
    /// The tasks that were altered themselves.
    async fn altered(&mut self) -> bool {
        let since = self.from.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut pages = Pages::new(client::altered(self.site.project, &since));
        loop {
            let page = match pages.next::<Task>(self.client).await {
                Ok(Some(page)) => page,
                Ok(None) => return true,
                Err(error) => return self.failed(format!("the list of tasks: {error}")),
            };
            let mut tasks = Vec::new();
            for row in page.rows {
                match row.item {
                    Ok(task) if !is_sound(&task.gid) => self.trouble("a task has no sound id"),
                    Ok(task) => {
                        if self.seen.insert(task.gid.clone()) && self.is_own(&task) {
                            tasks.push(task);
                        }
                    }
                    Err(error) => {
                        let gid = row.gid.filter(|gid| is_sound(gid));
                        let gid = gid.as_deref().unwrap_or("without an id");
                        self.trouble(format!("the task {gid} is left out: {error}"));
                    }
                }
            }
            self.hand_over(tasks, !page.thin).await;
        }
    }

    /// The tasks that are open, or were done not long ago, and of which an approval among the subtasks was altered.
    async fn followed(&mut self, now: Timestamp) -> bool {
        let since = now.checked_sub(self.site.settings.follow);
        let since = since.unwrap_or(Timestamp::UNIX_EPOCH).min(self.from);
        let since = since.max(Timestamp::UNIX_EPOCH);
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let rows = all::<Task>(self.client, client::open(self.site.project, &since)).await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => return self.failed(format!("the list of open tasks: {error}")),
        };
        let (mut unread, mut whole) = (Vec::new(), true);
        for row in rows {
            match row.item {
                Ok(task) if is_sound(&task.gid) => {
                    let seen = self.seen.contains(&task.gid) || task.num_subtasks == Some(0);
                    if !seen && self.is_own(&task) {
                        unread.push(task);
                    }
                }
                // Where it was altered too that has been told.
                _ => whole = self.failed("an open task has no sound id".to_owned()),
            }
        }
        let (client, from) = (self.client, self.from);
        let asked = unread.into_iter().map(|task| async move {
            let fresh = fresh(client, &task.gid, from).await;
            (task.gid, fresh)
        });
        let mut asked = futures::stream::iter(asked).buffered(self.site.settings.concurrency);
        let mut again = Vec::new();
        while let Some((gid, fresh)) = asked.next().await {
            match fresh {
                Ok(true) => again.push(gid),
                Ok(false) => {}
                Err(why) => whole = self.failed(why),
            }
        }
        drop(asked);
        let mut tasks = Vec::new();
        for gid in again {
            let task = match self.client.task(&gid).await {
                Ok(answer) => wire::one::<Task>(answer.body()).map_err(Failed::from),
                Err(error) => Err(error.into()),
            };
            match task {
                Ok(task) if task.gid == gid => tasks.push(task),
                Ok(_) => whole = self.failed(format!("the task {gid}: another was given")),
                Err(why) => whole = self.failed(format!("the task {gid}: {why}")),
            }
        }
        self.hand_over(tasks, true).await;
        whole
    }

    /// Whether a task is a request of this project: an approval below another task belongs to that, and a task of several
    /// projects to the first of them.
    fn is_own(&self, task: &Task) -> bool {
        if task.parent.is_some() && task.is_approval() {
            return false;
        }
        let projects = task.memberships.items.iter();
        let projects = projects.filter_map(|one| one.project.as_ref());
        let configured = &self.site.settings.projects;
        let first = projects
            .map(|project| project.gid.as_str())
            .filter(|gid| configured.iter().any(|one| one == gid))
            .min();
        first.is_none_or(|first| first == self.site.project)
    }

    /// Reads the histories of some tasks, several at once, and hands the requests over in the order of the list.
    async fn hand_over(&mut self, tasks: Vec<Task>, described: bool) {
        let client = self.client;
        let histories = tasks.into_iter().map(|task| async move {
            let history = history(client, &task).await;
            (task, history)
        });
        let mut histories =
            futures::stream::iter(histories).buffered(self.site.settings.concurrency);
        while let Some((task, (history, failed))) = histories.next().await {
            let project = self.site.project;
            let Some(made) = normalise::request(self.site, &task, &history, described) else {
                let what = format!(
                    "the task {} is left out: nobody can tell when it was opened",
                    task.gid
                );
                self.harvest.trouble(project, what);
                continue;
            };
            if let Some(lost) = failed {
                let what = format!("the history of {}: {}", task.gid, lost.why);
                self.harvest.trouble(project, what);
                if !lost.refused {
                    // What was known of it is more than what could be read now.
                    continue;
                }
            }
            for what in made.remarks {
                self.harvest.remark(project, what);
            }
            self.harvest.request(project, made.request);
        }
    }

    fn trouble(&mut self, what: impl Into<Text>) {
        self.harvest.trouble(self.site.project, what);
    }

    fn failed(&mut self, what: String) -> bool {
        self.trouble(what);
        false
    }
}

/// Whether an approval among the subtasks of a task was altered since a time, or one may have been.
async fn fresh(client: &Asana, task: &str, from: Timestamp) -> Result<bool, String> {
    let rows = all::<Task>(client, client::subtasks(task)).await;
    let rows = rows.map_err(|why| format!("the subtasks of {task}: {why}"))?;
    let fresh = |row: &Row<Task>| match &row.item {
        Ok(subtask) => {
            let at = subtask.modified_at.as_ref();
            let at = at.and_then(|at| at.parse::<Timestamp>().ok());
            subtask.is_approval() && at.is_none_or(|at| at >= from)
        }
        Err(_) => true,
    };
    Ok(rows.iter().any(fresh))
}

/// A whole list.
async fn all<T: DeserializeOwned>(client: &Asana, list: Listed) -> Result<Vec<Row<T>>, Failed> {
    let mut rows = Vec::new();
    let mut pages = Pages::new(list);
    while let Some(page) = pages.next(client).await? {
        rows.extend(page.rows);
    }
    Ok(rows)
}

/// Whether a text can be an id: a part of a path, and shown.
pub(crate) fn is_sound(gid: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !gid.is_empty() && gid.len() <= 64 && gid.bytes().all(fits)
}
