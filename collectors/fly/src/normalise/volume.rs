//! Volumes.

use plimsoll_model::{Claim, Text, fact, kind};

use super::{Piece, Site, number, reported, said, time, time_claim, volume_id, word, yes};
use crate::wire::{Snapshot, Volume};

/// States of a volume that is going or gone.
const GONE: &[&str] = &[
    "pending_destroy",
    "scheduling_destroy",
    "destroying",
    "waiting_for_detach",
    "fork_cleanup",
    "destroyed",
];
/// How the platform says that it encrypts volumes.
const METHOD: &str = "https://fly.io/docs/volumes/overview/";

/// Whether a volume is none any more.
pub(crate) fn is_gone(volume: &Volume) -> bool {
    GONE.contains(&volume.state.as_str())
}

/// Whether what is said of it is so now.
pub(crate) fn is_observable(volume: &Volume) -> bool {
    let shell = volume
        .region
        .as_ref()
        .is_none_or(|region| region.is_empty())
        && time(volume.created_at.as_ref()).is_none();
    volume.host_status.as_deref() != Some("unreachable") && !shell
}

/// A volume with its snapshots, or why they could not be read.
pub(crate) fn volume(
    site: &Site<'_>,
    volume: &Volume,
    snapshots: Result<&[Snapshot], &str>,
) -> (Piece, Option<Text>) {
    let name = word(if volume.name.is_empty() {
        &volume.id
    } else {
        &volume.name
    });
    let mut piece = Piece::new(volume_id(&volume.id), kind::VOLUME, name, "volume");
    let asset = &mut piece.asset;
    if !is_observable(volume) {
        let why = Text::from(format!(
            "volume {} cannot be observed: the platform reaches its host no more; wait for the host, or restore a snapshot",
            word(&volume.id)
        ));
        for name in [
            fact::ENCRYPTED_AT_REST,
            fact::BACKUP_ENABLED,
            fact::SIZE_BYTES,
        ] {
            asset.claim(name, Claim::unknown("its host is unreachable"));
        }
        asset.partial = Some(why.clone());
        return (piece, Some(why));
    }
    let of = |field: &str| format!("GET /orgs/{{slug}}/volumes {field}");
    asset.claim(
        fact::ENCRYPTED_AT_REST,
        yes(volume.encrypted, &of("encrypted")),
    );
    if volume.encrypted == Some(true) {
        asset.claim(fact::ENCRYPTION_METHOD, Claim::attested("LUKS", METHOD));
    }
    let bytes = volume.size_gb.and_then(|size| size.checked_mul(1 << 30));
    asset.claim(fact::SIZE_BYTES, number(bytes, &of("size_gb")));
    asset.claim(
        fact::FILESYSTEM_TYPE,
        said(volume.fstype.as_ref(), &of("fstype")),
    );
    asset.claim(
        fact::BACKUP_ENABLED,
        yes(volume.auto_backup_enabled, &of("auto_backup_enabled")),
    );
    asset.claim(
        fact::BACKUP_RETENTION_DAYS,
        number(volume.snapshot_retention, &of("snapshot_retention")),
    );
    asset.claim(
        fact::CREATED,
        time_claim(volume.created_at.as_ref(), &of("created_at")),
    );
    super::claim_region(asset, site, volume.region.as_ref(), &of("region"));
    // A reading alone hangs on the snapshots: without them no fact is missing.
    let (latest, remark) = match snapshots {
        Ok(snapshots) => (latest(snapshots), None),
        Err(why) => (Claim::unknown(why), Some(Text::from(why))),
    };
    asset.reading(fact::BACKUP_LATEST, latest);
    (piece, remark)
}

/// When the newest snapshot that can be restored was taken.
fn latest(snapshots: &[Snapshot]) -> Claim {
    let whole = snapshots
        .iter()
        .filter(|snapshot| snapshot.status.as_deref() == Some("created"));
    let newest = whole
        .filter_map(|snapshot| time(snapshot.created_at.as_ref()))
        .max();
    match newest {
        Some(newest) => reported(
            newest.to_string(),
            "GET /apps/{app}/volumes/{id}/snapshots created_at",
        ),
        None => Claim::unknown("there is no snapshot that can be restored"),
    }
}
