//! The lists of one environment.

use jiff::Timestamp;
use plimsoll_kit::{Context, Harvester};
use serde::de::DeserializeOwned;

use super::told;
use crate::client::{Api, Failed, Listing, PER_PAGE, Window, list};
use crate::normalise::backup;
use crate::normalise::environment::Site;
use crate::settings::Settings;
use crate::wire::{
    Attachment, Backup, Certificate, Database, Disk, LogDrain, Operation, PersistentDisk,
    Retention, Service, SizingPolicy, Vhost,
};

/// The most rows of an environment's list of backups that are read to find each database's newest.
const BACKUPS: usize = 4 * PER_PAGE;

/// What an environment's own lists gave; none where one could not be read, which is said by then.
pub(super) struct Lists {
    pub(super) services: Option<Vec<Service>>,
    pub(super) vhosts: Option<Vec<Vhost>>,
    pub(super) certificates: Option<Vec<Certificate>>,
    pub(super) drains: Option<Vec<LogDrain>>,
    pub(super) disks: Option<Vec<Disk>>,
    pub(super) persistent_disks: Option<Vec<PersistentDisk>>,
    pub(super) attachments: Option<Vec<Attachment>>,
    pub(super) retention: Option<Vec<Retention>>,
    pub(super) policies: Option<Vec<SizingPolicy>>,
    pub(super) backups: Backups,
    pub(super) operations: Vec<Operation>,
}

/// What is known of an environment's backups.
pub(super) struct Backups {
    /// Those that were read.
    pub(super) items: Vec<Backup>,
    /// How much the items say.
    pub(super) seen: Seen,
}

/// How much of a list of backups was read.
pub(super) enum Seen {
    /// All of it.
    All,
    /// Its newest rows.
    Newest,
    /// It comes in no order from which the newest would show.
    NoOrder,
    /// Nothing that counts.
    Nothing,
}

/// Reads an environment's lists, several at once.
pub(super) async fn read(
    api: &Api,
    settings: &Settings,
    context: &Context,
    site: &Site<'_>,
    databases: &[Database],
    harvest: &mut Harvester,
) -> Lists {
    let place = Place {
        api,
        number: site.number(),
        most: context.limits.assets,
    };
    let (
        services,
        vhosts,
        certificates,
        drains,
        disks,
        persistent,
        attachments,
        retention,
        policies,
        backups,
        operations,
    ) = futures::join!(
        place.whole::<Service>("services"),
        place.whole::<Vhost>("vhosts"),
        place.whole::<Certificate>("certificates"),
        place.whole::<LogDrain>("log_drains"),
        place.whole::<Disk>("disks"),
        place.whole::<PersistentDisk>("persistent_disks"),
        place.whole::<Attachment>("disk_attachments"),
        place.whole::<Retention>("backup_retention_policies"),
        place.whole::<SizingPolicy>("service_sizing_policies"),
        backups(&place, databases),
        operations(&place, settings, context),
    );
    let scope = [site.scope()];
    let mut tell = Tell {
        scope: &scope,
        number: site.number(),
        harvest,
    };
    Lists {
        services: tell.whole(services, "services"),
        vhosts: tell.whole(vhosts, "vhosts"),
        certificates: tell.whole(certificates, "certificates"),
        drains: tell.whole(drains, "log_drains"),
        disks: tell.whole(disks, "disks"),
        persistent_disks: tell.whole(persistent, "persistent_disks"),
        attachments: tell.whole(attachments, "disk_attachments"),
        retention: tell.whole(retention, "backup_retention_policies"),
        policies: tell.whole(policies, "service_sizing_policies"),
        backups: tell.backups(backups),
        operations: tell.operations(operations, settings, context),
    }
}

/// Where an environment's lists are.
struct Place<'a> {
    api: &'a Api,
    number: &'a str,
    most: usize,
}

impl Place<'_> {
    async fn whole<T: DeserializeOwned>(&self, key: &str) -> Listing<T> {
        let path = path(self.number, key);
        list(self.api, &path, key, self.most, Window::Whole).await
    }
}

fn path(number: &str, key: &str) -> String {
    format!("/accounts/{number}/{key}")
}

