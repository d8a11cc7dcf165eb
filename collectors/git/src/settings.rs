//! What can be set, checked offline.

use std::path::PathBuf;
use std::time::Duration;

use globset::{Glob, GlobSet, GlobSetBuilder};
use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) repositories: Vec<Repository>,
    pub(crate) approval_trailers: Vec<String>,
    pub(crate) review_trailers: Vec<String>,
    pub(crate) ticket_trailers: Vec<String>,
    pub(crate) allowed_signers: Option<PathBuf>,
    pub(crate) keyring: Option<PathBuf>,
    /// Whether the author of a commit that nobody signed counts as known.
    pub(crate) unsigned_authors: bool,
    /// Whether what an earlier tag of the same signer holds counts as dealt with.
    pub(crate) own_tags: bool,
    /// How long ago it may have been fetched.
    pub(crate) fetched_within: Option<Duration>,
    pub(crate) most_commits: usize,
    pub(crate) most_tags: usize,
    pub(crate) words: Words,
    pub(crate) git: PathBuf,
    pub(crate) ssh_keygen: PathBuf,
    pub(crate) gpgv: PathBuf,
    pub(crate) timeout: Duration,
    pub(crate) max_bytes: usize,
}

/// One repository.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub(crate) path: PathBuf,
    /// What it is called: its scope, and the start of its requests' ids.
    pub(crate) name: String,
    /// The branches that are read; the one that `HEAD` names where there is none.
    pub(crate) branches: Vec<String>,
    /// The tags that are read.
    pub(crate) tags: GlobSet,
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        if !section.has("repositories") {
            section.missing("repositories", "write [[repositories]] with a `path`");
            right = false;
        }
        let mut repositories: Vec<Repository> = Vec::new();
        for table in section.tables("repositories") {
            match Repository::read(&table) {
                Some(one) if repositories.iter().any(|have| have.name == one.name) => {
                    table.mistake_at(
                        "name",
                        "two repositories have one name: give each its own `name`",
                    );
                    right = false;
                }
                Some(one) => repositories.push(one),
                None => right = false,
            }
        }
        right &= !repositories.is_empty();
        if repositories.is_empty() && section.has("repositories") {
            section.mistake_at("repositories", "`repositories` names none");
        }
        let [approvals, reviews, tickets] = [
            ("approval_trailers", &["approved-by"][..]),
            ("review_trailers", &["reviewed-by"]),
            (
                "ticket_trailers",
                &["ticket", "refs", "closes", "fixes", "resolves"],
            ),
        ]
        .map(|(key, default)| trailers(section, key, default, &mut right));
        let [allowed_signers, keyring, git, ssh_keygen, gpgv] =
            ["allowed_signers", "keyring", "git", "ssh_keygen", "gpgv"]
                .map(|key| path(section, key, &mut right));
        let unsigned = section.choice(
            "unsigned_authors",
            &[("unproven", false), ("as-written", true)],
        );
        right &= unsigned.is_some() || !section.has("unsigned_authors");
        let own = section.choice("authors_since", &[("tag-of-another", false), ("tag", true)]);
        right &= own.is_some() || !section.has("authors_since");
        let [commits, tags, bytes] = [
            ("most_commits", 1..=100_000),
            ("most_tags", 0..=100_000),
            ("max_bytes", 1024..=64 << 20),
        ]
        .map(|(key, range)| {
            let number = section.int(key, range);
            right &= number.is_some() || !section.has(key);
            number.and_then(|number| usize::try_from(number).ok())
        });
        let timeout = section.duration(
            "timeout",
            Duration::from_secs(1)..=Duration::from_secs(3600),
        );
        right &= timeout.is_some() || !section.has("timeout");
        let day = Duration::from_secs(86_400);
        let fetched = section.duration("fetched_within", day / 1440..=day * 366);
        right &= fetched.is_some() || !section.has("fetched_within");
        let words = Words::read(&section.table_or_empty("words"));
        section.finish();
        let words = words.filter(|_| right)?;
        Some(Self {
            repositories,
            approval_trailers: approvals,
            review_trailers: reviews,
            ticket_trailers: tickets,
            allowed_signers,
            keyring,
            unsigned_authors: unsigned.unwrap_or(false),
            own_tags: own.unwrap_or(false),
            fetched_within: fetched,
            most_commits: commits.unwrap_or(1000),
            most_tags: tags.unwrap_or(1000),
            words,
            git: git.unwrap_or_else(|| "git".into()),
            ssh_keygen: ssh_keygen.unwrap_or_else(|| "ssh-keygen".into()),
            gpgv: gpgv.unwrap_or_else(|| "gpgv".into()),
            timeout: timeout.unwrap_or(Duration::from_secs(60)),
            max_bytes: bytes.unwrap_or(64 << 20),
        })
    }
}

