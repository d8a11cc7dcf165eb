//! What the fake answers.

use plimsoll_kit::testkit::{MARKER, Reply, Request};
use serde_json::{Value, json};

use super::state::{App, Fly, Machine, Token};
use super::{Shared, graphql, kind, time};

/// The answer to a request, with the faults that it meets.
pub(super) fn reply(shared: &mut Shared, request: &Request) -> Reply {
    if let Some(limits) = &mut shared.limits
        && !limits.take(bucket(request))
    {
        shared.limited += 1;
        return Reply::status(429);
    }
    let (status, body) = answer(&mut shared.fly, request);
    let body = body.to_string();
    let reply = Reply::json(body.as_str())
        .with_status(status)
        .header("fly-request-id", "01J");
    let target = request.target();
    let fault = shared
        .faults
        .iter_mut()
        .find(|(part, _, times)| *times > 0 && target.contains(part.as_str()));
    match fault {
        Some((_, fault, times)) => {
            *times -= 1;
            fault.spoil(reply, &body)
        }
        None => reply,
    }
}

/// What the vendor counts by: the action, and the app or organisation that it is about.
fn bucket(request: &Request) -> String {
    let mut parts = request.path.split('/');
    let of = parts
        .find(|part| matches!(*part, "apps" | "orgs"))
        .and(parts.next());
    format!("{} {}", kind(request), of.unwrap_or_default())
}

fn answer(fly: &mut Fly, request: &Request) -> (u16, Value) {
    if fly.token == Token::Wrong || request.header("authorization").is_none() {
        return (401, json!({"error": format!("{MARKER}-401")}));
    }
    if request.method != "GET" && request.path != "/graphql" {
        return (405, json!({"error": "the fake only reads"}));
    }
    let path = request.path.clone();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let slug = fly.slug.clone();
    let part = match &fly.token {
        Token::Apps(_) => (403, json!({"error": "unauthorized"})),
        _ => (0, Value::Null),
    };
    let restricted = part.0 != 0;
    match parts.as_slice() {
        ["graphql"] => graphql::answer(fly, request),
        ["v1", "tokens", "current"] => (200, token(fly)),
        ["v1", "platform", "regions"] => (
            200,
            json!({"nearest": "fra", "regions": [{"code": "fra", "name": "Frankfurt, Germany"}, {"code": "ams", "name": "Amsterdam, Netherlands"}]}),
        ),
        ["v1", "apps"] | ["v1", "orgs", ..] if restricted => part,
        ["v1", "apps"] if query(request, "org_slug").as_deref() != Some(&slug) => {
            (403, json!({"error": "unauthorized"}))
        }
        ["v1", "apps"] => (200, apps(fly)),
        ["v1", "orgs", of, list] if *of == slug => (200, organisation_list(fly, list, request)),
        ["v1", "apps", name, rest @ ..] => of_app(fly, name, rest, request),
        ["api", "v1", "organizations", of] if *of == slug => (
            200,
            json!({"organization": {"id": "orgx", "internal_numeric_id": 77, "slug": slug, "raw_slug": fly.raw_slug}}),
        ),
        ["api", "v1", "apps", name, "releases"] => match fly.apps.get(*name) {
            Some(app) if !app.releases.is_empty() => (200, older_releases(app)),
            _ => (404, json!({"error": "not found"})),
        },
        _ => (404, json!({"error": "not found"})),
    }
}

fn token(fly: &Fly) -> Value {
    let apps = match &fly.token {
        Token::Apps(apps) => apps.clone(),
        _ => Vec::new(),
    };
    json!({"tokens": [{"token_id": "1111", "organization": "Acme", "org_slug": fly.slug, "apps": apps, "user": "ops@example.com",
        "restricted_to_machine": "", "source_machine_id": ""}]})
}

fn apps(fly: &Fly) -> Value {
    let apps: Vec<Value> = fly
        .apps
        .iter()
        .map(|(name, app)| about(fly, name, app))
        .collect();
    json!({"total_apps": apps.len(), "apps": order(fly, apps)})
}

fn about(fly: &Fly, name: &str, app: &App) -> Value {
    json!({
        "id": format!("app-{name}"), "internal_numeric_id": 4242, "name": name, "network": app.network, "status": "deployed",
        "machine_count": app.machines.len(), "volume_count": app.volumes.len(),
        "organization": {"name": "Acme", "slug": fly.slug, "internal_numeric_id": 77},
    })
}

