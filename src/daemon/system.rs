//! Words to the service manager: `sd_notify(3)`, <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>.

use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The service manager, where one started us and wants to hear.
pub(super) struct System {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl System {
    /// As the environment says: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    pub(super) fn here() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let socket = std::env::var_os("NOTIFY_SOCKET");
        let usec = variable("WATCHDOG_USEC");
        let pid = variable("WATCHDOG_PID");
        Self::new(socket.as_deref(), usec.as_deref(), pid.as_deref())
    }

    fn new(socket: Option<&OsStr>, usec: Option<&str>, pid: Option<&str>) -> Self {
        let socket = socket.and_then(|name| {
            let address = match name.as_bytes() {
                [b'@', name @ ..] => SocketAddr::from_abstract_name(name).ok()?,
                [b'/', ..] => SocketAddr::from_pathname(name).ok()?,
                _ => return None,
            };
            let socket = UnixDatagram::unbound().ok()?;
            // A manager that does not read is no reason to wait.
            socket.set_nonblocking(true).ok()?;
            Some((socket, address))
        });
        let ours = pid.is_none_or(|pid| pid.parse() == Ok(std::process::id()));
        let usec = usec.and_then(|usec| usec.parse().ok()).filter(|_| ours);
        Self {
            socket,
            watchdog: usec
                .filter(|usec| *usec > 0)
                .map(|usec| Duration::from_micros(usec) / 2),
        }
    }

    /// How often the manager wants a sign of life: twice as often as it would lose patience.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// All is up, as after a start and after every reload.
    pub(super) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={}", one_line(status)));
    }

    /// The configuration is read anew.
    pub(super) fn reloading(&self) {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let usec = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={usec}"));
    }

    /// The end begins.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// A sign of life.
    pub(super) fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    fn tell(&self, words: &str) {
        if let Some((socket, address)) = &self.socket
            && let Err(error) = socket.send_to_addr(words.as_bytes(), address)
        {
            tracing::debug!(%error, "the service manager does not hear");
        }
    }
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> String {
        socket.set_nonblocking(true).unwrap();
        let mut bytes = [0; 256];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }

    #[test]
    fn it_is_heard_on_a_path_and_on_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let on_path = UnixDatagram::bind(&path).unwrap();
        let system = System::new(Some(path.as_os_str()), Some("30000000"), None);
        system.ready("two\nlines");
        assert_eq!(heard(&on_path), "READY=1\nSTATUS=two lines");
        assert_eq!(system.watchdog(), Some(Duration::from_secs(15)));

        let name = format!("plimsoll-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let abstracted = UnixDatagram::bind_addr(&address).unwrap();
        let own = std::process::id().to_string();
        let system = System::new(Some(format!("@{name}").as_ref()), Some("10"), Some(&own));
        system.reloading();
        assert!(heard(&abstracted).starts_with("RELOADING=1\nMONOTONIC_USEC="));
        system.alive();
        assert_eq!(heard(&abstracted), "WATCHDOG=1");
        system.stopping();
        assert_eq!(heard(&abstracted), "STOPPING=1");
    }

    #[test]
    fn without_a_manager_nothing_is_said() {
        for socket in [None, Some("relative"), Some(""), Some("/nonexistent")] {
            let system = System::new(socket.map(OsStr::new), Some("1000"), Some("1"));
            system.ready("ready");
            assert_eq!(system.watchdog(), None);
        }
    }
}
