//! Databases.

use plimsoll_kit::model::{AssetId, Claim, RelationKind, Table, Text, Value, fact, kind};

use super::backup::Latest;
use super::drain::Drains;
use super::environment::Site;
use super::scaling::Policies;
use super::{Piece, attested, backup, disk, id_of, image, name_of, own, said, say, service, time};
use crate::wire::{Database, DatabaseImage, Disk, Retention, Service};

const BASIS: &str = "GET /databases";
const IMAGES: &str = "GET /database_images";

/// What else is known that bears on a database. What could not be read is none.
pub(crate) struct Around<'a> {
    pub(crate) images: Option<&'a [DatabaseImage]>,
    pub(crate) services: Option<&'a [Service]>,
    pub(crate) disks: Option<&'a [Disk]>,
    pub(crate) policies: Policies<'a>,
    pub(crate) retention: Option<&'a [Retention]>,
    pub(crate) drains: &'a Drains,
    /// The ports of endpoints that lead to it; none where they, or its service, could not be read.
    pub(crate) ports: Option<Claim>,
    pub(crate) latest: Latest,
}

/// A database's name.
pub(crate) fn name(database: &Database) -> Text {
    name_of(
        database.handle.as_ref(),
        database.id.as_deref().unwrap_or_default(),
    )
}

/// The id of a database's asset.
pub(crate) fn id(database: &Database) -> AssetId {
    id_of(kind::DATABASE, database.id.as_deref().unwrap_or_default())
}

/// A database.
pub(crate) fn database(site: &Site<'_>, database: &Database, around: Around<'_>) -> Piece {
    let number = database.id.as_deref().unwrap_or_default();
    let called = name(database);
    let mut asset = site.asset(
        id(database),
        kind::DATABASE,
        called.clone(),
        &[&called],
        ("databases", number),
    );
    asset.claim(fact::PLATFORM_KIND, Claim::reported("database"));
    say(
        &mut asset,
        own::STATUS,
        said(database.status.as_ref()),
        BASIS,
    );
    say(
        &mut asset,
        "database.type",
        said(database.kind.as_ref()),
        BASIS,
    );
    say(
        &mut asset,
        "database.logical-replica",
        database.logical_replica,
        BASIS,
    );
    say(
        &mut asset,
        fact::CREATED,
        time(database.created_at.as_ref()),
        BASIS,
    );
    version(&mut asset, database, around.images);

    let disk = disk_of(database, around.disks);
    attested::at_rest(&mut asset);
    let key = database
        .current_kms_arn
        .as_ref()
        .filter(|key| !key.is_empty());
    let key = key.or(disk.and_then(|disk| disk.current_kms_arn.as_ref()));
    say(
        &mut asset,
        fact::ENCRYPTION_KEY,
        said(key),
        "GET /databases current_kms_arn",
    );
    match (disk, around.disks) {
        (Some(disk), _) => {
            disk::claim_method(&mut asset, disk);
            say(
                &mut asset,
                fact::SIZE_BYTES,
                disk::bytes(disk.size),
                "GET /accounts/{id}/disks size",
            );
        }
        (None, None) => {
            let why = "the environment's disks could not be read";
            asset.claim(fact::ENCRYPTION_METHOD, Claim::unknown(why));
        }
        (None, Some(_)) => {
            let why = "the database's disk is not in GET /accounts/{id}/disks";
            asset.claim(fact::ENCRYPTION_METHOD, Claim::unknown(why));
        }
    }
    backup::claim(&mut asset, database, around.retention, around.latest);
    asset.claim(fact::LOGS_DESTINATIONS, around.drains.of_databases());
    let why = "the endpoints of its service could not be read";
    asset.claim(
        fact::PORTS,
        around.ports.unwrap_or_else(|| Claim::unknown(why)),
    );
    attested::clock(&mut asset, site.clock_reference);
    let why = "Aptible keeps the hosts and the images patched; when a database takes a new image is its owner's doing";
    asset.claim(fact::PATCHES_MANAGED, Claim::unknown(why));

    let service = service_of(database, around.services);
    match (service, around.services) {
        (Some(service), _) => {
            let basis = "GET /accounts/{id}/services docker_repo, docker_ref";
            let repo = service
                .docker_repo
                .as_ref()
                .or(database.docker_repo.as_ref());
            image::claim(&mut asset, repo, service.docker_ref.as_ref(), basis);
            service::shared(site, &mut asset, service, around.policies);
        }
        (None, seen) => {
            let why = match seen {
                Some(_) => "the database's service is not in GET /accounts/{id}/services",
                None => "the environment's services could not be read",
            };
            asset.claim(fact::IMAGE, Claim::unknown(why));
            asset.claim(fact::IMAGE_DIGESTS, Claim::unknown(why));
        }
    }
    let mut piece = Piece::new(asset);
    piece.relate_from(site.id(), RelationKind::Contains);
    site.runs(&mut piece);
    if let Some(disk) = disk {
        piece.relate(RelationKind::StoresOn, disk::id(disk));
    }
    around
        .drains
        .relate(&mut piece, |drain| drain.drain_databases);
    piece
}

