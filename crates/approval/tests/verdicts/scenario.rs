//! Scenarios as they are written, and what they come to.

use std::collections::HashMap;
use std::path::Path;

use jiff::{Timestamp, ToSpan};
use plimsoll_approval::{
    Deed, EarlierRun, Filed, Judged, People, Policies, Requests, Sightings, StagingRun, Standing,
    Subject, TwinValue, World, judge,
};
use plimsoll_change::{Change, ChangeKind, diff};
use plimsoll_model::{Action, Asset, AssetId, ChangeRequest, Text};
use plimsoll_settings::Document;
use serde_json::{Map, Value, json};

/// The system of staging that mirrors the one of a scenario which does not say otherwise.
const TWIN: &str = "container:staging/api";

/// One scenario, ready to be judged.
pub(crate) struct Scenario {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) requests: Vec<(String, Timestamp, ChangeRequest)>,
    policies: Policies,
    policy: Option<String>,
    people: People,
    change: Change,
    asset: Option<Asset>,
    after: Option<Timestamp>,
    before: Timestamp,
    environment: Option<String>,
    role: Option<String>,
    sensitive: Option<bool>,
    lineage: Vec<(AssetId, String)>,
    was: Option<Counted>,
    namesakes: Vec<AssetId>,
    earlier: Vec<EarlierRun>,
    twins: Vec<AssetId>,
    twin_values: Vec<TwinValue>,
    maker: Option<(Action, bool, bool)>,
    others: Vec<Action>,
    more: bool,
    read_until: Option<Timestamp>,
    sightings: Sightings,
    now: Timestamp,
    verdict: String,
    request: Option<String>,
    reasons: Vec<String>,
    /// Whether the reasons are labelled, and not the verdict alone.
    labelled: bool,
}

/// What the asset counted for before the change.
struct Counted {
    environment: Option<String>,
    kind: String,
    role: Option<String>,
    sensitive: Option<bool>,
}

impl Scenario {
    pub(crate) fn judge(&self) -> Judged {
        let filed = self.requests.iter().map(|(source, as_of, request)| Filed {
            source,
            as_of: *as_of,
            request,
        });
        let requests = Requests::new(filed.collect());
        let mut subject = Subject::new(&self.change, self.after, self.before);
        subject.environment = self.environment.as_deref();
        subject.role = self.role.as_deref();
        subject.sensitive = self.sensitive;
        subject.asset = self.asset.as_ref();
        subject.lineage = self
            .lineage
            .iter()
            .map(|(id, name)| (id, name.as_str()))
            .collect();
        subject.maker = self
            .maker
            .as_ref()
            .map(|(action, proven, exact)| Deed::of("platform", action, *proven, *exact));
        subject.others = self
            .others
            .iter()
            .map(|action| Deed::of("platform", action, false, false))
            .collect();
        subject.more = self.more;
        subject.was = self.was.as_ref().map(|was| Standing {
            environment: was.environment.as_deref(),
            kind: &was.kind,
            role: was.role.as_deref(),
            sensitive: was.sensitive,
        });
        subject.namesakes = self.namesakes.iter().collect();
        subject.earlier.clone_from(&self.earlier);
        subject.twins = self.twins.iter().collect();
        subject.twin_values.clone_from(&self.twin_values);
        let world = World {
            policy: self.policy.as_ref().map(|name| {
                self.policies
                    .get(name)
                    .unwrap_or_else(|| panic!("no policy {name}"))
            }),
            people: &self.people,
            requests: &requests,
            read_until: self.read_until,
            troubles: &[],
            sightings: &self.sightings,
            now: self.now,
        };
        judge(&subject, &world)
    }

