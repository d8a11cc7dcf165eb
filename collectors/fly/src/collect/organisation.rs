//! One organisation: what is listed for all of it first, then each app.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use futures::stream;
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;

use super::app::{self, Input};
use super::attribution::{self, Attribution};
use super::{FINDING, Seen, few, hand_over, records_scope, scope};
use crate::client::Fly;
use crate::listing::{self, Told};
use crate::normalise::{Site, app as normalise_app, group, organisation, volume, word};
use crate::settings::Settings;
use crate::wire::{self, App, MachineRow, Organisation, Region, Volume};

/// How many apps are being read at once. Most of them wait for their own limits; how many requests are under way is the client's matter.
const APPS: usize = 128;

/// Reads an organisation; whether it is known which one it is.
pub(super) async fn read(
    fly: &Fly,
    seen: &Seen,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) -> bool {
    let slug = seen.slug.as_str();
    let mut told = Told::default();
    let lists = lists(fly, seen, &mut told).await;
    let apps = lists.apps.as_deref().unwrap_or_default();
    let own = match own(fly, slug, apps, &lists.attribution).await {
        Ok(own) => own,
        Err(why) => {
            // Nothing says in which scope it belongs.
            let more = told.troubles.into_iter().map(|(_, what)| what);
            for what in std::iter::once(Text::from(why)).chain(more) {
                harvest.trouble(FINDING, format!("{slug}: {what}"));
            }
            return false;
        }
    };
    let scope = &scope(&own.number);
    let records = records_scope(scope);
    harvest.open(scope);
    harvest.open(&records);
    harvest.renames_scope(slug, scope);
    harvest.renames_scope(&records_scope(slug), &records);
    let Some(apps) = lists.apps else {
        say(scope, told, harvest);
        return true;
    };
    let site = Site {
        number: own.number,
        slug: own.slug,
        regions: lists.regions,
        redactor: &context.redactor,
        shown: &settings.metadata,
    };
    hand_over(scope, organisation::organisation(&site, &apps), harvest);
    let networks: BTreeSet<Text> = apps.iter().map(normalise_app::network).collect();
    for network in &networks {
        hand_over(scope, organisation::network(&site, network), harvest);
    }
    let inputs = inputs(
        apps,
        lists.machines,
        lists.volumes,
        lists.attribution,
        &mut told,
    );
    let total = inputs.len();
    context.progress.step(0, total);
    let reads = inputs.into_iter().map(|input| app::read(fly, &site, input));
    let mut reads = stream::iter(reads).buffer_unordered(APPS);
    let mut done = 0;
    while let Some(read) = reads.next().await {
        done += 1;
        context.progress.step(done, total);
        for piece in read.pieces {
            hand_over(scope, piece, harvest);
        }
        for action in read.actions {
            harvest.action(&records, action);
        }
        told.append(read.told);
    }
    drop(reads);
    say(scope, told, harvest);
    harvest.complete(scope);
    harvest.complete(&records);
    true
}

/// What is listed for a whole organisation.
struct Lists {
    apps: Option<Vec<App>>,
    /// And whether those are all.
    machines: (Vec<MachineRow>, bool),
    volumes: Vec<Volume>,
    regions: BTreeMap<Text, Text>,
    attribution: Attribution,
}

async fn lists(fly: &Fly, seen: &Seen, told: &mut Told) -> Lists {
    let slug = seen.slug.as_str();
    let mut query_told = Told::default();
    let mut app_told = Told::default();
    let (apps, machines, volumes, regions, attribution) = futures::join!(
        apps(fly, seen, &mut app_told),
        fly.all_machines(slug),
        fly.all_volumes(slug),
        fly.regions(),
        attribution::read(fly, slug, &mut query_told),
    );
    told.append(app_told);
    told.append(query_told);
    let machines = listing::pages(
        "GET /orgs/{slug}/machines",
        "machines",
        None,
        machines,
        told,
    );
    let (volumes, _) = listing::pages("GET /orgs/{slug}/volumes", "volumes", None, volumes, told);
    let mut aside = Told::default();
    let regions = listing::under::<Region>(regions, "regions");
    let regions = listing::listing("GET /platform/regions", None, regions, &mut aside);
    // Their names are a help to people; without them nothing is missing.
    aside
        .troubles
        .into_iter()
        .for_each(|(_, what)| told.remark(what));
    let regions = regions.into_iter().flatten();
    Lists {
        apps,
        machines,
        volumes,
        regions: regions.map(|region| (region.code, region.name)).collect(),
        attribution,
    }
}

