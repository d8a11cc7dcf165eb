//! What a fuzzer calls: what the kernel and programs say: mount tables, sockets, swaps, clocks.

use plimsoll_kit::{Harvester, Limits};

use crate::normalise;
use crate::settings::Settings;
use crate::wire::{Chrony, File, Platform, Readings, SocketTable};

/// Reads bytes as the text of each file in turn: the parts between zero bytes.
pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split('\0').map(str::to_owned);
    let mut next = || parts.next().map_or(File::Missing, File::Text);
    let readings = Readings {
        mounts: next(),
        swaps: next(),
        sockets: ["tcp", "tcp6", "udp", "udp6"]
            .map(|name| SocketTable {
                name,
                lines: next(),
            })
            .into(),
        os_release: next(),
        ephemeral: next(),
        chrony: match next() {
            File::Text(text) => Chrony::Tracking(text),
            _ => Chrony::Absent,
        },
        platform: Platform {
            cpu_flags: None,
            vendor: next(),
            product: next(),
            hypervisor: next(),
        },
        kernel: next(),
        hostname: File::Text("a".to_owned()),
        architecture: "x86_64".to_owned(),
        owners: Default::default(),
        scanner: None,
        clock: None,
        devices: Ok(Vec::new()),
        btrfs: Vec::new(),
    };
    let mut harvest = Harvester::new(Limits::default());
    let settings = Settings {
        root: "/elsewhere".into(),
        clock: false,
        chrony: crate::settings::Chrony::Off,
        ephemeral_udp: bytes.len() & 1 == 0,
        ignore_filesystems: Vec::new(),
    };
    normalise::harvest(&readings, &settings, &mut harvest);
    let _ = harvest.finish();
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("host", super::read);
    }
}
