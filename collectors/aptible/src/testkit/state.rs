//! What there is: rows by kind, as the API would show them.

use std::collections::{BTreeMap, HashSet, VecDeque};

use jiff::{Span, Timestamp};
use plimsoll_kit::testkit::Reply;
use serde_json::{Value, json};

/// The state of a fake organisation.
pub struct State {
    /// Where links lead: the server's own URL, unless set to that of what stands before it.
    pub links: String,
    /// The token that is taken.
    pub token: String,
    /// Whether rows come with others inside them, as they do where nobody asks for none.
    pub embeds: bool,
    /// Whether answers are as the vendor's specification has them, in which nothing is null and little is missing. The
    /// platform's own are not.
    pub strict: bool,
    /// The most rows of a page, whatever is asked for.
    pub most_rows: usize,
    /// How many rows more than there are the lists of a kind say they have.
    pub miscounted: BTreeMap<String, i64>,
    /// Kinds whose lists are null.
    pub null: HashSet<String>,
    /// Lists that are refused with 403, as `accounts/21/services`.
    pub forbidden: HashSet<String>,
    /// Whether rows come in another order, where the order means nothing.
    pub shuffled: bool,
    pub(super) rows: BTreeMap<&'static str, BTreeMap<i64, Value>>,
    pub(super) queued: BTreeMap<String, VecDeque<Reply>>,
    pub(super) now: Timestamp,
    last: i64,
}

/// What stands wherever the platform can hold a secret.
pub(super) const SECRET: &str = "PLIMSOLL-MARKER";

impl State {
    pub(super) fn new(links: &str) -> Self {
        Self {
            links: links.to_owned(),
            token: super::TOKEN.to_owned(),
            embeds: false,
            strict: false,
            most_rows: 5_000,
            miscounted: BTreeMap::new(),
            null: HashSet::new(),
            forbidden: HashSet::new(),
            shuffled: false,
            rows: BTreeMap::new(),
            queued: BTreeMap::new(),
            now: "2026-01-01T08:00:00Z"
                .parse()
                .unwrap_or(Timestamp::UNIX_EPOCH),
            last: 100,
        }
    }

    /// Sets the time at which the next thing happens.
    pub fn at(&mut self, time: Timestamp) {
        self.now = time;
    }

    /// A row, by its kind and number.
    ///
    /// # Panics
    /// When there is none.
    pub fn row(&mut self, kind: &str, number: i64) -> &mut Value {
        let rows = self.rows.get_mut(kind);
        let row = rows.and_then(|rows| rows.get_mut(&number));
        row.unwrap_or_else(|| panic!("there is no row {number} of {kind}"))
    }

    /// The numbers of a kind's rows.
    pub fn numbers(&self, kind: &str) -> Vec<i64> {
        let rows = self.rows.get(kind);
        rows.map(|rows| rows.keys().copied().collect())
            .unwrap_or_default()
    }

    /// Takes a row away.
    pub fn remove(&mut self, kind: &str, number: i64) {
        if let Some(rows) = self.rows.get_mut(kind) {
            rows.remove(&number);
        }
    }

    /// Adds a row as it is, with a number and times of its own, and gives back its number.
    pub fn add(&mut self, kind: &'static str, row: Value) -> i64 {
        self.last += 1;
        let number = self.last;
        let now = self.tick();
        let mut made = json!({ "id": number, "created_at": now, "updated_at": now });
        if let (Value::Object(made), Value::Object(row)) = (&mut made, row) {
            made.extend(row);
        }
        self.rows.entry(kind).or_default().insert(number, made);
        number
    }

    /// A link to a row.
    pub fn link(&self, kind: &str, number: i64) -> Value {
        json!({ "href": format!("{}/{kind}/{number}", self.links) })
    }

    /// The number that a row links to under a name.
    pub fn linked(&self, kind: &str, number: i64, name: &str) -> Option<i64> {
        let row = self.rows.get(kind)?.get(&number)?;
        let href = row.pointer(&format!("/_links/{name}/href"))?.as_str()?;
        href.rsplit('/').next()?.parse().ok()
    }

    pub(super) fn queue(&mut self, path: &str, replies: Vec<Reply>) {
        self.queued
            .entry(path.to_owned())
            .or_default()
            .extend(replies);
    }

    /// The time, which then goes on by a minute.
    pub(super) fn tick(&mut self) -> String {
        let now = self.now.to_string();
        self.now = self
            .now
            .checked_add(Span::new().minutes(1))
            .unwrap_or(self.now);
        now
    }
}
