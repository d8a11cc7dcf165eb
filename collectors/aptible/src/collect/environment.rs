//! One environment: its lists, what they mean together, and what is missing.

use std::collections::{HashMap, HashSet};

use plimsoll_kit::http::Error;
use plimsoll_kit::model::{AssetId, Claim, RelationKind, Text, fact};
use plimsoll_kit::{Context, Harvester};

use super::lists::Lists;
use super::{Shared, backups, details, hand_over, lists, told};
use crate::client::Api;
use crate::normalise::drain::{self, Drains};
use crate::normalise::environment::Site;
use crate::normalise::operation::{self, Index};
use crate::normalise::{app, database, disk, service};
use crate::settings::Settings;
use crate::wire::{App, Database, Image, Service};

/// Reads an environment, and hands it over.
pub(super) async fn read(
    api: &Api,
    settings: &Settings,
    context: &Context,
    site: &Site<'_>,
    shared: &mut Shared,
    names: &mut HashSet<AssetId>,
    harvest: &mut Harvester,
) {
    let scope = site.scope();
    let mut apps = shared.apps.remove(site.number()).unwrap_or_default();
    let databases = shared.databases.remove(site.number()).unwrap_or_default();
    let mut lists = lists::read(api, settings, context, site, &databases, harvest).await;
    let vhosts = lists.vhosts.as_deref().unwrap_or_default();
    let (endpoint_settings, images) = futures::join!(
        details::settings(api, vhosts),
        details::images(api, &mut apps),
    );
    let latest = backups::latest(api, &scope, &databases, &lists.backups, harvest).await;
    let mut place = Place {
        site,
        scope: &scope,
        apps: &apps,
        databases: &databases,
        whole: shared.whole,
        index: Index::default(),
        ports: HashMap::new(),
        names,
        harvest,
    };
    place.index.insert("accounts", site.number(), site.id());
    place.counts();
    let drains = Drains(lists.drains.take());
    place.drains(&drains);
    place.endpoints(&lists, &endpoint_settings, &drains);
    place.apps(&lists, &images, &drains);
    place.databases(&lists, shared.images.as_deref(), latest, &drains);
    place.disks(&lists);
    place.operations(&lists);
    harvest.complete(&scope);
}

/// An environment being handed over.
pub(super) struct Place<'a> {
    pub(super) site: &'a Site<'a>,
    pub(super) scope: &'a str,
    pub(super) apps: &'a [App],
    pub(super) databases: &'a [Database],
    /// Whether these are all apps and databases.
    pub(super) whole: bool,
    pub(super) index: Index,
    /// The ports of endpoints, by the service that they lead to.
    pub(super) ports: HashMap<Text, Vec<Claim>>,
    /// The names in the DNS that were handed over by now, from whatever environment.
    pub(super) names: &'a mut HashSet<AssetId>,
    pub(super) harvest: &'a mut Harvester,
}