fn of_app(fly: &Fly, name: &str, rest: &[&str], request: &Request) -> (u16, Value) {
    let allowed = match &fly.token {
        Token::Apps(apps) => apps.iter().any(|app| app == name),
        _ => true,
    };
    let Some(app) = fly.apps.get(name).filter(|_| allowed) else {
        return (404, json!({"error": "not found"}));
    };
    let all = |values: Vec<Value>| Value::Array(order(fly, values));
    let body = match rest {
        [] => about(fly, name, app),
        ["machines"] => all(app
            .machines
            .iter()
            .map(|machine| machine.json.clone())
            .collect()),
        ["ip_assignments"] => json!({"ips": all(app.addresses.clone())}),
        ["secrets"] => json!({"secrets": all(secrets(app))}),
        ["certificates"] => {
            let listed = app.certificates.iter().map(|(listed, _)| listed.clone());
            let mut page = page(fly, listed.collect(), request, "certificates");
            page["total_count"] = app.certificates.len().into();
            page
        }
        ["certificates", hostname] => {
            let decoded = hostname.replace("%2A", "*");
            let mut found = app.certificates.iter();
            match found.find(|(listed, _)| listed["hostname"] == decoded.as_str()) {
                Some((_, closely)) => closely.clone(),
                None => return (404, json!({"error": "not found"})),
            }
        }
        ["volumes", id, "snapshots"] => {
            let mut volumes = app.volumes.iter();
            match volumes.find(|volume| volume.id == *id) {
                Some(volume) => all(volume.snapshots.clone()),
                None => return (404, json!({"error": "not found"})),
            }
        }
        _ => return (404, json!({"error": "not found"})),
    };
    (200, body)
}

/// Values as well, as the interface gives them to whoever asks for them and gave them to everyone once.
fn secrets(app: &App) -> Vec<Value> {
    let secret = |(name, digest, at, _): &(String, String, i64, String)| json!({"name": name, "digest": digest, "created_at": time(*at), "updated_at": time(*at), "value": format!("{MARKER}-value")});
    app.secrets.iter().map(secret).collect()
}

fn older_releases(app: &App) -> Value {
    let release = |release: &Value| {
        json!({"id": release["id"], "version": release["version"], "stable": true, "in_progress": false, "status": release["status"],
            "strategy": release["deploymentStrategy"], "user": release["user"]["email"], "created_at": release["createdAt"],
            "image_ref": release["imageRef"], "description": format!("{MARKER}-description")})
    };
    json!({"releases": app.releases.iter().map(release).collect::<Vec<_>>()})
}

fn organisation_list(fly: &Fly, list: &str, request: &Request) -> Value {
    let mut rows = Vec::new();
    for (name, app) in &fly.apps {
        match list {
            "machines" => rows.extend(app.machines.iter().map(|machine| row(name, machine))),
            _ => rows.extend(app.volumes.iter().map(|volume| volume.json.clone())),
        }
    }
    let mut page = page(fly, rows, request, list);
    if list == "machines" {
        page["error_regions"] = json!(fly.error_regions);
    }
    page
}

fn row(app: &str, machine: &Machine) -> Value {
    let json = &machine.json;
    let config = match (&json["config"], machine.known) {
        (Value::Null, false) => Value::Null,
        (Value::Null, true) => json!({"metadata": {"fly_process_group": "web"}}),
        (config, _) => {
            json!({"guest": config["guest"], "image": config["image"], "metadata": config["metadata"]})
        }
    };
    let mut row = json!({
        "id": machine.id, "name": json["name"], "app_name": app, "state": json["state"], "region": json["region"], "private_ip": json["private_ip"],
        "version": json["instance_id"], "created_at": json["created_at"], "updated_at": json["updated_at"], "config": config,
    });
    if row["config"].is_null()
        && let Some(row) = row.as_object_mut()
    {
        row.remove("config");
    }
    row
}

/// A page of a list behind a cursor that says where it starts; a page may be empty while there is a cursor.
fn page(fly: &Fly, rows: Vec<Value>, request: &Request, key: &str) -> Value {
    let rows = order(fly, rows);
    let cursor = query(request, "cursor").unwrap_or_default();
    let (empty, start) = match cursor.strip_prefix("empty-") {
        Some(start) => (true, start),
        None => (false, cursor.trim_start_matches("at-")),
    };
    let start: usize = start.parse().unwrap_or(0);
    let asked = query(request, "limit").and_then(|limit| limit.parse().ok());
    let end = (start + fly.page.min(asked.unwrap_or(25))).min(rows.len());
    let (items, next) = if empty {
        (Vec::new(), format!("at-{start}"))
    } else {
        let next = match end < rows.len() {
            true if fly.empty_pages => format!("empty-{end}"),
            true => format!("at-{end}"),
            false => String::new(),
        };
        (rows[start.min(end)..end].to_vec(), next)
    };
    json!({key: items, "next_cursor": next})
}

fn order(fly: &Fly, mut rows: Vec<Value>) -> Vec<Value> {
    if fly.shuffled {
        rows.reverse();
    }
    rows
}

fn query(request: &Request, name: &str) -> Option<String> {
    let mut pairs = request
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.find(|(have, _)| *have == name)?.1;
    Some(value.to_owned())
}
