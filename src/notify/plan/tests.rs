//! The planner, by tables: what is sent, what is held, and the reason's name.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plimsoll_model::Text;

use super::*;
use crate::baseline::Severity;
use crate::report::Verdict;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-01-14T12:00:00Z")
}

pub(crate) fn slack(name: &'static str) -> Channel {
    Channel {
        name: Text::const_new(name),
        kind: Kind::Slack {
            channel: "C0123456789".into(),
            token: Place::Variable("T".into()),
            api: "https://slack.com/api".into(),
        },
        change_control: false,
        per_scan: 20,
    }
}

pub(crate) fn settings(channels: Vec<Channel>) -> Notify {
    Notify {
        channels,
        routes: Vec::new(),
        zone: TimeZone::UTC,
        review_url: Some("https://plimsoll.example.org".into()),
        per_scan: 20,
        give_up: Duration::from_secs(3 * 86_400),
        patience: Duration::from_secs(30),
        quiet: None,
        digest: None,
        heartbeat: None,
        flapping: Flapping {
            times: 4,
            within: Duration::from_secs(86_400),
        },
        unread_after: Duration::from_secs(26 * 3_600),
        unread: Vec::new(),
        team_labels: vec!["team".into()],
        sources: Vec::new(),
    }
}

pub(crate) fn drift(asset: &str, what: What, severity: Severity) -> Occurrence {
    Occurrence {
        subject: Occurrence::drift_subject(asset, "ports-allowed", "ports-allowed"),
        about: About::Drift,
        what,
        at: noon(),
        scan: Some(1),
        severity,
        environment: Some("production".into()),
        role: Some("web-service".into()),
        team: Some("shop".into()),
        controls: vec!["ports-allowed".into()],
        asset: asset.into(),
        kind: "container".into(),
        name: asset.into(),
        verdict: None,
        verdict_before: None,
        change: None,
        early: false,
        details: Details {
            expected: Some("nothing but 443/tcp".into()),
            actual: Some("22/tcp".into()),
            ..Details::default()
        },
    }
}

pub(crate) fn change(id: i64, verdict: Verdict) -> Occurrence {
    Occurrence {
        subject: Occurrence::change_subject(id),
        about: About::Change,
        what: What::Seen,
        verdict: Some(verdict),
        change: Some(id),
        controls: vec!["change-approved".into()],
        ..drift("api", What::Seen, Severity::High)
    }
}

/// The holds' words by channel, in order of the occurrences; `send` where it is sent.
fn words(plan: &Plan, channel: &str) -> Vec<&'static str> {
    let decisions = plan.notices.iter().flat_map(|(_, all)| all);
    decisions
        .filter(|one| one.channel == channel)
        .map(|one| one.hold.as_ref().map_or("send", Hold::as_str))
        .collect()
}

fn one(occurrence: Occurrence, settings: &Notify) -> &'static str {
    let channel = settings.channels[0].name.clone();
    words(
        &plan(vec![occurrence], &Past::new(), settings, noon()),
        &channel,
    )[0]
}

fn told(channel: &str, what: What, when: &str, hold: Option<Hold>) -> Told {
    Told {
        channel: channel.into(),
        what,
        at: at(when),
        flapping: hold == Some(Hold::Flapping),
        hold,
    }
}

