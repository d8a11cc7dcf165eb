//! What the fake answers.

use jiff::Timestamp;
use plimsoll_kit::testkit::{MARKER, Reply, Request};
use serde_json::{Value, json};

use super::fault::refusal;
use super::issue::stamp;
use super::{Issue, Jira, Kind, Shared};

/// The answer to a request, with the faults that it meets.
pub(super) fn reply(shared: &mut Shared, request: &Request) -> Reply {
    let target = request.target();
    let faults = &mut shared.faults;
    let mut faults = faults
        .iter_mut()
        .filter(|(part, _, times)| *times > 0 && target.contains(part.as_str()));
    let fault = faults.next().map(|(_, fault, times)| {
        *times -= 1;
        fault.clone()
    });
    match answer(&shared.jira, request) {
        Ok(body) => {
            let body = body.to_string();
            let reply = Reply::json(body.as_str());
            match fault {
                Some(fault) => fault.spoil(reply, &body),
                None => reply,
            }
        }
        Err(status) => match fault {
            Some(fault) => fault.spoil(refusal(status), ""),
            None => refusal(status),
        },
    }
}

fn answer(jira: &Jira, request: &Request) -> Result<Value, u16> {
    if jira.locked || request.header("authorization").is_none() {
        return Err(401);
    }
    if request.method != "GET" {
        return Err(405);
    }
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let version = match jira.kind {
        Kind::Cloud => "3",
        Kind::DataCenter => "2",
    };
    match parts[..] {
        ["rest", "api", given, ref rest @ ..] if given == version => rest_api(jira, rest, request),
        ["rest", "servicedeskapi", "request", id, "approval"] => {
            let issue = find(jira, id)?;
            let desk = jira.projects.get(project(&issue.key));
            if desk.map(String::as_str) != Some("service_desk") {
                return Err(404);
            }
            if jira.kind == Kind::DataCenter
                && request.header("x-experimentalapi") != Some("opt-in")
            {
                return Err(412);
            }
            let steps = issue.steps.iter().map(|step| with_users(jira, step));
            let (page, at, last) = page(jira, request, "start", "limit", steps.collect());
            Ok(
                json!({"size": page.len(), "start": at, "limit": jira.page, "isLastPage": last, "values": page}),
            )
        }
        ["rest", "dev-status", "1.0", "issue", "detail"] => {
            let issue = find(jira, &query(request, "issueId").unwrap_or_default())?;
            let told = issue.development.clone();
            Ok(told.unwrap_or_else(|| json!({"errors": [], "detail": []})))
        }
        _ => Err(404),
    }
}

fn rest_api(jira: &Jira, rest: &[&str], request: &Request) -> Result<Value, u16> {
    match *rest {
        ["myself"] => Ok(user(jira, "reader")),
        ["field"] => Ok(shuffled(jira, fields(jira))),
        ["status"] => {
            let all = jira.statuses.iter().map(|(id, (name, category))| {
                json!({"id": id, "name": name, "description": "", "iconUrl": "https://jira.example/icon.png",
                    "self": "https://jira.example/rest/api/3/status/1",
                    "statusCategory": {"id": 4, "key": category, "name": category}})
            });
            Ok(shuffled(jira, all.collect()))
        }
        ["project", "search"] if jira.kind == Kind::Cloud => {
            let key = query(request, "keys").unwrap_or_default();
            let found = jira.projects.get_key_value(&key).into_iter();
            let found: Vec<Value> = found.map(|(key, kind)| about(key, kind)).collect();
            Ok(
                json!({"startAt": 0, "maxResults": 50, "total": found.len(), "isLast": true, "values": found}),
            )
        }
        ["project", key] if jira.kind == Kind::DataCenter => {
            let kind = jira.projects.get(key).ok_or(404_u16)?;
            Ok(about(key, kind))
        }
        ["search", "jql"] if jira.kind == Kind::Cloud => search(jira, request),
        ["search"] if jira.kind == Kind::DataCenter => search(jira, request),
        // Removed from Cloud.
        ["search"] => Err(410),
        ["issue", id, "changelog"] if jira.kind == Kind::Cloud => {
            let history = history(jira, find(jira, id)?);
            let total = history.len();
            let (page, at, last) = page(jira, request, "startAt", "maxResults", history);
            Ok(
                json!({"startAt": at, "maxResults": jira.page, "total": total, "isLast": last, "values": page}),
            )
        }
        ["issue", id, "comment"] => {
            let comments = find(jira, id)?.comments.iter();
            let comments: Vec<Value> = comments.map(|one| comment(jira, one)).collect();
            let total = comments.len();
            let (page, at, _) = page(jira, request, "startAt", "maxResults", comments);
            Ok(json!({"startAt": at, "maxResults": jira.page, "total": total, "comments": page}))
        }
        ["issue", id, "remotelink"] => {
            let urls = find(jira, id)?.urls.iter();
            let all = urls.map(|url| {
                json!({"id": 10_000, "globalId": "1", "application": {"type": "com.github", "name": "GitHub"},
                    "relationship": "implements", "object": {"url": url, "title": format!("{MARKER}-title")}})
            });
            Ok(shuffled(jira, all.collect()))
        }
        _ => Err(404),
    }
}