fn version(
    asset: &mut plimsoll_kit::model::Asset,
    database: &Database,
    images: Option<&[DatabaseImage]>,
) {
    let link = database._links.database_image.as_ref();
    let image = images.zip(link).and_then(|(images, link)| {
        let mut images = images.iter();
        images.find(|image| image.id.as_ref() == Some(&link.id))
    });
    let Some(image) = image else {
        let why = match (images, link) {
            (None, _) => "GET /database_images could not be read",
            (_, None) => "GET /databases links no database image",
            _ => "the database's image is not in GET /database_images",
        };
        asset.claim(fact::VERSION, Claim::unknown(why));
        asset.claim(fact::END_OF_LIFE, Claim::unknown(why));
        return;
    };
    let version = match said(image.version.as_ref()) {
        Some(version) => Claim::reported(version).by("GET /database_images version"),
        None => Claim::unknown("GET /database_images gives no version"),
    };
    asset.claim(fact::VERSION, version);
    let end = match time(image.eol_at.as_ref()) {
        Some(end) => Claim::reported(end).by("GET /database_images eol_at"),
        None => Claim::unknown("GET /database_images gives no eol_at"),
    };
    asset.claim(fact::END_OF_LIFE, end);
    say(
        asset,
        "database.image",
        said(image.docker_repo.as_ref()),
        IMAGES,
    );
}

/// The disk of a database, by either end's link.
fn disk_of<'a>(database: &Database, disks: Option<&'a [Disk]>) -> Option<&'a Disk> {
    let disks = disks?;
    let by_link = database._links.disk.as_ref().and_then(|link| {
        let mut disks = disks.iter();
        disks.find(|disk| disk.id.as_ref() == Some(&link.id))
    });
    let number = database.id.as_ref()?;
    by_link.or_else(|| {
        let back = |disk: &&Disk| {
            disk._links
                .database
                .as_ref()
                .is_some_and(|link| link.id == *number)
        };
        disks.iter().find(back)
    })
}

/// The service of a database, by either end's link.
pub(crate) fn service_of<'a>(
    database: &Database,
    services: Option<&'a [Service]>,
) -> Option<&'a Service> {
    let services = services?;
    let number = database.id.as_ref()?;
    let link = database._links.service.as_ref();
    services.iter().find(|service| {
        let back = service._links.database.as_ref();
        link.is_some_and(|link| service.id.as_ref() == Some(&link.id))
            || back.is_some_and(|back| back.id == *number)
    })
}

/// The ports of several endpoints together.
pub(crate) fn join_ports<'c>(endpoints: impl Iterator<Item = &'c Claim>) -> Claim {
    let mut all = Table::new();
    for claim in endpoints {
        match claim.value().and_then(Value::as_table) {
            Some(table) => table
                .iter()
                .for_each(|(key, part)| join_port(&mut all, key, part)),
            None => return claim.clone(),
        }
    }
    Claim::reported(all).by("GET /accounts/{id}/vhosts of its service")
}

/// Adds a port of one endpoint to those of others. Of two on one port the one that reaches further counts, with what holds for both.
fn join_port(all: &mut Table, key: &str, part: &Value) {
    let far = |row: &Table| match row.get("reach").and_then(Value::as_str) {
        Some("private") => 0,
        Some("public") => 2,
        _ => 1,
    };
    let joined = match (all.get(key).and_then(Value::as_table), part.as_table()) {
        (Some(have), Some(more)) => {
            let further = if far(more) > far(have) { more } else { have };
            let same = |(name, value): &(&str, &Value)| {
                *name == "reach"
                    || (have.get(name) == Some(*value) && more.get(name) == Some(*value))
            };
            let rows = further.iter().filter(same);
            Value::Table(rows.map(|(name, value)| (name, value.clone())).collect())
        }
        _ => part.clone(),
    };
    all.insert(key, joined);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_endpoints_on_one_port_the_one_that_reaches_further_counts() {
        let of = |reach: &str| {
            let mut row = Table::new();
            row.insert("port", Value::Int(5432));
            row.insert("reach", Value::from(reach));
            let mut table = Table::new();
            table.insert("edge:5432/tcp", Value::Table(row));
            Claim::reported(table)
        };
        for [one, other] in [["public", "private"], ["private", "public"]] {
            let claims = [of(one), of(other)];
            let joined = join_ports(claims.iter());
            let shown = joined.value().unwrap().to_string();
            assert!(
                shown.contains("reach=public") || shown.contains("public"),
                "{shown}"
            );
        }
    }
}
