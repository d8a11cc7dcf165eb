//! Image references and patterns for them.

use std::borrow::Cow;

use globset::{GlobBuilder, GlobMatcher};

/// The registry that a reference means when it names none.
const DEFAULT_REGISTRY: &str = "docker.io";

/// An image's name without tag and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageName<'a> {
    /// Registry and path in full: `docker.io/library/nginx`.
    pub(crate) whole: Cow<'a, str>,
    /// The path's last part: `nginx`.
    pub(crate) last: &'a str,
}

impl<'a> ImageName<'a> {
    /// The name in a reference such as `nginx:1.25` or `registry.example:5000/shop/api@sha256:…`.
    pub(crate) fn of(reference: &'a str) -> Self {
        let name = reference.split('@').next().unwrap_or(reference);
        let slash = name.rfind('/').map_or(0, |at| at + 1);
        let end = name.get(slash..).and_then(|last| last.find(':'));
        let name = end.and_then(|end| name.get(..slash + end)).unwrap_or(name);
        let last = name.get(slash..).unwrap_or(name);
        let whole = match name.split_once('/') {
            Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => name.into(),
            Some(_) => format!("{DEFAULT_REGISTRY}/{name}").into(),
            None => format!("{DEFAULT_REGISTRY}/library/{name}").into(),
        };
        Self { whole, last }
    }
}

/// Whether a pattern is about the whole name and not its last part alone.
pub(crate) fn is_whole(pattern: &str) -> bool {
    pattern.contains('/')
}

/// A pattern in which `*` stands for anything, slashes too.
///
/// # Errors
/// What is wrong with the pattern.
pub(crate) fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|error| error.kind().to_string())
}

/// A pattern for images: with a slash for the whole name, without one for its last part.
#[derive(Clone, Debug)]
pub(crate) struct ImagePattern {
    glob: GlobMatcher,
    whole: bool,
}

impl ImagePattern {
    /// # Errors
    /// What is wrong with the pattern.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        let whole = is_whole(pattern);
        glob(pattern).map(|glob| Self { glob, whole })
    }

    pub(crate) fn matches(&self, name: &ImageName<'_>) -> bool {
        self.glob
            .is_match(if self.whole { &name.whole } else { name.last })
    }

    pub(crate) fn as_str(&self) -> &str {
        self.glob.glob().glob()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_full() {
        for (reference, whole, last) in [
            ("nginx", "docker.io/library/nginx", "nginx"),
            ("nginx:1.25", "docker.io/library/nginx", "nginx"),
            ("shop/api:2@sha256:ab", "docker.io/shop/api", "api"),
            ("localhost:5000/db:16", "localhost:5000/db", "db"),
            ("r.example/a/b@sha256:ab", "r.example/a/b", "b"),
            ("", "docker.io/library/", ""),
            (":", "docker.io/library/", ""),
            ("a/", "docker.io/a/", ""),
        ] {
            let name = ImageName::of(reference);
            assert_eq!(
                (name.whole.as_ref(), name.last),
                (whole, last),
                "{reference}"
            );
        }
    }

    #[test]
    fn a_pattern_with_a_slash_is_about_the_whole_name() {
        let matches = |pattern: &str, reference: &str| {
            let pattern = ImagePattern::new(pattern).unwrap();
            pattern.matches(&ImageName::of(reference))
        };
        assert!(matches("nginx", "r.example/x/nginx:1"));
        assert!(!matches("nginx", "nginx-exporter"));
        assert!(matches("r.example/*", "r.example/x/nginx:1"));
        assert!(!matches("r.example/*", "evil.example/r.example/nginx"));
        assert!(ImagePattern::new("[").is_err());
    }
}
