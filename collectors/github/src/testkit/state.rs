//! What the fake has.

use std::collections::BTreeMap;

use serde_json::Value;

/// When the fake's time begins: 1 December 2025, within what tests keep.
const START: i64 = 1_764_547_200;

/// A fake GitHub with one repository.
pub struct Hub {
    /// Its name, as `owner/repository`.
    pub name: String,
    /// What is in it.
    pub repo: Repo,
    /// Seconds since 1970; it goes on with what is done.
    pub now: i64,
    /// What the token may see.
    pub rights: Rights,
    /// How many items a page has at most.
    pub page: usize,
    /// Whether what has no order comes in another one.
    pub shuffled: bool,
    /// Whether a push moves the reviews that were there before it to the new commit, as the real one may.
    pub moves_reviews: bool,
    /// Accounts that are gone.
    pub gone: Vec<String>,
    pub(super) made: u64,
}

/// What a token may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// All of it.
    Administrator,
    /// What does not take the right to administrate.
    Reader,
    /// Nothing: it is wrong.
    Wrong,
}

/// The repository.
#[derive(Default)]
pub struct Repo {
    /// Its branches.
    pub branches: BTreeMap<String, Branch>,
    /// Its pull requests and issues by number.
    pub pulls: BTreeMap<u64, Pull>,
    /// By commit: its checks, as the API has them.
    pub runs: BTreeMap<String, Vec<Value>>,
    /// By commit: its statuses, likewise.
    pub statuses: BTreeMap<String, Vec<Value>>,
    /// What happened to branches, as the API has it, the newest last.
    pub activities: Vec<Value>,
    /// What was merged became these commits, as the API has them.
    pub landed: BTreeMap<String, Value>,
    /// What the rules said of pushes, the newest last.
    pub suites: Vec<Value>,
}

/// A branch.
#[derive(Clone, Default)]
pub struct Branch {
    /// The older protection, as the API has it.
    pub classic: Option<Value>,
    /// The rules in force, likewise.
    pub rules: Vec<Value>,
    /// Who may go around them.
    pub bypass: Vec<Value>,
}

/// A pull request, or an issue where it has no branch.
#[derive(Clone, Default)]
pub struct Pull {
    /// Its number.
    pub number: u64,
    /// Whether it is an issue.
    pub issue: bool,
    /// Its author's login.
    pub author: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its branch, and the one that it is for.
    pub head: String,
    /// The branch that it is for.
    pub base: String,
    /// When it was opened and last touched.
    pub created: i64,
    /// When it was last touched.
    pub updated: i64,
    /// Whether it is closed, and when.
    pub closed: Option<i64>,
    /// When it was merged, by whom, and what it became.
    pub merged: Option<(i64, String, String)>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its commits, as the API has them.
    pub commits: Vec<Value>,
    /// Its reviews.
    pub reviews: Vec<Review>,
    /// What happened to it.
    pub events: Vec<Event>,
    /// When its text was edited, and by whom.
    pub edits: Vec<(i64, String)>,
    /// The issues that it closes, as somebody linked them by hand.
    pub closes: Vec<u64>,
}

/// A review.
#[derive(Clone)]
pub struct Review {
    /// Its number.
    pub id: u64,
    /// Whose it is.
    pub user: String,
    /// `APPROVED`, `CHANGES_REQUESTED` …
    pub state: String,
    /// The commit that was looked at.
    pub commit: String,
    /// When.
    pub at: i64,
}

/// Something that happened.
#[derive(Clone)]
pub struct Event {
    /// When.
    pub at: i64,
    /// The event, with what it has of its own.
    pub kind: String,
    /// Who.
    pub actor: String,
    /// What it has besides.
    pub more: Value,
}

impl Hub {
    pub(super) fn new(name: &str) -> Self {
        let mut repo = Repo::default();
        repo.branches.insert("main".to_owned(), Branch::default());
        Self {
            name: name.to_owned(),
            repo,
            now: START,
            rights: Rights::Administrator,
            page: 100,
            shuffled: false,
            moves_reviews: false,
            gone: Vec::new(),
            made: 0,
        }
    }

    /// Time goes on by so many minutes.
    pub fn wait(&mut self, minutes: i64) {
        self.now += minutes * 60;
    }

    /// A pull request or an issue that is there.
    ///
    /// # Panics
    /// When it is not.
    pub fn pull(&mut self, number: u64) -> &mut Pull {
        self.repo
            .pulls
            .get_mut(&number)
            .expect("one that was opened")
    }

    /// A hash that nothing else has.
    pub(super) fn hash(&mut self) -> String {
        self.made += 1;
        format!(
            "{:040x}",
            u128::from(self.made) * 0x9e37_79b9_7f4a_7c15 + 0xabcd
        )
    }

    pub(super) fn id(&mut self) -> u64 {
        self.made += 1;
        1000 + self.made
    }
}
