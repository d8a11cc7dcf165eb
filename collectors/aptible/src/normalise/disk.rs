//! Disks of databases, and those that services mount.

use plimsoll_kit::model::{Alias, Asset, AssetId, Claim, Table, Text, Value, fact, kind};

use super::environment::Site;
use super::{PLACE, Piece, attested, name_of, own, said, say, time};
use crate::wire::{Attachment, Disk, PersistentDisk};

const DISKS: &str = "GET /accounts/{id}/disks";
const PERSISTENT: &str = "GET /accounts/{id}/persistent_disks";

/// The id of the asset of a database's disk.
pub(crate) fn id(disk: &Disk) -> AssetId {
    AssetId::of(
        kind::VOLUME,
        &[PLACE, disk.id.as_deref().unwrap_or_default()],
    )
}

/// The id of the asset of a disk that services mount, by its number: those are counted for themselves.
pub(crate) fn persistent_id(number: &str) -> AssetId {
    AssetId::of(kind::VOLUME, &[PLACE, "persistent", number])
}

/// Bytes of what the platform counts in GB, which are 2^30 bytes.
pub(crate) fn bytes(size: Option<i64>) -> Option<i64> {
    size.filter(|size| *size >= 0)?.checked_mul(1 << 30)
}

/// Claims how a database's disk is encrypted.
pub(crate) fn claim_method(asset: &mut Asset, disk: &Disk) {
    let method = match disk.key_bytes {
        Some(bytes) if (1..=1024).contains(&bytes) => {
            let method = format!("eCryptfs AES-{}", bytes * 8);
            Claim::reported(method).by("GET /accounts/{id}/disks key_bytes")
        }
        _ => Claim::unknown("GET /accounts/{id}/disks gives no key_bytes"),
    };
    asset.claim(fact::ENCRYPTION_METHOD, method);
}

/// A database's disk.
pub(crate) fn disk(site: &Site<'_>, disk: &Disk) -> Piece {
    let number = disk.id.as_deref().unwrap_or_default();
    let name = name_of(disk.handle.as_ref(), number);
    let mut asset = site.unnamed(id(disk), kind::VOLUME, name, "disks", number);
    asset.claim(fact::PLATFORM_KIND, Claim::reported("disk"));
    alias(&mut asset, disk.ebs_volume_id.as_ref());
    say(&mut asset, fact::SIZE_BYTES, bytes(disk.size), DISKS);
    say(
        &mut asset,
        fact::FILESYSTEM_TYPE,
        said(disk.filesystem.as_ref()),
        DISKS,
    );
    say(
        &mut asset,
        "volume.type",
        said(disk.ebs_volume_type.as_ref()),
        DISKS,
    );
    say(&mut asset, "volume.iops", disk.provisioned_iops, DISKS);
    say(
        &mut asset,
        "zone",
        said(disk.availability_zone.as_ref()),
        DISKS,
    );
    say(
        &mut asset,
        fact::ENCRYPTION_KEY,
        said(disk.current_kms_arn.as_ref()),
        DISKS,
    );
    say(
        &mut asset,
        fact::CREATED,
        time(disk.created_at.as_ref()),
        DISKS,
    );
    attested::at_rest(&mut asset);
    claim_method(&mut asset, disk);
    Piece::new(asset)
}

/// A disk that services mount.
pub(crate) fn persistent(site: &Site<'_>, disk: &PersistentDisk) -> Piece {
    let number = disk.id.as_deref().unwrap_or_default();
    let name = name_of(disk.handle.as_ref(), number);
    let id = persistent_id(number);
    let mut asset = site.unnamed(id, kind::VOLUME, name, "persistent_disks", number);
    asset.claim(fact::PLATFORM_KIND, Claim::reported("persistent_disk"));
    alias(&mut asset, disk.aws_resource_id.as_ref());
    say(
        &mut asset,
        own::STATUS,
        said(disk.status.as_ref()),
        PERSISTENT,
    );
    say(&mut asset, fact::SIZE_BYTES, bytes(disk.size), PERSISTENT);
    say(
        &mut asset,
        "volume.type",
        said(disk.disk_type.as_ref()),
        PERSISTENT,
    );
    say(
        &mut asset,
        "zone",
        said(disk.availability_zone.as_ref()),
        PERSISTENT,
    );
    say(
        &mut asset,
        fact::CREATED,
        time(disk.created_at.as_ref()),
        PERSISTENT,
    );
    let key = disk.kms_arn.as_ref().filter(|key| !key.is_empty());
    say(&mut asset, fact::ENCRYPTION_KEY, said(key), PERSISTENT);
    let encrypted = match key {
        Some(_) => Claim::reported(true).by("GET /accounts/{id}/persistent_disks kms_arn"),
        None => Claim::unknown(
            "GET /accounts/{id}/persistent_disks gives no kms_arn, which proves nothing",
        ),
    };
    asset.claim(fact::ENCRYPTED_AT_REST, encrypted);
    Piece::new(asset)
}

/// The volume below a disk, which the cloud's own source knows by the same id.
fn alias(asset: &mut Asset, volume: Option<&Text>) {
    if let Some(volume) = volume.filter(|volume| is_volume(volume)) {
        asset.aliases.push(Alias::new("ebs-volume", volume));
    }
}

fn is_volume(id: &str) -> bool {
    id.strip_prefix("vol-").is_some_and(|digits| {
        (1..=40).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The mounts of a service, and the disks that it stores on.
pub(crate) fn mounts(attachments: &[Attachment], service: &str) -> (Table, Vec<AssetId>) {
    let (mut table, mut disks) = (Table::new(), Vec::new());
    for attachment in attachments {
        let of = attachment._links.service.as_ref();
        if attachment.deleted_at.is_some() || of.is_none_or(|of| of.id != service) {
            continue;
        }
        let disk = attachment._links.persistent_disk.as_ref();
        let mut part = Table::new();
        part.insert("kind", Value::from("volume"));
        if let Some(disk) = disk {
            part.insert("source", Value::from(disk.id.clone()));
            disks.push(persistent_id(&disk.id));
        }
        let place = attachment
            .mount_point
            .as_deref()
            .map_or_else(|| Text::from("?"), super::word);
        table.insert(place, Value::Table(part));
    }
    (table, disks)
}
