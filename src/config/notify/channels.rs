//! `[[notify.channels]]`: where messages go.

use std::collections::BTreeMap;
use std::path::PathBuf;

use plimsoll_settings::{Place as At, Section};

use super::super::reading::Reading;
use super::super::sources::clean;
use crate::notify::plan::{Channel, Email, Kind, Place, Security};

/// The Web API of Slack.
pub(super) const SLACK: &str = "https://slack.com/api";
/// The Events API of PagerDuty.
const PAGERDUTY: &str = "https://events.pagerduty.com";

/// The channels in their order, and the names of all, also of those with mistakes.
pub(super) fn channels(
    section: &Section<'_>,
    reading: &Reading<'_>,
    per_scan: i64,
) -> (Vec<Channel>, BTreeMap<String, At>) {
    let (mut found, mut names) = (Vec::new(), BTreeMap::new());
    for row in section.tables("channels") {
        let name = row.required_text("name", "give it one of its own; routes name it");
        let place = row.place_of("name");
        if let Some(name) = &name {
            if *name != clean(name) {
                row.mistake_at("name", "`name` takes a-z, 0-9, - and _, at most 64 of them");
            }
            if let Some(first) = names.get(name) {
                let (first, second) = (row.line(*first), row.line(place));
                let message =
                    format!("two channels are called {name:?}: on lines {first} and {second}");
                row.mistake(place, message, None);
            } else {
                names.insert(name.clone(), place);
            }
        }
        let change_control = row.bool("change_control").unwrap_or(false);
        let per_scan = row.int("per_scan", 1..=1_000).unwrap_or(per_scan);
        let kind = kind(&row, reading);
        row.finish();
        if let (Some(name), Some(kind)) = (name, kind) {
            found.push(Channel {
                name: name.into(),
                kind,
                change_control,
                per_scan: usize::try_from(per_scan).unwrap_or(20),
            });
        }
    }
    (found, names)
}

#[derive(Clone, Copy)]
enum Named {
    Slack,
    SlackWebhook,
    Email,
    Webhook,
    Teams,
    PagerDuty,
}

fn kind(row: &Section<'_>, reading: &Reading<'_>) -> Option<Kind> {
    let kinds = [
        ("slack", Named::Slack),
        ("slack-webhook", Named::SlackWebhook),
        ("email", Named::Email),
        ("webhook", Named::Webhook),
        ("teams", Named::Teams),
        ("pagerduty", Named::PagerDuty),
    ];
    if !row.has("kind") {
        let words: Vec<&str> = kinds.iter().map(|(word, _)| *word).collect();
        row.missing("kind", &format!("one of {}", words.join(", ")));
    }
    match row.choice("kind", &kinds)? {
        Named::Slack => slack(row, reading),
        Named::SlackWebhook => Some(Kind::SlackWebhook {
            url: needed(row, reading, "url")?,
        }),
        Named::Webhook => {
            let secret = secret(row, reading, "secret");
            let url = needed(row, reading, "url")?;
            Some(Kind::Webhook { url, secret })
        }
        Named::Teams => Some(Kind::Teams {
            url: needed(row, reading, "url")?,
        }),
        Named::PagerDuty => {
            let api = api(row, PAGERDUTY);
            let key = needed(row, reading, "key")?;
            Some(Kind::PagerDuty { key, api: api? })
        }
        Named::Email => email(row, reading).map(Kind::Email),
    }
}

