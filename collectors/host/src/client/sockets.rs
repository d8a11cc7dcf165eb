//! The kernel's tables of sockets.

use std::collections::HashSet;

use super::tree::Tree;
use crate::wire::{SocketTable, may_listen};

/// All the tables there are.
pub(super) const ALL: [&str; 4] = ["tcp", "tcp6", "udp", "udp6"];
/// Those of UDP.
pub(super) const UDP: [&str; 2] = ["udp", "udp6"];

/// The tables of these names as `view` (a process of proc(5)) sees them.
pub(super) fn read(tree: &Tree, view: &str, names: &[&'static str]) -> Vec<SocketTable> {
    let tables = names.iter().map(|name| SocketTable {
        name,
        // A busy server has a hundred thousand connections: only what can be a listener is kept.
        lines: tree.lines(&format!("{view}/net/{name}"), may_listen),
    });
    tables.collect()
}

/// The inodes of the sockets, to know them among the open files of processes.
pub(super) fn inodes(tables: &[SocketTable]) -> HashSet<u64> {
    let lines = tables.iter().filter_map(|table| table.lines.line());
    lines
        .flat_map(str::lines)
        .filter_map(|line| line.split_ascii_whitespace().nth(9)?.parse().ok())
        .filter(|inode| *inode != 0)
        .collect()
}
