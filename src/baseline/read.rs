//! One document of a baseline, as it is written.

use std::sync::Arc;

use plimsoll_model::Text;
use plimsoll_settings::{Mistake, Section, nearest};

use super::catalogue::{self, Control};
use super::environment::Environment;
use super::expect::{self, Never};
use super::image::glob;
use super::own_name::head;
use super::role::{Expectation, Side};
use super::rule::bad_pattern;
use super::types::Severity;

const SEVERITIES: &[(&str, Severity)] = &[
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("high", Severity::High),
    ("critical", Severity::Critical),
];

/// A baseline before what it extends is known.
pub(crate) struct RawBaseline {
    pub(crate) name: Text,
    pub(crate) title: Text,
    pub(crate) file: Text,
    /// Whether its document has mistakes: it is then only looked at for those of other kinds.
    pub(crate) broken: bool,
    /// With the place, for when it is not there.
    pub(crate) extends: Option<(String, Mistake)>,
    pub(crate) side: Option<Side>,
    pub(crate) sensitive: Option<bool>,
    /// None where it says nothing of them: a file that extends its own name then has those of the one whose place it takes.
    pub(crate) matches: Option<Vec<Match>>,
    pub(crate) entries: Vec<Entry>,
}

/// Which assets get a role by themselves. All that is given must be met; of `images`, `words` and `names` one.
pub(crate) struct Match {
    pub(crate) kinds: Vec<Text>,
    pub(crate) platforms: Vec<Text>,
    pub(crate) sensitive: bool,
    pub(crate) names: Vec<String>,
    pub(crate) images: Vec<String>,
    /// The word of an image's or system's name that says what it is.
    pub(crate) words: Vec<String>,
    /// What images and names must not be.
    pub(crate) except: Vec<String>,
    pub(crate) exposed: bool,
    pub(crate) priority: i64,
}

/// One `[[expect]]`.
pub(crate) enum Entry {
    /// It must hold.
    Holds(Arc<Expectation>),
    /// An inherited one is switched off.
    Off(Off),
}

/// An inherited expectation that is switched off.
pub(crate) struct Off {
    pub(crate) id: Text,
    reason: Text,
    /// For when there is no such expectation.
    pub(crate) place: Mistake,
}

impl Off {
    /// The inherited expectation, switched off by a baseline.
    pub(crate) fn switch(&self, have: &Expectation, baseline: &Text) -> Expectation {
        Expectation {
            id: have.id.clone(),
            control: have.control.clone(),
            severity: have.severity,
            expected: have.expected.clone(),
            baseline: baseline.clone(),
            off: Some(self.reason.clone()),
            facts: have.facts.clone(),
            kinds: have.kinds.clone(),
            environments: have.environments.clone(),
            platforms: have.platforms.clone(),
            check: Box::new(Never),
        }
    }
}

/// Reads a baseline.
pub(crate) fn baseline(
    section: &Section<'_>,
    name: &str,
    controls: &[Control],
) -> Option<RawBaseline> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(good) {
        let hint = Some("lower-case letters, digits and dashes, as web-service.toml".to_owned());
        let message = format!("the file's name is the role's name, and {name:?} is none");
        section.mistake(section.place(), message, hint);
    }
    let title = section.text("title").unwrap_or_else(|| name.to_owned());
    let extends = section.text("extends");
    let extends =
        extends.map(|parent| (parent, section.draft(section.place_of("extends"), "", None)));
    let side = section.choice(
        "side",
        &[("frontend", Side::Frontend), ("backend", Side::Backend)],
    );
    let sensitive = section.bool("sensitive");
    let matches: Vec<Match> = section.tables("match").iter().map(read_match).collect();
    let matches = section.has("match").then_some(matches);
    let mut entries: Vec<Entry> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for row in section.tables("expect") {
        let id = id(&row);
        if let Some(id) = &id {
            if ids.contains(id) {
                let hint = Some("give each expectation an `id` of its own".to_owned());
                row.mistake(
                    row.place(),
                    format!("two expectations are called {id:?}"),
                    hint,
                );
            }
            ids.push(id.clone());
        }
        entries.extend(entry(&row, id, name, controls));
        row.finish();
    }
    Some(RawBaseline {
        name: name.into(),
        title: title.into(),
        file: section.file().into(),
        broken: false,
        extends,
        side,
        sensitive,
        matches,
        entries,
    })
}

