//! Edits of machines beside a release: someone made them, and no record says who.

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::{Action, Labels, Text};

use super::action::Release;
use super::group::Groups;
use super::{app_id, shape, time, word, workload_id};
use crate::wire::{Event, Machine};

/// How long after a release began its own edits of machines may come.
const DEPLOY: SignedDuration = SignedDuration::from_hours(1);
/// Events that change nothing of what a machine is.
const NO_EDITS: &[&str] = &[
    "start",
    "stop",
    "exit",
    "restart",
    "suspend",
    "resume",
    "wake",
    "health",
    "autostart",
    "autostop",
];

/// The edits of an app's machines that no release explains, and the consoles that were opened.
///
/// Of the edits that someone made since the release that a machine runs, the first within an hour is the release's own. Where
/// the release is not known, none is: then they all stand.
pub(crate) fn edits(app: &str, groups: &Groups<'_>, releases: &[Release]) -> Vec<Action> {
    let mut actions = Vec::new();
    for (group, instances) in &groups.groups {
        for instance in instances {
            let (Some(machine), Some(config)) = (instance.machine, instance.config) else {
                continue;
            };
            let version = shape::release(config);
            let release = releases
                .iter()
                .find(|release| version.is_some() && release.version == version);
            for (event, at) in beside(machine, release.map(|release| release.at)) {
                let mut details = Labels::new();
                details.insert("machine", word(&machine.id));
                if let Some(version) = version {
                    details.insert("release", Text::from(version.to_string()));
                }
                actions.push(Action {
                    id: Text::from(format!("{}/{}", word(&machine.id), word(&event.id))),
                    asset: workload_id(app, group),
                    what: kind(event),
                    at,
                    actor: None,
                    details,
                    fields: Vec::new(),
                    scope: Text::default(),
                });
            }
        }
    }
    actions.extend(
        groups
            .consoles
            .iter()
            .filter_map(|machine| console(app, machine)),
    );
    actions
}

fn beside(machine: &Machine, released: Option<Timestamp>) -> Vec<(&Event, Timestamp)> {
    let mut edits: Vec<(&Event, Timestamp)> = machine
        .events
        .iter()
        .filter(|event| event.source == "user" && !event.id.is_empty())
        .filter(|event| !event.kind.is_empty() && !NO_EDITS.contains(&event.kind.as_str()))
        .filter_map(|event| Some((event, Timestamp::from_millisecond(event.timestamp?).ok()?)))
        .filter(|(_, at)| at.as_second() > 1_000_000_000)
        .collect();
    edits.sort_by(|(a, a_at), (b, b_at)| (a_at, &a.id).cmp(&(b_at, &b.id)));
    if let Some(released) = released {
        edits.retain(|(_, at)| *at >= released);
        let own = edits
            .first()
            .is_some_and(|(_, at)| at.duration_since(released) <= DEPLOY);
        if own {
            edits.remove(0);
        }
    }
    edits
}

/// Someone has a console in the app: what they do there no call tells.
fn console(app: &str, machine: &Machine) -> Option<Action> {
    let mut details = Labels::new();
    details.insert("machine", word(&machine.id));
    Some(Action {
        id: Text::from(format!("{}/console", word(&machine.id))),
        asset: app_id(app),
        what: "console".into(),
        at: time(machine.created_at.as_ref())?,
        actor: None,
        details,
        fields: Vec::new(),
        scope: Text::default(),
    })
}

/// The platform's word for what happened; anything that is no word is not repeated.
fn kind(event: &Event) -> Text {
    let fits = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-');
    if event.kind.len() <= 40 && event.kind.bytes().all(fits) {
        event.kind.clone()
    } else {
        "event".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ReleaseNode;

    const MINUTE: i64 = 60_000;

    fn released() -> Release {
        let node: ReleaseNode =
            serde_json::from_str(r#"{"id":"r","version":12,"createdAt":"2026-08-20T10:00:00Z"}"#)
                .unwrap();
        Release::from_node(node).unwrap()
    }

    /// What stands of events at so many minutes after the release: `(minutes, type, source)`.
    fn stands(events: &[(i64, &str, &str)], releases: &[Release]) -> Vec<String> {
        let start = released().at.as_millisecond();
        let events: Vec<String> = events
            .iter()
            .enumerate()
            .map(|(at, (minutes, kind, source))| {
                let time = start + minutes * MINUTE;
                format!(
                    r#"{{"id":"e{at}","type":"{kind}","source":"{source}","timestamp":{time}}}"#
                )
            })
            .collect();
        let text = format!(
            r#"[{{"id":"m","region":"fra","config":{{"metadata":{{"fly_process_group":"web","fly_release_version":"12"}}}},"events":[{}]}}]"#,
            events.join(",")
        );
        let machines: Vec<Machine> = serde_json::from_str(&text).unwrap();
        let groups = Groups::sort(&machines, &[]);
        let found = edits("a", &groups, releases);
        found
            .iter()
            .map(|action| format!("{} {}", action.id, action.what))
            .collect()
    }

    #[test]
    fn the_first_edit_is_the_releases_own() {
        let events = [
            (2, "update", "user"),
            (3, "start", "flyd"),
            (4, "start", "user"),
        ];
        assert_eq!(stands(&events, &[released()]), [""; 0]);
        let more = [
            (2, "update", "user"),
            (90, "update", "user"),
            (-5, "update", "user"),
        ];
        assert_eq!(stands(&more, &[released()]), ["m/e1 update"]);
        let late = [(61, "update", "user")];
        assert_eq!(stands(&late, &[released()]), ["m/e0 update"]);
    }

    #[test]
    fn without_a_known_release_all_stand_and_odd_words_are_not_repeated() {
        let events = [
            (2, "update", "user"),
            (3, "Hunter 2", "user"),
            (4, "update", "flyd"),
        ];
        assert_eq!(stands(&events, &[]), ["m/e0 update", "m/e1 event"]);
    }
}
