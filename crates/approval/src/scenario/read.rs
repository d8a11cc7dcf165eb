//! Documents to scenarios: all mistakes at once, each with its place.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use plimsoll_change::{Change, ChangeKind, diff};
use plimsoll_model::{Action, Asset, AssetId, ChangeRequest, Text};
use plimsoll_settings::{Document, Mistake, Mistakes, Section, nearest};
use serde_json::{Value, json};

use super::short::{merge, spell_out_request};
use super::table::{Notes, Table, value_of};
use super::{House, KnownRequest, Label, PolicyChoice, Record, Scenario};
use crate::people::People;
use crate::policies::Policies;
use crate::policy::Policy;
use crate::staging::{Sightings, StagingRun};
use crate::types::{Counted, EarlierRun, Outcome, TwinValue};
use crate::verdict::Verdict;

/// The system of staging that mirrors the one of a scenario which does not say otherwise.
const TWIN: &str = "container:staging/api";
/// What an asset is and is called, where a scenario does not say.
const KIND: &str = "container";
const CALLED: &str = "api";

/// Reads a document of scenarios.
///
/// # Errors
/// All mistakes: what is missing, unknown or of the wrong shape, each with its place, and what is wrong in policies and lists of
/// people that the document brings.
pub fn read(document: &Document, house: &House<'_>) -> Result<Vec<Scenario>, Mistakes> {
    let mut elsewhere: Vec<Mistake> = Vec::new();
    let read = document.read(|root| read_all(root, house, &mut elsewhere));
    match (read, elsewhere.is_empty()) {
        (Ok(scenarios), true) => Ok(scenarios),
        (Ok(_), false) => Err(Mistakes::new(elsewhere)),
        (Err(mistakes), _) => Err(mistakes.and(Mistakes::new(elsewhere))),
    }
}

/// What a document says for all of its scenarios.
struct Shared<'a> {
    root: &'a Section<'a>,
    policies: &'a Policies,
    /// Whether the policies that the document brings could be read.
    sound: bool,
    choice: PolicyChoice<'a>,
    people: Arc<People>,
    policy: Value,
    change: Value,
    request: Value,
    world: Value,
}

fn read_all(root: &Section<'_>, house: &House<'_>, elsewhere: &mut Vec<Mistake>) -> Vec<Scenario> {
    let mut documents = Vec::new();
    if let Some(table) = root.table("policies") {
        for name in table.keys() {
            if let Some(text) = table.text(&name) {
                let name = format!("{}/policies/{name}.toml", root.file());
                documents.push(Document::new(name, text));
            }
        }
    }
    let own = (!documents.is_empty()).then(|| house.policies.and(&documents));
    let (own, sound) = match own {
        Some(Ok(own)) => (Some(own), true),
        Some(Err(mistakes)) => {
            elsewhere.extend(mistakes.into_vec());
            (None, false)
        }
        None => (None, true),
    };
    let people = root.text("people");
    let people = people.and_then(|text| read_people(root, &text, elsewhere));
    let shared = Shared {
        root,
        policies: own.as_ref().unwrap_or(house.policies),
        sound,
        choice: house.choice,
        people: people.unwrap_or_else(|| Arc::clone(&house.people)),
        policy: value_of(root, "policy"),
        change: value_of(root, "change"),
        request: value_of(root, "request"),
        world: value_of(root, "world"),
    };
    root.any("note");
    if !root.has("scenario") {
        root.missing("scenario", "write [[scenario]]");
    }
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut all = Vec::new();
    for row in root.tables("scenario") {
        let name = row.required_text("name", "what it is about, in a sentence");
        let name = name.unwrap_or_default();
        let line = row.line(row.place());
        if let (false, Some(first)) = (name.is_empty(), names.insert(name.clone(), line)) {
            let message = format!("two scenarios are called {name:?}: on lines {first} and {line}");
            let hint = Some("give each a name of its own".to_owned());
            row.mistake(row.place_of("name"), message, hint);
        }
        all.extend(read_one(&shared, &row, &name, elsewhere));
        row.finish();
    }
    all
}

fn read_people(
    section: &Section<'_>,
    text: &str,
    elsewhere: &mut Vec<Mistake>,
) -> Option<Arc<People>> {
    let line = section.line(section.place_of("people"));
    let document = Document::new(format!("{}:{line}/people", section.file()), text);
    match document.read(People::read) {
        Ok(people) => Some(Arc::new(people)),
        Err(mistakes) => {
            elsewhere.extend(mistakes.into_vec());
            None
        }
    }
}

