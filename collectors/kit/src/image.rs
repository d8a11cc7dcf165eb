//! Names of images: `registry/name:tag@sha256:…`. Some people write the registry's credentials before it.

use plimsoll_model::Text;
use serde::{Deserialize, Deserializer};

/// The name without credentials that stand before it: `user:password@registry/name` is `registry/name`.
pub fn without_credentials(name: &str) -> &str {
    // What stands after the last `@` is a digest, or the name itself.
    let end = match name.rsplit_once('@') {
        Some((before, digest)) if is_digest(digest) => before.len(),
        _ => name.len(),
    };
    let at = name.get(..end).and_then(|head| head.rfind('@'));
    at.and_then(|at| name.get(at + 1..)).unwrap_or(name)
}

fn is_digest(text: &str) -> bool {
    ["sha256:", "sha384:", "sha512:", "blake3:"]
        .iter()
        .any(|algorithm| text.starts_with(algorithm))
}

/// Reads a name from a wire format, without credentials.
///
/// # Errors
/// When it is no text.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    let name = Option::<Text>::deserialize(deserializer)?;
    Ok(name.map(|name| without_credentials(&name).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_left_off() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (name, bare) in [
            ("nginx", "nginx"),
            ("nginx:1.27", "nginx:1.27"),
            ("reg.example:5000/a/b:c", "reg.example:5000/a/b:c"),
            ("u:pw@reg.example/a", "reg.example/a"),
            ("u:p@w@reg.example/a:1", "reg.example/a:1"),
            ("https://u:pw@reg.example/a", "reg.example/a"),
            ("ghp_token@ghcr.io/a/b", "ghcr.io/a/b"),
            ("u:pw@", ""),
        ] {
            assert_eq!(without_credentials(name), bare);
            let (name, bare) = (format!("{name}@{digest}"), format!("{bare}@{digest}"));
            assert_eq!(without_credentials(&name), bare);
        }
        // A digest of a kind that nobody knows is no reason to show what stands before it.
        assert_eq!(without_credentials("u:pw@reg.example/a@md4:zz"), "md4:zz");
    }
}
