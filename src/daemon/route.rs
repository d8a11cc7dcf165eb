//! Which request means what. Pure.

/// Through which door a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// The socket, which only the daemon's own user and root can open.
    Socket,
    /// The network, where anybody may ask.
    Network,
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
    NotFound,
}

/// What a request means. On the network there is nothing that does anything.
pub(super) fn route(door: Door, method: &str, path: &str) -> Route {
    let (route, allowed) = match path {
        "/healthz" => (Route::Health, "GET"),
        "/readyz" => (Route::Ready, "GET"),
        "/metrics" => (Route::Metrics, "GET"),
        "/scan" if door == Door::Socket => (Route::Scan, "POST"),
        _ => return Route::NotFound,
    };
    match method {
        "HEAD" if allowed == "GET" => route,
        method if method == allowed => route,
        _ => Route::OtherMethod(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_only_looks() {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            assert_eq!(route(Door::Network, method, "/scan"), Route::NotFound);
        }
        assert_eq!(route(Door::Socket, "POST", "/scan"), Route::Scan);
        assert_eq!(
            route(Door::Socket, "GET", "/scan"),
            Route::OtherMethod("POST")
        );
        for door in [Door::Socket, Door::Network] {
            assert_eq!(route(door, "GET", "/metrics"), Route::Metrics);
            assert_eq!(route(door, "HEAD", "/healthz"), Route::Health);
            assert_eq!(route(door, "POST", "/readyz"), Route::OtherMethod("GET"));
            assert_eq!(route(door, "GET", "/metrics/"), Route::NotFound);
            assert_eq!(route(door, "GET", "/"), Route::NotFound);
        }
    }
}
