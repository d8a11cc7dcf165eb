//! What can be set, checked offline.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_kit::Surroundings;
use plimsoll_kit::settings::Section;

use crate::discover::{self, NoTarget, Target};
use crate::endpoint::Endpoint;

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) tls: Option<Tls>,
    pub(crate) host: Option<String>,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
}

/// Where the certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    /// The only authority that is trusted.
    pub(crate) ca: PathBuf,
    /// Our own certificate and its key, for engines that ask for one.
    pub(crate) own: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// The file names that the docker command uses.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            ca: folder.join("ca.pem"),
            own: Some((folder.join("cert.pem"), folder.join("key.pem"))),
        }
    }

    fn read(section: &Section<'_>) -> Option<Self> {
        let ca = section.required_text(
            "ca",
            "the file of the authority that signed the engine's certificate",
        );
        let cert = section.file_path("cert");
        let key = section.file_path("key");
        section.finish();
        let own = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) => {
                section.missing("key", "a certificate is of use with its key only");
                return None;
            }
            (None, Some(_)) => {
                section.missing("cert", "a key is of use with its certificate only");
                return None;
            }
        };
        let ca = section.path_from(&ca?);
        Some(Self { ca, own })
    }
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let endpoint = section.text("endpoint").and_then(|text| {
            Endpoint::parse(&text)
                .map_err(|why| section.mistake_at("endpoint", format!("`endpoint`: {why}")))
                .ok()
        });
        right &= endpoint.is_some() || !section.has("endpoint");
        let tls = section.table("tls").and_then(|tls| Tls::read(&tls));
        right &= tls.is_some() || !section.has("tls");
        let host = section.text("host");
        if let Some(host) = &host
            && (host.is_empty()
                || host.len() > 255
                || host.contains(|c: char| c.is_control() || c == '/'))
        {
            section.mistake_at("host", "`host` is a name of 1 to 255 bytes without slashes");
            right = false;
        }
        let concurrency = section.int("concurrency", 1..=64);
        right &= concurrency.is_some() || !section.has("concurrency");
        let range = Duration::from_millis(100)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        right &= timeout.is_some() || !section.has("timeout");
        section.finish();
        match &endpoint {
            Some(Endpoint::Tcp { tls: true, .. }) if !section.has("tls") => {
                section.missing(
                    "tls",
                    "https:// trusts the given authority only: set tls.ca",
                );
                right = false;
            }
            Some(Endpoint::Unix(_)) if section.has("tls") => {
                section.mistake_at("tls", "`tls` is for TCP: a socket file has none");
                right = false;
            }
            None if section.has("tls") && !section.has("endpoint") => {
                section.missing(
                    "endpoint",
                    "`tls` belongs to an endpoint, as tcp://10.0.0.5:2376",
                );
                right = false;
            }
            _ => {}
        }
        right.then(|| Self {
            endpoint,
            tls,
            host,
            concurrency: concurrency
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(12),
            timeout: timeout.unwrap_or(Duration::from_secs(30)),
        })
    }

    /// The engine to read. What the settings leave open is looked up at every run: a socket may come later.
    pub(crate) fn target(&self, here: &Surroundings) -> Result<Target, NoTarget> {
        match &self.endpoint {
            Some(endpoint) => Ok(Target {
                endpoint: endpoint.clone(),
                tls: self.tls.clone(),
            }),
            None => discover::default_target(here),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn read(text: &str) -> Result<Option<Settings>, String> {
        let document = Document::new("s.toml", text);
        document.read(Settings::read).map_err(|all| all.to_string())
    }

    #[test]
    fn nothing_set_is_right() {
        let settings = read("").unwrap().unwrap();
        assert_eq!(settings.concurrency, 12);
        assert_eq!(settings.timeout, Duration::from_secs(30));
        assert_eq!(settings.endpoint, None);
    }

    #[test]
    fn the_sample_is_right_as_it_stands() {
        assert!(read(crate::SAMPLE).unwrap().is_some());
        let all: String = crate::SAMPLE
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.starts_with('[') || line.contains(" = "))
            .fold(String::new(), |all, line| all + line + "\n");
        let settings = read(&all).unwrap().unwrap();
        assert!(settings.endpoint.is_some() && settings.tls.is_some() && settings.host.is_some());
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let found = read(
            "endpoint = \"tcp://joe:hunter2@there\"\nhost = \"a/b\"\nconcurrency = 0\ntimeout = \"1ms\"\nendpont = 1\n[tls]\ncert = \"c\"\n",
        )
        .unwrap_err();
        assert_eq!(found.lines().count(), 7, "{found}");
        assert!(found.contains("did you mean `endpoint`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }

    #[test]
    fn tls_and_endpoint_must_fit() {
        for text in [
            "endpoint = \"https://there\"",
            "endpoint = \"unix:///run/docker.sock\"\n[tls]\nca = \"ca.pem\"",
            "[tls]\nca = \"ca.pem\"",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
