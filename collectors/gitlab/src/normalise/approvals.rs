//! Who approved when, and took it back: from the notes, held against who approves now.

use jiff::Timestamp;
use plimsoll_model::{Party, Text, Withdrawal};

use super::Odd;
use super::agreement::near;
use super::history::Said;
use super::party::party;
use crate::settings::Settings;
use crate::wire::Approvals;

/// Something that happened, in the order of its time.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: Option<Timestamp>,
    pub(super) id: i64,
    pub(super) by: Party,
    pub(super) said: Said,
}

/// One approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Yes {
    pub(super) by: Party,
    pub(super) at: Option<Timestamp>,
    /// When its note says that it was given; none where there is no note.
    pub(super) noted: Option<Timestamp>,
    pub(super) withdrawn: Option<Withdrawal>,
}

impl Yes {
    fn stands(&self) -> bool {
        self.withdrawn.is_none()
    }

    fn withdraw(&mut self, at: Option<Timestamp>, by: Option<Party>) {
        self.withdrawn = Some(Withdrawal { at, by });
    }
}

/// Every approval that there was, and in what the notes and who approves now differ. `now` is who does, where that could be read.
pub(super) fn approvals(
    events: &[Event],
    now: Option<&Approvals>,
    settings: &Settings,
    odd: &mut Odd,
) -> (Vec<Yes>, Vec<&'static str>) {
    let mut doubts = Vec::new();
    let mut all: Vec<Yes> = Vec::new();
    for group in events.chunk_by(|one, other| one.at == other.at && one.at.is_some()) {
        // What happened at one moment has one order that makes sense: nobody approves twice, or takes back what they did not say.
        let mut left: Vec<&Event> = group.iter().collect();
        while !left.is_empty() {
            let next = left.iter().position(|event| makes_sense(event, &all));
            said(left.remove(next.unwrap_or(0)), &mut all);
        }
    }
    let Some(approved_by) = now.and_then(|now| now.approved_by.as_ref()) else {
        return (all, doubts);
    };
    let mut standing: Vec<Text> = Vec::new();
    for one in approved_by {
        let by = party(one.user.as_ref(), settings);
        let at = odd.time(one.approved_at.as_ref(), "the time of an approval");
        standing.push(by.account.clone());
        let known = all
            .iter_mut()
            .rev()
            .find(|yes| yes.stands() && yes.by.account == by.account);
        match known {
            // Both say it: the later one, as an earlier yes may have been taken back unseen.
            Some(yes) => {
                if at.is_some() && !near(at, yes.at) {
                    doubts.push("somebody approves it since another time than its note says");
                }
                yes.at = yes.at.max(at);
            }
            None => {
                doubts.push("somebody approves it, and no note says so");
                all.push(Yes {
                    by,
                    at,
                    noted: None,
                    withdrawn: None,
                });
            }
        }
    }
    // Who approved and does not approve now has taken it back, or somebody else has, and nobody says when.
    for yes in all.iter_mut().filter(|yes| yes.stands()) {
        if !standing.contains(&yes.by.account) {
            yes.withdraw(None, None);
        }
    }
    (all, doubts)
}

/// Whether something can have happened while these stand.
fn makes_sense(event: &Event, all: &[Yes]) -> bool {
    let own = || {
        all.iter()
            .any(|yes| yes.stands() && yes.by.account == event.by.account)
    };
    match &event.said {
        Said::Approved => !own(),
        Said::Unapproved => own(),
        Said::Reset(names) => all.iter().any(|yes| yes.stands() && is_named(yes, names)),
        _ => true,
    }
}

/// Puts what happened into the approvals.
fn said(event: &Event, all: &mut Vec<Yes>) {
    match &event.said {
        Said::Approved => {
            // Nobody can approve twice: the first was taken away unseen.
            let own = all
                .iter_mut()
                .filter(|yes| yes.stands() && yes.by.account == event.by.account);
            own.for_each(|yes| yes.withdraw(None, None));
            all.push(Yes {
                by: event.by.clone(),
                at: event.at,
                noted: event.at,
                withdrawn: None,
            });
        }
        Said::Unapproved => {
            let own = all
                .iter_mut()
                .filter(|yes| yes.stands() && yes.by.account == event.by.account);
            own.for_each(|yes| yes.withdraw(event.at, Some(event.by.clone())));
        }
        Said::Reset(names) => {
            for yes in all
                .iter_mut()
                .filter(|yes| yes.stands() && is_named(yes, names))
            {
                yes.withdraw(event.at, Some(event.by.clone()));
            }
        }
        _ => {}
    }
}

fn is_named(yes: &Yes, names: &[String]) -> bool {
    let own = yes.by.name.as_deref().unwrap_or_default().to_lowercase();
    names.is_empty() || own.is_empty() || names.contains(&own)
}