impl Repository {
    fn read(table: &Section<'_>) -> Option<Self> {
        let path = table.required_text("path", "give the folder of a clone or a mirror");
        let mut right = path.as_deref().is_none_or(|path| !path.contains('\0'));
        if !right {
            table.mistake_at("path", "`path` must not hold NUL characters");
        }
        let name = table.text("name");
        right &= name.is_some() || !table.has("name");
        let path = path.map_or_else(PathBuf::new, |path| table.path_from(&path));
        let folder = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let folder = folder.map(|name| name.strip_suffix(".git").unwrap_or(&name).to_owned());
        let name = name.or(folder).unwrap_or_default();
        if right && !path.as_os_str().is_empty() && !is_name(&name) {
            table.mistake_at(
                "name",
                "`name` must be one such as \"acme/infra\": letters, digits, and . _ - / in it",
            );
            right = false;
        }
        let branches = table.texts("branches");
        right &= branches.is_some() || !table.has("branches");
        for branch in branches.iter().flatten() {
            if !is_branch(branch) {
                table.mistake_at(
                    "branches",
                    "`branches` holds names of branches, as \"main\"",
                );
                right = false;
            }
        }
        let patterns = table.texts("tags");
        right &= patterns.is_some() || !table.has("tags");
        let mut tags = GlobSetBuilder::new();
        for pattern in patterns.unwrap_or_else(|| vec!["*".to_owned(), "*/**".to_owned()]) {
            match Glob::new(&pattern) {
                Ok(glob) => {
                    tags.add(glob);
                }
                Err(_) => {
                    table.mistake_at("tags", "`tags` holds patterns of names, as \"v*\"");
                    right = false;
                }
            }
        }
        table.finish();
        let tags = tags.build().ok()?;
        (right && !path.as_os_str().is_empty()).then(|| Self {
            path,
            name,
            branches: branches.unwrap_or_default(),
            tags,
        })
    }
}

/// Keys of trailers, in lower case.
fn trailers(section: &Section<'_>, key: &str, default: &[&str], right: &mut bool) -> Vec<String> {
    let given = section.texts(key);
    *right &= given.is_some() || !section.has(key);
    let fits = |word: &String| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !given.iter().flatten().all(fits) {
        section.mistake_at(
            key,
            format!("`{key}` holds keys of trailers without a colon, as \"Approved-by\""),
        );
        *right = false;
    }
    match given {
        Some(words) => words.iter().map(|word| word.to_ascii_lowercase()).collect(),
        None => default.iter().map(|word| (*word).to_owned()).collect(),
    }
}

fn path(section: &Section<'_>, key: &str, right: &mut bool) -> Option<PathBuf> {
    let text = section.text(key);
    *right &= text.is_some() || !section.has(key);
    let text = text?;
    if text.is_empty() || text.contains('\0') {
        section.mistake_at(key, format!("`{key}` must be a path"));
        *right = false;
    }
    // A bare name of a program is looked for in PATH.
    Some(match text.contains('/') {
        true => section.path_from(&text),
        false => PathBuf::from(text),
    })
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    !name.is_empty() && name.len() <= 256 && name.bytes().all(fits)
}

fn is_branch(name: &str) -> bool {
    let wrong = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    !name.is_empty()
        && name.len() <= 256
        && !name.contains(wrong)
        && !name.contains("..")
        && !name.starts_with('-')
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
    fn a_path_is_enough() {
        let settings = read("[[repositories]]\npath = '/srv/infra.git'")
            .unwrap()
            .unwrap();
        assert_eq!(settings.repositories[0].name, "infra");
        assert!(
            settings.repositories[0].tags.is_match("v1")
                && settings.repositories[0].tags.is_match("a/b/v1")
        );
        assert!(!settings.unsigned_authors && !settings.own_tags);
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let found = read(
            "git = 1\napproval_trailers = ['a b']\nmost_tags = -1\ntimeout = '0s'\nauthors_since = 'x'\n[[repositories]]\npath = ''\n[[repositories]]\npath = '/a'\nname = 'a b'\n\
             [[repositories]]\npath = '/c'\nbranches = ['a..b']\ntags = ['[']\n[[repositories]]\npath = '/d'\n[[repositories]]\npath = '/x/d'\n",
        )
        .unwrap_err();
        for word in [
            "`git`",
            "`approval_trailers`",
            "`most_tags`",
            "`timeout`",
            "`authors_since`",
            "`path`",
            "`name`",
            "`branches`",
            "`tags`",
            "one name",
        ] {
            assert!(found.contains(word), "{word}: {found}");
        }
        assert!(read("").unwrap_err().contains("`repositories` is missing"));
    }
}
