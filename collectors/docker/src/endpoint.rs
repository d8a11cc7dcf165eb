//! Where an engine listens.

use std::fmt;
use std::path::PathBuf;

/// Where an engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A socket file.
    Unix(PathBuf),
    /// A TCP port.
    Tcp {
        /// A name or an address, an IPv6 one without brackets.
        host: String,
        /// The port.
        port: u16,
        /// Whether the address itself asks for TLS (`https://`).
        tls: bool,
    },
}

/// Why a text is no endpoint. The text itself is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidEndpoint {
    #[error("an endpoint starts with unix://, tcp://, http:// or https://")]
    Scheme,
    #[error("ssh:// is not read; forward the socket with `ssh -L`, and name the forwarded one")]
    Ssh,
    #[error("unix:// is followed by an absolute path, as unix:///run/docker.sock")]
    Path,
    #[error("an endpoint holds no user name or password")]
    User,
    #[error("an endpoint is a host and a port, as tcp://10.0.0.5:2376, with no path behind them")]
    Host,
    #[error("the port of an endpoint is a number from 1 to 65535")]
    Port,
}

impl Endpoint {
    /// Reads `unix:///path`, `tcp://host:port`, `http://host:port` or `https://host:port`. Without a port it is 2375,
    /// and 2376 for `https://`.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidEndpoint> {
        let (scheme, rest) = text
            .trim()
            .split_once("://")
            .ok_or(InvalidEndpoint::Scheme)?;
        let tls = match scheme {
            "unix" if rest.starts_with('/') && rest.len() > 1 => {
                return Ok(Self::Unix(PathBuf::from(rest)));
            }
            "unix" => return Err(InvalidEndpoint::Path),
            "ssh" => return Err(InvalidEndpoint::Ssh),
            "tcp" | "http" => false,
            "https" => true,
            _ => return Err(InvalidEndpoint::Scheme),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('@') {
            return Err(InvalidEndpoint::User);
        }
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(InvalidEndpoint::Host)?;
                (
                    host,
                    port.strip_prefix(':').or((port.is_empty()).then_some("")),
                )
            }
            None => match rest.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, Some("")),
            },
        };
        let port = match port {
            None => return Err(InvalidEndpoint::Host),
            Some("") if tls => 2376,
            Some("") => 2375,
            Some(port) => port.parse().map_err(|_| InvalidEndpoint::Port)?,
        };
        let named = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
        if host.is_empty() || !host.chars().all(named) {
            return Err(InvalidEndpoint::Host);
        }
        if port == 0 {
            return Err(InvalidEndpoint::Port);
        }
        let host = host.to_owned();
        Ok(Self::Tcp { host, port, tls })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Unix(path) => write!(f, "unix://{}", path.display()),
            Endpoint::Tcp { host, port, tls } => {
                let scheme = if *tls { "https" } else { "tcp" };
                if host.contains(':') {
                    write!(f, "{scheme}://[{host}]:{port}")
                } else {
                    write!(f, "{scheme}://{host}:{port}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_shown() {
        for (text, shown) in [
            ("unix:///run/docker.sock", "unix:///run/docker.sock"),
            ("tcp://10.0.0.5:2376", "tcp://10.0.0.5:2376"),
            ("http://engine.example/", "tcp://engine.example:2375"),
            ("https://engine.example", "https://engine.example:2376"),
            ("tcp://[::1]", "tcp://[::1]:2375"),
            ("tcp://[fe80::1%eth0]:1", "tcp://[fe80::1%eth0]:1"),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_none_is_refused_without_repeating_it() {
        use InvalidEndpoint::{Host, Path, Port, Scheme, Ssh, User};
        for (text, why) in [
            ("/run/docker.sock", Scheme),
            ("npipe:////./pipe/docker_engine", Scheme),
            ("ssh://me@there", Ssh),
            ("unix://run/docker.sock", Path),
            ("unix://", Path),
            ("tcp://joe:hunter2@there:2375", User),
            ("tcp://", Host),
            ("tcp://there:2375/v1.41", Port),
            ("tcp://there/v1.41", Host),
            ("tcp://[::1", Host),
            ("tcp://[::1]2375", Host),
            ("tcp://there:0", Port),
            ("tcp://there:99999", Port),
        ] {
            assert_eq!(Endpoint::parse(text), Err(why), "{text}");
            assert!(!why.to_string().contains("hunter2"));
        }
    }
}
