//! The block devices of sysfs.

use super::tree::Tree;
use crate::wire::{Device, File};

const CLASS: &str = "sys/class/block";

/// All block devices, sorted by name.
pub(super) fn devices(tree: &Tree) -> Result<Vec<Device>, String> {
    if !tree.exists(CLASS) {
        return Err(format!(
            "{} is missing; mount sysfs there",
            tree.at(CLASS).display()
        ));
    }
    let names = tree.folder(CLASS)?;
    Ok(names.into_iter().map(|name| device(tree, name)).collect())
}

fn device(tree: &Tree, name: String) -> Device {
    let folder = format!("{CLASS}/{name}");
    let value = |part: &str| tree.value(&format!("{folder}/{part}"));
    let yes = |part: &str| value(part).as_deref() == Some("1");
    Device {
        path: tree.link(&folder),
        number: value("dev").unwrap_or_default(),
        sectors: value("size").and_then(|size| size.parse().ok()),
        readonly: yes("ro"),
        hidden: yes("hidden"),
        partition: tree.exists(&format!("{folder}/partition")),
        dm_name: value("dm/name"),
        dm_uuid: mapping(tree, &folder),
        md: tree.exists(&format!("{folder}/md")),
        model: value("device/model"),
        backing_file: value("loop/backing_file"),
        slaves: tree.folder(&format!("{folder}/slaves")),
        holders: tree.folder(&format!("{folder}/holders")),
        name,
    }
}

/// The mapping's uuid. One whose folder is there without it must not pass for a plain device.
fn mapping(tree: &Tree, folder: &str) -> File {
    match tree.file(&format!("{folder}/dm/uuid")) {
        File::Missing if tree.exists(&format!("{folder}/dm")) => File::Text(String::new()),
        file => file,
    }
}

/// The devices of each btrfs file system: one mount can stand on several.
pub(super) fn btrfs(tree: &Tree) -> Vec<Vec<String>> {
    let systems = tree.folder("sys/fs/btrfs").unwrap_or_default();
    systems
        .iter()
        .filter_map(|id| tree.folder(&format!("sys/fs/btrfs/{id}/devices")).ok())
        .filter(|devices| !devices.is_empty())
        .collect()
}