    /// How what came out differs from the label; none where it does not. Every reason that does not hold has to be in
    /// the label, and everything in the label among the reasons.
    pub(crate) fn differs(&self, judged: &Judged) -> Option<String> {
        let told: Vec<String> = judged
            .reasons
            .iter()
            .map(|reason| {
                format!(
                    "{} {} {}",
                    reason.control,
                    reason.outcome.as_str(),
                    reason.rule
                )
            })
            .collect();
        let missing: Vec<&String> = self
            .reasons
            .iter()
            .filter(|one| !told.contains(one))
            .collect();
        let unlabelled: Vec<&String> = told
            .iter()
            .filter(|one| {
                !one.contains(" holds ")
                    && !one.contains(" unasked ")
                    && !self.reasons.contains(one)
            })
            .collect();
        let request = judged.request.as_deref();
        let good = judged.verdict().as_str() == self.verdict
            && (self.request.is_none() || request == self.request.as_deref())
            && missing.is_empty()
            && (unlabelled.is_empty() || !self.labelled);
        if good {
            return None;
        }
        let sentences: Vec<String> = judged
            .sentences()
            .iter()
            .map(|one| format!("    {one}"))
            .collect();
        Some(format!(
            "  expected {} {:?}, came out {} {request:?}\n  missing {missing:#?}\n  not labelled {unlabelled:#?}\n{}",
            self.verdict,
            self.request,
            judged.verdict().as_str(),
            sentences.join("\n")
        ))
    }
}

/// Every scenario below a folder, in order.
pub(crate) fn load(folder: &Path) -> Vec<Scenario> {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let people = read(&folder.join("people.toml"));
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension() != Some("toml".as_ref()) || name == "people.toml" {
            continue;
        }
        let file: Value =
            toml::from_str(&read(&path)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let file = expand(file);
        for scenario in file["scenario"]
            .as_array()
            .unwrap_or_else(|| panic!("{name} has no [[scenario]]"))
        {
            all.push(one(&name, &file, scenario, &people));
        }
    }
    all
}

