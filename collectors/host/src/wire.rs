//! What was read, as it was read.

use std::collections::{BTreeSet, HashMap, HashSet};

/// Everything that was read of one machine.
#[derive(Clone, Debug)]
pub(crate) struct Readings {
    /// /proc/sys/kernel/hostname, or below another root its /etc/hostname.
    pub(crate) hostname: File,
    /// /etc/os-release, or /usr/lib/os-release.
    pub(crate) os_release: File,
    /// /proc/sys/kernel/osrelease.
    pub(crate) kernel: File,
    /// /proc/sys/kernel/arch, or what uname(2) says.
    pub(crate) architecture: String,
    /// What tells a virtual machine from a real one.
    pub(crate) platform: Platform,
    /// The socket tables: tcp, tcp6, udp, udp6.
    pub(crate) sockets: Vec<SocketTable>,
    /// /proc/sys/net/ipv4/ip_local_port_range.
    pub(crate) ephemeral: File,
    /// Which process has which socket.
    pub(crate) owners: Owners,
    /// The name of this very process, where it is on that machine.
    pub(crate) scanner: Option<String>,
    /// What adjtimex(2) says, or why it says nothing; none when it was not asked.
    pub(crate) clock: Option<Result<plimsoll_clock::Reading, String>>,
    /// What chronyc says.
    pub(crate) chrony: Chrony,
    /// The mounts: mountinfo of proc(5).
    pub(crate) mounts: File,
    /// /proc/swaps.
    pub(crate) swaps: File,
    /// The block devices by name, or why there are none.
    pub(crate) devices: Result<Vec<Device>, String>,
    /// The devices of each btrfs file system.
    pub(crate) btrfs: Vec<Vec<String>>,
}

/// A file, read or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum File {
    /// It is not there.
    #[default]
    Missing,
    /// Its text; bytes that are no UTF-8 are replaced.
    Text(String),
    /// It is there and could not be read whole: where and why.
    Failed(String),
}

impl File {
    /// The text without white space around it, unless there is none.
    pub(crate) fn line(&self) -> Option<&str> {
        match self {
            File::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Why it could not be read.
    pub(crate) fn failure(&self) -> Option<&str> {
        match self {
            File::Failed(why) => Some(why),
            _ => None,
        }
    }
}

/// What tells a virtual machine from a real one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Platform {
    /// The first `flags` line of /proc/cpuinfo; only x86 has one.
    pub(crate) cpu_flags: Option<String>,
    /// /sys/class/dmi/id/sys_vendor.
    pub(crate) vendor: File,
    /// /sys/class/dmi/id/product_name.
    pub(crate) product: File,
    /// /sys/hypervisor/type, which Xen has.
    pub(crate) hypervisor: File,
}

/// One table of sockets, with the lines only that can be a listener.
#[derive(Clone, Debug)]
pub(crate) struct SocketTable {
    /// `tcp`, `tcp6`, `udp` or `udp6`: the file's name.
    pub(crate) name: &'static str,
    /// Its lines.
    pub(crate) lines: File,
}

/// Whether a line of a socket table can be a listener: TCP in state LISTEN (0A), or UDP without a peer (07, which TCP calls
/// CLOSE). What has another shape stays, for normalise to judge.
pub(crate) fn may_listen(line: &str) -> bool {
    match line.split_ascii_whitespace().nth(3) {
        Some(state) if state.len() == 2 => state == "0A" || state == "07",
        _ => true,
    }
}

/// Which process has which socket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners {
    /// By the socket's inode, the process that has had it longest.
    pub(crate) sockets: HashMap<u64, Process>,
    /// The UDP sockets that were still there after the walk.
    pub(crate) lasting: HashSet<u64>,
    /// The names of all processes.
    pub(crate) names: BTreeSet<String>,
    /// Whether some process would not show its sockets.
    pub(crate) hidden: bool,
    /// Why the walk ended early, if it did.
    pub(crate) failed: Option<String>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Process {
    /// When it started, in the kernel's ticks since boot.
    pub(crate) started: u64,
    /// Its number.
    pub(crate) pid: u32,
    /// Its name: /proc/PID/comm.
    pub(crate) name: String,
    /// Whether a service holds it: a unit of systemd, or a container. Its control group says so.
    pub(crate) service: bool,
}

/// What chronyc says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Chrony {
    /// It is not there, or was not asked.
    #[default]
    Absent,
    /// It is there, and chronyd does not answer it.
    Silent,
    /// The answer to `chronyc -c tracking`.
    Tracking(String),
    /// It could not be asked: why.
    Failed(String),
}

/// One device of /sys/class/block.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    /// The kernel's name: `sda1`, `dm-0`.
    pub(crate) name: String,
    /// Where it hangs in /sys/devices: the target of its link.
    pub(crate) path: String,
    /// `major:minor`.
    pub(crate) number: String,
    /// Its size in sectors of 512 bytes.
    pub(crate) sectors: Option<u64>,
    /// Whether it is read-only.
    pub(crate) readonly: bool,
    /// Whether the kernel hides it: a path of a multipath NVMe device.
    pub(crate) hidden: bool,
    /// Whether it is a partition.
    pub(crate) partition: bool,
    /// dm/name, where it is a mapping.
    pub(crate) dm_name: Option<String>,
    /// dm/uuid; missing where it is no mapping.
    pub(crate) dm_uuid: File,
    /// Whether it is a software RAID.
    pub(crate) md: bool,
    /// device/model.
    pub(crate) model: Option<String>,
    /// loop/backing_file, where it is a loop device in use.
    pub(crate) backing_file: Option<String>,
    /// The devices that it stands on, or why they could not be read.
    pub(crate) slaves: Result<Vec<String>, String>,
    /// The devices that stand on it, or why they could not be read.
    pub(crate) holders: Result<Vec<String>, String>,
}