/// Backups until the newest of each database that makes some has come.
async fn backups(place: &Place<'_>, databases: &[Database]) -> Listing<Backup> {
    let mut missing: Vec<&str> = databases
        .iter()
        .filter(|database| database.enable_backups != Some(false))
        .filter_map(|database| database.id.as_deref())
        .collect();
    let mut enough = |page: &[Backup], rows: usize| {
        let seen = backup::newest(page);
        missing.retain(|number| !seen.contains_key(*number));
        rows >= BACKUPS || (missing.is_empty() && backup::is_newest_first(page))
    };
    let path = path(place.number, "backups");
    list(
        place.api,
        &path,
        "backups",
        place.most,
        Window::Until(&mut enough),
    )
    .await
}

/// Operations, newest first, until they are too old or too many.
async fn operations(
    place: &Place<'_>,
    settings: &Settings,
    context: &Context,
) -> Option<Listing<Operation>> {
    if settings.operations_most == 0 {
        return None;
    }
    let horizon = horizon(settings, context);
    let mut enough = |page: &[Operation], rows: usize| {
        let past = page.last().and_then(made).is_some_and(|at| at < horizon);
        rows >= settings.operations_most || (past && is_newest_first(page))
    };
    let path = path(place.number, "operations");
    let most = context.limits.records;
    Some(
        list(
            place.api,
            &path,
            "operations",
            most,
            Window::Until(&mut enough),
        )
        .await,
    )
}

fn horizon(settings: &Settings, context: &Context) -> Timestamp {
    let now = context.now();
    now.checked_sub(settings.operations_since)
        .unwrap_or(Timestamp::MIN)
}

fn made(operation: &Operation) -> Option<Timestamp> {
    operation.created_at.as_ref()?.parse().ok()
}

fn is_newest_first(operations: &[Operation]) -> bool {
    let times: Vec<Timestamp> = operations.iter().filter_map(made).collect();
    // By the day: what was asked for in one moment comes in whatever order.
    times.first() >= times.last()
}

/// Says in an environment's scope what is wrong with its lists.
struct Tell<'a> {
    scope: &'a [String; 1],
    number: &'a str,
    harvest: &'a mut Harvester,
}

impl Tell<'_> {
    fn whole<T>(&mut self, listing: Listing<T>, key: &str) -> Option<Vec<T>> {
        told::whole(listing, &path(self.number, key), self.scope, self.harvest)
    }

    fn backups(&mut self, listing: Listing<Backup>) -> Backups {
        let seen =
            if listing.is_whole() {
                Seen::All
            } else if listing.failed.as_ref().is_some_and(|failed| {
                !matches!(failed, Failed::Count { .. } | Failed::Uncounted(_))
            }) {
                Seen::Nothing
            } else if backup::is_newest_first(&listing.items) {
                Seen::Newest
            } else {
                Seen::NoOrder
            };
        let items = self.whole(listing, "backups").unwrap_or_default();
        Backups { items, seen }
    }

    fn operations(
        &mut self,
        listing: Option<Listing<Operation>>,
        settings: &Settings,
        context: &Context,
    ) -> Vec<Operation> {
        let Some(listing) = listing else {
            return Vec::new();
        };
        let horizon = horizon(settings, context);
        let cut = !listing.ended && listing.failed.is_none();
        let in_order = is_newest_first(&listing.items);
        let reaches = listing
            .items
            .last()
            .and_then(made)
            .is_some_and(|at| at < horizon);
        let mut items = self.whole(listing, "operations").unwrap_or_default();
        if cut && !in_order {
            let what = "the operations come oldest first, and the newest were not reached: raise `operations_most`";
            self.harvest.trouble(&self.scope[0], what);
        } else if cut && !reaches {
            let what = format!(
                "there are more than {} operations since {horizon}, and the older ones are left out: raise `operations_most`, or lower `operations_since`",
                settings.operations_most
            );
            self.harvest.remark(&self.scope[0], what);
        }
        items.retain(|operation| made(operation).is_none_or(|at| at >= horizon));
        items.truncate(settings.operations_most);
        items
    }
}