fn one(file: &str, base: &Value, own: &Value, people: &str) -> Scenario {
    let name = own["name"]
        .as_str()
        .unwrap_or_else(|| panic!("{file}: a scenario without name"))
        .to_owned();
    let of = |key: &str| merged(&base[key], &own[key]);
    let fail = |what: &str, error: &dyn std::fmt::Display| -> ! {
        panic!("{file}: {name}: {what}: {error}")
    };
    let known = [
        "name", "expect", "reasons", "change", "requests", "actions", "world", "people", "policy",
        "note",
    ];
    for key in own.as_object().unwrap().keys() {
        if !known.contains(&key.as_str()) {
            fail("unknown key", key);
        }
    }
    let mut documents = Policies::shipped();
    for (name, text) in base["policies"].as_object().into_iter().flatten() {
        documents.push(Document::new(
            format!("{name}.toml"),
            text.as_str().unwrap(),
        ));
    }
    let policies = Policies::load(&documents).unwrap_or_else(|error| fail("policies", &error));
    let policy = of("policy");
    let people = own["people"].as_str().unwrap_or(people);
    let people = Document::new("people.toml", people)
        .read(People::read)
        .unwrap_or_else(|error| fail("people", &error));

    let change = of("change");
    let text = |key: &str| change[key].as_str().map(str::to_owned);
    let time = |value: &Value| -> Option<Timestamp> {
        let text = value.as_str()?;
        Some(text.parse().unwrap_or_else(|error| fail(text, &error)))
    };
    let id = AssetId::new(text("asset").unwrap()).unwrap();
    let look = |key: &str| -> Option<Asset> {
        let look = change.get(key).filter(|look| look.is_object())?;
        let mut asset: Asset = serde_json::from_value(json!({
            "id": id, "kind": text("kind").unwrap_or("container".to_owned()), "name": text("called").unwrap_or("api".to_owned()),
            "facts": look.get("facts").cloned().unwrap_or(json!({})), "labels": look.get("labels").cloned().unwrap_or(json!({})),
        }))
        .unwrap_or_else(|error| fail("change", &error));
        asset.settle();
        Some(asset)
    };
    let (was, is) = (look("was"), look("is"));
    let (kind, paths) = match (&was, &is) {
        (Some(was), Some(is)) => (ChangeKind::Modified, diff(was, is)),
        (None, Some(_)) => (ChangeKind::Added, Vec::new()),
        (_, None) => (ChangeKind::Removed, Vec::new()),
    };
    assert!(
        kind != ChangeKind::Modified || !paths.is_empty(),
        "{file}: {name}: nothing changed"
    );
    let before = time(&change["before"]).unwrap();
    let world = of("world");
    let now = time(&world["now"]).unwrap_or_else(|| before.checked_add(1.hour()).unwrap());
    let read_until = match world["read_until"].as_str() {
        Some("never") => None,
        _ => Some(time(&world["read_until"]).unwrap_or(now)),
    };
    let requests = own["requests"].as_array().cloned().unwrap_or_default();
    let requests = requests.iter().map(|request| {
        let mut request = sugared(merged(&base["request"], request));
        let fields = request.as_object_mut().unwrap();
        let source = fields
            .remove("source")
            .map_or("tracker".to_owned(), |source| {
                source.as_str().unwrap().to_owned()
            });
        let as_of = fields
            .remove("as_of")
            .and_then(|at| time(&at))
            .or(read_until)
            .unwrap_or(now);
        let read = serde_json::from_value(request.clone())
            .unwrap_or_else(|error| fail(&request.to_string(), &error));
        (source, as_of, read)
    });
    let requests = requests.collect();
    let (mut maker, mut others) = (None, Vec::new());
    for (at, action) in own["actions"].as_array().into_iter().flatten().enumerate() {
        let mut action = action.clone();
        let fields = action.as_object_mut().unwrap();
        let yes = |value: Option<Value>| value.is_none_or(|value| value.as_bool().unwrap());
        let (proven, exact) = (yes(fields.remove("proven")), yes(fields.remove("exact")));
        let other = fields
            .remove("other")
            .is_some_and(|other| other.as_bool().unwrap());
        fields.entry("asset").or_insert(json!(id));
        fields
            .entry("id")
            .or_insert(json!(format!("{}", 4711 + at)));
        fields.entry("what").or_insert(json!("deploy"));
        if let Some(actor) = fields
            .get("actor")
            .and_then(Value::as_str)
            .map(str::to_owned)
        {
            fields.insert("actor".to_owned(), json!({"account": actor}));
        }
        let action: Action =
            serde_json::from_value(action).unwrap_or_else(|error| fail("actions", &error));
        if other || maker.is_some() {
            others.push(action);
        } else {
            maker = Some((action, proven, exact));
        }
    }
    let seen = world["staging"].as_object().into_iter().flatten();
    let sightings = Sightings {
        staging_known: world["staging"].is_object(),
        runs: seen
            .map(|(key, ran)| {
                let of = |name: &str| time(&ran[name]);
                let on = ran["on"].as_str().unwrap_or(TWIN);
                let run = StagingRun {
                    asset: AssetId::new(on).unwrap(),
                    after: of("after"),
                    from: time(ran).or_else(|| of("from")).unwrap(),
                    until: of("until"),
                };
                let again = ran["again"].as_object().map(|_| StagingRun {
                    asset: run.asset.clone(),
                    after: time(&ran["again"]["after"]),
                    from: time(&ran["again"]["from"]).unwrap(),
                    until: time(&ran["again"]["until"]),
                });
                let runs = std::iter::once(run).chain(again);
                (Text::from(key.as_str()), runs.collect())
            })
            .collect::<HashMap<_, _>>(),
    };
    let ids = |value: &Value| -> Option<Vec<AssetId>> {
        let ids = value.as_array()?.iter();
        Some(
            ids.map(|id| AssetId::new(id.as_str().unwrap()).unwrap())
                .collect(),
        )
    };
    let twin_values = world["twin"].as_object().into_iter().flatten();
    let twin_values = twin_values.map(|(path, had)| TwinValue {
        path: path.as_str().into(),
        value: serde_json::from_value(had["value"].clone()).unwrap(),
        from: time(&had["from"]).unwrap(),
    });
    let twin_values: Vec<TwinValue> = twin_values.collect();
    let staged = world["staging"].is_object() || !twin_values.is_empty();
    let twins = ids(&world["twins"]).unwrap_or_else(|| {
        if staged {
            vec![AssetId::new(TWIN).unwrap()]
        } else {
            Vec::new()
        }
    });
    let counted = change["counted"].as_object().map(|was| Counted {
        environment: was
            .get("environment")
            .and_then(Value::as_str)
            .map(str::to_owned),
        kind: was.get("kind").and_then(Value::as_str).map_or_else(
            || text("kind").unwrap_or("container".to_owned()),
            str::to_owned,
        ),
        role: was.get("role").and_then(Value::as_str).map(str::to_owned),
        sensitive: was.get("sensitive").and_then(Value::as_bool),
    });
    let earlier = change["ran"].as_array().into_iter().flatten();
    let earlier = earlier.map(|ran| EarlierRun {
        artefact: ran["artefact"].as_str().unwrap().into(),
        until: time(&ran["until"]).unwrap(),
        approved: ran["approved"].as_bool().unwrap_or(false),
    });
    let lineage = change["inside"].as_array().into_iter().flatten();
    let lineage = lineage.map(|id| {
        let id = id.as_str().unwrap();
        (
            AssetId::new(id).unwrap(),
            id.rsplit('/').next().unwrap().to_owned(),
        )
    });
    let expect = own["expect"]
        .as_str()
        .unwrap_or_else(|| fail("expect", &"is missing"));
    let (verdict, request) = match expect.split_once(" by ") {
        Some((verdict, request)) => (verdict, Some(request.to_owned())),
        None => (expect, None),
    };
    let reasons = own["reasons"].as_array().into_iter().flatten();
    let reasons = reasons
        .map(|reason| reason.as_str().unwrap().to_owned())
        .collect();
    Scenario {
        file: file.to_owned(),
        name: name.clone(),
        requests,
        policy: policy
            .as_str()
            .filter(|name| *name != "none")
            .map(str::to_owned),
        policies,
        people,
        after: time(&change["after"]),
        before,
        environment: text("environment"),
        role: text("role"),
        sensitive: change["sensitive"].as_bool(),
        lineage: lineage.collect(),
        was: counted,
        namesakes: ids(&change["namesakes"]).unwrap_or_default(),
        earlier: earlier.collect(),
        twins,
        twin_values,
        change: Change {
            asset: id.clone(),
            asset_kind: text("kind").unwrap_or("container".to_owned()).into(),
            asset_name: text("called").unwrap_or("api".to_owned()).into(),
            kind,
            paths,
        },
        asset: is,
        maker,
        others,
        more: own["world"]["more"].as_bool().unwrap_or(false),
        read_until,
        sightings,
        now,
        verdict: verdict.to_owned(),
        request,
        reasons,
        labelled: own["reasons"].is_array() || verdict == "approved",
    }
}

