//! The events of one issue.

use plimsoll_kit::http::Error;

use crate::client::{Events, YouTrack};
use crate::list::{Failed, Pages};
use crate::normalise::History;
use crate::wire::Event;

/// The most events of one issue.
const MOST_EVENTS: usize = 20_000;

/// The events of one issue, and why they are not all.
pub(super) async fn history(client: &YouTrack, issue: &str) -> (History, Option<Failed>) {
    let (mut history, failed) = events(client, issue, Events::All).await;
    let too_long = matches!(failed, Some(Failed::Http(Error::TooLong { .. })));
    if !too_long {
        return finished(history, failed);
    }
    // Every version of a long description is among them: those come once more, without.
    let (saying, failed) = events(client, issue, Events::Saying).await;
    if failed.is_some() {
        return finished(saying, failed);
    }
    history = saying;
    let (happening, failed) = events(client, issue, Events::Happening).await;
    history.events.extend(happening.events);
    finished(history, failed)
}

fn finished(mut history: History, failed: Option<Failed>) -> (History, Option<Failed>) {
    history.whole &= failed.is_none();
    (history, failed)
}

async fn events(client: &YouTrack, issue: &str, which: Events) -> (History, Option<Failed>) {
    loop {
        let asked = client.asks_pull_requests();
        let (history, failed) = all_events(client, issue, which).await;
        let unknown = matches!(&failed, Some(Failed::Http(error)) if error.status() == Some(400));
        if unknown && asked && history.events.is_empty() && which != Events::Happening {
            // Older servers refuse what they do not know.
            client.without_pull_requests();
            continue;
        }
        return (history, failed);
    }
}

async fn all_events(client: &YouTrack, issue: &str, which: Events) -> (History, Option<Failed>) {
    let mut history = History {
        events: Vec::new(),
        whole: true,
    };
    let mut pages = Pages::new(client.events(issue, which), None);
    loop {
        match pages.next::<Event>(client).await {
            Ok(Some(page)) => {
                for row in page.rows {
                    match row.item {
                        Ok(event) => history.events.push(event),
                        Err(_) => history.whole = false,
                    }
                }
            }
            Ok(None) => return (history, None),
            Err(error) => return (history, Some(error)),
        }
        if history.events.len() > MOST_EVENTS {
            history.whole = false;
            return (history, None);
        }
    }
}
