//! In which order messages are taken out.

use std::time::Duration;

use jiff::Timestamp;

use super::super::Store;
use super::Claimed;
use crate::baseline::Severity;
use crate::notify::plan::tests::{at, drift, settings, slack};
use crate::notify::plan::{Job, Past, Planned, Since, What, plan};

struct Outbox {
    _folder: tempfile::TempDir,
    store: Store,
}

impl Outbox {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll.db");
        let store = Store::open(&path, Duration::from_secs(1)).unwrap();
        Self {
            _folder: folder,
            store,
        }
    }

    /// Something is to be told of an asset.
    fn put(&mut self, asset: &str, severity: Severity, planned: &str, due: &str) -> Planned {
        let settings = settings(vec![slack("ops")]);
        let told = vec![drift(asset, What::Opened, severity)];
        let mut made = plan(told, &Past::new(), &settings, at(planned));
        let mut delivery = made.deliveries.remove(0);
        delivery.due = at(due);
        self.keep(&delivery, planned);
        delivery
    }

    fn keep(&mut self, delivery: &Planned, planned: &str) {
        let commit = self.store.begin().unwrap();
        commit.put_digest(at(planned), &[], delivery).unwrap();
        commit.close().unwrap();
    }

    fn claim(&mut self, now: &str) -> Option<Claimed> {
        self.store.claim("ops", at(now)).unwrap()
    }

    fn next_due(&self, now: &str) -> Option<Timestamp> {
        self.store.next_due("ops", at(now)).unwrap()
    }
}

const NOON: &str = "2026-01-14T12:00:00Z";
const QUARTER: &str = "2026-01-14T12:15:00Z";
const ONE: &str = "2026-01-14T13:00:00Z";

#[test]
fn what_is_urgent_brings_what_waits_before_it_along() {
    let mut outbox = Outbox::new();
    let first = outbox.put("a", Severity::Low, NOON, ONE);
    assert!(outbox.claim(QUARTER).is_none());
    assert_eq!(outbox.next_due(QUARTER), Some(at(ONE)));
    outbox.put("a", Severity::Critical, QUARTER, QUARTER);
    assert_eq!(outbox.next_due(QUARTER), Some(at(QUARTER)));
    assert_eq!(outbox.claim(QUARTER).unwrap().key, first.key);
}

#[test]
fn what_waits_for_another_is_due_when_that_is() {
    let mut outbox = Outbox::new();
    let mut edit = outbox.put("a", Severity::Low, NOON, ONE);
    edit.key = "another".into();
    edit.due = at(QUARTER);
    edit.job = Job::Edit(Since {
        subject: edit.subject.clone(),
        name: "ports-allowed".into(),
        standing: "resolved".into(),
        good: true,
    });
    outbox.keep(&edit, QUARTER);
    assert!(outbox.claim(QUARTER).is_none());
    assert_eq!(
        outbox.next_due(QUARTER),
        Some(at(ONE)),
        "or it is asked for ever"
    );
}

#[test]
fn one_that_cannot_be_sent_lets_the_others_go_first() {
    let mut outbox = Outbox::new();
    outbox.put("a", Severity::Critical, NOON, NOON);
    let other = outbox.put("b", Severity::Low, NOON, NOON);
    let refused = outbox.claim(NOON).unwrap();
    assert_ne!(refused.key, other.key, "the worst goes first");
    outbox
        .store
        .later(&refused, at(NOON), at(NOON), false, "550")
        .unwrap();
    assert_eq!(outbox.claim(QUARTER).unwrap().key, other.key);
}
