//! `plimsoll notify`, and what is sent at the end of a scan.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;

use super::args::{ListFormat, NotifyArgs, NotifyCommand};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::notify::plan::{Job, Notify};
use crate::notify::{Courier, Round};
use crate::report::tame;
use crate::store::{DeliveryRow, DeliveryState, NoticeRow, Store};

/// How many notices of one subject are explained.
const EXPLAINED: u32 = 20;

pub(super) fn run(door: &Door, args: &NotifyArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        NotifyCommand::Test { channel } => test(door, channel.as_deref(), out),
        NotifyCommand::Deliver => deliver(door, out),
        NotifyCommand::Explain { id, format } => explain(door, id, *format, out),
        NotifyCommand::List { limit, format } => list(door, *limit, *format, out),
    }
}

fn settings(door: &Door) -> anyhow::Result<&Notify> {
    let settings = door.config.notify.as_ref();
    settings.context(
        "nobody is to be told anything: add a [[notify.channels]] to the configuration, as config.example.toml shows",
    )
}

fn courier(door: &Door) -> anyhow::Result<Courier> {
    let store = &door.config.store;
    Ok(Courier::new(
        settings(door)?,
        &store.path,
        store.busy_timeout,
    )?)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.context("cannot start sending")
}

/// Sends a sample to one channel, or to all.
fn test(door: &Door, only: Option<&str>, out: &mut Out) -> anyhow::Result<Exit> {
    let courier = courier(door)?;
    let channels = courier.channels();
    if let Some(only) = only
        && !channels.iter().any(|channel| *channel == only)
    {
        anyhow::bail!(
            "no channel is named {only:?}: configured are {}",
            channels.join(", ")
        );
    }
    let runtime = runtime()?;
    let mut failed = false;
    for channel in channels
        .iter()
        .filter(|one| only.is_none_or(|only| **one == *only))
    {
        let came = runtime.block_on(courier.test(channel, Timestamp::now()));
        out.write(|out| match &came {
            Ok(None) => writeln!(out, "{channel}: sent"),
            Ok(Some(note)) => writeln!(out, "{channel}: sent; {}", tame(note, 200)),
            Err(why) => writeln!(out, "{channel}: not sent: {}", tame(why, 200)),
        })?;
        failed |= came.is_err();
    }
    Ok(if failed { Exit::Failed } else { Exit::Clean })
}

/// Delivers what is due, for as long as `patience` says.
fn deliver(door: &Door, out: &mut Out) -> anyhow::Result<Exit> {
    let settings = settings(door)?;
    let courier = courier(door)?;
    let (whole, waiting) = runtime()?.block_on(drive(&courier, settings.patience))?;
    out.write(|out| {
        writeln!(out, "{} sent, {waiting} in the outbox", whole.sent)?;
        for trouble in &whole.troubles {
            writeln!(out, "{}", tame(trouble, 300))?;
        }
        Ok(())
    })?;
    Ok(if whole.troubles.is_empty() {
        Exit::Clean
    } else {
        Exit::Failed
    })
}

/// What a scan sends at its end. What goes wrong is said, and changes nothing of what the scan came to.
pub(super) fn after_scan(door: &Door) {
    let Some(settings) = &door.config.notify else {
        return;
    };
    let sent =
        courier(door).and_then(|courier| runtime()?.block_on(drive(&courier, settings.patience)));
    let warn = |text: String| super::log::say("WARN", &text);
    match sent {
        Ok((whole, waiting)) => {
            for trouble in &whole.troubles {
                warn(format!("plimsoll: notice not sent: {}", tame(trouble, 300)));
            }
            if !whole.troubles.is_empty() && waiting > 0 {
                warn(format!(
                    "plimsoll: {waiting} notices stay in the outbox, and are sent by the next scan or `plimsoll notify deliver`"
                ));
            }
        }
        Err(error) => warn(format!("plimsoll: notices were not sent: {error:#}")),
    }
}

