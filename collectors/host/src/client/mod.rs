//! Reads the machine; knows nothing of what it means.

mod block;
mod chrony;
mod owners;
mod sockets;
mod tree;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::settings::Settings;
use crate::wire::{File, Platform, Readings};

use tree::Tree;

/// Why nothing at all could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The blocking part ended early, as when the program shuts down.
    #[error("reading /proc and /sys was interrupted: scan again")]
    Interrupted,
}

/// Reads one machine.
pub(crate) struct Client {
    settings: Settings,
    cap: usize,
}

/// Tells the blocking part to stop when the call that waits for it is dropped.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Client {
    /// A client that reads at most `cap` bytes of one file.
    pub(crate) fn new(settings: &Settings, cap: usize) -> Self {
        Self {
            settings: settings.clone(),
            cap,
        }
    }

    /// Reads everything.
    ///
    /// # Errors
    /// When the blocking part was interrupted; a single thing that could not be read is said in its place.
    pub(crate) async fn read(&self) -> Result<Readings, ReadError> {
        let stop = Arc::new(AtomicBool::new(false));
        let _guard = StopOnDrop(Arc::clone(&stop));
        let tree = Tree::new(&self.settings.root, self.cap, stop);
        let here = self.settings.is_here();
        let walk = tokio::task::spawn_blocking(move || walk(&tree, here));
        let (readings, chrony) = tokio::join!(walk, chrony::ask(&self.settings.chrony));
        let mut readings = readings.map_err(|_| ReadError::Interrupted)?;
        readings.chrony = chrony;
        if self.settings.clock {
            // The call is instant, and its error needs the way out of it beside.
            readings.clock = Some(plimsoll_clock::read().map_err(|error| {
                format!("adjtimex(2): {error}; allow the call where a sandbox forbids it")
            }));
        }
        Ok(readings)
    }
}

fn walk(tree: &Tree, here: bool) -> Readings {
    // Below another root, `self` would be this process in its own namespaces; process 1 is that machine's init.
    let view = if !here && tree.exists("proc/1") {
        "proc/1"
    } else {
        "proc/self"
    };
    let sockets = sockets::read(tree, view, &sockets::ALL);
    let mut owners = owners::read(tree, &sockets::inodes(&sockets));
    // A client's socket that closed during the walk has no owner either, and must not pass for the kernel's.
    owners.lasting = sockets::inodes(&sockets::read(tree, view, &sockets::UDP));
    Readings {
        hostname: hostname(tree, here),
        os_release: tree.first(&["etc/os-release", "usr/lib/os-release"]),
        kernel: tree.file("proc/sys/kernel/osrelease"),
        architecture: architecture(tree),
        platform: platform(tree),
        sockets,
        ephemeral: tree.file("proc/sys/net/ipv4/ip_local_port_range"),
        owners,
        scanner: here.then(|| tree.value("proc/self/comm")).flatten(),
        clock: None,
        chrony: Default::default(),
        mounts: tree.first(&[&format!("{view}/mountinfo"), "proc/self/mountinfo"]),
        swaps: tree.file("proc/swaps"),
        devices: block::devices(tree),
        btrfs: block::btrfs(tree),
    }
}

fn hostname(tree: &Tree, here: bool) -> File {
    if here {
        return File::Text(plimsoll_kit::local_machine().hostname);
    }
    // The kernel answers with the name of the namespace that asks, so below another root the file comes first.
    tree.first(&["etc/hostname", "proc/sys/kernel/hostname"])
}

fn architecture(tree: &Tree) -> String {
    // Only kernels from 6.1 on have the file; a container and its host share the processor anyway.
    tree.value("proc/sys/kernel/arch").unwrap_or_else(|| {
        let uname = rustix::system::uname();
        uname.machine().to_string_lossy().into_owned()
    })
}

fn platform(tree: &Tree) -> Platform {
    let cpu = tree.head("proc/cpuinfo");
    let flags = cpu.lines().find(|line| line.starts_with("flags"));
    Platform {
        cpu_flags: flags.map(str::to_owned),
        vendor: tree.file("sys/class/dmi/id/sys_vendor"),
        product: tree.file("sys/class/dmi/id/product_name"),
        hypervisor: tree.file("sys/hypervisor/type"),
    }
}
