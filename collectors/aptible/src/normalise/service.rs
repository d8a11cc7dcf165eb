//! Services of apps: what runs.

use plimsoll_kit::model::{Asset, AssetId, Claim, RelationKind, Table, Text, fact, kind};

use super::drain::Drains;
use super::environment::Site;
use super::scaling::{self, Policies};
use super::{Piece, app, attested, id_of, image, name_of, said, say, time};
use crate::wire::{App, Image, Service};

const IMAGE: &str = "GET /accounts/{id}/services docker_repo, docker_ref";

/// A service's name: what its process is called, or its handle.
pub(crate) fn name(service: &Service) -> Text {
    let name = service
        .process_type
        .as_ref()
        .filter(|name| !name.is_empty());
    let number = service.id.as_deref().unwrap_or_default();
    name_of(name.or(service.handle.as_ref()), number)
}

/// The id of the asset of a service of an app.
pub(crate) fn id(service: &Service) -> AssetId {
    id_of(kind::WORKLOAD, service.id.as_deref().unwrap_or_default())
}

/// A service of an app.
pub(crate) fn service(
    site: &Site<'_>,
    app: &App,
    service: &Service,
    current: Option<&Image>,
    policies: Policies<'_>,
    drains: &Drains,
    endpoints_seen: bool,
) -> Piece {
    let number = service.id.as_deref().unwrap_or_default();
    let (of_app, own) = (app::name(app), name(service));
    let mut asset = site.asset(
        id(service),
        kind::WORKLOAD,
        format!("{of_app}/{own}").into(),
        &[&of_app, &own],
        ("services", number),
    );
    asset.claim(fact::PLATFORM_KIND, Claim::reported("service"));
    image::claim(
        &mut asset,
        service.docker_repo.as_ref(),
        service.docker_ref.as_ref(),
        IMAGE,
    );
    // Of the app's image only where the service runs that one.
    let same = current
        .filter(|image| image.docker_ref.is_some() && image.docker_ref == service.docker_ref);
    if let Some(image) = same {
        image::claim_source(&mut asset, image);
    }
    let release = service._links.current_release.as_ref();
    let release = release.map(|link| link.id.clone());
    say(
        &mut asset,
        fact::RELEASE,
        release,
        "GET /accounts/{id}/services _links.current_release",
    );
    shared(site, &mut asset, service, policies);
    asset.claim(fact::LOGS_DESTINATIONS, drains.of_apps());
    let ports = if endpoints_seen {
        // What an endpoint opens is the endpoint's: nothing else leads to a container from outside.
        let basis = "GET /accounts/{id}/vhosts: a service is reached through endpoints alone, which have their own ports";
        Claim::reported(Table::new()).by(basis)
    } else {
        Claim::unknown("the environment's endpoints could not be read")
    };
    asset.claim(fact::PORTS, ports);
    attested::clock(&mut asset, site.clock_reference);
    let mut piece = Piece::new(asset);
    piece.relate_from(app::id(app), RelationKind::Contains);
    site.runs(&mut piece);
    drains.relate(&mut piece, |drain| drain.drain_apps);
    piece
}

/// Claims what a service of an app and one of a database share.
pub(crate) fn shared(
    site: &Site<'_>,
    asset: &mut Asset,
    service: &Service,
    policies: Policies<'_>,
) {
    scaling::claim(asset, service, policies);
    let class = said(service.instance_class.as_ref());
    say(
        asset,
        "instance.class",
        class,
        "GET /accounts/{id}/services instance_class",
    );
    let zero = service.force_zero_downtime;
    say(
        asset,
        "deployment.zero-downtime",
        zero,
        "GET /accounts/{id}/services force_zero_downtime",
    );
    let naive = service.naive_health_check;
    say(
        asset,
        "health.naive",
        naive,
        "GET /accounts/{id}/services naive_health_check",
    );
    say(
        asset,
        "stop-timeout-s",
        service.stop_timeout,
        "GET /accounts/{id}/services stop_timeout",
    );
    if !asset.facts.contains(fact::CREATED) {
        let created = time(service.created_at.as_ref());
        say(
            asset,
            fact::CREATED,
            created,
            "GET /accounts/{id}/services created_at",
        );
    }
    let command = service
        .command
        .as_deref()
        .filter(|command| !command.is_empty());
    if let Some(command) = command {
        let mark = site
            .redactor
            .mark_sized(&asset.id, fact::COMMAND, command.as_bytes());
        let basis = "GET /accounts/{id}/services command, as a keyed mark";
        asset.claim(fact::COMMAND, Claim::reported(mark).by(basis));
    }
}