fn about(key: &str, kind: &str) -> Value {
    json!({"id": "10000", "key": key, "name": key, "projectTypeKey": kind, "self": "https://jira.example/rest/api/3/project/1"})
}

/// Reads the one kind of query that the collector sends, and no other.
fn search(jira: &Jira, request: &Request) -> Result<Value, u16> {
    let jql = query(request, "jql").ok_or(400_u16)?;
    let rest = jql.strip_prefix("project = \"").ok_or(400_u16)?;
    let (of, rest) = rest.split_once("\" AND updated >= ").ok_or(400_u16)?;
    let since = rest.strip_suffix(" ORDER BY key ASC").ok_or(400_u16)?;
    let since: i64 = since.parse().map_err(|_| 400_u16)?;
    if !jira.projects.contains_key(of) {
        return Err(400);
    }
    let since = Timestamp::from_millisecond(since).map_err(|_| 400_u16)?;
    let mut all: Vec<&Issue> = jira.issues.iter().collect();
    all.retain(|issue| project(&issue.key) == of && issue.updated >= since);
    all.sort_by_key(|issue| {
        let number = issue
            .key
            .rsplit('-')
            .next()
            .and_then(|text| text.parse::<u64>().ok());
        (number, issue.id)
    });
    let asked = query(request, "fields").unwrap_or_default();
    let asked: Vec<&str> = asked.split(',').collect();
    let total = all.len();
    let token = query(request, "nextPageToken");
    let at = match (&token, jira.kind) {
        (Some(token), Kind::Cloud) => token.strip_prefix("token-").and_then(|at| at.parse().ok()),
        (_, Kind::Cloud) => Some(0),
        (_, Kind::DataCenter) => Some(number(request, "startAt").unwrap_or(0)),
    };
    let at: usize = at.ok_or(400_u16)?;
    let most = number(request, "maxResults").unwrap_or(50).min(jira.page);
    let page = all.iter().skip(at).take(most);
    let page: Vec<Value> = page
        .map(|issue| one(jira, issue, &asked, request))
        .collect();
    let end = at + page.len();
    let last = end >= total;
    Ok(match jira.kind {
        Kind::Cloud if last => json!({"issues": page, "isLast": true}),
        Kind::Cloud => {
            json!({"issues": page, "isLast": false, "nextPageToken": format!("token-{end}")})
        }
        Kind::DataCenter => {
            json!({"startAt": at, "maxResults": most, "total": total, "issues": page})
        }
    })
}

fn one(jira: &Jira, issue: &Issue, asked: &[&str], request: &Request) -> Value {
    let person = |account: &Option<String>| account.as_ref().map(|account| user(jira, account));
    let (name, category) = jira
        .statuses
        .get(&issue.status)
        .cloned()
        .unwrap_or_default();
    let links = issue.links.iter().map(|key| {
        json!({"id": "1", "type": {"name": "Relates"}, "outwardIssue": {"id": "2", "key": key}})
    });
    let all = [
        ("summary", json!(issue.summary)),
        ("description", text(jira, &issue.description)),
        (
            "status",
            json!({"id": issue.status, "name": name, "statusCategory": {"id": 4, "key": category}}),
        ),
        (
            "labels",
            shuffled(
                jira,
                issue.labels.iter().map(|label| json!(label)).collect(),
            ),
        ),
        ("assignee", json!(person(&issue.assignee))),
        ("reporter", json!(person(&issue.reporter))),
        ("creator", user(jira, &issue.creator)),
        ("created", json!(stamp(issue.created))),
        ("updated", json!(stamp(issue.updated))),
        ("issuelinks", shuffled(jira, links.collect())),
        ("secret", json!(format!("{MARKER}-unasked"))),
    ];
    let mut fields = serde_json::Map::new();
    for (name, value) in all {
        if asked.contains(&name) {
            fields.insert(name.to_owned(), value);
        }
    }
    let custom = jira.fields.iter().map(|(id, ..)| id.as_str()).chain([
        "environment",
        "components",
        "issuetype",
    ]);
    for id in custom.filter(|id| asked.contains(id)) {
        fields.insert(
            id.to_owned(),
            issue.fields.get(id).cloned().unwrap_or_default(),
        );
    }
    for (name, value) in &issue.spoiled {
        if asked.contains(&name.as_str()) {
            fields.insert(name.clone(), value.clone());
        }
    }
    let mut all = json!({"id": issue.id.to_string(), "key": issue.key, "self": "https://jira.example/rest/api/3/issue/1", "fields": fields});
    if jira.kind == Kind::DataCenter && query(request, "expand").as_deref() == Some("changelog") {
        let history = history(jira, issue);
        all["changelog"] = json!({"startAt": 0, "maxResults": history.len(), "total": history.len(), "histories": history});
    }
    for member in ["id", "key", "fields", "changelog"] {
        if let Some(value) = issue.spoiled.get(&format!(".{member}")) {
            all[member] = value.clone();
        }
    }
    all
}

