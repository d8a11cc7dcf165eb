//! The newest backup of each database.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_kit::Harvester;
use plimsoll_kit::model::Text;

use super::lists::{Backups, Seen};
use super::told;
use crate::client::{Api, Window, list};
use crate::normalise::backup::{self, Latest};
use crate::wire::{Backup, Database};

/// The most databases of an environment that are asked one by one, because its newest backups hold none of theirs.
const ASKED: usize = 25;

/// When the newest backup of each database was taken, by the databases' numbers.
pub(super) async fn latest(
    api: &Api,
    scope: &str,
    databases: &[Database],
    backups: &Backups,
    harvest: &mut Harvester,
) -> HashMap<Text, Latest> {
    let newest = backup::newest(&backups.items);
    let mut all = HashMap::new();
    let mut asked = 0;
    for database in databases {
        let Some(number) = &database.id else {
            continue;
        };
        let known = newest.get(number).copied();
        let latest = match (&backups.seen, known) {
            (Seen::All | Seen::Newest, Some(at)) => Latest::At(at),
            (Seen::All, None) if backups.items.iter().any(backup::is_unclear) => {
                Latest::Unknown("there are backups that name no database, or no time".into())
            }
            (Seen::All, None) => Latest::Never,
            (Seen::Nothing, _) => {
                Latest::Unknown("the environment's backups could not be read".into())
            }
            (Seen::Newest | Seen::NoOrder, _) if database.enable_backups == Some(false) => {
                Latest::Unknown(
                    "not among the environment's newest backups, and the database makes none"
                        .into(),
                )
            }
            (Seen::Newest | Seen::NoOrder, _) if asked >= ASKED => Latest::Unknown(format!(
                "not among the environment's newest backups, and {ASKED} others were asked for theirs"
            )),
            (Seen::Newest | Seen::NoOrder, _) => {
                asked += 1;
                of_one(api, scope, number, harvest).await
            }
        };
        all.insert(number.clone(), latest);
    }
    all
}

/// One database's own list, of which the first page is read.
async fn of_one(api: &Api, scope: &str, number: &str, harvest: &mut Harvester) -> Latest {
    let path = format!("/databases/{number}/backups");
    let mut first = |_: &[Backup], _: usize| true;
    let listing =
        list::<Backup>(api, &path, "backups", usize::MAX, Window::Until(&mut first)).await;
    let in_order = listing.ended || backup::is_newest_first(&listing.items);
    let whole = listing.ended;
    let scope = [scope.to_owned()];
    let Some(items) = told::whole(listing, &path, &scope, harvest) else {
        return Latest::Unknown("the database's backups could not be read".into());
    };
    let newest: Option<Timestamp> = backup::newest(&items).into_values().max();
    match newest {
        Some(at) if in_order => Latest::At(at),
        None if whole => Latest::Never,
        _ => Latest::Unknown(
            "the database's backups do not come newest first, and are too many to read".into(),
        ),
    }
}