fn read_match(row: &Section<'_>) -> Match {
    let patterns = |key: &str| {
        let patterns = row.texts(key).unwrap_or_default();
        for pattern in &patterns {
            if let Err(why) = glob(pattern) {
                row.mistake_at(key, bad_pattern(key, pattern, &why));
            }
        }
        patterns
    };
    let said = row.texts("words").unwrap_or_default();
    for word in &said {
        if head(word).as_deref() != Some(&word.to_ascii_lowercase()) {
            let message = format!("`words`: no name ends in {word:?} for what it is");
            let hint = "one word without numbers, as db; for anything else use `names`";
            row.mistake(row.place_of("words"), message, Some(hint.to_owned()));
        }
    }
    let kinds = row.texts("kinds").unwrap_or_default();
    if !row.has("kinds") {
        row.missing("kinds", "as [\"container\", \"service\"]");
    }
    let made = Match {
        kinds: kinds.into_iter().map(Text::from).collect(),
        platforms: words(row, "platforms"),
        sensitive: row.bool("sensitive").unwrap_or(false),
        names: patterns("names"),
        images: patterns("images"),
        words: said,
        except: patterns("except"),
        exposed: row.bool("exposed").unwrap_or(false),
        priority: row.int("priority", -1000..=1000).unwrap_or(0),
    };
    row.finish();
    made
}

/// The id that is given, or the control's, which is unique unless there are two expectations for it.
fn id(row: &Section<'_>) -> Option<String> {
    let id = row.text("id").or_else(|| row.text("control"));
    if id.is_none() && !row.has("id") && !row.has("control") {
        row.missing("control", "name the control that it answers to");
    }
    id
}

fn entry(row: &Section<'_>, id: Option<String>, name: &str, controls: &[Control]) -> Option<Entry> {
    if row.bool("off") == Some(true) {
        row.text("control");
        let reason = row.required_text("reason", "say why it does not apply to this role");
        let place = row.draft(row.place(), "", None);
        return Some(Entry::Off(Off {
            id: id?.into(),
            reason: reason?.into(),
            place,
        }));
    }
    let control = row.text("control");
    if control.is_none() && !row.has("control") && row.has("id") {
        row.missing("control", "name the control that it answers to");
    }
    if let Some(control) = control
        .as_ref()
        .filter(|id| catalogue::find(controls, id).is_none())
    {
        let hint = Some(catalogue::suggest(controls, control));
        row.mistake(
            row.place_of("control"),
            format!("there is no control {control:?}"),
            hint,
        );
    }
    let severity = row
        .choice("severity", SEVERITIES)
        .unwrap_or(Severity::Medium);
    let (kinds, platforms) = (words(row, "kinds"), words(row, "platforms"));
    let environments = environments(row);
    let expected = row.text("expected");
    let check = check(row, control.as_deref());
    let check = check?;
    let expected = expected.unwrap_or_else(|| check.expected());
    Some(Entry::Holds(Arc::new(Expectation {
        id: id?.into(),
        control: control?.into(),
        severity,
        expected: expected.into(),
        baseline: name.into(),
        off: None,
        facts: check.facts().into_iter().map(Text::from).collect(),
        kinds,
        environments,
        platforms,
        check,
    })))
}

/// The check of the type that is given; a control is the type where there is one of its name.
fn check(row: &Section<'_>, control: Option<&str>) -> Option<Box<dyn expect::Check>> {
    let given = row.text("type");
    let word = given.as_deref().or(control)?;
    if let Some((_, read)) = expect::TYPES
        .iter()
        .find(|(type_word, _)| *type_word == word)
    {
        return read(row);
    }
    let words = expect::TYPES.iter().map(|(word, _)| *word);
    let near = nearest(word, words.clone());
    let (place, message) = if given.is_some() {
        (row.place_of("type"), format!("there is no type {word:?}"))
    } else {
        (
            row.place(),
            format!("`type` is missing: none is called {word:?} like the control"),
        )
    };
    let hint = near.map_or_else(
        || format!("there are {}", words.collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean {near:?}?"),
    );
    row.mistake(place, message, Some(hint));
    None
}

fn words(row: &Section<'_>, key: &str) -> Vec<Text> {
    let words = row.texts(key).unwrap_or_default();
    words.into_iter().map(Text::from).collect()
}

fn environments(row: &Section<'_>) -> Vec<Environment> {
    let words = row.texts("environments").unwrap_or_default();
    let mut environments = Vec::new();
    for word in words {
        match Environment::parse(&word) {
            Some(environment) => environments.push(environment),
            None => {
                let hint = Some("production, staging or development".to_owned());
                let message = format!("`environments`: {word:?} is no environment");
                row.mistake(row.place_of("environments"), message, hint);
            }
        }
    }
    environments
}
