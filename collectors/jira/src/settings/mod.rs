//! What can be set, checked offline.

mod fields;
mod rules;

use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::http::Client;
use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;

pub(crate) use fields::{Fields, Valued};
pub(crate) use rules::{On, Rule, SignRule, Statuses};

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) url: String,
    /// Where people find an issue; none where the address says it to programs alone.
    pub(crate) site: Option<String>,
    pub(crate) product: Product,
    pub(crate) user: Option<String>,
    pub(crate) token: Option<TokenPlace>,
    pub(crate) projects: Vec<String>,
    pub(crate) bots: Vec<String>,
    pub(crate) service_desk: bool,
    pub(crate) remote_links: bool,
    pub(crate) development: Vec<String>,
    pub(crate) emergency_labels: Vec<String>,
    pub(crate) overlap: Duration,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) statuses: Statuses,
    pub(crate) fields: Fields,
    pub(crate) words: Words,
    pub(crate) approvals: Vec<Rule>,
    pub(crate) sign_offs: Vec<SignRule>,
}

/// Which of the two is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    Cloud,
    DataCenter,
}

/// Where the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    File(PathBuf),
    Variable(String),
}

/// Reads keys, and remembers whether all were right.
pub(crate) struct Reader<'s, 'd> {
    pub(crate) section: &'s Section<'d>,
    pub(crate) right: bool,
}

impl Reader<'_, '_> {
    fn kept<T>(&mut self, key: &str, read: Option<T>) -> Option<T> {
        self.right &= read.is_some() || !self.section.has(key);
        read
    }

    /// A text that is not empty.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let read = self.section.text(key);
        let read = self.kept(key, read)?;
        if read.trim().is_empty() {
            self.wrong(key, format!("`{key}` must not be empty"));
            return None;
        }
        Some(read.trim().to_owned())
    }

    /// A list of texts that are not empty.
    pub(crate) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let read = self.section.texts(key);
        let read = self.kept(key, read)?;
        if read.iter().any(|text| text.trim().is_empty()) {
            self.wrong(key, format!("`{key}` holds an empty text"));
            return None;
        }
        Some(read.iter().map(|text| text.trim().to_owned()).collect())
    }

    /// The same in lower case, or what stands for it.
    pub(crate) fn lower(&mut self, key: &str, default: &[&str]) -> Vec<String> {
        let own = |text: &&str| (*text).to_owned();
        let read = self.texts(key);
        let read = read.unwrap_or_else(|| default.iter().map(own).collect());
        read.iter().map(|text| text.to_lowercase()).collect()
    }

    fn bool(&mut self, key: &str, default: bool) -> bool {
        let read = self.section.bool(key);
        self.kept(key, read).unwrap_or(default)
    }

    pub(crate) fn wrong(&mut self, key: &str, what: String) {
        self.section.mistake_at(key, what);
        self.right = false;
    }
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut reader = Reader {
            section,
            right: true,
        };
        let url =
            section.required_text("url", "give the address, as \"https://acme.atlassian.net\"");
        let url = url.and_then(|url| sound_url(&mut reader, "url", url));
        let site = reader.text("site");
        let site = site.and_then(|site| sound_url(&mut reader, "site", site));
        let products = [
            ("cloud", Product::Cloud),
            ("data-center", Product::DataCenter),
        ];
        let product = section.choice("product", &products);
        let product = reader.kept("product", product);
        let user = reader.text("user");
        if user.as_ref().is_some_and(|user| user.contains(':')) {
            reader.wrong(
                "user",
                "`user` is an address or a name, without a colon".to_owned(),
            );
        }
        let token = token(&mut reader);
        let projects = projects(&mut reader);
        let bots = reader.texts("bots").unwrap_or_default();
        let service_desk =
            section.choice("service_desk", &[("where-there", true), ("never", false)]);
        let service_desk = reader.kept("service_desk", service_desk).unwrap_or(true);
        let remote_links = reader.bool("remote_links", true);
        let development = reader.texts("development").unwrap_or_default();
        let emergency_labels = reader.lower("emergency_labels", &["emergency", "hotfix"]);
        let minute = Duration::from_secs(60);
        let overlap = section.duration("overlap", minute..=minute * 60 * 24 * 7);
        let overlap = reader.kept("overlap", overlap).unwrap_or(minute * 60);
        let concurrency = section.int("concurrency", 1..=64);
        let concurrency = reader.kept("concurrency", concurrency);
        let range = Duration::from_millis(100)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        let timeout = reader
            .kept("timeout", timeout)
            .unwrap_or(Duration::from_secs(30));
        let tables = ["statuses", "fields", "words"];
        for table in tables {
            let read = section.table(table);
            reader.kept(table, read);
        }
        let statuses = Statuses::read(&section.table_or_empty("statuses"));
        let fields = Fields::read(&section.table_or_empty("fields"));
        let words = Words::read(&section.table_or_empty("words"));
        let approvals = rules::approvals(section);
        let sign_offs = rules::sign_offs(section);
        section.finish();
        let (statuses, fields, words) = (statuses?, fields?, words?);
        let (approvals, sign_offs) = (approvals?, sign_offs?);
        let (url, projects) = (url?, projects?);
        let site = site.or_else(|| (!is_gateway(&url)).then(|| url.clone()));
        reader.right.then(|| Self {
            product: product.unwrap_or_else(|| product_of(&url)),
            site,
            user,
            token,
            projects,
            bots,
            service_desk,
            remote_links,
            development,
            emergency_labels,
            overlap,
            concurrency: concurrency
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(6),
            timeout,
            statuses,
            fields,
            words,
            approvals,
            sign_offs,
            url,
        })
    }
}

