//! What is answered to a request.

use plimsoll_kit::testkit::{Reply, Request};
use serde_json::{Value, json};

use super::state::State;

const TYPE: &str = "application/hal+json";
/// How many rows a page has where none is asked for.
const ROWS: usize = 40;

pub(super) fn answer(state: &mut State, request: &Request) -> Reply {
    if let Some(queue) = state.queued.get_mut(&request.path)
        && let Some(reply) = queue.pop_front()
    {
        return reply;
    }
    let wanted = format!("Bearer {}", state.token);
    if request.header("authorization") != Some(wanted.as_str()) {
        return error(401, "invalid_token");
    }
    if request.header("prefer") != Some("no_sensitive_extras=true") {
        // As on the platform, whoever does not say so leaves a trace.
        let account = state.link("accounts", 0);
        state.add(
            "operations",
            json!({ "type": "show", "status": "succeeded", "_links": { "account": account } }),
        );
    }
    let path = request.path.trim_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    if state.forbidden.contains(&path) {
        return error(403, "forbidden");
    }
    match parts.as_slice() {
        ["current_token"] => reply(json!({ "id": "0c0c", "scope": "manage" })),
        [kind] => list(state, kind, None, request),
        ["accounts", number, kind] => list(state, kind, Some(("account", number)), request),
        ["databases", number, "backups"] => {
            list(state, "backups", Some(("database", number)), request)
        }
        [kind, number] => one(state, kind, number),
        _ => error(404, "not_found"),
    }
}

/// The kinds that the API lists for the whole organisation.
const WHOLE: &[&str] = &[
    "stacks",
    "accounts",
    "apps",
    "databases",
    "database_images",
    "backups",
];

fn one(state: &State, kind: &str, number: &str) -> Reply {
    let number: Option<i64> = number.parse().ok();
    let row = number.and_then(|number| state.rows.get(kind)?.get(&number));
    row.map_or_else(|| error(404, "not_found"), |row| reply(shown(state, row)))
}

fn list(state: &State, kind: &str, of: Option<(&str, &str)>, request: &Request) -> Reply {
    if of.is_none() && !WHOLE.contains(&kind) {
        return error(404, "not_found");
    }
    let asked = |name: &str| {
        let mut pairs = request
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let value = pairs.find(|(have, _)| *have == name)?.1;
        value.parse::<usize>().ok().filter(|number| *number > 0)
    };
    let per_page = asked("per_page")
        .unwrap_or(ROWS)
        .min(state.most_rows)
        .max(1);
    let page = asked("page").unwrap_or(1);
    let mine = |row: &&Value| {
        of.is_none_or(|(name, number)| {
            let href = row.pointer(&format!("/_links/{name}/href"));
            href.and_then(Value::as_str)
                .is_some_and(|href| href.rsplit('/').next() == Some(number))
        })
    };
    let rows = state
        .rows
        .get(kind)
        .into_iter()
        .flat_map(|rows| rows.values());
    let mut rows: Vec<&Value> = rows.filter(mine).collect();
    let newest_first = matches!(kind, "operations" | "backups");
    if newest_first || state.shuffled {
        rows.reverse();
    }
    if newest_first {
        rows.sort_by_key(|row| std::cmp::Reverse(row["created_at"].as_str().unwrap_or_default()));
    }
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let skew = state.miscounted.get(kind).copied().unwrap_or(0);
    let first = (page - 1).saturating_mul(per_page).min(rows.len());
    let last = first.saturating_add(per_page).min(rows.len());
    let shown: Vec<Value> = rows[first..last]
        .iter()
        .map(|row| shown(state, row))
        .collect();
    // As on the platform, the link says nothing of the size of a page.
    let next = (last < rows.len())
        .then(|| json!({ "href": format!("{}{}?page={}", state.links, request.path, page + 1) }));
    let mut body = json!({
        "total_count": total + skew,
        "per_page": per_page,
        "current_page": page,
        "_links": { "self": { "href": format!("{}{}?page={page}", state.links, request.path) } },
        "_embedded": { kind: if state.null.contains(kind) { Value::Null } else { Value::Array(shown) } },
    });
    if let Some(next) = next {
        body["_links"]["next"] = next;
    }
    reply(body)
}

/// A row as it is shown in a list: with or without what comes inside it.
fn shown(state: &State, row: &Value) -> Value {
    let mut row = row.clone();
    if state.strict {
        specified(&mut row);
    }
    if !state.embeds {
        return row;
    }
    let image = row
        .pointer("/_links/current_image/href")
        .and_then(Value::as_str);
    let image = image.and_then(|href| href.rsplit('/').next()?.parse::<i64>().ok());
    let image = image
        .and_then(|number| state.rows.get("images")?.get(&number))
        .cloned();
    if let Some(image) = image {
        row["_embedded"]["current_image"] = image;
    }
    row
}

/// The fields that are whole numbers by the specification, and null where the platform has none.
const NUMBERS: &[&str] = &[
    "container_count",
    "container_size",
    "disk_size",
    "container_port",
];

/// Makes a row what the specification says of it.
fn specified(row: &mut Value) {
    let kind = row["_type"].as_str().unwrap_or_default().to_owned();
    let Value::Object(fields) = row else { return };
    for (name, value) in fields.iter_mut() {
        match (name.as_str(), &mut *value) {
            ("_links", Value::Object(links)) => links.retain(|_, link| !link.is_null()),
            ("container_exposed_ports", Value::Array(ports)) => {
                for port in ports {
                    let number = port.as_str().and_then(|text| text.parse::<i64>().ok());
                    *port = number.map_or(port.take(), Value::from);
                }
            }
            (_, Value::Null) if NUMBERS.contains(&name.as_str()) => *value = json!(0),
            (_, Value::Null) => *value = json!(""),
            _ => {}
        }
    }
    match kind.as_str() {
        "app" => row["_embedded"] = json!({ "services": [] }),
        "database" => row["_embedded"] = json!({ "database_credentials": [] }),
        "backup" => row["_embedded"] = json!({}),
        _ => {}
    }
}

fn reply(body: Value) -> Reply {
    Reply::new(TYPE, body.to_string())
}

fn error(status: u16, error: &str) -> Reply {
    let body = json!({ "code": status, "error": error, "message": format!("{} was asked for", super::state::SECRET) });
    Reply::new(TYPE, body.to_string()).with_status(status)
}
