//! What happened to one task, and to the approvals among its subtasks.

use crate::client::{self, Asana};
use crate::list::{Failed, Pages};
use crate::normalise::{History, Subtask};
use crate::wire::{Story, Task};

use super::{all, is_sound};

/// The most stories of one task.
const MOST_STORIES: usize = 20_000;

/// Why a history is not whole.
pub(super) struct Lost {
    pub(super) why: String,
    /// Whether it was refused, and so will be the next time.
    pub(super) refused: bool,
}

impl Lost {
    fn of(what: &str, why: &Failed) -> Self {
        Self {
            why: format!("{what}{why}"),
            refused: why.refused(),
        }
    }

    /// Of two the one that may be gone the next time.
    fn or(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if one.refused => Some(other),
            (one, other) => one.or(other),
        }
    }
}

/// What happened to a task, and to the approvals among its subtasks, and why that is not all.
pub(super) async fn history(client: &Asana, task: &Task) -> (History, Option<Lost>) {
    let (stories, mut whole, failed) = stories(client, &task.gid).await;
    let mut failed = failed.map(|why| Lost::of("", &why));
    let mut subtasks = Vec::new();
    if task.num_subtasks != Some(0) {
        match all::<Task>(client, client::subtasks(&task.gid)).await {
            Ok(rows) => {
                for row in rows {
                    match row.item {
                        Ok(task) if task.is_approval() && is_sound(&task.gid) => {
                            let (stories, all, why) = self::stories(client, &task.gid).await;
                            whole &= all;
                            let what = format!("the subtask {}: ", task.gid);
                            failed = Lost::or(failed, why.map(|why| Lost::of(&what, &why)));
                            subtasks.push(Subtask { task, stories });
                        }
                        Ok(_) => {}
                        Err(_) => whole = false,
                    }
                }
            }
            Err(why) => {
                whole = false;
                failed = Lost::or(failed, Some(Lost::of("its subtasks: ", &why)));
            }
        }
    }
    let history = History {
        stories,
        subtasks,
        whole,
    };
    (history, failed)
}

async fn stories(client: &Asana, task: &str) -> (Vec<Story>, bool, Option<Failed>) {
    let (mut stories, mut whole) = (Vec::new(), true);
    let mut pages = Pages::new(client::stories(task));
    loop {
        match pages.next::<Story>(client).await {
            Ok(Some(page)) => {
                for row in page.rows {
                    match row.item {
                        Ok(story) => stories.push(story),
                        Err(_) => whole = false,
                    }
                }
            }
            Ok(None) => return (stories, whole, None),
            Err(error) => return (stories, false, Some(error)),
        }
        if stories.len() > MOST_STORIES {
            return (stories, false, None);
        }
    }
}