fn slack(row: &Section<'_>, reading: &Reading<'_>) -> Option<Kind> {
    let channel = row.required_text("channel", "the channel's id, as C0123456789");
    let right = |id: &String| {
        let mut letters = id.bytes();
        letters.next().is_some_and(|first| b"CGD".contains(&first))
            && id.len() > 4
            && letters.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    if channel.as_ref().is_some_and(|id| !right(id)) {
        let hint = Some("it stands at the end of the channel's details, as C0123456789".to_owned());
        let message = "`channel` must be the channel's id, not its name: names change";
        row.mistake(row.place_of("channel"), message, hint);
    }
    let api = api(row, SLACK);
    let token = needed(row, reading, "token");
    Some(Kind::Slack {
        channel: channel?.into(),
        token: token?,
        api: api?,
    })
}

/// The address of an interface, for tests and proxies. What is wrong with one is said without it.
fn api(row: &Section<'_>, default: &str) -> Option<String> {
    if !row.has("api") {
        row.text("api");
        return Some(default.to_owned());
    }
    let text = row.text("api")?;
    let url = reqwest::Url::parse(&text).ok();
    let loopback = |url: &reqwest::Url| {
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    };
    let right = url.filter(|url| match url.scheme() {
        "https" => url.has_host(),
        "http" => loopback(url),
        _ => false,
    });
    if right.is_none() {
        row.mistake_at(
            "api",
            "`api` must be an https address, or an http one of this machine",
        );
    }
    right.map(|_| text)
}

fn email(row: &Section<'_>, reading: &Reading<'_>) -> Option<Email> {
    let host = row.required_text("host", "the mail server");
    let securities = [
        ("starttls", Security::StartTls),
        ("tls", Security::Tls),
        ("plain", Security::Plain),
    ];
    let security = row.choice("security", &securities);
    let security = security.unwrap_or(Security::StartTls);
    let port = row.int("port", 1..=65_535).unwrap_or(match security {
        Security::StartTls => 587,
        Security::Tls => 465,
        Security::Plain => 25,
    });
    let user = row.text("user");
    let password = secret(row, reading, "password");
    if user.is_some() != password.is_some() {
        let key = if user.is_some() {
            "password_file"
        } else {
            "user"
        };
        row.missing(key, "a user has a password");
    }
    let here = host.as_deref().is_some_and(|host| {
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    });
    if security == Security::Plain && host.is_some() && !here {
        row.mistake_at(
            "security",
            "`security`: plain mail goes to this machine alone: use \"starttls\" or \"tls\"",
        );
    }
    let from = row.required_text("from", "as \"Plimsoll <plimsoll@example.org>\"");
    let to = row.texts("to").unwrap_or_default();
    if to.is_empty() {
        row.missing("to", "at least one address");
    }
    for (key, text) in from
        .iter()
        .map(|from| ("from", from))
        .chain(to.iter().map(|to| ("to", to)))
    {
        if text.parse::<lettre::message::Mailbox>().is_err() {
            row.mistake_at(key, format!("`{key}`: {text:?} is no mail address"));
        }
    }
    let ca_file = row
        .has("ca_file")
        .then(|| reading.path(row, "ca_file"))
        .flatten();
    if ca_file.is_none() {
        row.text("ca_file");
    }
    Some(Email {
        host: host?,
        port: u16::try_from(port).ok()?,
        security,
        user,
        password,
        from: from?,
        to,
        ca_file,
    })
}

/// Where a secret is: `NAME_file` or `NAME_variable`.
fn secret(row: &Section<'_>, reading: &Reading<'_>, name: &str) -> Option<Place> {
    let (file_key, variable_key) = (format!("{name}_file"), format!("{name}_variable"));
    if row.has(name) {
        row.text(name);
        let message = format!("`{name}` is a secret, and stands in no configuration");
        let hint = Some(format!("put it into a file, and name that by `{file_key}`"));
        row.mistake(row.place_of(name), message, hint);
    }
    let file: Option<PathBuf> = if row.has(&file_key) {
        reading.path(row, &file_key)
    } else {
        row.text(&file_key);
        None
    };
    // Every secret may be in a variable: the example says so once.
    let variable = row.has(&variable_key).then(|| row.text(&variable_key));
    let variable = variable.flatten();
    match (file, variable) {
        (Some(_), Some(_)) => {
            let message = format!("`{file_key}` and `{variable_key}` exclude each other: keep one");
            row.mistake_at(&variable_key, message);
            None
        }
        (Some(file), None) => Some(Place::File(file)),
        (None, variable) => variable.map(Place::Variable),
    }
}

fn needed(row: &Section<'_>, reading: &Reading<'_>, name: &str) -> Option<Place> {
    let found = secret(row, reading, name);
    let (file, variable) = (format!("{name}_file"), format!("{name}_variable"));
    if !row.has(&file) && !row.has(&variable) {
        row.missing(
            &file,
            &format!("a file that its owner alone can read, or `{variable}`"),
        );
    }
    found
}