/// Calls the courier again and again, until nothing is due soon or the time is up. With how many messages are left; a trouble
/// is told once, and not where it passed.
async fn drive(courier: &Courier, patience: Duration) -> anyhow::Result<(Round, u64)> {
    let start = Instant::now();
    let mut whole = Round::default();
    loop {
        let left = patience.saturating_sub(start.elapsed());
        let delivered = tokio::time::timeout(
            // One call always has the time to try.
            left.max(Duration::from_secs(1)),
            courier.deliver(Timestamp::now()),
        );
        let Ok(round) = delivered.await else {
            let trouble = "the time that `patience` gives is over".to_owned();
            whole.troubles.push(trouble);
            break;
        };
        let round = round?;
        whole.sent += round.sent;
        whole.failed += round.failed;
        whole.given_up += round.given_up;
        for trouble in round.troubles {
            if !whole.troubles.contains(&trouble) {
                whole.troubles.push(trouble);
            }
        }
        let Some(next) = round.next else { break };
        let wait = next.duration_since(Timestamp::now());
        let wait = Duration::try_from(wait).unwrap_or(Duration::ZERO);
        if wait > patience.saturating_sub(start.elapsed()) {
            break;
        }
        tokio::time::sleep(wait.max(Duration::from_millis(10))).await;
    }
    let waiting = courier.depth()?.iter().map(|depth| depth.waiting).sum();
    if waiting == 0 && whole.given_up == 0 {
        whole.troubles.clear();
    }
    Ok((whole, waiting))
}

fn open(door: &Door) -> anyhow::Result<Store> {
    let settings = &door.config.store;
    Ok(Store::open_existing(&settings.path, settings.busy_timeout)?)
}