#[cfg(test)]
mod tests {
    use super::super::party::tests::settings;
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    fn event(second: i64, id: i64, name: &str, said: Said) -> Event {
        let mut by = Party::new(id.to_string());
        by.name = Some(name.into());
        Event {
            at: at(second),
            id: second,
            by,
            said,
        }
    }

    fn now(json: &str) -> Approvals {
        serde_json::from_str(json).unwrap()
    }

    fn read(
        events: &[Event],
        now: Option<&Approvals>,
    ) -> Vec<(String, Option<i64>, Option<Option<i64>>)> {
        let second = |at: Option<Timestamp>| at.map(|at| at.as_second());
        let (all, _) = approvals(events, now, &settings(""), &mut Odd::default());
        all.into_iter()
            .map(|yes| {
                (
                    yes.by.account.to_string(),
                    second(yes.at),
                    yes.withdrawn.map(|w| second(w.at)),
                )
            })
            .collect()
    }

    #[test]
    fn what_is_taken_back_is_kept_with_its_time() {
        let events = [
            event(10, 1, "kim", Said::Approved),
            event(20, 2, "lee", Said::Approved),
            event(30, 1, "kim", Said::Unapproved),
            event(40, 1, "kim", Said::Approved),
            event(50, 3, "bo", Said::Reset(vec!["lee".into()])),
        ];
        let approvals = now(
            r#"{"approved_by":[{"user":{"id":1,"username":"kim"},"approved_at":"1970-01-01T00:00:41Z"}]}"#,
        );
        assert_eq!(
            read(&events, Some(&approvals)),
            [
                ("1".into(), Some(10), Some(Some(30))),
                ("2".into(), Some(20), Some(Some(50))),
                ("1".into(), Some(41), None),
            ]
        );
        let all = event(60, 3, "bo", Said::Reset(Vec::new()));
        let events = [events.to_vec(), vec![all]].concat();
        assert!(
            read(&events, None)
                .iter()
                .all(|(_, _, withdrawn)| withdrawn.is_some())
        );
    }

    #[test]
    fn who_approves_twice_was_unseen_in_between() {
        let events = [
            event(10, 1, "kim", Said::Approved),
            event(40, 1, "kim", Said::Approved),
        ];
        let still = now(r#"{"approved_by":[{"user":{"id":1}}]}"#);
        assert_eq!(
            read(&events, Some(&still)),
            [
                ("1".into(), Some(10), Some(None)),
                ("1".into(), Some(40), None)
            ]
        );
    }

    #[test]
    fn what_happened_at_one_moment_has_the_one_order_that_makes_sense() {
        // Taken back before it was given, by the numbers of the notes.
        let mut back = event(20, 1, "kim", Said::Unapproved);
        back.id = 1;
        let events = [back.clone(), event(20, 1, "kim", Said::Approved)];
        assert_eq!(
            read(&events, None),
            [("1".into(), Some(20), Some(Some(20)))]
        );
        // Given anew in the moment of taking it back.
        let events = [
            event(10, 1, "kim", Said::Approved),
            event(20, 1, "kim", Said::Approved),
            event(20, 1, "kim", Said::Unapproved),
        ];
        assert_eq!(
            read(&events, None),
            [
                ("1".into(), Some(10), Some(Some(20))),
                ("1".into(), Some(20), None)
            ]
        );
    }

    #[test]
    fn notes_and_who_approves_now_are_held_against_each_other() {
        let doubts = |events: &[Event], json: &str| {
            let now = now(json);
            approvals(events, Some(&now), &settings(""), &mut Odd::default())
                .1
                .len()
        };
        let given = [event(10, 1, "kim", Said::Approved)];
        let since = |second: i64| {
            format!(
                r#"{{"approved_by":[{{"user":{{"id":1}},"approved_at":"1970-01-01T00:{:02}:{:02}Z"}}]}}"#,
                second / 60,
                second % 60
            )
        };
        assert_eq!(doubts(&given, &since(11)), 0);
        assert_eq!(doubts(&given, r#"{"approved_by":[{"user":{"id":1}}]}"#), 0);
        assert_eq!(doubts(&given, &since(600)), 1);
        assert_eq!(doubts(&[], &since(11)), 1);
    }

    #[test]
    fn who_approves_no_more_is_in_doubt_and_who_has_no_note_has_no_time() {
        let events = [event(10, 1, "kim", Said::Approved)];
        let nobody = now(r#"{"approved_by":[]}"#);
        assert_eq!(
            read(&events, Some(&nobody)),
            [("1".into(), Some(10), Some(None))]
        );
        let other = now(
            r#"{"approved_by":[{"user":{"id":2,"username":"lee"}},{"user":{"id":1},"approved_at":"soon"}]}"#,
        );
        assert_eq!(
            read(&events, Some(&other)),
            [("1".into(), Some(10), None), ("2".into(), None, None)]
        );
        // Where it is not told, nobody is taken for having taken it back.
        assert_eq!(
            read(&events, Some(&now("{}"))),
            [("1".into(), Some(10), None)]
        );
    }
}
