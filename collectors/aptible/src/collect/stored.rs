//! What an environment stores: its databases and disks.

use std::collections::HashMap;

use plimsoll_kit::model::Text;

use super::environment::Place;
use super::hand_over;
use super::lists::Lists;
use crate::normalise::backup::Latest;
use crate::normalise::database::{self, Around};
use crate::normalise::disk;
use crate::normalise::drain::Drains;
use crate::wire::DatabaseImage;

impl Place<'_> {
    pub(super) fn databases(
        &mut self,
        lists: &Lists,
        images: Option<&[DatabaseImage]>,
        mut latest: HashMap<Text, Latest>,
        drains: &Drains,
    ) {
        let services = lists.services.as_deref();
        for one in self.databases {
            let number = one.id.clone().unwrap_or_default();
            let id = database::id(one);
            self.index.insert("databases", &number, id.clone());
            let service = database::service_of(one, services);
            let own = service.and_then(|service| self.ports.get(service.id.as_ref()?));
            let seen = lists.vhosts.is_some() && service.is_some();
            let around = Around {
                images,
                services,
                disks: lists.disks.as_deref(),
                policies: lists.policies.as_deref(),
                retention: lists.retention.as_deref(),
                drains,
                ports: seen.then(|| database::join_ports(own.into_iter().flatten())),
                latest: latest
                    .remove(&number)
                    .unwrap_or_else(|| Latest::Unknown("the database has no id".into())),
            };
            hand_over(
                self.scope,
                database::database(self.site, one, around),
                self.harvest,
            );
            for backup in &lists.backups.items {
                let of = backup._links.database.as_ref();
                if let Some(backup) = backup
                    .id
                    .as_deref()
                    .filter(|_| of.is_some_and(|of| of.id == number))
                {
                    self.index.insert("backups", backup, id.clone());
                }
            }
        }
    }

    pub(super) fn disks(&mut self, lists: &Lists) {
        for one in lists.disks.iter().flatten() {
            let number = one.id.as_deref().unwrap_or_default();
            self.index.insert("disks", number, disk::id(one));
            hand_over(self.scope, disk::disk(self.site, one), self.harvest);
        }
        for one in lists.persistent_disks.iter().flatten() {
            if one.deleted_at.is_some() {
                continue;
            }
            let number = one.id.as_deref().unwrap_or_default();
            self.index
                .insert("persistent_disks", number, disk::persistent_id(number));
            hand_over(self.scope, disk::persistent(self.site, one), self.harvest);
        }
    }
}
