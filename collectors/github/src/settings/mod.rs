//! What can be set, checked offline.

mod keys;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;
use plimsoll_model::{Text, sign_off_kind};

pub(crate) use keys::is_repository;
use keys::{lower, repositories, table, texts, token, url};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
/// The word for a note of the root cause, which is no sign-off of its own.
pub(crate) const ROOT_CAUSE: &str = "root-cause";
/// What a label may confirm.
const SIGN_OFFS: [&str; 8] = [
    sign_off_kind::DOCUMENTED,
    sign_off_kind::REVIEWED,
    sign_off_kind::SIGNED_OFF,
    sign_off_kind::QA,
    sign_off_kind::INSPECTED,
    sign_off_kind::RECONCILED,
    sign_off_kind::ANNOUNCED,
    ROOT_CAUSE,
];

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) repositories: Vec<String>,
    pub(crate) branches: Vec<String>,
    /// By branch: the environment that it deploys to.
    pub(crate) environments: BTreeMap<String, Text>,
    pub(crate) token: Option<TokenPlace>,
    pub(crate) api_url: Option<String>,
    pub(crate) graphql_url: Option<String>,
    pub(crate) proxy: Option<String>,
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) longest_wait: Duration,
    pub(crate) overlap: Duration,
    pub(crate) graphql: bool,
    pub(crate) checks: bool,
    pub(crate) pushes: bool,
    pub(crate) issues: bool,
    pub(crate) account: AccountBy,
    /// By label of an issue, in lower case: the kind of approval that it is.
    pub(crate) approvals: BTreeMap<String, Text>,
    /// By label, in lower case: what it confirms.
    pub(crate) sign_offs: BTreeMap<String, Text>,
    /// Labels that mean nothing, in lower case; one may end in `*`.
    pub(crate) quiet_labels: Vec<String>,
    pub(crate) words: Words,
}

/// Where the settings say that the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    File(PathBuf),
    Variable(String),
}

/// By what an account is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountBy {
    /// Its number, which never changes and is nobody else's.
    Id,
    /// Its login, which may be changed, and taken by somebody else then.
    Login,
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let repositories = repositories(section, &mut right);
        let branches = texts(section, "branches", &mut right);
        let environments = table(section, "environments", &mut right, |_, _| Ok(()));
        let token = token(section, &mut right);
        let [api_url, graphql_url, proxy] =
            ["api_url", "graphql_url", "proxy"].map(|key| url(section, key, &mut right));
        let root_certificates = section.text("root_certificates").map(PathBuf::from);
        right &= root_certificates.is_some() || !section.has("root_certificates");
        let concurrency = section.int("concurrency", 1..=16);
        right &= concurrency.is_some() || !section.has("concurrency");
        let mut span = |key: &str, least: Duration, most: Duration, default: Duration| {
            let read = section.duration(key, least..=most);
            right &= read.is_some() || !section.has(key);
            read.unwrap_or(default)
        };
        let timeout = span("timeout", MINUTE / 60, MINUTE * 10, MINUTE / 2);
        let longest_wait = span("longest_wait", MINUTE / 60, MINUTE * 60, MINUTE);
        let overlap = span("overlap", MINUTE, DAY * 30, DAY);
        let mut switch = |key: &str, default: bool| {
            let read = section.bool(key);
            right &= read.is_some() || !section.has(key);
            read.unwrap_or(default)
        };
        let (graphql, checks) = (switch("graphql", true), switch("checks", true));
        let pushes = switch("pushes", true);
        let issues = switch("issues", false);
        let account = section.choice(
            "accounts",
            &[("id", AccountBy::Id), ("login", AccountBy::Login)],
        );
        right &= account.is_some() || !section.has("accounts");
        let approvals = table(section, "approvals", &mut right, |_, _| Ok(()));
        let sign_offs = table(section, "sign_offs", &mut right, |_, kind| match SIGN_OFFS
            .contains(&kind)
        {
            true => Ok(()),
            false => Err(format!("one of {}", SIGN_OFFS.join(", "))),
        });
        let quiet_labels = texts(section, "quiet_labels", &mut right);
        let words = Words::read(&section.table_or_empty("words"));
        section.finish();
        let words = words?;
        right.then(|| Self {
            repositories,
            branches,
            environments,
            token,
            api_url,
            graphql_url,
            proxy,
            root_certificates,
            concurrency: concurrency
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(4),
            timeout,
            longest_wait,
            overlap,
            graphql,
            checks,
            pushes,
            issues,
            account: account.unwrap_or(AccountBy::Id),
            approvals: lower(approvals),
            sign_offs: lower(sign_offs),
            quiet_labels: quiet_labels.iter().map(|one| one.to_lowercase()).collect(),
            words,
        })
    }

    /// Whether pull requests into a branch are read with all that happened to them.
    pub(crate) fn reads_closely(&self, branch: Option<&str>) -> bool {
        self.branches.is_empty()
            || branch.is_some_and(|branch| self.branches.iter().any(|one| one == branch))
    }

    /// Whether a label means nothing.
    pub(crate) fn is_quiet(&self, label: &str) -> bool {
        let label = label.to_lowercase();
        self.quiet_labels
            .iter()
            .any(|one| match one.strip_suffix('*') {
                Some(start) => label.starts_with(start),
                None => *one == label,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    pub(crate) fn read(text: &str) -> Result<Settings, String> {
        let read = Document::new("s.toml", text).read(Settings::read);
        let settings = read.map_err(|all| all.to_string())?;
        Ok(settings.expect("settings without a mistake"))
    }

    #[test]
    fn a_repository_is_enough() {
        let settings =
            read("repositories = [\"acme/shop\", \"Acme/Shop\", \"acme/infra\"]").unwrap();
        assert_eq!(settings.repositories.len(), 2);
        assert_eq!(settings.account, AccountBy::Id);
        assert!(settings.graphql && settings.checks && !settings.issues);
        assert!(settings.reads_closely(Some("any")) && settings.reads_closely(None));
        assert_eq!(settings.overlap, DAY);
    }

    #[test]
    fn all_mistakes_come_at_once_and_repeat_no_secret() {
        let found = read(
            "repositories = [\"infra\"]\ntoken_file = \"a\"\ntoken_variable = \"B\"\napi_url = \"https://joe:hunter2@there\"\n\
             concurrency = 0\noverlap = \"1s\"\naccounts = \"mail\"\ngraphql = 1\nissue = true\n\
             [sign_offs]\ndone = \"perhaps\"\n[environments]\nprod = 5\n[words]\nsystm = [\"x\"]\n",
        )
        .unwrap_err();
        assert_eq!(found.lines().count(), 11, "{found}");
        assert!(found.contains("did you mean `issues`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
        assert!(read("").unwrap_err().contains("`repositories` is missing"));
        assert!(read("repositories = []").is_err());
    }

    #[test]
    fn labels_that_mean_nothing() {
        let settings =
            read("repositories = \"a/b\"\nquiet_labels = [\"Size/*\", \"stale\"]").unwrap();
        assert!(settings.is_quiet("size/XL") && settings.is_quiet("Stale"));
        assert!(!settings.is_quiet("security") && !settings.is_quiet("stale-ish"));
    }

    #[test]
    fn names_of_repositories() {
        for good in ["a/b", "acme-inc/infra.prod_2"] {
            assert!(is_repository(good), "{good}");
        }
        for bad in ["", "a", "a/", "/b", "a/b/c", "a/..", "a b/c", "a/b?x"] {
            assert!(!is_repository(bad), "{bad}");
        }
    }
}
