//! Issues with all that happened to them.

use futures::StreamExt;

use super::Site;
use super::listing::altered;
use super::told::Told;
use crate::client::List;
use crate::normalise::issue;
use crate::wire::Issue;

/// Reads those that were altered, and hands them over.
pub(super) async fn read(site: &Site<'_>, told: &mut Told<'_>) {
    let from = site.context.cursors.from(site.name, site.settings.overlap);
    let target = format!("{}/issues?state=all&scope=all", site.path);
    let most = site.context.limits.records;
    let list: List<Issue> = altered(site.gitlab, &target, from, most).await;
    told.lacks("issues", &list);
    let parts = futures::stream::iter(list.items).map(|one| async move {
        let path = format!("{}/issues/{}", site.path, one.iid);
        let (notes, states, labels) = futures::join!(
            site.list(format!("{path}/notes?sort=asc&order_by=created_at")),
            site.list(format!("{path}/resource_state_events")),
            site.list(format!("{path}/resource_label_events")),
        );
        (one, notes, states, labels)
    });
    let mut parts = parts.buffered(site.settings.concurrency);
    while let Some((one, notes, states, labels)) = parts.next().await {
        told.lacks("notes of an issue", &notes);
        told.lacks("states of an issue", &states);
        told.lacks("labels of an issue", &labels);
        let id = issue::id(site.name, one.iid);
        let read = issue::Read {
            issue: one,
            whole: notes.is_whole() && states.is_whole() && labels.is_whole(),
            notes: notes.items,
            states: states.items,
            labels: labels.items,
        };
        told.request(&id, issue::request(site.name, &read, site.settings));
    }
}