#[test]
fn routes_choose_by_what_is_known_of_it() {
    let route = || Route {
        channels: vec!["ops".into()],
        ..Route::default()
    };
    let production = || vec![Text::const_new("production")];
    let table: Vec<(&str, Route, Occurrence, &str)> = vec![
        (
            "all",
            route(),
            drift("a", What::Opened, Severity::Low),
            "send",
        ),
        (
            "another channel",
            Route {
                channels: vec!["dev".into()],
                ..route()
            },
            drift("a", What::Opened, Severity::Critical),
            "no-route",
        ),
        (
            "environment",
            Route {
                environments: vec!["staging".into()],
                ..route()
            },
            drift("a", What::Opened, Severity::Critical),
            "no-route",
        ),
        (
            "an unknown environment counts as production",
            Route {
                environments: production(),
                ..route()
            },
            Occurrence {
                environment: None,
                ..drift("a", What::Opened, Severity::Low)
            },
            "send",
        ),
        (
            "severity",
            Route {
                severity: Some(Severity::High),
                ..route()
            },
            drift("a", What::Opened, Severity::Medium),
            "below-severity",
        ),
        (
            "control",
            Route {
                controls: vec!["ports-allowed".into()],
                ..route()
            },
            drift("a", What::Opened, Severity::Low),
            "send",
        ),
        (
            "another control",
            Route {
                controls: vec!["backup-present".into()],
                ..route()
            },
            drift("a", What::Opened, Severity::Low),
            "no-route",
        ),
        (
            "role",
            Route {
                roles: vec!["database".into()],
                ..route()
            },
            drift("a", What::Opened, Severity::Low),
            "no-route",
        ),
        (
            "team",
            Route {
                teams: vec!["shop".into()],
                ..route()
            },
            drift("a", What::Opened, Severity::Low),
            "send",
        ),
        (
            "nobody's team",
            Route {
                teams: vec!["shop".into()],
                ..route()
            },
            Occurrence {
                team: None,
                ..drift("a", What::Opened, Severity::Low)
            },
            "no-route",
        ),
        (
            "what it is about",
            Route {
                about: vec![About::Change],
                ..route()
            },
            drift("a", What::Opened, Severity::Critical),
            "no-route",
        ),
        (
            "verdict",
            Route {
                verdicts: vec![Verdict::Unapproved],
                ..route()
            },
            change(1, Verdict::Approved),
            "no-route",
        ),
        (
            "mute",
            Route {
                mode: Mode::Mute,
                ..route()
            },
            drift("a", What::Opened, Severity::Critical),
            "muted",
        ),
    ];
    for (name, route, occurrence, wanted) in table {
        let mut settings = settings(vec![slack("ops")]);
        settings.routes = vec![route];
        assert_eq!(one(occurrence, &settings), wanted, "{name}");
    }
    // The first that fits decides, also where a later one would say otherwise.
    let mut settings = settings(vec![slack("ops")]);
    settings.routes = vec![
        Route {
            environments: vec!["staging".into()],
            mode: Mode::Mute,
            ..route()
        },
        route(),
    ];
    let staging = Occurrence {
        environment: Some("staging".into()),
        ..drift("a", What::Opened, Severity::Critical)
    };
    assert_eq!(one(staging, &settings), "muted");
    assert_eq!(
        one(drift("a", What::Opened, Severity::Low), &settings),
        "send"
    );
}

#[test]
fn what_was_told_is_not_told_again_and_what_was_not_is_not_gone_on_with() {
    let settings = settings(vec![slack("ops")]);
    let table: &[(&str, What, Vec<Told>, &str)] = &[
        ("new", What::Opened, vec![], "send"),
        (
            "not known before, and fails now",
            What::Opened,
            vec![told("ops", What::Opened, "2026-01-01T00:00:00Z", None)],
            "send",
        ),
        (
            "told that it is gone",
            What::Resolved,
            vec![told("ops", What::Resolved, "2026-01-01T00:00:00Z", None)],
            "already-sent",
        ),
        (
            "told elsewhere",
            What::Opened,
            vec![told("dev", What::Opened, "2026-01-01T00:00:00Z", None)],
            "send",
        ),
        (
            "told and gone",
            What::Reopened,
            vec![
                told("ops", What::Opened, "2026-01-01T00:00:00Z", None),
                told("ops", What::Resolved, "2026-01-02T00:00:00Z", None),
            ],
            "send",
        ),
        ("resolved, never told", What::Resolved, vec![], "never-told"),
        (
            "resolved, muted before",
            What::Resolved,
            vec![told(
                "ops",
                What::Opened,
                "2026-01-01T00:00:00Z",
                Some(Hold::Muted),
            )],
            "never-told",
        ),
        (
            "resolved, told with its change",
            What::Resolved,
            vec![told(
                "ops",
                What::Opened,
                "2026-01-01T00:00:00Z",
                Some(Hold::ToldWithChange),
            )],
            "send",
        ),
        ("waived, never told", What::Waived, vec![], "waived"),
        (
            "waived",
            What::Waived,
            vec![told("ops", What::Opened, "2026-01-01T00:00:00Z", None)],
            "send",
        ),
        (
            "waived at the last scan too",
            What::Waived,
            vec![
                told("ops", What::Opened, "2026-01-01T00:00:00Z", None),
                told("ops", What::Waived, "2026-01-02T00:00:00Z", None),
            ],
            "already-sent",
        ),
    ];
    for (name, what, past, wanted) in table {
        let occurrence = drift("a", *what, Severity::High);
        let past = Past::from([(occurrence.subject.clone(), past.clone())]);
        let plan = plan(vec![occurrence], &past, &settings, noon());
        assert_eq!(words(&plan, "ops"), [*wanted], "{name}");
        // The first message of a thread is altered with every other one of it.
        let edits = plan
            .deliveries
            .iter()
            .filter(|one| matches!(one.job, Job::Edit(_)));
        let follows =
            *wanted == "send" && !past.values().all(Vec::is_empty) && *name != "told elsewhere";
        assert_eq!(edits.count(), usize::from(follows), "{name}");
    }
}

