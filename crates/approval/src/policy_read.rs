//! One document of a policy, as it is written.

use std::time::Duration;

use plimsoll_model::{Text, edit_field, fact, sign_off_kind};
use plimsoll_settings::{Mistake, Section, nearest};

use super::policy::{
    Emergency, Exempt, NamedAsset, Policy, ReviewNeed, ReviewPlace, Rule, When, environment,
};
use super::policy_inherit::Given;
use super::words::ENVIRONMENTS;
use plimsoll_change::ChangeKind;

/// The longest time that a policy may name.
const LONG: Duration = Duration::from_secs(3660 * 86_400);
/// The labels that name requests where a policy does not say.
const TICKET_LABELS: &[&str] = &[
    "plimsoll.change",
    "plimsoll.ticket",
    "change-request",
    "change-ticket",
    "ticket",
    "kubernetes.io/change-cause",
];
/// A policy before what it extends is known.
pub(crate) struct Raw {
    pub(crate) extends: Option<(Text, Mistake)>,
    pub(crate) policy: Policy,
    /// What a rule lacks that extends none of its id, by the rule's place.
    pub(crate) lacks: Vec<Option<Mistake>>,
}

/// Reads one document.
pub(crate) fn read(root: &Section<'_>, name: &str) -> Raw {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(good) {
        let hint = Some("lower-case letters, digits and dashes, as our-policy.toml".to_owned());
        let message = format!("the file's name is the policy's name, and {name:?} is none");
        root.mistake(root.place(), message, hint);
    }
    let title = root.text("title").unwrap_or_else(|| name.to_owned());
    let extends = root.text("extends");
    let extends = extends.map(|parent| {
        (
            Text::from(parent),
            root.draft(root.place_of("extends"), "", None),
        )
    });
    let keys = [
        "ticket-labels",
        "harmless-edits",
        "emergency-labels",
        "provisioning-labels",
        "removal-labels",
    ];
    let given = keys.map(|key| root.has(key));
    let mut ids = Vec::new();
    let rows = root.tables("exempt");
    let exempt = rows.iter().filter_map(|row| {
        let read = read_exempt(row, name, &mut ids);
        row.finish();
        read
    });
    let exempt = exempt.collect();
    let mut ids = Vec::new();
    let rows = root.tables("rule");
    let (mut rules, mut given_keys, mut lacks) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        if let Some((rule, lack)) = read_rule(row, &mut ids) {
            rules.push(rule);
            let origin = Text::from(name);
            let given = row.keys().into_iter();
            given_keys.push(
                given
                    .map(|key| Given {
                        key,
                        origin: origin.clone(),
                    })
                    .collect(),
            );
            lacks.push(lack);
        }
        row.finish();
    }
    if rules.is_empty() && extends.is_none() && !root.has("rule") {
        root.missing(
            "rule",
            "a policy without a rule judges nothing: write [[rule]]",
        );
    }
    Raw {
        extends,
        lacks,
        policy: Policy {
            name: name.into(),
            title: title.into(),
            extends: Vec::new(),
            ticket_labels: lower(root, "ticket-labels", TICKET_LABELS),
            harmless_edits: lower(root, "harmless-edits", edit_field::HARMLESS),
            emergency_labels: lower(root, "emergency-labels", &["emergency", "hotfix"]),
            provisioning_labels: lower(
                root,
                "provisioning-labels",
                &["provisioning", "new-system"],
            ),
            removal_labels: lower(root, "removal-labels", &["removal", "decommission"]),
            exempt,
            rules,
            given: given_keys,
            list_origins: given.map(|given| given.then(|| Text::from(name))),
        },
    }
}

fn id(row: &Section<'_>, ids: &mut Vec<String>) -> Option<Text> {
    let id = row.required_text("id", "give it a name; reports show it")?;
    if ids.contains(&id) {
        row.mistake_at("id", format!("two are called {id:?}"));
    }
    ids.push(id.clone());
    Some(id.into())
}

fn texts(row: &Section<'_>, key: &str) -> Vec<Text> {
    let texts = row.texts(key).unwrap_or_default();
    texts.into_iter().map(Text::from).collect()
}

fn lower(row: &Section<'_>, key: &str, default: &[&str]) -> Vec<Text> {
    match row.texts(key) {
        Some(texts) => texts
            .iter()
            .map(|text| Text::from(text.to_lowercase()))
            .collect(),
        None => default.iter().map(|text| Text::from(*text)).collect(),
    }
}

