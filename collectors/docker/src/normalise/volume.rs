//! Volumes.

use plimsoll_model::{Asset, RelationKind, Text, fact, kind};

use super::basis::{self, reported, said, unknown};
use super::{Piece, Site, hidden, short, word};
use crate::wire;

/// Where a volume's data lies.
enum Store<'a> {
    /// In a folder of the host, other than the mount point where one is named.
    Folder(Option<&'a str>),
    /// On a block device of the host that is mounted while a container uses it.
    Device,
    /// On a file system that another machine offers.
    Remote,
    /// In memory.
    Memory,
    /// Wherever a plugin puts it.
    Plugin,
}

/// A volume.
pub(crate) fn volume(site: &Site<'_>, volume: &wire::Volume) -> Piece {
    let id = site.id(kind::VOLUME, &volume.name);
    let mut asset = Asset::new(id, kind::VOLUME, shown(&volume.name));
    asset.labels = hidden::labels(site.redactor, &asset.id, &volume.labels);
    asset.claim(
        fact::DRIVER,
        said(volume.driver.as_ref(), &basis::VOLUME_DRIVER),
    );
    let store = store(volume);
    asset.claim(
        fact::ENCRYPTED_AT_REST,
        unknown(match store {
            Store::Folder(_) => &basis::VOLUME_BELOW,
            Store::Device => &basis::VOLUME_DEVICE_BELOW,
            Store::Remote => &basis::VOLUME_REMOTE,
            Store::Memory => &basis::VOLUME_MEMORY,
            Store::Plugin => &basis::VOLUME_PLUGIN,
        }),
    );
    // Where nothing is mounted on it, or something else than a folder, the mount point tells of the file system around it and
    // not of the data: it is left out, or it would be judged in its place.
    match store {
        Store::Folder(Some(device)) => {
            let claim = reported(word(device), &basis::VOLUME_DEVICE);
            asset.claim(fact::MOUNTPOINT, claim);
        }
        Store::Folder(None) => {
            let claim = said(volume.mountpoint.as_ref(), &basis::VOLUME_MOUNTPOINT);
            asset.claim(fact::MOUNTPOINT, claim);
        }
        _ => {}
    }
    if !volume.options.is_empty() {
        // Mount options carry the passwords of network file systems, and so may the device.
        let shown = |name: &str| name == "type";
        let options = hidden::options(site.redactor, &asset.id, "option", &volume.options, shown);
        asset.claim("options", reported(options, &basis::VOLUME_OPTIONS));
    }
    let mut piece = Piece::new(asset);
    if matches!(store, Store::Folder(_) | Store::Device) {
        piece.relate(RelationKind::StoresOn, site.host_id());
    }
    piece
}

/// The name as people say it: that of an anonymous volume is 64 digits, of which they write 12.
fn shown(name: &str) -> Text {
    let anonymous = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if anonymous { short(name) } else { word(name) }
}

fn store(volume: &wire::Volume) -> Store<'_> {
    if volume.driver.as_deref() != Some("local") {
        return Store::Plugin;
    }
    let option = |name: &str| volume.options.get(name).and_then(|value| value.as_deref());
    let device = option("device").filter(|device| device.starts_with('/'));
    let flags = option("o").unwrap_or_default();
    let bound = flags
        .split(',')
        .any(|flag| matches!(flag.trim(), "bind" | "rbind"));
    match (option("type"), device) {
        (Some("tmpfs"), _) => Store::Memory,
        (_, Some(device)) if bound => Store::Folder(Some(device)),
        (None | Some("" | "none"), None) => Store::Folder(None),
        (Some(_), Some(device)) if device.starts_with("/dev/") => Store::Device,
        _ => Store::Remote,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::tests::site;

    fn read(json: &str) -> Piece {
        volume(&site(), &serde_json::from_str(json).unwrap())
    }

    #[test]
    fn what_lies_on_the_host_says_where() {
        let plain = read(
            r#"{"Name":"data","Driver":"local","Mountpoint":"/var/lib/docker/volumes/data/_data","Options":null}"#,
        );
        assert_eq!(plain.relations.len(), 1);
        assert_eq!(
            plain.asset.value(fact::MOUNTPOINT).unwrap().as_str(),
            Some("/var/lib/docker/volumes/data/_data")
        );
        assert_eq!(plain.asset.value(fact::ENCRYPTED_AT_REST), None);
        let bound = read(
            r#"{"Name":"b","Driver":"local","Mountpoint":"/m","Options":{"type":"none","o":"bind","device":"/srv/data"}}"#,
        );
        assert_eq!(
            bound.asset.value(fact::MOUNTPOINT).unwrap().as_str(),
            Some("/srv/data")
        );
        assert_eq!(bound.relations.len(), 1);
    }

    #[test]
    fn what_lies_elsewhere_does_not_and_keeps_its_password() {
        for json in [
            r#"{"Name":"n","Driver":"local","Options":{"type":"nfs","o":"addr=10.0.0.9,password=hunter2","device":":/x"}}"#,
            r#"{"Name":"c","Driver":"local","Options":{"type":"cifs","o":"password=hunter2","device":"//files/joe:hunter2"}}"#,
            r#"{"Name":"t","Driver":"local","Options":{"type":"tmpfs","device":"tmpfs"}}"#,
            r#"{"Name":"p","Driver":"rexray/ebs","Options":{"token":"hunter2"}}"#,
        ] {
            let piece = read(json);
            assert!(piece.relations.is_empty(), "{json}");
            assert!(!piece.asset.facts.contains(fact::MOUNTPOINT), "{json}");
            assert!(!format!("{:?}", piece.asset).contains("hunter2"), "{json}");
        }
    }
}