/// The organisation's apps. A token for some apps alone can ask for each of them, and never knows of the others.
async fn apps(fly: &Fly, seen: &Seen, told: &mut Told) -> Option<Vec<App>> {
    let Some(only) = &seen.only else {
        let items = listing::under(fly.apps(&seen.slug).await, "apps");
        return listing::listing("GET /apps", None, items, told);
    };
    let names = few(only.iter().map(Text::as_str));
    told.trouble(
        None,
        format!(
            "the token is for these apps alone: {names}; make one for the whole organisation with `fly tokens create readonly {}`",
            seen.slug
        ),
    );
    let mut apps = Vec::new();
    for name in only.iter().filter(|name| listing::is_sound(name)) {
        let read = fly.app(name).await.map_err(listing::Failed::from);
        match read.and_then(|answer| Ok(wire::one::<App>(answer.body())?)) {
            Ok(app) if listing::is_sound(&app.name) => apps.push(app),
            Ok(_) => told.trouble(
                None,
                "GET /apps/{app}: an app without a sound name is left out",
            ),
            Err(error) => told.trouble(None, format!("GET /apps/{{app}}: {error}")),
        }
    }
    apps.sort_by(|a, b| a.name.cmp(&b.name));
    apps.dedup_by(|a, b| a.name == b.name);
    Some(apps)
}

/// What an organisation is known by.
struct Own {
    number: Text,
    slug: Text,
}

/// What an organisation is known by. One's own is called `personal` by everyone, and has a slug besides. Where its apps do not
/// say its number, and nothing says that slug, the older interface is asked.
async fn own(fly: &Fly, slug: &str, apps: &[App], known: &Attribution) -> Result<Own, String> {
    let mut infos = apps.iter().filter_map(|app| app.organization.as_ref());
    let number = infos.find_map(|info| info.internal_numeric_id);
    let own = known
        .raw_slug
        .clone()
        .or_else(|| (slug != "personal").then(|| slug.into()));
    if let (Some(number), Some(own)) = (number, &own) {
        return Ok(Own {
            number: number.to_string().into(),
            slug: word(own),
        });
    }
    let answer = fly.organisation(slug).await.map_err(listing::Failed::from);
    let read: Result<Organisation, _> =
        answer.and_then(|answer| Ok(wire::inside(answer.body(), "organization")?));
    let read = read.map_err(|error| {
        format!("its number and its own slug are not known, and whether it is one that was read before is not either: {error}")
    })?;
    let told = read.raw_slug.filter(|slug| !slug.is_empty());
    let Some(number) = number.or(read.internal_numeric_id) else {
        return Err("neither its apps nor the older interface say its number".to_owned());
    };
    Ok(Own {
        number: number.to_string().into(),
        slug: word(&own.or(told).unwrap_or_else(|| slug.into())),
    })
}

/// What is known of each app before it is asked for more.
fn inputs(
    apps: Vec<App>,
    (rows, all_rows): (Vec<MachineRow>, bool),
    volumes: Vec<Volume>,
    attribution: Attribution,
    told: &mut Told,
) -> Vec<Input> {
    let mut rows_of: BTreeMap<Text, Vec<MachineRow>> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| !group::is_gone(&row.state)) {
        rows_of.entry(row.app_name.clone()).or_default().push(row);
    }
    let mut volumes_of: BTreeMap<Text, Vec<Volume>> = BTreeMap::new();
    for one in volumes.into_iter().filter(|one| !volume::is_gone(one)) {
        volumes_of
            .entry(one.app_name.clone())
            .or_default()
            .push(one);
    }
    let mut known = attribution.apps;
    let inputs: Vec<Input> = apps
        .into_iter()
        .map(|app| Input {
            rows: rows_of.remove(&app.name).unwrap_or_default(),
            all_rows,
            volumes: volumes_of.remove(&app.name).unwrap_or_default(),
            known: known.remove(&app.name).unwrap_or_default(),
            app,
        })
        .collect();
    // An app that came between two lists, or that one of them keeps back.
    let mut strangers: BTreeSet<Text> = rows_of.into_keys().collect();
    strangers.extend(volumes_of.into_keys());
    if !strangers.is_empty() {
        let names = few(strangers.iter().map(Text::as_str));
        told.trouble(
            None,
            format!("machines or volumes belong to apps that the list of apps has not: {names}; scan again, or use a token for the whole organisation"),
        );
    }
    inputs
}

/// Says what was told, in an order of its own.
fn say(scope: &str, mut told: Told, harvest: &mut Harvester) {
    told.troubles.sort();
    told.remarks.sort();
    told.attribution.sort();
    told.attribution.dedup();
    for (asset, what) in told.troubles {
        match asset {
            Some(asset) => harvest.trouble_with(scope, asset, what),
            None => harvest.trouble(scope, what),
        }
    }
    for what in told.remarks {
        harvest.remark(scope, what);
    }
    for what in told.attribution {
        harvest.trouble(&records_scope(scope), what);
    }
}

impl Input {
    /// Whether the app has no machines for sure.
    pub(super) fn has_no_machines(&self) -> bool {
        self.all_rows && self.rows.is_empty() && self.app.machine_count == Some(0)
    }
}
