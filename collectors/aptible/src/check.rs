//! What can be read with the rights at hand, and which is missing.

use futures::future::join_all;
use plimsoll_kit::{Access, Context, Right};

use crate::client::{Api, Failed, Listing, Window, list};
use crate::collect::failure;
use crate::wire::{Account, Row};

/// The lists of an environment, and what a person calls them.
const LISTS: [(&str, &str); 11] = [
    ("services", "services"),
    ("vhosts", "endpoints"),
    ("certificates", "certificates"),
    ("log_drains", "log drains"),
    ("disks", "disks"),
    ("persistent_disks", "disks of apps"),
    ("disk_attachments", "mounted disks"),
    ("backup_retention_policies", "backup retention"),
    ("service_sizing_policies", "scaling"),
    ("backups", "backups"),
    ("operations", "operations"),
];

/// Says what the token is worth, and for each environment what can be read.
pub(crate) async fn check(api: &Api, context: &Context) -> Vec<Access> {
    let mut all = vec![token(api, context).await];
    if all[0].right == Right::Denied {
        return all;
    }
    let most = context.limits.assets;
    let (stacks, apps, databases, images, accounts) = futures::join!(
        first(api, "/stacks", "stacks"),
        first(api, "/apps", "apps"),
        first(api, "/databases", "databases"),
        first(api, "/database_images", "database_images"),
        list::<Account>(api, "/accounts", "accounts", most, Window::Whole),
    );
    all.push(of_list("stacks", "/stacks", &stacks));
    all.push(of_list("apps", "/apps", &apps));
    all.push(of_list("databases", "/databases", &databases));
    all.push(of_list(
        "versions of databases",
        "/database_images",
        &images,
    ));
    all.push(environments(&accounts));
    for account in &accounts.items {
        all.extend(environment(api, account).await);
    }
    all
}

/// The token, by the API that knows about tokens.
async fn token(api: &Api, context: &Context) -> Access {
    let mut detail = format!("for {}, from {}", api.urls.api, api.token_place);
    if let Some(ends) = api.token_expires {
        let said = if ends <= context.now() {
            "ended at"
        } else {
            "ends at"
        };
        detail = format!("{detail}, {said} {ends}");
    }
    match api.get_auth("/current_token").await {
        Ok(_) => access("token", Right::Granted, detail),
        Err(error) => {
            let what = match error.status() {
                // That the API for tokens does not answer says nothing of the other.
                Some(401) => "renew it: `aptible login`, or a new token for the robot user",
                _ => "whether it is good shows below",
            };
            access("token", error.right(), format!("{detail}: {error}; {what}"))
        }
    }
}

fn environments(accounts: &Listing<Account>) -> Access {
    if let Some(failed) = &accounts.failed {
        return access("environments", right(failed), failure("/accounts", failed));
    }
    let names: Vec<String> = accounts.items.iter().map(name).collect();
    if names.is_empty() {
        let detail = "GET /accounts lists none: add the token's user to a role with permissions on the environments";
        return access("environments", Right::Denied, detail.to_owned());
    }
    let detail = format!(
        "{}; one that is missing here has no role of the token's user",
        names.join(", ")
    );
    access("environments", Right::Granted, detail)
}

fn name(account: &Account) -> String {
    let handle = account.handle.as_deref().map(crate::normalise::word);
    handle.map_or_else(|| "one without a handle".to_owned(), |handle| handle.into())
}

/// One line for what can be read of an environment, and one for each list that cannot.
async fn environment(api: &Api, account: &Account) -> Vec<Access> {
    let environment = format!("environment {}", name(account));
    let Some(number) = account.id.as_deref() else {
        return vec![access(
            &environment,
            Right::Unreachable,
            "it has no id".to_owned(),
        )];
    };
    let tried = join_all(LISTS.iter().map(|(key, what)| async move {
        let path = format!("/accounts/{number}/{key}");
        let listing = first(api, &path, key).await;
        (*what, path, listing)
    }))
    .await;
    let failed = |listing: &Listing<Row>| listing.failed.is_some();
    let read: Vec<&str> = tried
        .iter()
        .filter(|(.., one)| !failed(one))
        .map(|(what, ..)| *what)
        .collect();
    let mut all = Vec::new();
    if !read.is_empty() {
        all.push(access(&environment, Right::Granted, read.join(", ")));
    }
    for (what, path, listing) in &tried {
        if listing.failed.is_some() {
            all.push(of_list(&format!("{environment}: {what}"), path, listing));
        }
    }
    all
}

/// The first page of a list, of which nothing is kept.
async fn first(api: &Api, path: &str, key: &str) -> Listing<Row> {
    let mut enough = |_: &[Row], _: usize| true;
    list(api, path, key, usize::MAX, Window::Until(&mut enough)).await
}

fn of_list(what: &str, path: &str, listing: &Listing<Row>) -> Access {
    match &listing.failed {
        None => access(what, Right::Granted, format!("GET {path}")),
        Some(failed) => access(what, right(failed), failure(path, failed)),
    }
}

fn right(failed: &Failed) -> Right {
    match failed {
        Failed::Http(error) => error.right(),
        _ => Right::Unreachable,
    }
}

fn access(what: &str, right: Right, detail: String) -> Access {
    let what = what.to_owned();
    Access {
        what,
        right,
        detail,
    }
}