/// Own over base, table by table; `"-"` takes a key away.
fn merged(base: &Value, own: &Value) -> Value {
    match (base, own) {
        (Value::Object(base), Value::Object(own)) => {
            let mut made = base.clone();
            for (key, value) in own {
                if value == "-" {
                    made.remove(key);
                } else {
                    let before = base.get(key).unwrap_or(&Value::Null);
                    made.insert(key.clone(), merged(before, value));
                }
            }
            Value::Object(made)
        }
        (base, Value::Null) => base.clone(),
        (_, Value::Object(own)) => Value::Object(
            own.iter()
                .filter(|(_, value)| **value != "-")
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        ),
        (_, own) => own.clone(),
    }
}

/// Short forms of what a request tells, spelled out.
fn sugared(mut request: Value) -> Value {
    let fields = request.as_object_mut().unwrap();
    for (key, value) in fields.iter_mut() {
        match key.as_str() {
            "requester" => *value = party(value),
            "implementers" | "authors" => each(value, party),
            "approvals" => each(value, |one| event(one, "by", &[("as", "kind")])),
            "reviews" => each(value, |one| {
                let mut made = event(
                    one,
                    "by",
                    &[("on", "commit"), ("as", "kind"), ("said", "said")],
                );
                made.as_object_mut()
                    .unwrap()
                    .entry("said")
                    .or_insert(json!("approved"));
                made
            }),
            "transitions" => each(value, |one| event(one, "to", &[])),
            "edits" => each(value, |one| event(one, "field", &[])),
            "sign_offs" => each(value, |one| {
                event(one, "by", &[("as", "kind"), ("with", "root_cause")])
            }),
            "merge" => {
                *value = event(
                    value,
                    "by",
                    &[
                        ("on", "commit"),
                        ("into", "branch"),
                        ("protected", "protected"),
                    ],
                )
            }
            "checks" => each(value, |one| {
                event(one, "name", &[("on", "commit"), ("passed", "passed")])
            }),
            _ => {}
        }
    }
    request
}

