//! `[notify]`: to whom what is told, and when.

mod channels;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use plimsoll_model::Text;
use plimsoll_settings::{Place as At, Section, nearest};

use super::reading::Reading;
use crate::baseline::Severity;
use crate::notify::plan::{About, Flapping, Mode, Notify, Quiet, Route, When};
use crate::report::Verdict;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

const SEVERITIES: [(&str, Severity); 4] = [
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("high", Severity::High),
    ("critical", Severity::Critical),
];
const ABOUT: [(&str, About); 4] = [
    ("drift", About::Drift),
    ("change", About::Change),
    ("source", About::Source),
    ("heartbeat", About::Heartbeat),
];
const VERDICTS: [(&str, Verdict); 6] = [
    ("approved", Verdict::Approved),
    ("unapproved", Verdict::Unapproved),
    ("pending", Verdict::Pending),
    ("overdue", Verdict::Overdue),
    ("unproven", Verdict::Unproven),
    ("not required", Verdict::NotRequired),
];
const DAYS: [(&str, u8); 7] = [
    ("mon", 0),
    ("tue", 1),
    ("wed", 2),
    ("thu", 3),
    ("fri", 4),
    ("sat", 5),
    ("sun", 6),
];

/// Reads the section, and closes it. There is nothing to tell anybody where no channel is.
pub(super) fn read(
    section: &Section<'_>,
    reading: &Reading<'_>,
    sources: &[String],
) -> Option<Notify> {
    let per_scan = section.int("per_scan", 1..=1_000).unwrap_or(20);
    let zone = zone(section);
    let review_url = review_url(section);
    let give_up = section.duration("give_up", MINUTE * 10..=DAY * 60);
    let patience = section.duration("patience", Duration::ZERO..=MINUTE * 60);
    let unread_after = section.duration("unread_after", MINUTE * 10..=DAY * 365);
    let team_labels = section.texts("team_labels");
    let digest = when(&section.table_or_empty("digest"), section.has("digest"));
    let heartbeat = when(
        &section.table_or_empty("heartbeat"),
        section.has("heartbeat"),
    );
    let quiet = quiet(
        &section.table_or_empty("quiet_hours"),
        section.has("quiet_hours"),
    );
    let flapping = flapping(&section.table_or_empty("flapping"));
    let limits = limits(section, sources);
    let (channels, names) = channels::channels(section, reading, per_scan);
    let routes = routes(section, &names);
    section.finish();
    let configured = section.has("channels");
    configured.then(|| Notify {
        channels,
        routes,
        zone,
        review_url,
        per_scan: usize::try_from(per_scan).unwrap_or(20),
        give_up: give_up.unwrap_or(DAY * 3),
        patience: patience.unwrap_or(Duration::from_secs(30)),
        quiet,
        digest,
        heartbeat,
        flapping,
        unread_after: unread_after.unwrap_or(Duration::from_secs(26 * 3_600)),
        unread: limits,
        team_labels: team_labels
            .unwrap_or_else(|| {
                ["plimsoll.team", "team", "owner"]
                    .map(str::to_owned)
                    .to_vec()
            })
            .into_iter()
            .map(Text::from)
            .collect(),
        sources: sources.iter().map(Text::from).collect(),
    })
}

fn zone(section: &Section<'_>) -> TimeZone {
    let Some(name) = section.text("timezone") else {
        return TimeZone::UTC;
    };
    TimeZone::get(&name).unwrap_or_else(|_| {
        let hint = Some("as \"Europe/Berlin\" or \"UTC\"".to_owned());
        let message = format!("`timezone`: no time zone is called {name:?}");
        section.mistake(section.place_of("timezone"), message, hint);
        TimeZone::UTC
    })
}

