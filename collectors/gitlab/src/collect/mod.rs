//! One run: which calls are made in which order, and what becomes of a failed one.

mod issues;
mod listing;
mod merge_requests;
mod project;
mod told;

use plimsoll_kit::{Context, Harvester};

use crate::client::{Gitlab, encoded};
use crate::settings::Settings;
use crate::wire::Project;
use told::Told;

/// The second makes ids of a project's number, and tells of every pipeline.
const EDITION: u32 = 2;

/// One project while it is read.
struct Site<'s> {
    gitlab: &'s Gitlab,
    settings: &'s Settings,
    context: &'s Context,
    /// The project's path, as the settings have it.
    name: &'s str,
    /// The path of its calls.
    path: String,
    /// Its number.
    id: i64,
}

/// Reads every project.
pub(crate) async fn collect(
    gitlab: &Gitlab,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    harvest.edition(EDITION);
    let all = &settings.projects;
    for (done, name) in all.iter().enumerate() {
        context.progress.step(done, all.len());
        let path = format!("/projects/{}", encoded(name));
        let project: Project = match gitlab.one(&path).await {
            Ok(project) => project,
            Err(why) => {
                harvest.trouble(name, why.to_string());
                if why.is_final() {
                    for rest in all.iter().skip(done + 1) {
                        harvest.trouble(rest, format!("it was left unread: {why}"));
                    }
                    return;
                }
                continue;
            }
        };
        let site = Site {
            gitlab,
            settings,
            context,
            name,
            path,
            id: project.id,
        };
        let mut told = Told::new(name, harvest);
        if project
            .path_with_namespace
            .as_deref()
            .is_some_and(|path| !path.eq_ignore_ascii_case(name))
        {
            told.remark("it has another path now: name it anew in `projects`");
        }
        let protection = project::read(&site, &project, &mut told).await;
        merge_requests::read(&site, &protection, &mut told).await;
        if settings.issues {
            issues::read(&site, &mut told).await;
        }
        told.finish();
        harvest.complete(name);
    }
    context.progress.step(all.len(), all.len());
}