fn read_one(
    shared: &Shared<'_>,
    row: &Section<'_>,
    name: &str,
    elsewhere: &mut Vec<Mistake>,
) -> Option<Scenario> {
    let notes = Notes {
        root: shared.root,
        row,
        name,
    };
    row.any("note");
    let people = row.text("people");
    let people = people.and_then(|text| read_people(row, &text, elsewhere));
    let policy = read_policy(
        shared,
        &notes,
        merge(&shared.policy, &value_of(row, "policy")),
    );
    let change = read_change(&notes, merge(&shared.change, &value_of(row, "change")));
    let label = read_label(&notes);
    let (requests, actions) = (value_of(row, "requests"), value_of(row, "actions"));
    let world = merge(&shared.world, &value_of(row, "world"));
    let before = change.as_ref().map(|change| change.before);
    let world = Table::new(&notes, "world", world);
    let world = read_world(world, before.unwrap_or_default());
    let as_of = world.read_until.unwrap_or(world.now);
    let requests = read_requests(&notes, &shared.request, requests, as_of);
    let asset = change.as_ref().map(|change| &change.change.asset);
    let (maker, others) = read_actions(&notes, actions, asset);
    let change = change?;
    Some(Scenario {
        file: row.file().to_owned(),
        line: row.line(row.place()),
        name: name.to_owned(),
        requests,
        policy,
        people: people.unwrap_or_else(|| Arc::clone(&shared.people)),
        change: change.change,
        asset: change.is,
        after: change.after,
        before: change.before,
        environment: change.environment,
        role: change.role,
        sensitive: change.sensitive,
        lineage: change.lineage,
        was: change.counted,
        namesakes: change.namesakes,
        earlier: change.earlier,
        twins: world.twins,
        twin_values: world.twin_values,
        maker,
        others,
        more: world.more,
        read_until: world.read_until,
        sightings: world.sightings,
        now: world.now,
        label: label?,
    })
}

fn read_policy(shared: &Shared<'_>, notes: &Notes<'_>, named: Value) -> Option<Policy> {
    let default = match shared.choice {
        PolicyChoice::Always(policy) => return Some(policy.clone()),
        PolicyChoice::Default(default) => default,
    };
    let name = match named {
        Value::Null => {
            if default.is_none() {
                let hint = "name one with `policy`, choose one in [approval], or give --policy; `policy = \"none\"` is \
                            for a house without one";
                notes.note("policy", "is missing", Some(hint.to_owned()));
            }
            return default.cloned();
        }
        Value::String(name) => name,
        _ => {
            notes.note("policy", "must be the name of a policy", None);
            return None;
        }
    };
    if name == "none" {
        return None;
    }
    let policy = shared.policies.get(&name).cloned();
    if policy.is_none() && shared.sound {
        let hint = shared.policies.suggest(&name);
        notes.note("policy", &format!("{name:?} is no policy"), Some(hint));
    }
    policy
}

fn read_label(notes: &Notes<'_>) -> Option<Label> {
    let row = notes.row;
    let expect = row.required_text("expect", "the verdict, as \"approved by CHG-1\"")?;
    let (verdict, request) = match expect.split_once(" by ") {
        Some((verdict, request)) => (verdict, Some(request.to_owned())),
        None => (expect.as_str(), None),
    };
    let words = Verdict::ALL.map(Verdict::as_str);
    let found = Verdict::ALL.into_iter().find(|one| one.as_str() == verdict);
    if found.is_none() {
        let hint = nearest(verdict, words.into_iter());
        let hint = hint.map(|near| format!("did you mean {near:?}?"));
        let message = format!("{verdict:?} is none of {}", words.join(", "));
        notes.note("expect", &message, hint);
    }
    let reasons = row.texts("reasons");
    for reason in reasons.iter().flatten() {
        let parts: Vec<&str> = reason.split(' ').collect();
        let outcome = |word: &str| Outcome::ALL.iter().any(|one| one.as_str() == word);
        if !matches!(parts.as_slice(), [_, word, _] if outcome(word)) {
            let outcomes = Outcome::ALL.map(Outcome::as_str).join(", ");
            let hint =
                format!("as \"change-approved fails no-request\"; an outcome is one of {outcomes}");
            notes.note("reasons", &format!("{reason:?} is no reason"), Some(hint));
        }
    }
    let verdict = found?;
    Some(Label {
        verdict,
        request,
        whole: reasons.is_some() || verdict == Verdict::Approved,
        reasons: reasons.unwrap_or_default(),
    })
}

/// The change of a scenario, with what its asset counts for.
struct ReadChange {
    change: Change,
    is: Option<Asset>,
    after: Option<Timestamp>,
    before: Timestamp,
    environment: Option<String>,
    role: Option<String>,
    sensitive: Option<bool>,
    lineage: Vec<(AssetId, String)>,
    counted: Option<Counted>,
    namesakes: Vec<AssetId>,
    earlier: Vec<EarlierRun>,
}