#[test]
fn a_verdict_that_turns_bad_is_told_whatever_was_told_before() {
    let settings = settings(vec![slack("ops")]);
    let judged = |verdict| Occurrence {
        what: What::Judged,
        verdict_before: Some(Verdict::Pending),
        ..change(7, verdict)
    };
    assert_eq!(one(judged(Verdict::Overdue), &settings), "send");
    assert_eq!(one(judged(Verdict::Approved), &settings), "never-told");
    // Two verdicts after each other are two pieces of news.
    let past = vec![
        told("ops", What::Seen, "2026-01-01T00:00:00Z", None),
        told("ops", What::Judged, "2026-01-02T00:00:00Z", None),
    ];
    let past = Past::from([(Occurrence::change_subject(7), past)]);
    let plan = plan(vec![judged(Verdict::Approved)], &past, &settings, noon());
    assert_eq!(words(&plan, "ops"), ["send"]);
    let Job::Post(message) = &plan.deliveries[0].job else {
        panic!()
    };
    assert_eq!(
        message.headline,
        "approved since 2026-01-14 12:00 UTC, was pending"
    );
}

#[test]
fn drifts_go_with_the_change_that_brought_them() {
    let settings = settings(vec![slack("ops")]);
    let brought = |asset: &str, severity| Occurrence {
        change: Some(118),
        ..drift(asset, What::Opened, severity)
    };
    let all = vec![
        change(118, Verdict::Unapproved),
        brought("a", Severity::Critical),
        brought("b", Severity::Low),
        drift("c", What::Opened, Severity::Low),
    ];
    let plan = plan(all, &Past::new(), &settings, noon());
    assert_eq!(
        words(&plan, "ops"),
        ["send", "told-with-change", "told-with-change", "send"]
    );
    let first = &plan.deliveries[0];
    assert_eq!(
        (plan.deliveries.len(), first.severity, first.subjects.len()),
        (2, Severity::Critical, 3)
    );
    let Job::Post(message) = &first.job else {
        panic!()
    };
    assert!(
        message
            .parts
            .iter()
            .any(|part| part.heading == "ports-allowed (critical)"
                && part.lines == ["expected nothing but 443/tcp", "actual 22/tcp"])
    );
}

#[test]
fn quiet_hours_hold_all_but_what_is_critical() {
    let mut settings = settings(vec![slack("ops"), slack("control")]);
    settings.channels[1].change_control = true;
    settings.quiet = Some(Quiet {
        from: 11 * 60,
        to: 13 * 60,
        days: Vec::new(),
        unless: Severity::Critical,
    });
    let all = vec![
        drift("a", What::Opened, Severity::High),
        drift("b", What::Opened, Severity::Critical),
        change(1, Verdict::Approved),
    ];
    let plan = plan(all, &Past::new(), &settings, noon());
    assert_eq!(words(&plan, "ops"), ["quiet-hours", "send", "quiet-hours"]);
    // A change is announced when it is seen.
    assert_eq!(words(&plan, "control"), ["no-route", "no-route", "send"]);
    let held = plan
        .deliveries
        .iter()
        .find(|one| one.subject.ends_with("@a"))
        .unwrap();
    assert_eq!(held.due, at("2026-01-14T13:00:00Z"));
    let control = plan
        .deliveries
        .iter()
        .find(|one| one.channel == "control")
        .unwrap();
    assert_eq!(
        (control.due, control.changes.as_slice()),
        (noon(), &[1][..])
    );
}