/// The gateway that programs use; people find nothing there.
fn is_gateway(url: &str) -> bool {
    url.starts_with("https://api.atlassian.com/")
}

/// Atlassian's own hosts are the Cloud's; any other is a server of one's own.
fn product_of(url: &str) -> Product {
    let host = url.split('/').nth(2).unwrap_or_default();
    if is_gateway(url) || host.to_ascii_lowercase().ends_with(".atlassian.net") {
        Product::Cloud
    } else {
        Product::DataCenter
    }
}

fn token(reader: &mut Reader<'_, '_>) -> Option<TokenPlace> {
    match (reader.text("token_file"), reader.text("token_variable")) {
        (Some(_), Some(_)) => {
            let what = "`token_file` and `token_variable` exclude each other: keep one";
            reader.wrong("token_variable", what.to_owned());
            None
        }
        (Some(file), None) => Some(TokenPlace::File(PathBuf::from(file))),
        (None, variable) => variable.map(TokenPlace::Variable),
    }
}

fn projects(reader: &mut Reader<'_, '_>) -> Option<Vec<String>> {
    if !reader.section.has("projects") {
        let hint = "name the projects that hold change requests by their keys, as [\"OPS\"]";
        reader.section.missing("projects", hint);
        return None;
    }
    let mut projects = reader.texts("projects")?;
    if projects.is_empty() || !projects.iter().all(|key| is_key(key)) {
        let what = "`projects` holds keys of projects, at least one: capital letters, digits and underscores, as [\"OPS\"]";
        reader.wrong("projects", what.to_owned());
        return None;
    }
    projects.sort();
    projects.dedup();
    Some(projects)
}

/// Whether a text can be a project's key, and so can stand in a query as it is.
fn is_key(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(fits)
}

/// A URL that a client can be made for. What is wrong with one is said without it.
fn sound_url(reader: &mut Reader<'_, '_>, key: &str, url: String) -> Option<String> {
    match Client::builder(&url).build() {
        Ok(_) => Some(url.trim_end_matches('/').to_owned()),
        Err(why) => {
            reader.wrong(key, format!("`{key}`: {why}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    pub(crate) fn read(text: &str) -> Result<Option<Settings>, String> {
        let document = Document::new("s.toml", text);
        document.read(Settings::read).map_err(|all| all.to_string())
    }

    #[test]
    fn the_least_that_is_set_is_right() {
        let settings = read("url = \"https://acme.atlassian.net/\"\nprojects = [\"OPS\"]");
        let settings = settings.unwrap().unwrap();
        assert_eq!(settings.product, Product::Cloud);
        assert_eq!(settings.site.as_deref(), Some("https://acme.atlassian.net"));
        assert_eq!(settings.approvals.len(), 1, "the status Approved alone");
        let own = read("url = \"https://jira.example/jira\"\nprojects = [\"OPS\"]");
        assert_eq!(own.unwrap().unwrap().product, Product::DataCenter);
        let gateway = read("url = \"https://api.atlassian.com/ex/jira/1\"\nprojects = [\"OPS\"]");
        let gateway = gateway.unwrap().unwrap();
        assert_eq!((gateway.product, gateway.site), (Product::Cloud, None));
    }

    #[test]
    fn all_mistakes_come_at_once_without_what_is_secret() {
        let found = read(
            "url = \"https://joe:hunter2@there\"\nprojects = [\"ops\"]\nuser = \"a:b\"\ntoken_file = \"a\"\ntoken_variable = \"b\"\nproduct = \"server\"\nservice_desk = true\nconcurrency = 0\noverlap = \"1s\"\nproject = 1\n[statuses]\nclosd = []\n[[approvals]]\nstatus = \"A\"\nlabel = \"b\"\n[[sign_offs]]\nstatus = \"X\"\n",
        )
        .unwrap_err();
        assert!(!found.contains("hunter2"), "{found}");
        for word in [
            "`url`",
            "`projects`",
            "`user`",
            "exclude",
            "`product`",
            "service_desk",
            "concurrency",
            "overlap",
            "`project`",
            "closd",
            "exactly one",
            "kind",
        ] {
            assert!(found.contains(word), "{word}: {found}");
        }
    }
}