fn read_change(notes: &Notes<'_>, value: Value) -> Option<ReadChange> {
    let mut table = Table::new(notes, "change", value);
    let id = table.required_text(
        "asset",
        "the id of what changed, as \"container:web-1/api\"",
    );
    let id = id.and_then(|id| table.id("asset", &id));
    let kind = Text::from(table.text("kind").unwrap_or_else(|| KIND.to_owned()));
    let called = Text::from(table.text("called").unwrap_or_else(|| CALLED.to_owned()));
    let after = table.time("after");
    let hint = "when the change was first seen, as \"2026-03-03T12:00:00Z\"";
    let before = table.required_time("before", hint);
    let mut look = |key: &'static str| -> Option<Asset> {
        let mut look = table.table(key)?;
        let facts = look.take("facts").unwrap_or_else(|| json!({}));
        let labels = look.take("labels").unwrap_or_else(|| json!({}));
        look.finish();
        let id = id.as_ref().map_or("asset:none", AssetId::as_str);
        let whole =
            json!({"id": id, "kind": kind, "name": called, "facts": facts, "labels": labels});
        let least = json!({"id": "a:b", "kind": "a", "name": "b"});
        let asset = Table::new(notes, format!("change.{key}"), whole).read::<Asset>(&least);
        asset.map(|mut asset| {
            asset.settle();
            asset
        })
    };
    let (was, is) = (look("was"), look("is"));
    let counted = table.table("counted").map(|mut was| {
        let made = Counted {
            environment: was.text("environment").map(Text::from),
            kind: was.text("kind").map_or_else(|| kind.clone(), Text::from),
            role: was.text("role").map(Text::from),
            sensitive: was.flag("sensitive"),
        };
        was.finish();
        made
    });
    let mut earlier = Vec::new();
    for mut ran in table.tables("ran") {
        let artefact = ran.required_text("artefact", "the digest or commit that ran");
        let until = ran.required_time("until", "when it was seen last");
        let approved = ran.flag("approved").unwrap_or(false);
        earlier.extend(artefact.zip(until).map(|(artefact, until)| EarlierRun {
            artefact: artefact.into(),
            until,
            approved,
        }));
        ran.finish();
    }
    let lineage = table.ids("inside").unwrap_or_default().into_iter();
    let lineage = lineage.map(|id| {
        let name = id
            .as_str()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        (id, name)
    });
    let lineage = lineage.collect();
    let environment = table.text("environment");
    let role = table.text("role");
    let sensitive = table.flag("sensitive");
    let namesakes = table.ids("namesakes").unwrap_or_default();
    table.finish();
    let (kind_of_change, paths) = match (&was, &is) {
        (Some(was), Some(is)) => (ChangeKind::Modified, diff(was, is)),
        (None, Some(_)) => (ChangeKind::Added, Vec::new()),
        (_, None) => (ChangeKind::Removed, Vec::new()),
    };
    let (id, before) = (id?, before?);
    if was.is_none() && is.is_none() {
        let hint = "give `was`, `is` or both: the asset at the two looks".to_owned();
        notes.note("change", "says neither what was nor what is", Some(hint));
    }
    if kind_of_change == ChangeKind::Modified && paths.is_empty() {
        let hint = "`was` and `is` have to differ".to_owned();
        notes.note("change", "changes nothing", Some(hint));
    }
    Some(ReadChange {
        change: Change {
            asset: id,
            asset_kind: kind,
            asset_name: called,
            kind: kind_of_change,
            paths,
        },
        is,
        after,
        before,
        environment,
        role,
        sensitive,
        lineage,
        counted,
        namesakes,
        earlier,
    })
}

/// What is known around a change.
struct ReadWorld {
    now: Timestamp,
    read_until: Option<Timestamp>,
    sightings: Sightings,
    twins: Vec<AssetId>,
    twin_values: Vec<TwinValue>,
    more: bool,
}