fn history(jira: &Jira, issue: &Issue) -> Vec<Value> {
    let entries = issue.history.iter().map(|(id, by, at, items, about)| {
        let mut entry = json!({"id": id.to_string(), "author": user(jira, by), "created": stamp(*at), "items": items});
        if let Some(about) = about {
            entry["historyMetadata"] = about.clone();
        }
        entry
    });
    entries.collect()
}

fn comment(jira: &Jira, comment: &Value) -> Value {
    let mut comment = comment.clone();
    for who in ["author", "updateAuthor"] {
        comment[who] = user(jira, comment[who].as_str().unwrap_or_default());
    }
    comment["body"] = text(jira, comment["body"].as_str().unwrap_or_default());
    comment
}

fn with_users(jira: &Jira, step: &Value) -> Value {
    let mut step = step.clone();
    for one in step["approvers"].as_array_mut().into_iter().flatten() {
        let account = one["approver"].as_str().unwrap_or_default().to_owned();
        one["approver"] = user(jira, &account);
    }
    step
}

fn user(jira: &Jira, account: &str) -> Value {
    let mail = format!("{MARKER}-{account}@example.com");
    if jira.deleted.contains(account) {
        return match jira.kind {
            Kind::Cloud => {
                json!({"accountId": "unknown", "accountType": "unknown", "active": false, "displayName": "Former user"})
            }
            Kind::DataCenter => Value::Null,
        };
    }
    match jira.kind {
        Kind::Cloud => {
            let kind = if jira.apps.contains(account) {
                "app"
            } else {
                "atlassian"
            };
            json!({"accountId": account, "accountType": kind, "active": true, "displayName": format!("The {account}"), "emailAddress": mail})
        }
        Kind::DataCenter => {
            json!({"key": account, "name": account, "active": true, "displayName": format!("The {account}"), "emailAddress": mail})
        }
    }
}

/// A text as the product writes it: a document with a paragraph a line, or as it is.
fn text(jira: &Jira, text: &str) -> Value {
    if jira.kind == Kind::DataCenter {
        return json!(text);
    }
    let paragraphs = text
        .lines()
        .map(|line| json!({"type": "paragraph", "content": [{"type": "text", "text": line}]}));
    json!({"type": "doc", "version": 1, "content": paragraphs.collect::<Vec<_>>()})
}

fn fields(jira: &Jira) -> Vec<Value> {
    let own = [
        ("summary", "Summary"),
        ("status", "Status"),
        ("labels", "Labels"),
        ("environment", "Environment"),
        ("components", "Components"),
        ("issuetype", "Issue Type"),
    ];
    let own = own.iter().map(|(id, name)| json!({"id": id, "key": id, "name": name, "custom": false, "schema": {"type": "string", "system": id}}));
    let custom = jira.fields.iter().map(|(id, name, kind)| {
        json!({"id": id, "key": id, "name": name, "custom": true, "schema": {"type": "any", "custom": kind}})
    });
    own.chain(custom).collect()
}

fn shuffled(jira: &Jira, mut all: Vec<Value>) -> Value {
    if jira.shuffled {
        all.reverse();
    }
    Value::Array(all)
}

/// A page of a list by numbers, where it begins, and whether it is the last one.
fn page(
    jira: &Jira,
    request: &Request,
    at: &str,
    many: &str,
    all: Vec<Value>,
) -> (Vec<Value>, usize, bool) {
    let at = number(request, at).unwrap_or(0);
    let many = number(request, many).unwrap_or(100).min(jira.page);
    let total = all.len();
    let page: Vec<Value> = all.into_iter().skip(at).take(many).collect();
    let last = at + page.len() >= total;
    (page, at, last)
}

fn find<'j>(jira: &'j Jira, id: &str) -> Result<&'j Issue, u16> {
    let mut issues = jira.issues.iter();
    issues
        .find(|issue| issue.id.to_string() == id || issue.key == id)
        .ok_or(404)
}

fn project(key: &str) -> &str {
    key.rsplit_once('-').map_or("", |(project, _)| project)
}

fn number(request: &Request, name: &str) -> Option<usize> {
    query(request, name)?.parse().ok()
}

fn query(request: &Request, name: &str) -> Option<String> {
    let mut pairs = request
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.find(|(have, _)| *have == name)?.1;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let code: Vec<u8> = rest.by_ref().take(2).collect();
            let code = std::str::from_utf8(&code).ok()?;
            bytes.push(u8::from_str_radix(code, 16).ok()?);
        } else if byte == b'+' {
            bytes.push(b' ');
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