/// Says why something was or was not sent.
fn explain(door: &Door, id: &str, format: ListFormat, out: &mut Out) -> anyhow::Result<Exit> {
    let store = open(door)?;
    let notices = match id.parse::<i64>() {
        Ok(number) => {
            let found = store.notice(number)?;
            let found = found.with_context(|| {
                format!("no notice has the number {number}: `plimsoll notify list` lists them; of a change it is change:{number}")
            })?;
            vec![found]
        }
        Err(_) => store.notices_of(id, EXPLAINED)?,
    };
    let mut deliveries = Vec::new();
    for notice in &notices {
        for (_, _, delivery) in &notice.decisions {
            let Some(delivery) = delivery.map(|number| store.delivery(number)).transpose()? else {
                continue;
            };
            deliveries.extend(delivery);
        }
    }
    let mut logs = Vec::new();
    for delivery in &deliveries {
        logs.push((delivery.id, store.delivery_log(delivery.id)?));
    }
    if format == ListFormat::Json {
        let notices: Vec<_> = notices
            .iter()
            .map(|one| notice_json(one, &deliveries))
            .collect();
        let page = serde_json::json!({"schema": "plimsoll/notices/v1", "notices": notices});
        return json(out, &page);
    }
    out.write(|out| {
        if notices.is_empty() {
            return writeln!(
                out,
                "nothing was worth telling of {}: no scan since notices are configured found it new, gone or otherwise than before",
                tame(id, 200)
            );
        }
        for notice in &notices {
            let one = &notice.occurrence;
            writeln!(
                out,
                "notice {}: {} {}, {}, found at {}",
                notice.id,
                tame(&one.subject, 200),
                one.what.as_str(),
                one.severity.as_str(),
                notice.at
            )?;
            for (channel, hold, delivery) in &notice.decisions {
                let word = hold.as_ref().map_or("send", |hold| hold.as_str());
                let why = hold.as_ref().map_or_else(
                    || "it is sent by itself".into(),
                    |hold| hold.sentence(),
                );
                writeln!(out, "  {channel}: {word}: {why}")?;
                let found = deliveries.iter().find(|one| Some(one.id) == *delivery);
                let Some(found) = found else { continue };
                writeln!(out, "    message {}: {}", found.id, state(found))?;
                let log = logs.iter().find(|(id, _)| *id == found.id);
                for attempt in log.map(|(_, log)| log.as_slice()).unwrap_or_default() {
                    let why = attempt.why.as_deref();
                    let why = why.map_or(String::new(), |why| format!(": {}", tame(why, 200)));
                    writeln!(out, "      {} {}{why}", attempt.at, attempt.what)?;
                }
            }
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}

/// What waits, and what was sent.
fn list(door: &Door, limit: u32, format: ListFormat, out: &mut Out) -> anyhow::Result<Exit> {
    let store = open(door)?;
    let deliveries = store.deliveries(limit)?;
    let notices = store.notices(limit)?;
    if format == ListFormat::Json {
        let notices: Vec<_> = notices
            .iter()
            .map(|one| notice_json(one, &deliveries))
            .collect();
        let messages: Vec<_> = deliveries.iter().map(delivery_json).collect();
        let page = serde_json::json!({
            "schema": "plimsoll/outbox/v1", "messages": messages, "notices": notices,
        });
        return json(out, &page);
    }
    out.write(|out| {
        writeln!(out, "messages:")?;
        if deliveries.is_empty() {
            writeln!(out, "  none")?;
        }
        for one in &deliveries {
            writeln!(
                out,
                "  {:>5} {}: {}: {}",
                one.id,
                one.channel,
                state(one),
                tame(&title(one), 100)
            )?;
        }
        writeln!(out, "notices:")?;
        if notices.is_empty() {
            writeln!(out, "  none")?;
        }
        for one in &notices {
            let told: Vec<String> = one
                .decisions
                .iter()
                .map(|(channel, hold, _)| {
                    format!(
                        "{channel} {}",
                        hold.as_ref().map_or("send", |hold| hold.as_str())
                    )
                })
                .collect();
            writeln!(
                out,
                "  {:>5} {} {} {}: {}",
                one.id,
                one.at,
                tame(&one.occurrence.subject, 90),
                one.occurrence.what.as_str(),
                told.join(", ")
            )?;
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}

fn title(delivery: &DeliveryRow) -> String {
    match &delivery.job {
        Some(Job::Post(message)) => message.title.to_string(),
        Some(Job::Edit(since)) => {
            format!("first message of {}: {}", delivery.subject, since.standing)
        }
        None => "written by a later Plimsoll".to_owned(),
    }
}

fn state(delivery: &DeliveryRow) -> String {
    let ended = delivery
        .ended
        .map_or(String::new(), |at| format!(" at {at}"));
    let tried = match (delivery.state, delivery.attempts) {
        (DeliveryState::Planned | DeliveryState::Sending, 0) => {
            format!(", due at {}", delivery.due)
        }
        (DeliveryState::Planned | DeliveryState::Sending, tried) => {
            format!(", tried {tried} times, again at {}", delivery.due)
        }
        _ => String::new(),
    };
    let why = delivery.why.as_deref();
    let why = why.map_or(String::new(), |why| format!(" ({})", tame(why, 200)));
    format!("{}{ended}{tried}{why}", delivery.state.as_str())
}

fn delivery_json(one: &DeliveryRow) -> serde_json::Value {
    serde_json::json!({
        "id": one.id, "channel": one.channel, "subject": one.subject, "key": one.key,
        "state": one.state.as_str(), "planned": one.at, "due": one.due, "attempts": one.attempts,
        "ended": one.ended, "remote": one.remote, "why": one.why, "title": title(one),
    })
}

fn notice_json(one: &NoticeRow, deliveries: &[DeliveryRow]) -> serde_json::Value {
    let decisions: Vec<_> = one
        .decisions
        .iter()
        .map(|(channel, hold, delivery)| {
            let found = deliveries.iter().find(|one| Some(one.id) == *delivery);
            serde_json::json!({
                "channel": channel,
                "decision": hold.as_ref().map_or("send", |hold| hold.as_str()),
                "why": hold.as_ref().map(|hold| hold.sentence()),
                "message": found.map(delivery_json),
            })
        })
        .collect();
    serde_json::json!({
        "id": one.id, "found": one.at, "occurrence": one.occurrence, "decisions": decisions,
    })
}

fn json(out: &mut Out, page: &serde_json::Value) -> anyhow::Result<Exit> {
    out.write(|out| {
        crate::inert::json::write_pretty(out, page)?;
        writeln!(out)
    })?;
    Ok(Exit::Clean)
}
