//! Volumes, claims on them, and the classes that make them.

use std::collections::BTreeMap;

use plimsoll_model::{Alias, RelationKind, Table, Text, Value, fact, kind};

use super::encryption::{self, Whose};
use super::{Piece, Site, bytes, reported, unknown, word};
use crate::wire::{Claim, Class, NumberOrWord, Volume};

/// The classes by name; none where they could not be listed.
pub(crate) type Classes<'c> = BTreeMap<&'c str, &'c Class>;

/// Reads a class.
pub(crate) fn class(site: &Site<'_>, class: &Class) -> Piece {
    let meta = &class.metadata;
    let id = site.id(kind::STORAGE_CLASS, &meta.name);
    let mut piece = Piece::new(id, kind::STORAGE_CLASS, "StorageClass", meta);
    piece.within(site.cluster_id());
    piece.created(meta);
    piece.said(fact::DRIVER, Some(&class.provisioner), "provisioner");
    piece.said(
        "reclaim-policy",
        class.reclaim_policy.as_ref(),
        "reclaimPolicy",
    );
    piece.said(
        "binding-mode",
        class.volume_binding_mode.as_ref(),
        "volumeBindingMode",
    );
    if let Some(expandable) = class.allow_volume_expansion {
        let claim = reported(expandable, "allowVolumeExpansion");
        piece.asset.claim("expandable", claim);
    }
    let default = meta.annotation("storageclass.kubernetes.io/is-default-class");
    let by = "annotation storageclass.kubernetes.io/is-default-class";
    piece
        .asset
        .claim("default", reported(default == Some("true"), by));
    let parameters: Table = class
        .parameters
        .iter()
        .map(|(name, value)| {
            let shown = if encryption::is_shown(name) {
                word(value)
            } else {
                let what = format!("parameter {name}");
                site.redactor.mark(&piece.asset.id, &what, value.as_bytes())
            };
            (word(name), Value::Text(shown))
        })
        .collect();
    piece
        .asset
        .claim("parameters", reported(parameters, "parameters"));
    let given = Some(&class.parameters);
    encryption::claim(&mut piece.asset, &class.provisioner, given, Whose::Class);
    piece
}

/// Reads a volume.
pub(crate) fn volume(site: &Site<'_>, volume: &Volume, classes: Option<&Classes<'_>>) -> Piece {
    let (meta, spec) = (&volume.metadata, &volume.spec);
    let id = site.id(kind::VOLUME, &meta.name);
    let mut piece = Piece::new(id, kind::VOLUME, "PersistentVolume", meta);
    piece.within(site.cluster_id());
    piece.created(meta);
    size(
        &mut piece,
        spec.capacity.get("storage"),
        "spec.capacity.storage",
    );
    modes(&mut piece, &spec.access_modes);
    piece.said(
        "reclaim-policy",
        spec.persistent_volume_reclaim_policy.as_ref(),
        "spec.persistentVolumeReclaimPolicy",
    );
    let class = spec
        .storage_class_name
        .as_ref()
        .filter(|name| !name.is_empty());
    piece.said("storage-class", class, "spec.storageClassName");
    if let Some(class) = class {
        piece.relate(RelationKind::Uses, site.id(kind::STORAGE_CLASS, class));
    }
    if let Some(owner) = spec
        .claim_ref
        .as_ref()
        .filter(|owner| !owner.name.is_empty())
    {
        let text = word(&format!("{}/{}", owner.namespace, owner.name));
        piece.said("claim", Some(&text), "spec.claimRef");
    }
    piece.asset.aliases.extend(alias(volume));
    let known = class.and_then(|name| classes?.get(name.as_str()).copied());
    let driver = driver(volume);
    if let Some((driver, by)) = driver {
        piece.asset.claim(fact::DRIVER, reported(word(driver), by));
        // A class of another driver has nothing to say of this volume.
        let parameters = known
            .filter(|class| same_driver(&class.provisioner, driver))
            .map(|class| &class.parameters);
        encryption::claim(&mut piece.asset, driver, parameters, Whose::OfClass);
    } else {
        let why = "it is a folder or device of its own, and what lies beneath it is not known";
        piece.asset.claim(fact::ENCRYPTED_AT_REST, unknown(why));
    }
    if let Some(nfs) = &spec.nfs {
        let text = word(&format!("{}:{}", nfs.server, nfs.path));
        piece.said("nfs", Some(&text), "spec.nfs");
    }
    let folder = spec.host_path.as_ref().or(spec.local.as_ref());
    piece.said(
        "path",
        folder.map(|folder| &folder.path),
        "spec.hostPath, spec.local",
    );
    if let Some(csi) = &spec.csi {
        piece.said(
            "volume-handle",
            Some(&csi.volume_handle),
            "spec.csi.volumeHandle",
        );
        piece.said(
            fact::FILESYSTEM_TYPE,
            csi.fs_type.as_ref(),
            "spec.csi.fsType",
        );
    }
    piece
}

