//! Which request means what. Pure.

use std::net::IpAddr;
use std::sync::Arc;

/// Through which door a request came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// The socket, which only the daemon's own user and root can open.
    Socket,
    /// The network, where anybody may ask who knows a name of ours.
    Network(Arc<Hosts>),
}

/// The names under which the network is answered, besides addresses and names without a point, as `localhost`.
///
/// A page in a browser can have a name of its own lead to this machine, and read what comes back. It cannot choose the name that
/// the browser then asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    /// The names of a configuration, and this machine's own.
    pub(super) fn new(names: &[String]) -> Self {
        let own = plimsoll_kit::local_machine().hostname;
        let all = names.iter().chain([&own]);
        Self(all.map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Whether a `Host` is one of ours. HTTP/1.0 has none, and no browser speaks it.
    fn has(&self, host: Option<&str>) -> bool {
        let Some(host) = host else {
            return true;
        };
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        let bare = bare.trim_end_matches('.').to_ascii_lowercase();
        // A name without a point is one of this network's: nobody outside has one.
        let local = !bare.is_empty() && !bare.contains('.');
        local || bare.parse::<IpAddr>().is_ok() || self.0.contains(&bare)
    }
}

/// What a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Health,
    Ready,
    Metrics,
    Scan,
    /// It is there, for another method alone.
    OtherMethod(&'static str),
    /// It is there, under a name of ours alone.
    OtherHost,
    NotFound,
}

/// What a request means. On the network there is nothing that does anything.
pub(super) fn route(door: &Door, method: &str, path: &str, host: Option<&str>) -> Route {
    let (route, allowed) = match path {
        "/healthz" => (Route::Health, "GET"),
        "/readyz" => (Route::Ready, "GET"),
        "/metrics" => (Route::Metrics, "GET"),
        "/scan" if *door == Door::Socket => (Route::Scan, "POST"),
        _ => return Route::NotFound,
    };
    // That it lives is nobody's secret, and whoever asks for it may know no name.
    if let Door::Network(hosts) = door
        && route != Route::Health
        && !hosts.has(host)
    {
        return Route::OtherHost;
    }
    match method {
        "HEAD" if allowed == "GET" => route,
        method if method == allowed => route,
        _ => Route::OtherMethod(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(names: &[&str]) -> Door {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Door::Network(Arc::new(Hosts(names)))
    }

    #[test]
    fn the_network_only_looks() {
        let route = |door: &Door, method, path| route(door, method, path, Some("127.0.0.1:9464"));
        for method in ["GET", "POST", "PUT", "DELETE"] {
            assert_eq!(route(&network(&[]), method, "/scan"), Route::NotFound);
        }
        assert_eq!(route(&Door::Socket, "POST", "/scan"), Route::Scan);
        assert_eq!(
            route(&Door::Socket, "GET", "/scan"),
            Route::OtherMethod("POST")
        );
        for door in [Door::Socket, network(&[])] {
            assert_eq!(route(&door, "GET", "/metrics"), Route::Metrics);
            assert_eq!(route(&door, "HEAD", "/healthz"), Route::Health);
            assert_eq!(route(&door, "POST", "/readyz"), Route::OtherMethod("GET"));
            assert_eq!(route(&door, "GET", "/metrics/"), Route::NotFound);
            assert_eq!(route(&door, "GET", "/"), Route::NotFound);
        }
    }

    #[test]
    fn a_name_that_is_not_ours_sees_no_more_than_that_it_lives() {
        let door = network(&["web-1", "plimsoll.example.org"]);
        for host in [
            "127.0.0.1:9464",
            "10.0.0.7",
            "[::1]:9464",
            "[2001:db8::1]",
            "localhost:9464",
            "LOCALHOST",
            "web-1:9464",
            "plimsoll:9464",
            "Plimsoll.Example.org.:9464",
        ] {
            assert_eq!(
                route(&door, "GET", "/metrics", Some(host)),
                Route::Metrics,
                "{host}"
            );
        }
        for host in [
            "evil.example:9464",
            "127.0.0.1.evil.example",
            "",
            "localhost.evil.example",
            "[evil.example]",
        ] {
            for path in ["/metrics", "/readyz"] {
                assert_eq!(
                    route(&door, "GET", path, Some(host)),
                    Route::OtherHost,
                    "{host}"
                );
            }
            assert_eq!(route(&door, "GET", "/healthz", Some(host)), Route::Health);
            assert_eq!(
                route(&Door::Socket, "GET", "/metrics", Some(host)),
                Route::Metrics
            );
        }
    }
}
