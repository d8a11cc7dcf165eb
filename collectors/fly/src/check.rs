//! What can be read with the rights at hand, and which right is missing.

use plimsoll_kit::http::{Answer, Error};
use plimsoll_kit::{Access, Right};
use plimsoll_model::Text;

use crate::account::Account;
use crate::client::Fly;
use crate::collect::{self, Seen};
use crate::listing;
use crate::normalise::word;
use crate::wire::{App, Token};

/// Says for each call what became of it, trying one app of each organisation.
pub(crate) async fn check(fly: &Fly, account: &Account) -> Vec<Access> {
    let mut all = Vec::new();
    let tokens = match collect::tokens(fly).await {
        Ok((tokens, _)) => {
            all.push(access("token", Right::Granted, told(account, &tokens)));
            tokens
        }
        Err(error) => {
            let right = match &error {
                listing::Failed::Http(error) => error.right(),
                listing::Failed::Wire(_) => Right::Unreachable,
            };
            let detail = format!("the token from {}: {error}", account.place);
            all.push(access("token", right, detail));
            Vec::new()
        }
    };
    for seen in collect::organisations(&tokens, &account.organisations) {
        organisation(fly, &seen, &mut all).await;
    }
    all
}

/// Something that could not be reached.
pub(crate) fn unreachable(what: &str, detail: String) -> Access {
    access(what, Right::Unreachable, detail)
}

fn told(account: &Account, tokens: &[Token]) -> String {
    let each = tokens.iter().map(|token| {
        let slug = word(&token.org_slug);
        let whole = token.apps.is_empty();
        let user = token.user.as_deref().filter(|user| !user.is_empty());
        let user = user
            .map(|user| format!(", of {}", word(user)))
            .unwrap_or_default();
        let part = if whole { "" } else { " (some apps alone)" };
        format!("{slug}{part}{user}")
    });
    let each: Vec<String> = each.collect();
    format!("from {}, for {}", account.place, each.join("; "))
}

async fn organisation(fly: &Fly, seen: &Seen, all: &mut Vec<Access>) {
    let slug = seen.slug.as_str();
    let what = |what: &str| format!("{slug}: {what}");
    let apps = match &seen.only {
        None => {
            let answer = fly.apps(slug).await;
            all.push(tried(&what("apps"), "GET /apps", &answer, slug));
            let mut aside = listing::Told::default();
            let items = listing::under::<App>(answer, "apps");
            let apps = listing::listing("GET /apps", None, items, &mut aside);
            apps.unwrap_or_default()
                .into_iter()
                .map(|app| app.name)
                .collect()
        }
        Some(only) => {
            let detail = format!(
                "the token is for some apps alone, and the others stay unseen: {}",
                advice(slug)
            );
            all.push(access(&what("apps"), Right::Denied, detail));
            only.clone()
        }
    };
    for list in ["machines", "volumes"] {
        let answer = fly.one_of_all(slug, list).await;
        let path = format!("GET /orgs/{{slug}}/{list}");
        all.push(tried(&what(&format!("all {list}")), &path, &answer, slug));
    }
    let query = fly.attribution_of(slug, None, 1, 1).await;
    all.push(match &query {
        Ok(answer) if answer.errors.is_empty() && answer.data.organization.is_some() => access(
            &what("who released, who set secrets"),
            Right::Granted,
            "POST /graphql, a query".to_owned(),
        ),
        Ok(_) => access(
            &what("who released, who set secrets"),
            Right::Denied,
            format!(
                "POST /graphql: the query was not answered in full; {}",
                advice(slug)
            ),
        ),
        Err(error) => refused(
            &what("who released, who set secrets"),
            "POST /graphql",
            error,
            slug,
        ),
    });
    if let Some(app) = apps.first() {
        one_app(fly, slug, app, all).await;
    }
}

/// One app stands for all: the rights are those of the organisation.
async fn one_app(fly: &Fly, slug: &str, app: &Text, all: &mut Vec<Access>) {
    let certificates = fly.certificates(app).await;
    let certificates = match certificates.failed {
        Some(error) => Err(error),
        None => certificates
            .answers
            .into_iter()
            .next()
            .ok_or(Error::Setup("no answer".to_owned())),
    };
    for (what, path, answer) in [
        (
            "machines",
            "GET /apps/{app}/machines",
            fly.machines(app).await,
        ),
        (
            "addresses",
            "GET /apps/{app}/ip_assignments",
            fly.addresses(app).await,
        ),
        ("certificates", "GET /apps/{app}/certificates", certificates),
        (
            "names of secrets",
            "GET /apps/{app}/secrets",
            fly.secrets(app).await,
        ),
    ] {
        all.push(tried(&format!("{slug}: {what}"), path, &answer, slug));
    }
    let what = format!("{slug}: releases by the older interface");
    let answer = fly.releases(app).await;
    let never = answer
        .as_ref()
        .is_err_and(|error| error.status() == Some(404));
    all.push(match never {
        // An app that was never released has none.
        true => access(&what, Right::Granted, "GET /apps/{app}/releases".to_owned()),
        false => tried(&what, "GET /apps/{app}/releases", &answer, slug),
    });
}

fn tried(what: &str, path: &str, answer: &Result<Answer, Error>, slug: &str) -> Access {
    match answer {
        Ok(_) => access(what, Right::Granted, path.to_owned()),
        Err(error) => refused(what, path, error, slug),
    }
}

fn refused(what: &str, path: &str, error: &Error, slug: &str) -> Access {
    let right = error.right();
    let advice = match right {
        Right::Denied => format!("; {}", advice(slug)),
        _ => String::new(),
    };
    access(what, right, format!("{path}: {error}{advice}"))
}

/// The token that is enough.
fn advice(slug: &str) -> String {
    format!("make a token for the whole organisation with `fly tokens create readonly {slug}`")
}

fn access(what: &str, right: Right, detail: String) -> Access {
    let what = what.to_owned();
    Access {
        what,
        right,
        detail,
    }
}