/// What links start with. It is no secret, and shown in every message.
fn review_url(section: &Section<'_>) -> Option<Text> {
    let text = section.text("review_url")?;
    let right = reqwest::Url::parse(&text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if right.is_none() {
        section.mistake_at(
            "review_url",
            "`review_url` must be an http or https address without user, query and fragment",
        );
    }
    right.map(|_| Text::from(text.trim_end_matches('/')))
}

/// A time of day as `07:30`, in minutes.
fn time_of_day(section: &Section<'_>, key: &str) -> Option<u16> {
    let text = section.text(key)?;
    let parsed = text.split_once(':').and_then(|(hour, minute)| {
        let two = |text: &str| {
            (text.len() == 2)
                .then(|| text.parse::<u16>().ok())
                .flatten()
        };
        let (hour, minute) = (two(hour)?, two(minute)?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    });
    if parsed.is_none() {
        let hint = Some("as \"07:30\"".to_owned());
        let message = format!("`{key}`: {text:?} is no time of day");
        section.mistake(section.place_of(key), message, hint);
    }
    parsed
}

/// Several words, and what they stand for.
fn words<T: Copy>(section: &Section<'_>, key: &str, known: &[(&str, T)]) -> Vec<T> {
    let mut found = Vec::new();
    for text in section.texts(key).unwrap_or_default() {
        if let Some((_, one)) = known.iter().find(|(word, _)| *word == text) {
            found.push(*one);
            continue;
        }
        let list: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let hint = nearest(&text, list.iter().copied());
        let hint = hint.map(|word| format!("did you mean {word:?}?"));
        let message = format!("`{key}`: {text:?} is none of {}", list.join(", "));
        section.mistake(section.place_of(key), message, hint);
    }
    found
}

fn when(section: &Section<'_>, there: bool) -> Option<When> {
    if there && !section.has("at") {
        section.missing("at", "as \"09:00\"");
    }
    let minute = time_of_day(section, "at");
    let days = words(section, "days", &DAYS);
    section.finish();
    minute.map(|minute| When { minute, days })
}

fn quiet(section: &Section<'_>, there: bool) -> Option<Quiet> {
    if there && !section.has("from") && !section.has("days") {
        section.missing("from", "as \"20:00\", or give whole `days`");
    }
    if section.has("from") != section.has("to") {
        let key = if section.has("from") { "to" } else { "from" };
        section.missing(key, "both say when it is quiet");
    }
    let from = time_of_day(section, "from").unwrap_or(0);
    let to = time_of_day(section, "to").unwrap_or(0);
    let days = words(section, "days", &DAYS);
    let unless = section.choice("unless", &SEVERITIES);
    section.finish();
    there.then_some(Quiet {
        from,
        to,
        days,
        unless: unless.unwrap_or(Severity::Critical),
    })
}

fn flapping(section: &Section<'_>) -> Flapping {
    let times = section.int("times", 3..=100).unwrap_or(4);
    let within = section.duration("within", MINUTE..=DAY * 30);
    section.finish();
    Flapping {
        times: usize::try_from(times).unwrap_or(4),
        within: within.unwrap_or(DAY),
    }
}

fn limits(section: &Section<'_>, sources: &[String]) -> Vec<(Text, Duration)> {
    let mut limits = Vec::new();
    for row in section.tables("limits") {
        let source = row.required_text("source", "the name of one of [[sources]]");
        if let Some(source) = source.as_ref().filter(|one| !sources.contains(one)) {
            let message = format!("`source`: no source is named {source:?}");
            let hint = nearest(source, sources.iter().map(String::as_str));
            let hint = hint.map(|near| format!("did you mean {near:?}?"));
            row.mistake(row.place_of("source"), message, hint);
        }
        if !row.has("unread_after") {
            row.missing("unread_after", "as \"2h\"");
        }
        let limit = row.duration("unread_after", MINUTE * 10..=DAY * 365);
        row.finish();
        limits.extend(source.map(Text::from).zip(limit));
    }
    limits
}

fn routes(section: &Section<'_>, names: &BTreeMap<String, At>) -> Vec<Route> {
    let names: Vec<&str> = names.keys().map(String::as_str).collect();
    let mut routes = Vec::new();
    for row in section.tables("routes") {
        let to = row.texts("channels").unwrap_or_default();
        if to.is_empty() {
            row.missing("channels", "where it goes");
        }
        for name in to.iter().filter(|name| !names.contains(&name.as_str())) {
            let message = format!("`channels`: no channel is named {name:?}");
            let hint = nearest(name, names.iter().copied());
            let hint = hint.map(|near| format!("did you mean {near:?}?"));
            row.mistake(row.place_of("channels"), message, hint);
        }
        let texts = |key: &str| -> Vec<Text> {
            let texts = row.texts(key).unwrap_or_default();
            texts.into_iter().map(Text::from).collect()
        };
        let modes = [
            ("now", Mode::Now),
            ("digest", Mode::Digest),
            ("mute", Mode::Mute),
        ];
        let mode = row.choice("mode", &modes).unwrap_or_default();
        if mode == Mode::Digest && !section.has("digest") {
            row.mistake_at("mode", "`mode`: there is no [notify.digest] to come in");
        }
        routes.push(Route {
            channels: to.into_iter().map(Text::from).collect(),
            mode,
            about: words(&row, "about", &ABOUT),
            environments: texts("environments"),
            severity: row.choice("severity", &SEVERITIES),
            controls: texts("controls"),
            roles: texts("roles"),
            teams: texts("teams"),
            verdicts: words(&row, "verdicts", &VERDICTS),
        });
        row.finish();
    }
    routes
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use plimsoll_kit::Surroundings;
    use plimsoll_settings::Document;

    use super::channels::SLACK;
    use super::*;
    use crate::notify::plan::{Kind, Place};

    fn load(text: &str) -> Result<Option<Notify>, Vec<String>> {
        let surroundings = Surroundings::new(|_| None, "/");
        let reading = Reading {
            registrations: &[],
            surroundings: &surroundings,
            folder: PathBuf::from("/etc/plimsoll"),
        };
        let sources = ["docker".to_owned()];
        let document = Document::new("c.toml", text);
        let read = document.read(|root| read(&root.table_or_empty("notify"), &reading, &sources));
        read.map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn without_a_channel_nobody_is_told_anything() {
        assert!(load("").unwrap().is_none());
        assert!(load("[notify]\nper_scan = 3\n").unwrap().is_none());
    }

    #[test]
    fn the_channels_come_in_their_order_with_their_defaults() {
        let read = load(
            "[notify]\nper_scan = 7\nreview_url = \"https://p.example.org/\"\n\
             [[notify.channels]]\nname = \"z\"\nkind = \"slack\"\nchannel = \"C0123456789\"\ntoken_file = \"t\"\n\
             [[notify.channels]]\nname = \"a\"\nkind = \"email\"\nhost = \"localhost\"\nsecurity = \"plain\"\n\
             from = \"p@example.org\"\nto = \"o@example.org\"\nper_scan = 9\n",
        );
        let notify = read.unwrap().unwrap();
        let names: Vec<(&str, usize)> = notify
            .channels
            .iter()
            .map(|one| (one.name.as_str(), one.per_scan))
            .collect();
        assert_eq!(names, [("z", 7), ("a", 9)]);
        assert_eq!(notify.review_url.as_deref(), Some("https://p.example.org"));
        let Kind::Slack { token, api, .. } = &notify.channels[0].kind else {
            panic!()
        };
        assert_eq!(*token, Place::File("/etc/plimsoll/t".into()));
        assert_eq!(api, SLACK);
        let Kind::Email(email) = &notify.channels[1].kind else {
            panic!()
        };
        assert_eq!(email.port, 25);
    }

    #[test]
    fn all_mistakes_come_at_once_and_show_no_secret() {
        let mistakes = load(
            "[notify]\ntimezone = \"Europe/Atlantis\"\nreview_url = \"https://joe:hunter2@x\"\nper_scan = 0\n\
             [notify.digest]\nat = \"25:00\"\n[notify.heartbeat]\ndays = [\"mo\"]\n\
             [notify.quiet_hours]\nfrom = \"20:00\"\nunless = \"grave\"\n\
             [[notify.limits]]\nsource = \"dokcer\"\nunread_after = \"2h\"\n\
             [[notify.channels]]\nname = \"ops\"\nkind = \"slack\"\nchannel = \"#ops\"\ntoken = \"hunter2\"\n\
             [[notify.channels]]\nname = \"ops\"\nkind = \"teams\"\nurl_file = \"a\"\nurl_variable = \"B\"\n\
             [[notify.channels]]\nname = \"mail\"\nkind = \"email\"\nhost = \"mail.example.org\"\nsecurity = \"plain\"\n\
             user = \"me\"\nfrom = \"nobody\"\n\
             [[notify.channels]]\nname = \"pager\"\nkind = \"pagerduty\"\nkey_file = \"k\"\napi = \"http://there/hunter2\"\n\
             [[notify.routes]]\nchannels = [\"opps\"]\nmode = \"loud\"\nverdicts = [\"aproved\"]\n",
        )
        .unwrap_err();
        let text = mistakes.join("\n");
        assert!(!text.contains("hunter2"), "{text}");
        for part in [
            "no time zone is called \"Europe/Atlantis\"",
            "`review_url` must be an http or https address",
            "`per_scan` must be from 1 to 1000",
            "`at`: \"25:00\" is no time of day",
            "`at` is missing in notify.heartbeat",
            "`days`: \"mo\" is none of",
            "`to` is missing in notify.quiet_hours",
            "`unless`: \"grave\" is none of",
            "no source is named \"dokcer\"",
            "did you mean \"docker\"?",
            "`channel` must be the channel's id",
            "`token` is a secret, and stands in no configuration",
            "`token_file` is missing",
            "two channels are called \"ops\"",
            "`url_file` and `url_variable` exclude each other",
            "plain mail goes to this machine alone",
            "`password_file` is missing",
            "`from`: \"nobody\" is no mail address",
            "`to` is missing in notify.channels[2]",
            "`api` must be an https address",
            "no channel is named \"opps\"",
            "`mode`: \"loud\" is none of",
            "did you mean \"approved\"?",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}
