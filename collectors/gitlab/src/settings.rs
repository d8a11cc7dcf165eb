//! What can be set, checked offline.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::http::Client;
use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;
use plimsoll_model::{Text, sign_off_kind};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
/// What a label may confirm.
const SIGN_OFFS: [&str; 7] = [
    sign_off_kind::DOCUMENTED,
    sign_off_kind::REVIEWED,
    sign_off_kind::SIGNED_OFF,
    sign_off_kind::QA,
    sign_off_kind::INSPECTED,
    sign_off_kind::RECONCILED,
    sign_off_kind::ANNOUNCED,
];

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) projects: Vec<String>,
    /// The branches that matter; all where there is none.
    pub(crate) branches: Vec<String>,
    /// By branch: the environment that it deploys to.
    pub(crate) environments: BTreeMap<String, Text>,
    pub(crate) token: Option<TokenPlace>,
    pub(crate) api_url: Option<String>,
    pub(crate) proxy: Option<String>,
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) longest_wait: Duration,
    pub(crate) overlap: Duration,
    pub(crate) checks: bool,
    pub(crate) issues: bool,
    /// Whether a branch that is protected now counts as protected at every merge.
    pub(crate) protected_as_now: bool,
    pub(crate) account: AccountBy,
    /// Accounts of programs, by their user names.
    pub(crate) bots: Vec<String>,
    /// By name of an approval rule, in lower case: the kind of approval that it asks for.
    pub(crate) rules: BTreeMap<String, Text>,
    /// By label of an issue, in lower case: the kind of approval that it is.
    pub(crate) approvals: BTreeMap<String, Text>,
    /// By label, in lower case: what it confirms.
    pub(crate) sign_offs: BTreeMap<String, Text>,
    /// Labels that mark an emergency, in lower case.
    pub(crate) emergency_labels: Vec<String>,
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
    /// Its user name, which may be changed, and taken by somebody else then.
    Username,
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut read = Reader {
            section,
            right: true,
        };
        let projects = read.projects();
        let branches = read.texts("branches").unwrap_or_default();
        let environments = read.table("environments", |_| Ok(()));
        let token = read.token();
        let [api_url, proxy] = ["api_url", "proxy"].map(|key| read.url(key));
        let root_certificates = read.path("root_certificates");
        let concurrency = section.int("concurrency", 1..=16);
        read.right &= concurrency.is_some() || !section.has("concurrency");
        let timeout = read.span("timeout", MINUTE / 60, MINUTE * 10, MINUTE / 2);
        let longest_wait = read.span("longest_wait", MINUTE / 60, MINUTE * 60, MINUTE);
        let overlap = read.span("overlap", MINUTE, DAY * 30, DAY);
        let checks = read.switch("checks", true);
        let issues = read.switch("issues", false);
        let protected_as_now = read.switch("protected_as_now", false);
        let account = section.choice(
            "accounts",
            &[("id", AccountBy::Id), ("username", AccountBy::Username)],
        );
        read.right &= account.is_some() || !section.has("accounts");
        let bots = read.texts("bots").unwrap_or_default();
        let rules = read.table("rules", |_| Ok(()));
        let approvals = read.table("approvals", |_| Ok(()));
        let sign_offs = read.table("sign_offs", |kind| match SIGN_OFFS.contains(&kind) {
            true => Ok(()),
            false => Err(format!("one of {}", SIGN_OFFS.join(", "))),
        });
        let emergency = read.texts("emergency_labels");
        let quiet_labels = read.texts("quiet_labels").unwrap_or_default();
        let words = Words::read(&section.table_or_empty("words"));
        section.finish();
        let words = words.filter(|_| read.right)?;
        let emergency =
            emergency.unwrap_or_else(|| ["emergency", "hotfix"].map(str::to_owned).into());
        let lower = |all: Vec<String>| all.iter().map(|one| one.to_lowercase()).collect();
        Some(Self {
            projects,
            branches,
            environments,
            token,
            api_url,
            proxy,
            root_certificates,
            concurrency: concurrency
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(4),
            timeout,
            longest_wait,
            overlap,
            checks,
            issues,
            protected_as_now,
            account: account.unwrap_or(AccountBy::Id),
            bots: lower(bots),
            rules: lower_keys(rules),
            approvals: lower_keys(approvals),
            sign_offs: lower_keys(sign_offs),
            emergency_labels: lower(emergency),
            quiet_labels: lower(quiet_labels),
            words,
        })
    }

    /// Whether merge requests into a branch are read.
    pub(crate) fn reads(&self, branch: Option<&str>) -> bool {
        let named = |branch: &str| self.branches.iter().any(|one| one == branch);
        self.branches.is_empty() || branch.is_none_or(named)
    }

    /// Whether a label means nothing.
    pub(crate) fn is_quiet(&self, label: &str) -> bool {
        let label = label.to_lowercase();
        let mut all = self.quiet_labels.iter();
        all.any(|one| match one.strip_suffix('*') {
            Some(start) => label.starts_with(start),
            None => *one == label,
        })
    }
}

fn lower_keys(table: BTreeMap<String, Text>) -> BTreeMap<String, Text> {
    table
        .into_iter()
        .map(|(key, value)| (key.to_lowercase(), value))
        .collect()
}

struct Reader<'r, 's> {
    section: &'r Section<'s>,
    right: bool,
}

impl Reader<'_, '_> {
    fn wrong(&mut self, key: &str, message: String) {
        self.section.mistake_at(key, message);
        self.right = false;
    }

