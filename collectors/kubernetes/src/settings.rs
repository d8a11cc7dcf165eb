//! What can be set, checked offline.

use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::settings::Section;

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The kubeconfig to read instead of the usual ones.
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context in it; the current one where none is named.
    pub(crate) context: Option<String>,
    /// An API server without a kubeconfig.
    pub(crate) server: Option<Server>,
    /// The cluster's name in ids.
    pub(crate) name: Option<String>,
    /// The only namespaces to read; all where it is empty.
    pub(crate) namespaces: Vec<String>,
    /// How many requests run at once.
    pub(crate) concurrency: usize,
    /// How long one request, or a credential plugin, may take.
    pub(crate) timeout: Duration,
}

/// An API server by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its URL, without user or query.
    pub(crate) url: String,
    /// The file with the token.
    pub(crate) token_file: Option<PathBuf>,
    /// The file of the authority that signed its certificate.
    pub(crate) ca: Option<PathBuf>,
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let kubeconfig = section.file_path("kubeconfig");
        right &= kubeconfig.is_some() || !section.has("kubeconfig");
        let context = section.text("context");
        right &= context.is_some() || !section.has("context");
        let server = Self::server(section, &mut right);
        for key in ["kubeconfig", "context"] {
            if server.is_some() && section.has(key) {
                let what = format!("`{key}` and `server` are two ways to one cluster: set one");
                section.mistake_at(key, what);
                right = false;
            }
        }
        let name = section.text("name");
        right &= name.is_some() || !section.has("name");
        if let Some(name) = &name
            && !is_name(name)
        {
            let what = "`name` is a name of 1 to 255 bytes without slashes";
            section.mistake_at("name", what);
            right = false;
        }
        let namespaces = section.texts("namespaces");
        right &= namespaces.is_some() || !section.has("namespaces");
        let mut namespaces = namespaces.unwrap_or_default();
        if let Some(wrong) = namespaces.iter().find(|name| !is_label(name)) {
            let what = format!(
                "`namespaces`: {wrong:?} is no namespace, which is 1 to 63 of a-z, 0-9 and -"
            );
            section.mistake_at("namespaces", what);
            right = false;
        }
        namespaces.sort_unstable();
        namespaces.dedup();
        let concurrency = section.int("concurrency", 1..=16);
        right &= concurrency.is_some() || !section.has("concurrency");
        let range = Duration::from_millis(100)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        right &= timeout.is_some() || !section.has("timeout");
        section.finish();
        right.then(|| Self {
            kubeconfig,
            context,
            server,
            name,
            namespaces,
            concurrency: concurrency
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(4),
            timeout: timeout.unwrap_or(Duration::from_secs(60)),
        })
    }

    fn server(section: &Section<'_>, right: &mut bool) -> Option<Server> {
        let url = section.text("server");
        let token_file = section.file_path("token_file");
        let ca = section.file_path("ca");
        let Some(url) = url else {
            *right &= !section.has("server");
            for key in ["token_file", "ca"] {
                if section.has(key) {
                    section.mistake_at(key, format!("`{key}` belongs to `server`: set that too"));
                    *right = false;
                }
            }
            return None;
        };
        *right &= token_file.is_some() || !section.has("token_file");
        *right &= ca.is_some() || !section.has("ca");
        match url.parse::<http::Uri>() {
            Ok(uri)
                if matches!(uri.scheme_str(), Some("http" | "https"))
                    && uri.query().is_none()
                    && uri.authority().is_some_and(|a| !a.as_str().contains('@')) =>
            {
                if token_file.is_some() && uri.scheme_str() == Some("http") && !is_loopback(&uri) {
                    let what = "a token would go to `server` in plain text: use https";
                    section.mistake_at("server", what);
                    *right = false;
                }
            }
            _ => {
                // The text itself may hold a password, and is not repeated.
                let what = "`server` is http://HOST:PORT or https://HOST:PORT, without user or query; a token goes into a file, `token_file`";
                section.mistake_at("server", what);
                *right = false;
            }
        }
        Some(Server {
            url,
            token_file,
            ca,
        })
    }
}

/// Whether a text can be a part of an id.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.len()) && !name.contains(|c: char| c.is_control() || c == '/')
}

/// Whether a text is a DNS label, as every namespace's name is (RFC 1123).
fn is_label(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(fits)
}

fn is_loopback(uri: &http::Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_matches(['[', ']']);
    host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
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
        assert_eq!(settings.concurrency, 4);
        assert_eq!(settings.timeout, Duration::from_secs(60));
        assert!(settings.namespaces.is_empty() && settings.server.is_none());
    }

    #[test]
    fn all_mistakes_come_at_once_and_repeat_no_password() {
        let found = read(
            "server = \"https://joe:hunter2@there\"\ncontext = \"x\"\nname = \"a/b\"\nnamespaces = [\"Not One\"]\nconcurrency = 0\ntimeout = \"1ms\"\nkubconfig = 1\n",
        )
        .unwrap_err();
        assert_eq!(found.lines().count(), 7, "{found}");
        assert!(found.contains("did you mean `kubeconfig`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }

    #[test]
    fn a_token_is_not_sent_in_plain_text() {
        for (url, right) in [
            ("http://10.0.0.1:8080", false),
            ("http://127.0.0.1:8001", true),
            ("http://[::1]:8001", true),
            ("https://10.0.0.1:6443", true),
        ] {
            let text = format!("server = {url:?}\ntoken_file = \"t\"\n");
            assert_eq!(read(&text).is_ok(), right, "{url}");
        }
    }

    #[test]
    fn what_belongs_to_a_server_needs_one() {
        assert!(read("token_file = \"t\"").is_err());
        assert!(read("ca = \"t\"").is_err());
        assert!(read("server = \"http://h\"\nkubeconfig = \"k\"").is_err());
    }
}
