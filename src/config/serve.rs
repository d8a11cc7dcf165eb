//! `[serve]` and `[log]`: where the daemon listens, and how it logs.

use std::net::SocketAddr;
use std::path::PathBuf;

use plimsoll_settings::Section;

use super::reading::Reading;
use super::store::StoreSettings;

/// What the path of a socket may have in bytes, and its end.
const SOCKET_PATH: usize = 107;

/// `[serve]`: where the daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeSettings {
    /// Where health and metrics are served over HTTP; none where they are not.
    pub listen: Option<SocketAddr>,
    /// The names by which metrics may be asked for, besides addresses, names without a point, and the machine's own.
    pub hosts: Vec<String>,
    /// The socket on which its own user may ask for scans.
    pub socket: PathBuf,
}

impl ServeSettings {
    pub(super) fn read(
        section: &Section<'_>,
        reading: &Reading<'_>,
        store: &StoreSettings,
    ) -> Self {
        let listen = section.text("listen").and_then(|text| {
            let address = text.parse().ok();
            if address.is_none() {
                let message = format!("`listen`: {text:?} is no address with a port");
                let hint = Some("as \"127.0.0.1:9464\" or \"[::1]:9464\"".to_owned());
                section.mistake(section.place_of("listen"), message, hint);
            }
            address
        });
        let hosts = section.texts("hosts").unwrap_or_default();
        let beside = store.path.with_file_name("plimsoll.sock");
        let socket = reading.path(section, "socket").unwrap_or(beside);
        if section.has("socket") && socket.as_os_str().len() > SOCKET_PATH {
            let message = format!("`socket`: a socket's path has at most {SOCKET_PATH} bytes");
            section.mistake_at("socket", message);
        }
        section.finish();
        Self {
            listen,
            hosts,
            socket,
        }
    }
}

/// How lines of the log are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

/// `[log]`: how the daemon logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// How lines are written.
    pub format: LogFormat,
    /// From which level on: `error`, `warn`, `info` or `debug`.
    pub level: &'static str,
}

impl LogSettings {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let levels = ["error", "warn", "info", "debug"].map(|level| (level, level));
        let settings = Self {
            format: section.choice("format", &formats).unwrap_or_default(),
            level: section.choice("level", &levels).unwrap_or("info"),
        };
        section.finish();
        settings
    }
}
