//! What may be asked for at all. Names that a server gives become parts of paths, so a path is looked at once more before it is sent.

/// Whether a target may be asked for: its path is made of names alone, leads nowhere else, and is not that of secrets.
pub(super) fn lets_through(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let Some(path) = path.strip_prefix('/') else {
        return false;
    };
    let parts: Vec<&str> = path.split('/').collect();
    parts.iter().all(|part| is_name(part)) && !is_of_secrets(&parts)
}

/// As Kubernetes allows names to be (RFC 1123), and those of roles and groups.
fn is_name(part: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._:".contains(&byte);
    !part.is_empty() && part != "." && part != ".." && part.bytes().all(fits)
}

/// A namespace may be called `secrets`; the kind may not be.
fn is_of_secrets(parts: &[&str]) -> bool {
    match parts {
        ["api", _, "namespaces", _, kind, ..] | ["api", _, kind, ..] => *kind == "secrets",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_let_through() {
        for (target, passes) in [
            ("/version", true),
            ("/apis/apps/v1/deployments?limit=500&continue=a%2Fb", true),
            ("/api/v1/namespaces/secrets/pods?limit=500", true),
            ("/apis/apps/v1/namespaces/shop/replicasets/web-1.x", true),
            ("/api/v1/secrets", false),
            ("/api/v1/secrets?limit=1", false),
            ("/api/v1/namespaces/shop/secrets", false),
            ("/api/v1/namespaces/shop/secrets/db", false),
            ("/apis/apps/v1/namespaces/shop/replicasets/../../x", false),
            ("/apis/apps/v1/namespaces/shop/replicasets/a b", false),
            ("/apis/apps/v1/namespaces/shop/replicasets/%2e%2e", false),
            ("//elsewhere/version", false),
            ("http://elsewhere/version", false),
            ("", false),
        ] {
            assert_eq!(lets_through(target), passes, "{target}");
        }
    }
}
