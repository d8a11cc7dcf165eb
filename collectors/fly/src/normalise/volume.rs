//! Volumes.

use plimsoll_model::{Asset, Claim, Text, fact, kind};

use super::{Piece, Site, group, number, reported, said, time, time_claim, volume_id, word, yes};
use crate::wire::{Machine, Mount, Snapshot, Volume};

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

/// Whether the platform extends a volume by itself, as the machine that it is in says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// It does not.
    None,
    /// It does.
    Of {
        /// How full it is then, in percent.
        threshold: i64,
        /// By how much, in bytes.
        step: i64,
        /// Up to which size, in bytes; none where nothing bounds it.
        limit: Option<i64>,
    },
    /// The machine that it is in cannot be observed.
    Unknown,
}

impl Extension {
    /// As the app's machines say; none of them is known where the list of them could not be read.
    pub(crate) fn of(volume: &Volume, machines: Option<&[Machine]>) -> Self {
        let attached = volume.attached_machine_id.as_deref();
        let attached = attached.filter(|id| !id.is_empty());
        let Some(machines) = machines else {
            return Self::Unknown;
        };
        let seen = machines
            .iter()
            .filter(|machine| group::is_observable(machine));
        let mounts = seen
            .filter_map(|machine| machine.config.as_ref())
            .flat_map(|config| &config.mounts);
        let mut own = mounts.filter(|mount| mount.volume.as_deref() == Some(&*volume.id));
        if let Some(mount) = own.next() {
            return Self::by(mount);
        }
        let dark = machines
            .iter()
            .any(|machine| Some(machine.id.as_str()) == attached && !group::is_observable(machine));
        if dark { Self::Unknown } else { Self::None }
    }

    fn by(mount: &Mount) -> Self {
        let some = |value: Option<i64>| value.filter(|value| *value > 0);
        match (
            some(mount.extend_threshold_percent),
            some(mount.add_size_gb),
        ) {
            (Some(threshold), Some(step)) => Self::Of {
                threshold,
                step: bytes(step).unwrap_or(i64::MAX),
                limit: some(mount.size_gb_limit).and_then(bytes),
            },
            _ => Self::None,
        }
    }

    /// Whether a size of so many bytes is one that the platform may have made by itself, inside the bounds.
    fn bounds(&self, size: i64) -> bool {
        matches!(self, Self::Of { limit: Some(limit), .. } if size <= *limit)
    }
}

fn bytes(gigabytes: i64) -> Option<i64> {
    gigabytes.checked_mul(1 << 30)
}

/// Claims the size, and within which bounds the platform changes it. Inside of these it is a reading: that it grew is no change that
/// anybody made.
fn claim_size(asset: &mut Asset, volume: &Volume, extension: &Extension) {
    const MOUNTS: &str = "GET /apps/{app}/machines config.mounts";
    let size = volume.size_gb.and_then(bytes);
    let claim = number(size, "GET /orgs/{slug}/volumes size_gb");
    match (extension, size) {
        (Extension::Unknown, _) => {
            let why = "whether the platform extends it by itself is not known: the machine that it is in cannot be observed";
            asset.claim(fact::SIZE_BYTES, Claim::unknown(why));
        }
        (_, Some(size)) if extension.bounds(size) => {
            asset.reading(fact::SIZE_BYTES, claim);
        }
        _ => {
            asset.claim(fact::SIZE_BYTES, claim);
        }
    }
    if let Extension::Of {
        threshold,
        step,
        limit,
    } = extension
    {
        let basis = |field: &str| format!("{MOUNTS}.{field}");
        asset.claim(
            "extension.threshold-percent",
            reported(*threshold, &basis("extend_threshold_percent")),
        );
        asset.claim(
            "extension.step-bytes",
            reported(*step, &basis("add_size_gb")),
        );
        if let Some(limit) = limit {
            asset.claim(
                "extension.limit-bytes",
                reported(*limit, &basis("size_gb_limit")),
            );
        }
    }
}

/// A volume with its snapshots, or why they could not be read.
pub(crate) fn volume(
    site: &Site<'_>,
    volume: &Volume,
    extension: &Extension,
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
    claim_size(asset, volume, extension);
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