#[test]
fn what_is_critical_takes_the_change_that_brought_it_along_through_the_quiet() {
    let mut settings = settings(vec![slack("ops")]);
    settings.quiet = Some(Quiet {
        from: 0,
        to: 1_439,
        days: Vec::new(),
        unless: Severity::Critical,
    });
    let brought = Occurrence {
        change: Some(118),
        ..drift("a", What::Opened, Severity::Critical)
    };
    let plan = plan(
        vec![change(118, Verdict::Unapproved), brought],
        &Past::new(),
        &settings,
        noon(),
    );
    assert_eq!(words(&plan, "ops"), ["send", "told-with-change"]);
    assert_eq!(plan.deliveries[0].due, noon());
}

#[test]
fn ten_thousand_at_once_are_twenty_messages_and_one() {
    let settings = settings(vec![slack("ops")]);
    let mut all: Vec<Occurrence> = (0..10_000)
        .map(|n| drift(&format!("a{n}"), What::Opened, Severity::Low))
        .collect();
    all[7_777].severity = Severity::Critical;
    let plan = plan(all, &Past::new(), &settings, noon());
    assert_eq!(plan.deliveries.len(), 21);
    assert_eq!(words(&plan, "ops")[7_777], "send");
    let over = words(&plan, "ops")
        .iter()
        .filter(|word| **word == "over-limit")
        .count();
    assert_eq!(over, 9_980);
    let Job::Post(rest) = &plan.deliveries[20].job else {
        panic!()
    };
    assert_eq!(rest.title, "9980 more at once");
    assert!(
        rest.parts[0].lines[0] == "9980 × low opened ports-allowed",
        "{:?}",
        rest.parts
    );
    assert_eq!(rest.lines.len(), 16);
    // One more than allowed is a message more, and not one that says that there is one more.
    let all: Vec<Occurrence> = (0..21)
        .map(|n| drift(&format!("a{n}"), What::Opened, Severity::Low))
        .collect();
    let plan = super::plan(all, &Past::new(), &settings, noon());
    assert!(words(&plan, "ops").iter().all(|word| *word == "send"));
}

#[test]
fn what_comes_and_goes_is_said_once_and_again_when_it_is_calm() {
    let settings = settings(vec![slack("ops")]);
    let subject = drift("a", What::Opened, Severity::High).subject;
    let mut past: Vec<Told> = Vec::new();
    let mut said = Vec::new();
    // Opened or resolved every two hours, and once more two days later.
    for step in 0..10_i64 {
        let what = if step % 2 == 0 {
            What::Reopened
        } else {
            What::Resolved
        };
        let hours = if step == 9 { 66 } else { step * 2 };
        let now = noon() + jiff::SignedDuration::from_hours(hours);
        let occurrence = Occurrence {
            at: now,
            ..drift("a", what, Severity::High)
        };
        let known = Past::from([(subject.clone(), past.clone())]);
        let plan = plan(vec![occurrence], &known, &settings, now);
        let word = words(&plan, "ops")[0];
        let post = plan
            .deliveries
            .iter()
            .find(|one| matches!(one.job, Job::Post(_)));
        let flapping = post.is_some_and(|one| one.flapping);
        said.push(if flapping { "said" } else { word });
        if word == "flapping" {
            // The first message stays true without a sound.
            assert!(matches!(
                plan.deliveries[..],
                [Planned {
                    job: Job::Edit(_),
                    ..
                }]
            ));
        }
        past.push(Told {
            channel: "ops".into(),
            what,
            at: now,
            flapping: flapping || word == "flapping",
            hold: plan.notices[0].1[0].hold.clone(),
        });
    }
    let held = "flapping";
    assert_eq!(
        said,
        [
            "send", "send", "send", "said", held, held, held, held, held, "send"
        ]
    );
}

#[test]
fn a_digest_takes_what_its_routes_say_and_what_goes_on_with_that() {
    let mut settings = settings(vec![slack("ops")]);
    settings.digest = Some(When {
        minute: 540,
        days: Vec::new(),
    });
    settings.routes = vec![
        Route {
            channels: vec!["ops".into()],
            severity: Some(Severity::High),
            ..Route::default()
        },
        Route {
            channels: vec!["ops".into()],
            mode: Mode::Digest,
            ..Route::default()
        },
    ];
    assert_eq!(
        one(drift("a", What::Opened, Severity::High), &settings),
        "send"
    );
    assert_eq!(
        one(drift("a", What::Opened, Severity::Low), &settings),
        "digested"
    );
    let occurrence = drift("a", What::Resolved, Severity::High);
    let digested = told(
        "ops",
        What::Opened,
        "2026-01-01T00:00:00Z",
        Some(Hold::Digested),
    );
    let past = Past::from([(occurrence.subject.clone(), vec![digested])]);
    let plan = plan(vec![occurrence], &past, &settings, noon());
    assert_eq!(words(&plan, "ops"), ["digested"]);
    assert!(plan.deliveries.is_empty());
}