fn read_world(mut table: Table<'_>, before: Timestamp) -> ReadWorld {
    let later = || before.checked_add(1.hour()).unwrap_or(before);
    let now = table.time("now").unwrap_or_else(later);
    let read_until = match table.text("read_until").as_deref() {
        Some("never") => None,
        Some(text) => table.moment("read_until", text).or(Some(now)),
        None => Some(now),
    };
    let staging_known = table.has("staging");
    let mut runs = HashMap::new();
    if let Some(mut seen) = table.table("staging") {
        for (key, ran) in seen.own() {
            let made = match ran.as_str() {
                Some(from) => read_runs(seen.inner(&key, json!({ "from": from }))),
                None => read_runs(seen.inner(&key, ran)),
            };
            runs.insert(Text::from(key), made);
        }
    }
    let mut twin_values = Vec::new();
    if let Some(mut had) = table.table("twin") {
        for (path, value) in had.own() {
            let mut had = had.inner(&path, value);
            let value = match had.take("value").map(serde_json::from_value) {
                Some(Ok(value)) => Some(value),
                Some(Err(error)) => {
                    had.note("value", &format!("does not fit: {error}"), None);
                    None
                }
                None => None,
            };
            let from = had.required_time("from", "since when it had that value, at the latest");
            twin_values.extend(from.map(|from| TwinValue {
                path: path.as_str().into(),
                value,
                from,
            }));
            had.finish();
        }
    }
    let twins = table.ids("twins").unwrap_or_else(|| {
        let staged = staging_known || !twin_values.is_empty();
        twin().into_iter().filter(|_| staged).collect()
    });
    let more = table.flag("more").unwrap_or(false);
    table.finish();
    ReadWorld {
        now,
        read_until,
        sightings: Sightings {
            staging_known,
            runs,
        },
        twins,
        twin_values,
        more,
    }
}

fn twin() -> Option<AssetId> {
    AssetId::new(TWIN).ok()
}

/// When an artefact ran in staging: one time, and `again`.
fn read_runs(mut ran: Table<'_>) -> Vec<StagingRun> {
    let on = match ran.text("on") {
        Some(on) => ran.id("on", &on),
        None => twin(),
    };
    let mut again = ran.table("again");
    let mut runs = Vec::new();
    for part in std::iter::once(&mut ran).chain(again.as_mut()) {
        let (after, until) = (part.time("after"), part.time("until"));
        let from = part.required_time("from", "since when it ran there, at the latest");
        runs.extend(on.clone().zip(from).map(|(asset, from)| StagingRun {
            asset,
            after,
            from,
            until,
        }));
    }
    for part in std::iter::once(ran).chain(again) {
        part.finish();
    }
    runs
}

fn read_requests(
    notes: &Notes<'_>,
    base: &Value,
    requests: Value,
    as_of: Timestamp,
) -> Vec<KnownRequest> {
    let least = json!({"id": "a", "title": "b", "opened": "2026-01-01T00:00:00Z"});
    let mut made = Vec::new();
    for (at, own) in (0..).zip(items(notes, "requests", requests)) {
        let path = format!("requests[{at}]");
        if !own.is_object() {
            notes.note(
                &path,
                "must be a table",
                Some("as { id = \"CHG-1\" }".to_owned()),
            );
            continue;
        }
        let mut whole = merge(base, &own);
        for wrong in whole
            .as_object_mut()
            .map(spell_out_request)
            .into_iter()
            .flatten()
        {
            notes.note(&format!("{path}.{}", wrong.path), &wrong.message, None);
        }
        let mut table = Table::new(notes, path, whole);
        let source = table.text("source").unwrap_or_else(|| "tracker".to_owned());
        let as_of = table.time("as_of").unwrap_or(as_of);
        let request = table.read::<ChangeRequest>(&least);
        made.extend(request.map(|request| KnownRequest {
            source,
            as_of,
            request,
        }));
    }
    made
}

/// The platform's records: the first that is not about something else tells who made the change.
fn read_actions(
    notes: &Notes<'_>,
    actions: Value,
    asset: Option<&AssetId>,
) -> (Option<Record>, Vec<Action>) {
    let least = json!({"id": "a", "asset": "a:b", "what": "c", "at": "2026-01-01T00:00:00Z"});
    let (mut maker, mut others) = (None, Vec::new());
    for (at, mut action) in (0..).zip(items(notes, "actions", actions)) {
        let path = format!("actions[{at}]");
        if let Some(fields) = action.as_object_mut() {
            let mut default = |key: &str, value: Value| {
                fields.entry(key).or_insert(value);
            };
            default("asset", json!(asset.map_or("asset:none", AssetId::as_str)));
            default("id", json!(format!("{}", 4711 + at)));
            default("what", json!("deploy"));
            if let Some(Value::String(actor)) = fields.get("actor").cloned() {
                fields.insert("actor".to_owned(), json!({"account": actor}));
            }
        }
        let mut table = Table::new(notes, path, action);
        let proven = table.flag("proven").unwrap_or(true);
        let exact = table.flag("exact").unwrap_or(true);
        let other = table.flag("other").unwrap_or(false);
        let Some(action) = table.read::<Action>(&least) else {
            continue;
        };
        if other || maker.is_some() {
            others.push(action);
        } else {
            maker = Some(Record {
                action,
                proven,
                exact,
            });
        }
    }
    (maker, others)
}

/// The items of a list; what is none is noted.
fn items(notes: &Notes<'_>, key: &str, value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        _ => {
            notes.note(key, "must be a list", Some(format!("as {key} = [{{ … }}]")));
            Vec::new()
        }
    }
}
