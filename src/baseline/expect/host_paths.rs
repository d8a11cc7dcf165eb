//! What a folder or device of the host opens to whom it is given to.

/// Names of sockets by which whoever writes to them commands an engine.
const SOCKETS: &[&str] = &[
    "buildkitd.sock",
    "containerd.sock",
    "containerd.sock.ttrpc",
    "cri-dockerd.sock",
    "crio.sock",
    "docker.sock",
    "dockerd.sock",
    "dockershim.sock",
    "podman.sock",
];

/// Where engines keep them. Every folder above one leads to it; `*` is a user's number.
const PLACES: &[&str] = &[
    "/run/buildkit/buildkitd.sock",
    "/run/containerd/containerd.sock",
    "/run/cri-dockerd.sock",
    "/run/crio/crio.sock",
    "/run/docker.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/dockershim.sock",
    "/run/k0s/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/user/*/buildkit/buildkitd.sock",
    "/run/user/*/docker.sock",
    "/run/user/*/podman/podman.sock",
    "/var/lib/rancher/k3s/agent/containerd/containerd.sock",
    "/var/snap/docker/common/run/docker.sock",
    "/var/snap/microk8s/common/run/containerd.sock",
];

/// Folders and files of the machine's running state with no socket in them that commands anything.
const HARMLESS: &[&str] = &[
    "/run/lock",
    "/run/log",
    "/run/mount",
    "/run/resolvconf",
    "/run/systemd/resolve",
    "/run/udev",
    "/run/utmp",
    "/run/xtables.lock",
];

/// Devices that every container may have, or that open nothing but themselves.
const HARMLESS_DEVICES: &[&str] = &[
    "/dev/dri",
    "/dev/full",
    "/dev/fuse",
    "/dev/net/tun",
    "/dev/null",
    "/dev/ptmx",
    "/dev/random",
    "/dev/shm",
    "/dev/snd",
    "/dev/tty",
    "/dev/urandom",
    "/dev/zero",
];

/// The beginnings of devices that are the host's memory or disks.
const OPEN_DEVICES: &[&str] = &[
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/sd",
    "/dev/hd",
    "/dev/vd",
    "/dev/xvd",
    "/dev/nvme",
    "/dev/mmcblk",
    "/dev/md",
    "/dev/dm-",
    "/dev/mapper",
    "/dev/disk",
    "/dev/loop",
    "/dev/rbd",
    "/dev/nbd",
];

/// What something of the host opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opens {
    /// Nothing beyond itself.
    Nothing,
    /// The host.
    Host,
    /// That is not known here.
    Unclear,
}

/// What a folder or file of the host opens. `reported` are sockets that engines say they listen on.
pub(super) fn folder<'r>(path: &str, mut reported: impl Iterator<Item = &'r str>) -> Opens {
    let path = plain(path);
    let name = path.rsplit('/').next().unwrap_or_default();
    if SOCKETS.contains(&name)
        || PLACES.iter().any(|place| leads_to(&path, place))
        || reported.any(|socket| leads_to(&path, &plain(socket)))
    {
        return Opens::Host;
    }
    let below = |folder: &&str| is_in(&path, folder);
    match path.as_str() {
        path if !path.starts_with("/run/") => Opens::Nothing,
        _ if HARMLESS.iter().any(below) => Opens::Nothing,
        // Whatever commands a machine listens there.
        _ => Opens::Unclear,
    }
}

/// What a device of the host opens.
pub(super) fn device(path: &str) -> Opens {
    let path = plain(path);
    if !path.starts_with("/dev/") || HARMLESS_DEVICES.iter().any(|known| is_in(&path, known)) {
        // What is asked for by a driver's name is an accelerator.
        return match path.starts_with('/') && !path.starts_with("/dev/") {
            true => Opens::Unclear,
            false => Opens::Nothing,
        };
    }
    match OPEN_DEVICES.iter().any(|start| path.starts_with(start)) {
        true => Opens::Host,
        false => Opens::Unclear,
    }
}

/// A path without what says nothing: doubled and last slashes, dots, and the old place of `/run`.
fn plain(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.starts_with(&["var", "run"]) {
        parts.remove(0);
    }
    format!("/{}", parts.join("/"))
}

/// Whether a path is a place or a folder above it, part by part.
fn leads_to(path: &str, place: &str) -> bool {
    let mut wanted = place.split('/').filter(|part| !part.is_empty());
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    parts.all(|part| match wanted.next() {
        Some("*") => !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()),
        wanted => wanted == Some(part),
    })
}

/// Whether a path is a folder or below it.
pub(super) fn is_in(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_above_a_socket_leads_to_it() {
        for path in [
            "/",
            "/run",
            "/run/",
            "/var",
            "/var/run",
            "/run/docker.sock",
            "/var/run/docker.sock",
            "/var/run/cri-dockerd.sock",
            "/run/k3s",
            "/run/k3s/containerd",
            "/run/k3s/containerd/containerd.sock",
            "/var/run/../run/k3s",
            "/run/user",
            "/run/user/1000",
            "/run/user/1000/podman/",
            "/srv/odd/docker.sock",
            "/var/snap",
            "/var/lib",
        ] {
            assert_eq!(folder(path, [].into_iter()), Opens::Host, "{path}");
        }
        for path in [
            "/srv/data",
            "/etc/shop",
            "/var/lib/docker-data",
            "/run/udev",
            "/run/log/x",
        ] {
            assert_eq!(folder(path, [].into_iter()), Opens::Nothing, "{path}");
        }
        for path in [
            "/run/dbus",
            "/run/systemd",
            "/var/run/x.sock",
            "/run/user/joe",
        ] {
            assert_eq!(folder(path, [].into_iter()), Opens::Unclear, "{path}");
        }
        let reported = ["/opt/engine/api.sock"];
        for path in ["/opt", "/opt/engine", "/opt/engine/api.sock"] {
            assert_eq!(folder(path, reported.into_iter()), Opens::Host, "{path}");
            assert_eq!(folder(path, [].into_iter()), Opens::Nothing, "{path}");
        }
    }

    #[test]
    fn devices_that_nobody_knows_are_not_harmless() {
        for path in ["/dev/sda", "/dev/mapper/vg-root", "/dev/mem"] {
            assert_eq!(device(path), Opens::Host, "{path}");
        }
        for path in [
            "/dev/null",
            "/dev/dri/card0",
            "/dev/net/tun",
            "request:nvidia",
        ] {
            assert_eq!(device(path), Opens::Nothing, "{path}");
        }
        for path in ["/dev/kvm", "/dev", "/dev/ttyUSB0"] {
            assert_eq!(device(path), Opens::Unclear, "{path}");
        }
    }
}
