//! One app: its lists, and what only a closer look tells.

use futures::future::join_all;
use plimsoll_model::{Action, Table, Text};

use super::attribution::OfApp;
use super::few;
use crate::client::Fly;
use crate::listing::{self, Told, bare_text};
use crate::normalise::action::{self, Release};
use crate::normalise::app::Parts;
use crate::normalise::certificate::{self, Closely};
use crate::normalise::edge::Reach;
use crate::normalise::group::Groups;
use crate::normalise::volume::Extension;
use crate::normalise::workload::Around;
use crate::normalise::{Piece, Site, address, app, app_id, edits, volume, workload};
use crate::wire::{
    self, Address, App, Certificate, CertificateClosely, Machine, MachineRow, Secret, Snapshot,
    Volume,
};

/// What is known of an app before it is asked for more.
pub(super) struct Input {
    pub(super) app: App,
    /// Its rows of the organisation's list, without those that are gone.
    pub(super) rows: Vec<MachineRow>,
    /// Whether that list was whole.
    pub(super) all_rows: bool,
    /// Its volumes, without those that are gone.
    pub(super) volumes: Vec<Volume>,
    /// What the query told.
    pub(super) known: OfApp,
}

/// What was read of an app.
#[derive(Default)]
pub(super) struct Read {
    pub(super) pieces: Vec<Piece>,
    pub(super) actions: Vec<Action>,
    pub(super) told: Told,
}

/// Why it is not known when a certificate ends, or when the newest snapshot of a volume was taken.
const FAR: &str = "the app has more of them than `closely` allows to look at";

/// Reads an app.
pub(super) async fn read(fly: &Fly, site: &Site<'_>, input: Input) -> Read {
    let mut read = Read::default();
    let name = input.app.name.as_str();
    let (machines, addresses, certificates, secrets) = futures::join!(
        machines(fly, &input),
        fly.addresses(name),
        fly.certificates(name),
        fly.secrets(name),
    );
    let id = app_id(name);
    let told = &mut read.told;
    let mut broken = 0;
    let machines: Option<Vec<Machine>> = match machines {
        Some(answer) => {
            let items = listing::bare(answer);
            broken = items.as_ref().map_or(0, |items| items.broken.len());
            listing::listing("GET /apps/{app}/machines", Some(&id), items, told)
        }
        None => Some(Vec::new()),
    };
    let addresses = listing::under::<Address>(addresses, "ips");
    let addresses = listing::listing("GET /apps/{app}/ip_assignments", Some(&id), addresses, told);
    let what = "GET /apps/{app}/certificates";
    let (certificates, whole) =
        listing::pages::<Certificate>(what, "certificates", Some(&id), certificates, told);
    let secrets = listing::under::<Secret>(secrets, "secrets");
    let secrets = listing::listing("GET /apps/{app}/secrets", Some(&id), secrets, told);
    let releases = releases(fly, &input, told).await;

    let groups = machines
        .as_ref()
        .map(|machines| Groups::sort(machines, &input.rows));
    let reach = match &addresses {
        Some(addresses) => Reach::of(addresses),
        None => Reach::Unknown,
    };
    // A broken entry is found again in the organisation's list, where that is whole.
    let broken = if input.all_rows { 0 } else { broken };
    let names = workloads(site, &input, (groups.as_ref(), broken), reach, &mut read);
    for one in addresses.iter().flatten() {
        read.pieces
            .push(address::address(site, name, &names.on_the_edge, one));
    }
    let (near, far) = certificates.split_at(certificates.len().min(fly.closely));
    let closely = near.iter().map(|one| certificate(fly, name, one));
    let (near_volumes, far_volumes) = input.volumes.split_at(input.volumes.len().min(fly.closely));
    let known_machines = machines.as_deref();
    let volumes = near_volumes.iter().map(|one| {
        let extension = Extension::of(one, known_machines);
        self::volume(fly, site, name, one, extension)
    });
    let (closely, volumes) = futures::join!(join_all(closely), join_all(volumes));
    for (piece, remark) in closely.into_iter().chain(volumes) {
        if let Some(why) = remark {
            read.told.remark(format!("{}: {why}", piece.asset.id));
        }
        read.pieces.push(piece);
    }
    let far_certificates = far
        .iter()
        .map(|one| certificate::certificate(name, one, &Closely::Failed(FAR)));
    read.pieces.extend(far_certificates);
    read.pieces.extend(far_volumes.iter().map(|one| {
        let extension = Extension::of(one, known_machines);
        volume::volume(site, one, &extension, Err(FAR)).0
    }));
    let many = far.len() + far_volumes.len();
    if many > 0 {
        read.told.remark(format!("{id}: {many} certificates or volumes were not looked at closely: raise `closely`, and the source's deadline with it"));
    }
    let parts = Parts {
        groups: names.all,
        addresses: addresses.as_deref(),
        certificates: (&certificates, whole),
        secrets: secrets.as_deref(),
        volumes: &input.volumes,
        created: input
            .known
            .releases
            .is_some()
            .then(|| input.known.created.clone()),
    };
    let mut pieces = app::app(site, &input.app, &parts);
    if let Some(lost) = groups.as_ref().filter(|groups| !groups.lost.is_empty())
        && let Some(piece) = pieces.last_mut()
    {
        let machines = few(lost.lost.iter().copied());
        let why = format!(
            "machines cannot be observed, and no list says what they are part of: {machines}; wait for their hosts, or destroy machines that are gone for good"
        );
        piece.asset.partial = Some(Text::from(why.as_str()));
        read.told.trouble(Some(&id), why);
    }
    read.pieces.append(&mut pieces);

    for release in releases.iter().flatten() {
        read.actions.push(release.action(name, groups.as_ref()));
    }
    for secret in secrets.iter().flatten() {
        read.actions
            .extend(action::secret(name, secret, &input.known.secrets));
    }
    if let Some(groups) = &groups {
        let releases = releases.as_deref().unwrap_or_default();
        read.actions.extend(edits::edits(name, groups, releases));
    }
    read
}