impl Place<'_> {
    /// Holds what came against what the environment says of itself: a list that keeps back what may not be read is no empty one.
    fn counts(&mut self) {
        // A list that is known not to be whole is told of already.
        if !self.whole {
            return;
        }
        let account = self.site.account;
        for (path, counted, came) in [
            ("/apps", account.total_app_count, self.apps.len()),
            (
                "/databases",
                account.total_database_count,
                self.databases.len(),
            ),
        ] {
            let counted = counted
                .and_then(|counted| usize::try_from(counted).ok())
                .unwrap_or(0);
            if came >= counted {
                continue;
            }
            let what = format!("GET {path} has {came} of this environment, which counts {counted}");
            if came == 0 {
                self.harvest
                    .trouble(self.scope, format!("{what}: {}", told::RIGHT));
            } else {
                self.harvest.remark(self.scope, what);
            }
        }
    }

    fn drains(&mut self, drains: &Drains) {
        for one in drains.0.iter().flatten() {
            let number = one.id.as_deref().unwrap_or_default();
            self.index.insert("log_drains", number, drain::id(one));
            hand_over(self.scope, drain::drain(self.site, one), self.harvest);
        }
    }

    /// What a service belongs to: the id of its asset.
    pub(super) fn asset_of(&self, service: &Service) -> Option<AssetId> {
        if let Some(database) = self.database_of(service) {
            return Some(database::id(database));
        }
        self.app_of(service)?;
        Some(service::id(service))
    }

    fn app_of(&self, service: &Service) -> Option<&App> {
        let link = service._links.app.as_ref()?;
        self.apps
            .iter()
            .find(|app| app.id.as_ref() == Some(&link.id))
    }

    fn database_of(&self, service: &Service) -> Option<&Database> {
        let back = service._links.database.as_ref();
        self.databases.iter().find(|database| {
            let link = database._links.service.as_ref();
            link.is_some_and(|link| service.id.as_ref() == Some(&link.id))
                || back.is_some_and(|back| database.id.as_ref() == Some(&back.id))
        })
    }

    fn apps(&mut self, lists: &Lists, images: &[Option<Result<Image, Error>>], drains: &Drains) {
        let mut errors = Vec::new();
        let mut current: HashMap<&str, &Image> = HashMap::new();
        for (one, image) in self.apps.iter().zip(images) {
            let number = one.id.as_deref().unwrap_or_default();
            let id = app::id(one);
            self.index.insert("apps", number, id.clone());
            if let Some(link) = &one._links.current_image {
                self.index.insert("images", &link.id, id);
            }
            let why = match image {
                Some(Err(error)) => {
                    errors.push(error);
                    error.to_string()
                }
                _ => String::new(),
            };
            let image = image
                .as_ref()
                .map(|read| read.as_ref().map_err(|_| why.as_str()));
            if let Some(Ok(image)) = image {
                current.insert(number, image);
            }
            let mut piece = app::app(self.site, one, image, drains);
            if !why.is_empty() {
                piece.asset.partial = Some(why.into());
            }
            hand_over(self.scope, piece, self.harvest);
        }
        told::details(self.scope, "GET /images/{id}", &errors, self.harvest);
        for one in lists.services.iter().flatten() {
            self.service(one, lists, &current, drains);
        }
    }

    fn service(
        &mut self,
        one: &Service,
        lists: &Lists,
        current: &HashMap<&str, &Image>,
        drains: &Drains,
    ) {
        let number = one.id.as_deref().unwrap_or_default();
        if let Some(id) = self.asset_of(one) {
            self.index.insert("services", number, id);
        }
        if self.database_of(one).is_some() {
            return;
        }
        let Some(app) = self.app_of(one) else {
            // A list that is known not to be whole is told of already.
            if self.whole {
                let what = format!(
                    "service {number} belongs to an app or database that GET /apps and GET /databases do not list: {}",
                    told::RIGHT
                );
                self.harvest.trouble(self.scope, what);
            }
            return;
        };
        let image = app.id.as_deref().and_then(|app| current.get(app)).copied();
        let policies = lists.policies.as_deref();
        let seen = lists.vhosts.is_some();
        let mut piece = service::service(self.site, app, one, image, policies, drains, seen);
        match lists.attachments.as_deref() {
            Some(attachments) => {
                let (mounts, disks) = disk::mounts(attachments, number);
                let basis = "GET /accounts/{id}/disk_attachments";
                piece
                    .asset
                    .claim(fact::MOUNTS, Claim::reported(mounts).by(basis));
                for disk in disks {
                    piece.relate(RelationKind::StoresOn, disk);
                }
            }
            None => {
                let why = "the environment's attachments of disks could not be read";
                piece.asset.claim(fact::MOUNTS, Claim::unknown(why));
            }
        }
        hand_over(self.scope, piece, self.harvest);
    }

    fn operations(&mut self, lists: &Lists) {
        let environment = self.site.id();
        let (mut seen, mut odd) = (HashSet::new(), 0);
        for one in &lists.operations {
            match operation::action(one, &self.index, &environment) {
                // A list that grows while it is read shows a row twice.
                Some(action) if !seen.insert(action.id.clone()) => {}
                Some(action) => self.harvest.action(self.scope, action),
                None => odd += 1,
            }
        }
        if odd > 0 {
            let what = format!(
                "GET /accounts/{{id}}/operations: {odd} without an id, type or time are left out"
            );
            self.harvest.trouble(self.scope, what);
        }
    }
}
