//! One run: which calls are made in which order, and what becomes of a failed one.
//!
//! What the API lists for the whole organisation is read once and joined by its links; what it lists for an environment
//! alone is read for each; and a call for each item is made only for what no list holds (an endpoint's settings, an
//! app's image).

mod backups;
mod details;
mod environment;
mod lists;
mod reached;
mod stored;
mod told;

pub(crate) use told::failure;

use std::collections::{HashMap, HashSet};

use plimsoll_kit::model::Text;
use plimsoll_kit::{Context, Harvester};

use crate::client::{Api, Listing, Window, list};
use crate::normalise::environment::{Site, environment as asset_of};
use crate::normalise::{Piece, stack};
use crate::settings::Settings;
use crate::wire::{Account, App, Database, DatabaseImage, Stack};

/// The scope of what is no environment's: the organisation's own stacks, and the list of environments.
pub(crate) const ORGANISATION: &str = "organisation";

/// The second made ids of the numbers that never change, where the first had handles.
const EDITION: u32 = 2;

/// What is read once for all environments.
struct Shared {
    apps: HashMap<Text, Vec<App>>,
    databases: HashMap<Text, Vec<Database>>,
    images: Option<Vec<DatabaseImage>>,
    /// Whether all apps and databases are in hand: then what links to another one is said to.
    whole: bool,
}

/// Reads everything.
pub(crate) async fn collect(
    api: &Api,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    harvest.edition(EDITION);
    let most = context.limits.assets;
    told::token_ends(api, context, harvest);
    let (stacks, accounts, apps, databases, images) = futures::join!(
        list::<Stack>(api, "/stacks", "stacks", most, Window::Whole),
        list::<Account>(api, "/accounts", "accounts", most, Window::Whole),
        list::<App>(api, "/apps", "apps", most, Window::Whole),
        list::<Database>(api, "/databases", "databases", most, Window::Whole),
        list::<DatabaseImage>(
            api,
            "/database_images",
            "database_images",
            most,
            Window::Whole
        ),
    );
    let scopes = [ORGANISATION.to_owned()];
    let stacks = told::whole(stacks, "/stacks", &scopes, harvest).unwrap_or_default();
    let all_listed = accounts.is_whole();
    let Some(accounts) = told::whole(accounts, "/accounts", &scopes, harvest) else {
        return;
    };
    if all_listed {
        harvest.lists_scopes();
    }
    let mut sites: Vec<Site<'_>> = accounts
        .iter()
        .map(|account| {
            let reference = settings.clock_reference.as_deref();
            Site::new(account, &stacks, &context.redactor, reference)
        })
        .collect();
    sites.sort_by_key(|site| (site.number().len(), site.number().to_owned()));
    let mut taken = HashSet::new();
    for site in &mut sites {
        // Handles are one environment's alone; were they not, two would be read as one.
        if !taken.insert(site.name.clone()) {
            site.name = format!("{}#{}", site.name, site.number()).into();
        }
    }
    // Before any of them is read: a run that is cut short leaves them incomplete, and not unheard of.
    let scopes: Vec<String> = sites.iter().map(Site::scope).collect();
    scopes.iter().for_each(|scope| harvest.open(scope));
    for site in &sites {
        harvest.renames_scope(&site.former_scope(), &site.scope());
    }

    let whole = apps.is_whole() && databases.is_whole();
    let images = told::whole(
        images,
        "/database_images",
        &[ORGANISATION.to_owned()],
        harvest,
    );
    let apps = of_each(apps, "/apps", &sites, harvest, |app| {
        app._links.account.as_ref().map(|link| &link.id)
    });
    let databases = of_each(databases, "/databases", &sites, harvest, |database| {
        database._links.account.as_ref().map(|link| &link.id)
    });
    organisation(&stacks, &sites, settings, harvest);
    let mut shared = Shared {
        apps,
        databases,
        images,
        whole,
    };
    let mut names = HashSet::new();
    for (at, site) in sites.iter().enumerate() {
        context.progress.step(at, sites.len());
        environment::read(
            api,
            settings,
            context,
            site,
            &mut shared,
            &mut names,
            harvest,
        )
        .await;
    }
    context.progress.step(sites.len(), sites.len());
}

/// Hands over the stacks: those of the organisation's own, and of those that are shared with others the ones that have an environment.
///
/// Whoever may not see an environment does not find it in the list, which is no sign that it is gone. So an environment is
/// handed over in its own scope, which is then not read, and so is a shared stack that only its environments bring in.
fn organisation(
    stacks: &[Stack],
    sites: &[Site<'_>],
    settings: &Settings,
    harvest: &mut Harvester,
) {
    for one in stacks {
        let on_it = |site: &&Site<'_>| site.stack.is_some_and(|stack| std::ptr::eq(stack, one));
        let piece = || stack::stack(one, settings.clock_reference.as_deref());
        if one._links.organization.is_some() {
            hand_over(ORGANISATION, piece(), harvest);
        } else if let Some(site) = sites.iter().find(on_it) {
            hand_over(&site.scope(), piece(), harvest);
        }
    }
    for site in sites {
        hand_over(&site.scope(), asset_of(site), harvest);
        if site.stack.is_none() {
            let what = format!(
                "the stack of {} is not in GET /stacks: whether it is shared is not known",
                site.name
            );
            harvest.trouble_with(ORGANISATION, site.id(), what);
        }
    }
    if sites.is_empty() {
        let what = format!("GET /accounts lists no environment: {}", told::RIGHT);
        harvest.trouble(ORGANISATION, what);
    }
    harvest.complete(ORGANISATION);
}

/// Sorts a list of the whole organisation by environment. What is wrong with it is told where it belongs, and where that is not known,
/// everywhere.
fn of_each<T>(
    listing: Listing<T>,
    path: &str,
    sites: &[Site<'_>],
    harvest: &mut Harvester,
    account: impl Fn(&T) -> Option<&Text>,
) -> HashMap<Text, Vec<T>> {
    let scopes: Vec<String> = sites.iter().map(Site::scope).collect();
    let all: &[String] = if scopes.is_empty() { &[] } else { &scopes };
    if let Some(failed) = &listing.failed {
        told::failed(path, failed, all, harvest);
    }
    for (page, broken) in &listing.broken {
        let site = broken.account.as_deref().and_then(|account| {
            let mut sites = sites.iter();
            sites.find(|site| site.number() == account)
        });
        let own = site.map(|site| [site.scope()]);
        let scopes = own.as_ref().map_or(all, |own| own.as_slice());
        told::broken(path, *page, broken, scopes, harvest);
    }
    let known: HashSet<&str> = sites.iter().map(Site::number).collect();
    let mut sorted: HashMap<Text, Vec<T>> = HashMap::new();
    let mut strangers = 0;
    for item in listing.items {
        match account(&item).filter(|account| known.contains(account.as_str())) {
            Some(account) => sorted.entry(account.clone()).or_default().push(item),
            None => strangers += 1,
        }
    }
    if strangers > 0 {
        let what = format!(
            "GET {path}: {strangers} belong to an environment that GET /accounts does not list, and are left out"
        );
        harvest.trouble(ORGANISATION, what);
    }
    sorted
}

/// Puts an asset and its relations into the harvest.
fn hand_over(scope: &str, piece: Piece, harvest: &mut Harvester) {
    harvest.asset(scope, piece.asset);
    for relation in piece.relations {
        harvest.relation(scope, relation);
    }
}