/// An app's machines; none where the organisation's list says that it has none.
async fn machines(
    fly: &Fly,
    input: &Input,
) -> Option<Result<plimsoll_kit::http::Answer, plimsoll_kit::http::Error>> {
    match input.has_no_machines() {
        true => None,
        false => Some(fly.machines(&input.app.name).await),
    }
}

/// An app's releases, from the query, else from the older interface.
async fn releases(fly: &Fly, input: &Input, told: &mut Told) -> Option<Vec<Release>> {
    if let Some(releases) = &input.known.releases {
        return Some(releases.clone());
    }
    let app = &input.app.name;
    let answer = match fly.releases(app).await {
        Ok(answer) => answer,
        // It was never released.
        Err(error) if error.status() == Some(404) => return Some(Vec::new()),
        Err(error) => {
            told.attribution.push(bare_text("releases", &error));
            return None;
        }
    };
    let items = listing::under::<wire::Release>(Ok(answer), "releases");
    let mut aside = Told::default();
    let what = format!("GET /apps/{app}/releases");
    let releases = listing::listing(&what, None, items, &mut aside);
    told.attribution
        .extend(aside.troubles.into_iter().map(|(_, what)| what));
    let releases = releases?.into_iter();
    Some(releases.filter_map(Release::from_list).collect())
}

/// The groups of an app by their names.
#[derive(Default)]
struct Names<'g> {
    all: Vec<&'g str>,
    /// Those to which the edge sends something on, each with the ports where.
    on_the_edge: Vec<(&'g str, Table)>,
}

/// The workloads of an app.
fn workloads<'g>(
    site: &Site<'_>,
    input: &Input,
    (groups, broken): (Option<&'g Groups<'_>>, usize),
    reach: Reach,
    read: &mut Read,
) -> Names<'g> {
    let network = app::network(&input.app);
    let around = Around {
        app: &input.app.name,
        network: &network,
        reach,
        volumes: &input.volumes,
        lost: groups.map_or(0, |groups| groups.lost.len()) + broken,
    };
    let mut names = Names::default();
    for (name, instances) in groups.iter().flat_map(|groups| &groups.groups) {
        let workload = workload::workload(site, &around, name, instances);
        let id = &workload.piece.asset.id;
        names.all.push(name.as_str());
        match workload.on_the_edge {
            Some(ports) => names.on_the_edge.push((name.as_str(), ports)),
            None if reach.is_none() => {}
            None => {
                let what = "none of its machines can be observed, so nothing says whether the app's addresses lead to it; wait for their hosts, or destroy machines that are gone for good";
                read.told.trouble(Some(id), what);
            }
        }
        if let Some(why) = &workload.partial {
            read.told.remark(format!("{id}: {why}"));
        }
        read.pieces.push(workload.piece);
    }
    names
}

/// A certificate, with its end where there is one to ask for, and what is to be said of it.
async fn certificate(fly: &Fly, app: &str, listed: &Certificate) -> (Piece, Option<Text>) {
    let none =
        listed.has_fly_certificate == Some(false) && listed.has_custom_certificate == Some(false);
    if none {
        return (
            certificate::certificate(app, listed, &Closely::Nothing),
            None,
        );
    }
    let answer = fly.certificate(app, &listed.hostname).await;
    let answer = answer.map_err(listing::Failed::from);
    let seen = answer.and_then(|answer| Ok(wire::one::<CertificateClosely>(answer.body())?));
    match &seen {
        Ok(seen) => (
            certificate::certificate(app, listed, &Closely::Seen(seen)),
            None,
        ),
        Err(error) => {
            let why = format!("it could not be looked at closely: {error}");
            let piece = certificate::certificate(app, listed, &Closely::Failed(&why));
            (piece, Some(Text::from(why)))
        }
    }
}

/// A volume with its snapshots, and what is to be said of it.
async fn volume(
    fly: &Fly,
    site: &Site<'_>,
    app: &str,
    listed: &Volume,
    extension: Extension,
) -> (Piece, Option<Text>) {
    let what = "GET /apps/{app}/volumes/{id}/snapshots";
    let snapshots = match volume::is_observable(listed) {
        true => match listing::bare::<Snapshot>(fly.snapshots(app, &listed.id).await) {
            Ok(items) if items.broken.is_empty() => Ok(items.good),
            // A broken one among others may be the newest.
            Ok(items) => Err(format!(
                "{what}: {} snapshots make no sense",
                items.broken.len()
            )),
            Err(error) => Err(format!("{what}: {error}")),
        },
        false => Ok(Vec::new()),
    };
    volume::volume(
        site,
        listed,
        &extension,
        snapshots.as_deref().map_err(String::as_str),
    )
}