fn each(value: &mut Value, make: impl Fn(&Value) -> Value) {
    for one in value.as_array_mut().unwrap() {
        *one = make(one);
    }
}

fn party(value: &Value) -> Value {
    match value.as_str() {
        Some(text) => match text.strip_prefix("bot:") {
            Some(bot) => json!({"account": bot, "bot": true}),
            None => json!({"account": text}),
        },
        None => value.clone(),
    }
}

/// `kim at TIME on COMMIT`: the first word is `first`, then pairs of a word and its value. `withdrawn TIME` takes it back.
fn event(value: &Value, first: &str, words: &[(&str, &str)]) -> Value {
    let Some(text) = value.as_str() else {
        return value.clone();
    };
    let mut parts = text.split_whitespace();
    let mut made = Map::new();
    let head = parts.next().unwrap_or_default();
    if head != "somebody" {
        let head = json!(head);
        made.insert(
            first.to_owned(),
            if first == "by" { party(&head) } else { head },
        );
    }
    while let Some(word) = parts.next() {
        let value = parts
            .next()
            .unwrap_or_else(|| panic!("{text:?} ends after {word}"));
        let plain = match value {
            "true" | "root-cause" => json!(true),
            "false" => json!(false),
            value => json!(value),
        };
        match word {
            "at" => drop(made.insert("at".to_owned(), plain)),
            "withdrawn" if value == "sometime" => {
                drop(made.insert("withdrawn".to_owned(), json!({})))
            }
            "withdrawn" => drop(made.insert("withdrawn".to_owned(), json!({"at": plain}))),
            word => {
                let (_, key) = words
                    .iter()
                    .find(|(own, _)| *own == word)
                    .unwrap_or_else(|| panic!("{text:?}: {word}"));
                made.insert((*key).to_owned(), plain);
            }
        }
    }
    Value::Object(made)
}

/// `{c:one}` stands for a commit and `{d:one}` for a digest, the same for the same name.
fn expand(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(expand_text(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(expand).collect()),
        Value::Object(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (expand_text(&key), expand(value)))
                .collect(),
        ),
        other => other,
    }
}

fn expand_text(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{c:").into_iter().chain(rest.find("{d:")).min() {
        let end = at + rest[at..].find('}').unwrap();
        made.push_str(&rest[..at]);
        let name = &rest[at + 3..end];
        if rest[at..].starts_with("{c:") {
            made.push_str(&digits(name, 40));
        } else {
            made.push_str("sha256:");
            made.push_str(&digits(name, 64));
        }
        rest = &rest[end + 1..];
    }
    made.push_str(rest);
    made
}

/// So many hexadecimal digits out of a name.
pub(crate) fn digits(name: &str, many: usize) -> String {
    let mut made = String::new();
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    while made.len() < many {
        for byte in name.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        made.push_str(&format!("{state:016x}"));
    }
    made.truncate(many);
    made
}