fn environments(row: &Section<'_>) -> Vec<Text> {
    let words = row.texts("environments").unwrap_or_default();
    for word in &words {
        if !ENVIRONMENTS.contains(&environment(word).as_str()) {
            let message = format!(
                "`environments`: {word:?} is none of {}",
                ENVIRONMENTS.join(", ")
            );
            let near = nearest(&word.to_lowercase(), ENVIRONMENTS.into_iter());
            let hint = near.map(|near| format!("did you mean {near:?}?"));
            row.mistake(row.place_of("environments"), message, hint);
        }
    }
    words.iter().map(|word| environment(word)).collect()
}

fn count(row: &Section<'_>, key: &str, least: i64, default: usize) -> usize {
    let count = row.int(key, least..=20);
    count
        .and_then(|many| usize::try_from(many).ok())
        .unwrap_or(default)
}

fn time(row: &Section<'_>, key: &str) -> Option<Duration> {
    row.duration(key, Duration::ZERO..=LONG)
}

fn read_exempt(row: &Section<'_>, origin: &str, ids: &mut Vec<String>) -> Option<Exempt> {
    let id = id(row, ids);
    let reason = row.required_text("reason", "say why no approval is needed");
    let criteria = [
        "kinds",
        "changes",
        "facts",
        "within-bounds",
        "automations",
        "actions",
    ];
    if !criteria.iter().any(|key| row.has(key)) {
        let hint = Some(format!("give at least one of {}", criteria.join(", ")));
        row.mistake(
            row.place(),
            "an exemption without criteria would exempt everything",
            hint,
        );
    }
    let words = row.texts("changes").unwrap_or_default();
    let changes = words.iter().filter_map(|word| match word.as_str() {
        "added" => Some(ChangeKind::Added),
        "removed" => Some(ChangeKind::Removed),
        "modified" => Some(ChangeKind::Modified),
        _ => {
            let message = format!("`changes`: {word:?} is none of added, removed, modified");
            row.mistake_at("changes", message);
            None
        }
    });
    let exempt = Exempt {
        origin: origin.into(),
        changes: changes.collect(),
        id: id.unwrap_or_default(),
        reason: reason.unwrap_or_default().into(),
        environments: environments(row),
        kinds: texts(row, "kinds"),
        facts: texts(row, "facts"),
        within_bounds: row.bool("within-bounds").unwrap_or(false),
        automations: texts(row, "automations"),
        actions: lower(row, "actions", &[]),
    };
    Some(exempt)
}