/// Reads a claim. `classes` are given only where its volume could not be read.
pub(crate) fn claim(site: &Site<'_>, claim: &Claim, classes: Option<&Classes<'_>>) -> Piece {
    let (meta, spec) = (&claim.metadata, &claim.spec);
    let id = site.in_space(kind::VOLUME_CLAIM, meta.space(), &meta.name);
    let mut piece = Piece::new(id, kind::VOLUME_CLAIM, "PersistentVolumeClaim", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    size(
        &mut piece,
        spec.resources.requests.get("storage"),
        "spec.resources.requests.storage",
    );
    modes(&mut piece, &spec.access_modes);
    let class = spec
        .storage_class_name
        .as_ref()
        .filter(|name| !name.is_empty());
    piece.said("storage-class", class, "spec.storageClassName");
    let volume = spec.volume_name.as_ref().filter(|name| !name.is_empty());
    match volume {
        Some(volume) => {
            piece.relate(RelationKind::StoresOn, site.id(kind::VOLUME, volume));
            let class = class.and_then(|name| classes?.get(name.as_str()).copied());
            if let Some(class) = class {
                // The volume itself is out of sight: its class is the best word there is.
                let (driver, given) = (&class.provisioner, Some(&class.parameters));
                encryption::claim(&mut piece.asset, driver, given, Whose::OfClass);
            }
        }
        None => {
            let why = "it has no volume yet";
            piece.asset.claim(fact::ENCRYPTED_AT_REST, unknown(why));
        }
    }
    piece
}

fn size(piece: &mut Piece, amount: Option<&NumberOrWord>, by: &'static str) {
    if let Some(bytes) = amount.and_then(|amount| bytes(&amount.to_string())) {
        piece.asset.claim(fact::SIZE_BYTES, reported(bytes, by));
    }
}

fn modes(piece: &mut Piece, modes: &[Text]) {
    if !modes.is_empty() {
        let modes = Value::texts(modes.iter().map(|mode| word(mode)));
        piece
            .asset
            .claim("access-modes", reported(modes, "spec.accessModes"));
    }
}

/// The driver that holds a volume; none where a node does.
fn driver(volume: &Volume) -> Option<(&str, &'static str)> {
    let spec = &volume.spec;
    if let Some(csi) = &spec.csi {
        return Some((&csi.driver, "spec.csi.driver"));
    }
    if spec.aws_elastic_block_store.is_some() {
        Some(("kubernetes.io/aws-ebs", "spec.awsElasticBlockStore"))
    } else if spec.gce_persistent_disk.is_some() {
        Some(("kubernetes.io/gce-pd", "spec.gcePersistentDisk"))
    } else if spec.azure_disk.is_some() {
        Some(("kubernetes.io/azure-disk", "spec.azureDisk"))
    } else if spec.nfs.is_some() {
        Some(("kubernetes.io/nfs", "spec.nfs"))
    } else {
        None
    }
}

/// Whether two names are one driver: those that were in the tree have moved out of it.
fn same_driver(a: &str, b: &str) -> bool {
    const MOVED: &[(&str, &str)] = &[
        ("kubernetes.io/aws-ebs", "ebs.csi.aws.com"),
        ("kubernetes.io/gce-pd", "pd.csi.storage.gke.io"),
        ("kubernetes.io/azure-disk", "disk.csi.azure.com"),
    ];
    let now = |name: &str| {
        let moved = MOVED.iter().find(|(old, _)| *old == name);
        moved.map_or_else(|| name.to_owned(), |(_, new)| (*new).to_owned())
    };
    now(a) == now(b)
}

/// The provider's id of the same volume.
fn alias(volume: &Volume) -> Option<Alias> {
    let spec = &volume.spec;
    if let Some(csi) = &spec.csi {
        let handle = csi.volume_handle.trim();
        return match csi.driver.as_str() {
            "ebs.csi.aws.com" | "ebs.csi.eks.amazonaws.com" => ebs(handle),
            "pd.csi.storage.gke.io"
                if handle.starts_with("projects/") && !handle.contains("UNSPECIFIED") =>
            {
                Some(Alias::new("gce-disk", &word(handle)))
            }
            "disk.csi.azure.com" if handle.starts_with('/') => Some(Alias::new(
                "azure-disk",
                &word(&handle.to_ascii_lowercase()),
            )),
            _ => None,
        };
    }
    if let Some(ebs_volume) = &spec.aws_elastic_block_store {
        // `aws://ZONE/vol-…`, or the bare id.
        return ebs(ebs_volume.volume_id.rsplit('/').next()?);
    }
    let disk = spec.azure_disk.as_ref()?;
    let uri = disk.disk_uri.to_ascii_lowercase();
    uri.starts_with("/subscriptions/")
        .then(|| Alias::new("azure-disk", &word(&uri)))
}

fn ebs(id: &str) -> Option<Alias> {
    let digits = id.strip_prefix("vol-")?;
    let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| Alias::new("ebs-volume", id))
}