    fn projects(&mut self) -> Vec<String> {
        let key = "projects";
        if !self.section.has(key) {
            self.section
                .missing(key, "name them, as projects = [\"acme/infra\"]");
            self.right = false;
        }
        let all = self.texts(key).unwrap_or_default();
        if self.section.has(key) && all.is_empty() {
            self.wrong(key, "`projects` names none".to_owned());
        }
        if !all.iter().all(|name| is_project(name)) {
            self.wrong(
                key,
                "`projects` holds whole paths, as \"acme/infra\"".to_owned(),
            );
        }
        let mut once = all.clone();
        once.sort();
        once.dedup();
        if once.len() < all.len() {
            self.wrong(key, "`projects` names one twice".to_owned());
        }
        once
    }

    fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let texts = self.section.texts(key);
        self.right &= texts.is_some() || !self.section.has(key);
        if texts.iter().flatten().any(|text| text.trim().is_empty()) {
            self.wrong(key, format!("`{key}` holds an empty text"));
        }
        texts
    }

    fn switch(&mut self, key: &str, default: bool) -> bool {
        let read = self.section.bool(key);
        self.right &= read.is_some() || !self.section.has(key);
        read.unwrap_or(default)
    }

    fn span(&mut self, key: &str, least: Duration, most: Duration, default: Duration) -> Duration {
        let read = self.section.duration(key, least..=most);
        self.right &= read.is_some() || !self.section.has(key);
        read.unwrap_or(default)
    }

    fn path(&mut self, key: &str) -> Option<PathBuf> {
        let text = self.section.text(key);
        self.right &= text.is_some() || !self.section.has(key);
        if text.as_deref() == Some("") {
            self.wrong(key, format!("`{key}` must be a path"));
        }
        text.map(PathBuf::from)
    }

    /// A table of texts by names of the house's own.
    fn table(
        &mut self,
        key: &str,
        fits: impl Fn(&str) -> Result<(), String>,
    ) -> BTreeMap<String, Text> {
        let table = self.section.table_or_empty(key);
        self.right &= !self.section.has(key) || self.section.table(key).is_some();
        let mut made = BTreeMap::new();
        for name in table.keys() {
            let Some(value) = table.text(&name) else {
                self.right = false;
                continue;
            };
            if let Err(wanted) = fits(&value) {
                table.mistake_at(&name, format!("`{name}` must be {wanted}"));
                self.right = false;
            }
            made.insert(name, Text::from(value));
        }
        made
    }

    /// A URL that a client can be made for. What is wrong with one is said without it.
    fn url(&mut self, key: &str) -> Option<String> {
        let text = self.section.text(key);
        self.right &= text.is_some() || !self.section.has(key);
        let text = text?;
        match Client::builder(&text).build() {
            Ok(_) => Some(text),
            Err(why) => {
                self.wrong(key, format!("`{key}`: {why}"));
                None
            }
        }
    }

    fn token(&mut self) -> Option<TokenPlace> {
        let mut given = ["token_file", "token_variable"].map(|key| {
            let text = self.section.text(key).filter(|text| !text.is_empty());
            if self.section.has(key) && text.is_none() {
                self.wrong(key, format!("`{key}` must be a text that is not empty"));
            }
            text
        });
        match (given[0].take(), given[1].take()) {
            (Some(_), Some(_)) => {
                let message = "`token_file` and `token_variable` exclude each other: keep one";
                self.wrong("token_variable", message.to_owned());
                None
            }
            (Some(file), None) => Some(TokenPlace::File(PathBuf::from(file))),
            (None, variable) => variable.map(TokenPlace::Variable),
        }
    }
}

/// Whether a text can be a project's whole path.
pub(crate) fn is_project(text: &str) -> bool {
    let part = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(fits)
    };
    text.len() <= 1000 && text.contains('/') && text.split('/').all(part)
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
    fn a_project_is_enough() {
        let settings = read("projects = [\"acme/infra\"]").unwrap().unwrap();
        assert!(settings.checks && !settings.issues && !settings.protected_as_now);
        assert_eq!(settings.account, AccountBy::Id);
        assert!(
            settings.reads(Some("any")) && settings.emergency_labels.contains(&"hotfix".into())
        );
    }

    #[test]
    fn labels_and_branches() {
        let text = "projects = ['a/b']\nbranches = ['main']\nquiet_labels = ['Size::*', 'docs']\n[sign_offs]\n'QA done' = 'qa'";
        let settings = read(text).unwrap().unwrap();
        assert!(
            settings.is_quiet("size::XL") && settings.is_quiet("DOCS") && !settings.is_quiet("doc")
        );
        assert!(settings.reads(Some("main")) && !settings.reads(Some("work")));
        assert_eq!(settings.sign_offs.get("qa done").unwrap(), "qa");
    }

    #[test]
    fn all_mistakes_come_at_once_without_what_is_secret() {
        let found = read(
            "token_file = 'a'\ntoken_variable = 'b'\nprojects = ['a']\napi_url = 'https://joe:hunter2@there'\nproxy = 'there'\nconcurrency = 65\ntimeout = '1ms'\noverlap = '1s'\n\
             accounts = 'mail'\nissues = 1\n[sign_offs]\nx = 'blessed'\n[rules]\ny = 1\n",
        )
        .unwrap_err();
        for word in [
            "exclude each other",
            "whole paths",
            "`api_url`",
            "`proxy`",
            "`concurrency`",
            "`timeout`",
            "`overlap`",
            "`accounts`",
            "`issues`",
            "one of documented",
            "`y`",
        ] {
            assert!(found.contains(word), "{word}: {found}");
        }
        assert!(!found.contains("hunter2"), "{found}");
        assert!(read("").unwrap_err().contains("`projects` is missing"));
    }
}
