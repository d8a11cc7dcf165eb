use super::*;

fn at(minute: i64) -> Option<Timestamp> {
    Timestamp::from_second(1_700_000_000 + minute * 60).ok()
}

fn request() -> ChangeRequest {
    ChangeRequest::new("OPS-1", "x", at(0).unwrap())
}

fn withdrawn(minute: i64, back: i64) -> Approval {
    Approval {
        withdrawn: Some(Withdrawal {
            at: at(back),
            by: Some(Party::new("sam")),
        }),
        ..Approval::new("kim", at(minute))
    }
}

fn moved(minute: i64, to: &str) -> Transition {
    Transition {
        at: at(minute),
        by: Some(Party::new("sam")),
        to: to.into(),
        word: to.into(),
    }
}

fn edited(minute: i64, field: &str) -> Edit {
    Edit {
        at: at(minute),
        by: Some(Party::new("sam")),
        field: field.into(),
    }
}

fn grown(now: &ChangeRequest, earlier: &ChangeRequest) -> ChangeRequest {
    now.clone().grown_from(earlier, Reading::Same)
}

#[test]
fn a_withdrawal_that_is_told_no_more_stays_and_leaves_a_doubt() {
    let (mut earlier, mut now) = (request(), request());
    earlier.approvals = vec![withdrawn(1, 2)];
    now.approvals = vec![Approval::new("kim", at(1))];
    let grown = grown(&now, &earlier);
    assert_eq!(grown.approvals, earlier.approvals);
    let [doubt] = &grown.doubts[..] else {
        panic!("{:?}", grown.doubts)
    };
    assert!(doubt.contains("an approval by kim") && doubt.contains("the present one"));
}

#[test]
fn everything_that_was_once_told_stays_told() {
    let mut earlier = request();
    earlier.approvals = vec![Approval::new("kim", at(1))];
    earlier.reviews = vec![Review {
        by: Party::new("kim"),
        at: at(2),
        commit: Some("abc".into()),
        said: "changes-requested".into(),
        kind: Text::default(),
        withdrawn: None,
        doubt: None,
    }];
    earlier.transitions = vec![moved(3, request_state::REJECTED)];
    earlier.edits = vec![edited(4, "window")];
    earlier.sign_offs = vec![SignOff {
        by: Party::new("kim"),
        at: at(5),
        kind: "qa".into(),
        root_cause: false,
    }];
    earlier.merge = Some(Merge {
        at: at(6),
        ..Merge::default()
    });
    let grown = grown(&request(), &earlier);
    assert_eq!(grown.doubts.len(), 6);
    for doubt in &earlier.edits {
        assert!(grown.edits.contains(doubt));
    }
    let bare = ChangeRequest {
        doubts: Vec::new(),
        ..grown
    };
    assert_eq!(bare, earlier);
}

#[test]
fn a_history_that_goes_on_leaves_no_doubt() {
    let (mut earlier, mut now) = (request(), request());
    earlier.approvals = vec![Approval::new("kim", at(1))];
    earlier.transitions = vec![moved(1, request_state::APPROVED)];
    earlier.sign_offs = vec![SignOff {
        by: Party::new("lee"),
        at: at(3),
        kind: "qa".into(),
        root_cause: false,
    }];
    now.approvals = vec![withdrawn(1, 4), Approval::new("kim", at(6))];
    now.transitions = vec![
        moved(1, request_state::APPROVED),
        moved(4, request_state::REOPENED),
        moved(6, request_state::APPROVED),
    ];
    // The confirmation was taken back by the move that is new.
    assert_eq!(grown(&now, &earlier), now);
}

#[test]
fn of_a_tracker_that_keeps_the_last_edit_alone_all_stay() {
    let (mut earlier, mut now) = (request(), request());
    earlier.edits = vec![edited(1, "")];
    now.edits = vec![edited(3, "")];
    let grown = grown(&now, &earlier);
    assert_eq!(grown.edits, [edited(1, ""), edited(3, "")]);
    assert!(grown.is_doubted().is_none());
    // And one that went back in time did not happen so.
    assert!(super::tests::grown(&earlier, &now).is_doubted().is_some());
}

#[test]
fn a_yes_that_was_said_again_takes_the_place_of_the_first() {
    let (mut earlier, mut now) = (request(), request());
    earlier.approvals = vec![Approval::new("kim", at(1))];
    now.approvals = vec![Approval::new("kim", at(3))];
    assert_eq!(grown(&now, &earlier), now);
    assert!(grown(&earlier, &now).is_doubted().is_some());
    // The first one was taken back, and of that nothing is told any more.
    earlier.approvals = vec![withdrawn(1, 2)];
    assert!(grown(&now, &earlier).is_doubted().is_some());
}

