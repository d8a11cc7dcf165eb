//! A harvest as text that a person can read and a diff can show.

use std::fmt::Write;

use plimsoll_model::{Action, Asset, ChangeRequest, Claim, Facts, How, ScopeRead, Value};

use crate::Harvest;

/// The harvest as text: scopes, assets with every claim and how it is known, relations, requests, actions.
pub fn render(harvest: &Harvest) -> String {
    let mut out = String::new();
    for scope in &harvest.scopes {
        push_scope(&mut out, scope);
    }
    for asset in &harvest.assets {
        out.push('\n');
        push_asset(&mut out, asset);
    }
    if !harvest.relations.is_empty() {
        out.push('\n');
    }
    for relation in &harvest.relations {
        let (from, kind, to) = (&relation.from, relation.kind, &relation.to);
        line(
            &mut out,
            0,
            &format!("{from} {kind} {to} [{}]", relation.scope),
        );
    }
    for request in &harvest.requests {
        out.push('\n');
        push_request(&mut out, request);
    }
    for action in &harvest.actions {
        push_action(&mut out, action);
    }
    out
}

fn push_scope(out: &mut String, scope: &ScopeRead) {
    let state = if scope.complete {
        "complete"
    } else {
        "incomplete"
    };
    line(out, 0, &format!("scope {}: {state}", shown(&scope.scope)));
    for trouble in &scope.troubles {
        let about = trouble.asset.as_ref().map(|asset| format!("{asset}: "));
        let about = about.unwrap_or_default();
        line(out, 1, &format!("trouble: {about}{}", shown(&trouble.what)));
    }
}

fn push_asset(out: &mut String, asset: &Asset) {
    let (id, kind, name) = (asset.id.as_str(), &asset.kind, &asset.name);
    line(
        out,
        0,
        &format!("{id} ({kind} {name:?} in {})", asset.scope),
    );
    if let Some(reason) = &asset.partial {
        line(out, 1, &format!("partial: {}", shown(reason)));
    }
    for alias in &asset.aliases {
        line(out, 1, &format!("alias {}", shown(&alias.0)));
    }
    for (name, value) in asset.labels.iter() {
        line(out, 1, &format!("label {name} = {value:?}"));
    }
    push_facts(out, "fact", &asset.facts);
    push_facts(out, "reading", &asset.readings);
}

fn push_facts(out: &mut String, word: &str, facts: &Facts) {
    for (name, claim) in facts.iter() {
        push_claim(out, &format!("{word} {name}"), claim);
    }
}

fn push_claim(out: &mut String, name: &str, claim: &Claim) {
    let basis = claim.basis().map(shown);
    let known = match (claim.how(), basis) {
        (How::Unknown, reason) => {
            let reason = reason.unwrap_or_else(|| "no reason given".to_owned());
            return line(out, 1, &format!("{name} unknown: {reason}"));
        }
        (how, Some(basis)) => format!("[{how}: {basis}]"),
        (how, None) => format!("[{how}]"),
    };
    match claim.value() {
        Some(Value::Table(table)) if !table.is_empty() => {
            line(out, 1, &format!("{name} {known}"));
            for (part, value) in table.iter() {
                line(out, 2, &format!("{part} = {}", json(value)));
            }
        }
        Some(value) => line(out, 1, &format!("{name} = {} {known}", json(value))),
        None => {}
    }
}

fn push_request(out: &mut String, request: &ChangeRequest) {
    let (id, title, scope) = (&request.id, &request.title, &request.scope);
    line(
        out,
        0,
        &format!(
            "request {id} {title:?} opened {} in {scope}",
            request.opened
        ),
    );
    if let Some(requester) = &request.requester {
        line(out, 1, &format!("requester {}", json(requester)));
    }
    for asset in &request.assets {
        line(out, 1, &format!("asset {asset}"));
    }
    if let Some((from, to)) = &request.window {
        line(out, 1, &format!("window {from} to {to}"));
    }
    for approval in &request.approvals {
        let at = approval
            .at
            .map_or("at no known time".to_owned(), |at| at.to_string());
        line(out, 1, &format!("approved {at} by {}", json(&approval.by)));
    }
    push_history(out, request);
}

/// What is said of a request besides: each part as JSON, so that nothing is left out.
fn push_history(out: &mut String, request: &ChangeRequest) {
    const SAID: [&str; 8] = [
        "id",
        "title",
        "opened",
        "requester",
        "assets",
        "window",
        "scope",
        "approvals",
    ];
    if let Ok(serde_json::Value::Object(all)) = serde_json::to_value(request) {
        let rest = all
            .iter()
            .filter(|(name, _)| !SAID.contains(&name.as_str()));
        for (name, value) in rest {
            match value {
                serde_json::Value::Array(items) => {
                    for item in items {
                        line(out, 1, &format!("{name} {}", json(item)));
                    }
                }
                value => line(out, 1, &format!("{name} {}", json(value))),
            }
        }
    }
    for withdrawn in &request.approvals {
        let said = !withdrawn.kind.is_empty() || withdrawn.withdrawn.is_some();
        if said {
            line(out, 1, &format!("approval {}", json(withdrawn)));
        }
    }
}

fn push_action(out: &mut String, action: &Action) {
    let (at, id, what, asset) = (action.at, &action.id, &action.what, &action.asset);
    let by = action
        .actor
        .as_ref()
        .map_or("nobody named".to_owned(), json);
    line(
        out,
        0,
        &format!(
            "action {at} {id} {what} {asset} by {by} in {}",
            action.scope
        ),
    );
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| format!("no JSON: {error}"))
}

/// A text on one line.
fn shown(text: &str) -> String {
    if text.chars().any(char::is_control) {
        format!("{text:?}")
    } else {
        text.to_owned()
    }
}

fn line(out: &mut String, depth: usize, text: &str) {
    let _ = writeln!(out, "{:width$}{text}", "", width = depth * 2);
}
