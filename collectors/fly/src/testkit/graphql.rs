//! What the fake answers to a query.

use plimsoll_kit::testkit::{MARKER, Request};
use serde_json::{Value, json};

use super::state::{App, Fly, Token};
use super::time;

/// The answer to the one query there is. What is no query is refused, as is what the token may not see: in an answer of 200.
pub(super) fn answer(fly: &Fly, request: &Request) -> (u16, Value) {
    let Some(asked) = request.graphql().filter(|asked| asked.only_reads()) else {
        return (400, json!({"errors": [{"message": "the fake only reads"}]}));
    };
    let refused = |code: &str| {
        let error = json!({"message": format!("{MARKER}-message"), "path": ["organization"], "extensions": {"code": code}});
        (
            200,
            json!({"data": {"organization": null}, "errors": [error]}),
        )
    };
    if matches!(fly.token, Token::Apps(_) | Token::NoGraphql) {
        return refused("UNAUTHORIZED");
    }
    if asked.operation != "Attribution" || asked.text_of("slug") != Some(&fly.slug) {
        return refused("NOT_FOUND");
    }
    let number = |name: &str| {
        asked
            .variables
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or(1) as usize
    };
    let start: usize = asked
        .text_of("after")
        .and_then(|after| after.parse().ok())
        .unwrap_or(0);
    let size = number("first").min(fly.page);
    let names: Vec<&String> = fly.apps.keys().collect();
    let end = (start + size).min(names.len());
    let mut nodes: Vec<Value> = names[start.min(end)..end]
        .iter()
        .map(|name| node(name, &fly.apps[*name], number("releases")))
        .collect();
    if fly.shuffled {
        nodes.reverse();
    }
    let page = json!({"hasNextPage": end < names.len(), "endCursor": end.to_string()});
    let apps = json!({"pageInfo": page, "nodes": nodes});
    (
        200,
        json!({"data": {"organization": {"rawSlug": fly.raw_slug, "apps": apps}}}),
    )
}

fn node(name: &str, app: &App, releases: usize) -> Value {
    let secret = |(name, digest, at, user): &(String, String, i64, String)| json!({"name": name, "digest": digest, "createdAt": time(*at), "user": {"email": user, "name": null}});
    json!({
        "name": name,
        "createdAt": time(app.created),
        "releasesUnprocessed": {"nodes": app.releases.iter().take(releases).collect::<Vec<_>>()},
        "secrets": app.secrets.iter().map(secret).collect::<Vec<_>>(),
    })
}