#[test]
fn a_review_of_another_commit_than_before_is_in_doubt() {
    let review = |commit: &str| Review {
        by: Party::new("kim"),
        at: at(2),
        commit: Some(commit.into()),
        said: "approved".into(),
        kind: Text::default(),
        withdrawn: None,
        doubt: None,
    };
    let (mut earlier, mut now) = (request(), request());
    earlier.reviews = vec![review("aaa")];
    now.reviews = vec![review("bbb")];
    let grown = grown(&now, &earlier);
    assert_eq!(grown.reviews, earlier.reviews);
    assert!(grown.doubts[0].contains("aaa") && grown.doubts[0].contains("bbb"));
}

#[test]
fn by_other_rules_an_event_may_have_another_name_and_not_be_gone() {
    let (mut earlier, mut now) = (request(), request());
    earlier.approvals = vec![withdrawn(1, 2)];
    earlier.edits = vec![edited(4, "window")];
    now.transitions = vec![
        Transition {
            by: Some(Party::new("kim")),
            ..moved(1, "CAB ok")
        },
        moved(2, "Waiting"),
    ];
    now.edits = vec![edited(4, "Start date")];
    let other = now.clone().grown_from(&earlier, Reading::Other);
    assert_eq!(other, now);
    assert!(grown(&now, &earlier).is_doubted().is_some());
    // What has no event at its time by any name is gone all the same.
    now.transitions.clear();
    let other = now.grown_from(&earlier, Reading::Other);
    assert!(other.doubts[0].contains("an approval by kim"));
}

#[test]
fn whoever_asked_once_has_a_part_in_it() {
    let (mut earlier, mut now) = (request(), request());
    earlier.requester = Some(Party::new("sam"));
    now.requester = Some(Party::new("lee"));
    let grown = grown(&now, &earlier);
    assert_eq!(grown.authors, [Party::new("sam")]);
    assert!(grown.is_doubted().is_none());
}

/// Numbers that are the same at every run (Knuth's linear congruential generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % sides
    }

    fn time(&mut self) -> Option<Timestamp> {
        match self.roll(8) {
            0 => None,
            minute => at(minute),
        }
    }

    fn party(&mut self) -> Party {
        Party::new(["kim", "lee", "sam"][usize::try_from(self.roll(3)).unwrap()])
    }

    fn history(&mut self) -> ChangeRequest {
        let mut made = request();
        for _ in 0..self.roll(4) {
            let withdrawn = (self.roll(3) == 0).then(|| Withdrawal {
                at: self.time(),
                by: Some(self.party()),
            });
            made.approvals.push(Approval {
                by: self.party(),
                at: self.time(),
                kind: Text::default(),
                withdrawn,
            });
        }
        for _ in 0..self.roll(4) {
            let to = [request_state::REJECTED, request_state::APPROVED, "Draft"];
            made.transitions.push(Transition {
                at: self.time(),
                by: Some(self.party()),
                to: to[usize::try_from(self.roll(3)).unwrap()].into(),
                word: Text::default(),
            });
        }
        for _ in 0..self.roll(4) {
            made.edits.push(Edit {
                at: self.time(),
                by: Some(self.party()),
                field: ["", "window"][usize::try_from(self.roll(2)).unwrap()].into(),
            });
        }
        for _ in 0..self.roll(3) {
            made.sign_offs.push(SignOff {
                by: self.party(),
                at: self.time(),
                kind: "qa".into(),
                root_cause: false,
            });
        }
        made.approvals
            .sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
        made.transitions
            .sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
        made.edits
            .sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
        made.sign_offs
            .sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
        made
    }
}

#[test]
fn whatever_two_readings_say_nothing_is_lost_silently() {
    let mut dice = Dice(7);
    for _ in 0..5_000 {
        let (earlier, now) = (dice.history(), dice.history());
        let told = grown(&now, &earlier);
        // The same reading again alters nothing, and the present one is all there.
        assert_eq!(grown(&earlier, &earlier), earlier);
        assert_eq!(grown(&now, &told), told);
        for one in &now.transitions {
            assert!(told.transitions.contains(one));
        }
        for one in &now.edits {
            assert!(told.edits.contains(one));
        }
        // Of the earlier one all is there that speaks against the request, or a doubt.
        let back = earlier
            .approvals
            .iter()
            .filter(|one| one.withdrawn.is_some());
        for one in back {
            let stays =
                |other: &&Approval| other.by.account == one.by.account && other.withdrawn.is_some();
            assert!(told.approvals.iter().any(|other| stays(&other)), "{one:?}");
        }
        for one in &earlier.transitions {
            assert!(told.transitions.contains(one), "{one:?}");
        }
        for one in &earlier.edits {
            assert!(told.edits.contains(one), "{one:?}");
        }
        let fewer = now.approvals.len() < earlier.approvals.len()
            || now.transitions.len() < earlier.transitions.len();
        assert!(!fewer || told.is_doubted().is_some());
    }
}