fn read_rule(row: &Section<'_>, ids: &mut Vec<String>) -> Option<(Rule, Option<Mistake>)> {
    let id = id(row, ids);
    let required = row.bool("required").unwrap_or(true);
    let approvers = texts(row, "approvers");
    // One that extends a rule of its id may have them from there.
    let lack = (required && approvers.is_empty()).then(|| {
        let message = format!("`approvers` is missing in {}", row.path());
        let hint = Some("the roles of which one must approve, as [\"cto\"]".to_owned());
        row.draft(row.place(), message, hint)
    });
    let counts = row
        .texts("counts")
        .unwrap_or_else(|| vec!["approval".to_owned()]);
    for word in &counts {
        if !["approval", "review"].contains(&word.as_str()) {
            row.mistake_at(
                "counts",
                format!("`counts`: {word:?} is neither approval nor review"),
            );
        }
    }
    let counted = |word: &str| counts.iter().any(|one| one == word);
    let approvals = count(row, "approvals", 1, 1);
    let window = row.choice("window", &[("when-stated", false), ("required", true)]);
    let named = [
        ("enough", NamedAsset::Enough),
        ("with-window", NamedAsset::WithWindow),
    ];
    let ticket = row.choice("ticket", &[("request", false), ("linked", true)]);
    let implementer = row.choice("implementer", &[("where-known", false), ("known", true)]);
    let data = row.choice("undeclared-data", &[("plain", false), ("sensitive", true)]);
    let rollback = row.choice("rollback", &[("request", false), ("allowed", true)]);
    let soak = time(row, "soak");
    let rows = row.tables("review");
    let reviews = rows.iter().filter_map(|row| {
        let read = read_review(row);
        row.finish();
        read
    });
    let reviews = reviews.collect();
    let emergency = row.table("emergency").map(|table| {
        let read = read_emergency(&table);
        table.finish();
        read
    });
    let rule = Rule {
        id: id.unwrap_or_default(),
        environments: environments(row),
        kinds: texts(row, "kinds"),
        systems: texts(row, "systems"),
        required,
        approvers,
        approvals,
        sensitive_approvals: count(row, "sensitive-approvals", 1, approvals).max(approvals),
        undeclared_is_sensitive: data.unwrap_or(false),
        counts_approvals: counted("approval"),
        counts_reviews: counted("review"),
        valid: time(row, "valid"),
        named_asset: row
            .choice("named-asset", &named)
            .unwrap_or(NamedAsset::WithWindow),
        environment_stated: row.bool("environment-stated").unwrap_or(false),
        security_approvers: texts(row, "security-approvers"),
        security_facts: lower(row, "security-facts", fact::SECURITY),
        security_labels: lower(row, "security-labels", &["security"]),
        security_on_sensitive: row.bool("security-on-sensitive").unwrap_or(false),
        implementers: texts(row, "implementers"),
        automations: texts(row, "automations"),
        implementer_known: implementer.unwrap_or(false),
        ticket_linked: ticket.unwrap_or(false),
        merged: row.bool("merged").unwrap_or(false),
        before_merge: row.bool("before-merge").unwrap_or(false),
        deploy_branches: texts(row, "deploy-branches"),
        rollback_allowed: rollback.unwrap_or(false),
        protected: row.bool("protected").unwrap_or(false),
        reviews,
        checks: row.bool("checks").unwrap_or(false),
        check_names: texts(row, "check-names"),
        qa: texts(row, "qa"),
        staging: row.bool("staging").unwrap_or(false) || soak.is_some(),
        soak,
        window_required: window.unwrap_or(false),
        provisioning: row.bool("provisioning").unwrap_or(true),
        inspected_by: texts(row, "inspected-by"),
        reconciled_by: texts(row, "reconciled-by"),
        reconciled_within: time(row, "reconciled-within")
            .unwrap_or(Duration::from_secs(30 * 86_400)),
        announced: row.bool("announced").unwrap_or(false),
        announced_within: time(row, "announced-within").unwrap_or(Duration::ZERO),
        emergency,
    };
    Some((rule, lack))
}

fn read_review(row: &Section<'_>) -> Option<ReviewNeed> {
    let kind = row.required_text("kind", "as \"peer\", \"security\", \"qa\", \"lead\"");
    let when = [
        ("always", When::Always),
        ("security", When::Security),
        ("sensitive", When::Sensitive),
    ];
    let place = [
        ("code", ReviewPlace::Code),
        ("request", ReviewPlace::Request),
    ];
    let need = ReviewNeed {
        kind: kind?.into(),
        roles: texts(row, "roles"),
        count: count(row, "count", 1, 1),
        when: row.choice("when", &when).unwrap_or(When::Always),
        place: row.choice("on", &place).unwrap_or(ReviewPlace::Code),
    };
    Some(need)
}

fn read_emergency(table: &Section<'_>) -> Emergency {
    let authorisers = texts(table, "authorisers");
    if authorisers.is_empty() {
        table.missing("authorisers", "the roles of which one must authorise it");
    }
    let kinds = [
        ("documented-within", sign_off_kind::DOCUMENTED),
        ("reviewed-within", sign_off_kind::REVIEWED),
        ("signed-off-within", sign_off_kind::SIGNED_OFF),
    ];
    let afterwards = kinds
        .iter()
        .filter_map(|(key, kind)| Some((Text::from(*kind), time(table, key)?)));
    let afterwards: Vec<(Text, Duration)> = afterwards.collect();
    if !table.has("signed-off-within") {
        table.missing(
            "signed-off-within",
            "within which time it must be signed off, as \"72h\"",
        );
    }
    Emergency {
        authorisers,
        authorised_within: time(table, "authorised-within").unwrap_or(Duration::ZERO),
        self_authorised: table.bool("self-authorised").unwrap_or(false),
        afterwards,
        signed_off_by: texts(table, "signed-off-by"),
        root_cause: time(table, "root-cause-within"),
    }
}