#[test]
fn a_pager_is_not_for_the_daily_word_and_change_control_not_for_the_rest() {
    let mut pager = slack("pager");
    pager.kind = Kind::PagerDuty {
        key: Place::Variable("K".into()),
        api: String::new(),
    };
    let mut control = slack("control");
    control.change_control = true;
    let mut settings = settings(vec![pager, control]);
    let standing = Standing {
        scans: 2,
        complete: 14,
        scopes: 14,
        ..Standing::default()
    };
    settings.sources = vec!["docker".into()];
    let input = DueInput {
        now: noon(),
        readings: &[],
        first_scan: Some(at("2026-01-01T00:00:00Z")),
        standing: Some(&standing),
        past: &Past::new(),
    };
    let found = clock(&input, &settings);
    assert_eq!(
        found[1].details.note.as_deref(),
        Some("scanned 2 times, nothing changed, coverage 14 of 14")
    );
    let plan = plan(found, &Past::new(), &settings, noon());
    assert_eq!(words(&plan, "pager"), ["send", "not-for-channel"]);
    assert_eq!(words(&plan, "control"), ["no-route", "no-route"]);
}

#[test]
fn a_source_that_is_not_read_is_told_once_and_when_it_is_read_again() {
    let mut settings = settings(vec![slack("ops")]);
    settings.sources = vec!["docker".into(), "fly".into()];
    settings.unread = vec![("fly".into(), Duration::from_secs(3_600))];
    let read = |source: &'static str, when: &str| Reading {
        source: Text::const_new(source),
        complete: Some(at(when)),
        troubles: vec!["docker: cannot connect".into()],
    };
    let readings = [
        read("docker", "2026-01-14T11:00:00Z"),
        read("fly", "2026-01-14T10:59:00Z"),
    ];
    let look = |past: &Past, readings: &[Reading], now: Timestamp| -> Vec<(String, &'static str)> {
        let first_scan = Some(at("2026-01-01T00:00:00Z"));
        let input = DueInput {
            now,
            readings,
            first_scan,
            standing: None,
            past,
        };
        let found = clock(&input, &settings);
        found
            .iter()
            .map(|one| (one.subject.to_string(), one.what.as_str()))
            .collect()
    };
    assert_eq!(
        look(&Past::new(), &readings, noon()),
        [("source:fly".to_owned(), "unread")]
    );
    let known = Past::from([(
        "source:fly".into(),
        vec![told("ops", What::Unread, "2026-01-14T12:00:00Z", None)],
    )]);
    assert_eq!(look(&known, &readings, noon()), []);
    let again = [
        read("docker", "2026-01-14T11:00:00Z"),
        read("fly", "2026-01-14T12:00:00Z"),
    ];
    assert_eq!(
        look(&known, &again, noon()),
        [("source:fly".to_owned(), "read-again")]
    );
    let input = DueInput {
        now: noon(),
        readings: &again,
        first_scan: None,
        standing: None,
        past: &known,
    };
    let next = next_alarm(&input, &settings).unwrap();
    assert_eq!(next, at("2026-01-14T13:00:01Z"));
    // A clock that was set back makes nothing late.
    assert_eq!(
        look(&Past::new(), &readings, at("2026-01-02T00:00:00Z")),
        []
    );
    let later = at("2026-01-15T13:01:00Z");
    assert_eq!(
        look(&known, &readings, later),
        [("source:docker".to_owned(), "unread")]
    );
}

#[test]
fn no_two_messages_have_one_key() {
    let keys = [
        key("a", "b", "c", noon()),
        key("ab", "", "c", noon()),
        key("a", "bc", "", noon()),
        key("a", "b", "c", noon() + jiff::SignedDuration::from_micros(1)),
    ];
    let mut seen: Vec<&Text> = keys.iter().collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}
