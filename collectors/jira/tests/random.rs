//! Histories that nobody thought of, against a reckoning of their own.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_jira::testkit::{FakeJira, Jira};

/// How many issues are made up.
const ISSUES: u32 = 250;
const PEOPLE: [&str; 4] = ["ann", "bob", "kim", "lee"];
const RULES: &str =
    "[[approvals]]\nstatus = \"Approved\"\n[[approvals]]\nlabel = \"ok\"\nkind = \"peer\"\n";

/// Numbers that are the same at every run (a linear congruential generator of Knuth's).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// An approval by the reckoning of this test: who, of which kind, and who took it back.
struct Reckoned {
    by: &'static str,
    label: bool,
    back: Option<&'static str>,
}

/// Does something to an issue, and reckons what it means.
fn deed(jira: &mut Jira, key: &str, dice: &mut Dice, state: &mut State) {
    let by = PEOPLE[dice.roll(PEOPLE.len())];
    match dice.roll(6) {
        0 => {
            state.labelled = !state.labelled;
            let labels: &[&str] = if state.labelled {
                &["net", "ok"]
            } else {
                &["net"]
            };
            jira.labels(key, labels, by);
            if state.labelled {
                state.all.push(Reckoned {
                    by,
                    label: true,
                    back: None,
                });
            } else {
                state.take_back(by, |one| one.label);
            }
        }
        1 => {
            jira.edit(key, "summary", "another", by);
            state.edits += 1;
        }
        _ => {
            // Back, yes, on, on, off, unknown.
            let statuses = [
                "Awaiting CAB",
                "Approved",
                "Scheduled",
                "Implementing",
                "Rejected",
                "In QA",
            ];
            let to = statuses[dice.roll(statuses.len())];
            if to == state.status {
                return;
            }
            state.status = to;
            jira.to(key, to, by);
            match to {
                "Approved" => state.all.push(Reckoned {
                    by,
                    label: false,
                    back: None,
                }),
                "Scheduled" | "Implementing" => {}
                _ => state.take_back(by, |_| true),
            }
        }
    }
}

struct State {
    status: &'static str,
    labelled: bool,
    edits: usize,
    all: Vec<Reckoned>,
}

impl State {
    fn take_back(&mut self, by: &'static str, fits: impl Fn(&Reckoned) -> bool) {
        for one in self
            .all
            .iter_mut()
            .filter(|one| one.back.is_none() && fits(one))
        {
            one.back = Some(by);
        }
    }
}

#[test]
fn no_approval_stands_that_was_taken_back() {
    for fake in [FakeJira::cloud("OPS"), FakeJira::data_center("OPS")] {
        let mut dice = Dice(7);
        let mut reckoned = Vec::new();
        fake.with(|jira| {
            for number in 1..=ISSUES {
                jira.at("2026-01-10T08:00:00Z");
                let key = jira.open("OPS", &format!("number {number}"), "ann");
                let mut state = State {
                    status: "To Do",
                    labelled: false,
                    edits: 0,
                    all: Vec::new(),
                };
                for _ in 0..dice.roll(14) {
                    deed(jira, &key, &mut dice, &mut state);
                }
                reckoned.push((key, state));
            }
        });
        let harvest = read(&fake, RULES);
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        let mut standing = 0;
        for (key, state) in reckoned {
            let request = request(&harvest, &key);
            let told = request.approvals.iter().map(|one| {
                let back = one.withdrawn.as_ref().and_then(|back| back.by.as_ref());
                (
                    one.by.account.to_string(),
                    one.kind == "peer",
                    back.map(|by| by.account.to_string()),
                )
            });
            let own = |text: &str| text.to_owned();
            let want = state
                .all
                .iter()
                .map(|one| (own(one.by), one.label, one.back.map(own)));
            let (told, want): (Vec<_>, Vec<_>) = (told.collect(), want.collect());
            assert_eq!(told, want, "{key}");
            standing += want.iter().filter(|(_, _, back)| back.is_none()).count();
            let titles = request.edits.iter().filter(|edit| edit.field == "title");
            assert_eq!(titles.count(), state.edits, "{key}");
            assert_eq!(request.whole_history, None, "{key}");
        }
        assert!(standing > 50, "{standing}");
    }
}
