//! What is said of what went wrong.

use plimsoll_kit::http::Error;
use plimsoll_kit::{Context, Harvester};

use crate::client::{Api, Failed, Listing};
use crate::wire::Broken;

/// Where a right is given: what to do about a refusal.
pub(crate) const RIGHT: &str =
    "give a role of the token's user the permission Full Visibility (`read`) on the environment";

/// The rows of a list; none where there is not one. Says in the scopes what is wrong.
pub(super) fn whole<T>(
    listing: Listing<T>,
    path: &str,
    scopes: &[String],
    harvest: &mut Harvester,
) -> Option<Vec<T>> {
    for (page, broken) in &listing.broken {
        self::broken(path, *page, broken, scopes, harvest);
    }
    if let Some(failed) = &listing.failed {
        self::failed(path, failed, scopes, harvest);
    }
    (!listing.is_lost()).then_some(listing.items)
}

/// Says that a list could not be read, or not whole.
pub(super) fn failed(path: &str, failed: &Failed, scopes: &[String], harvest: &mut Harvester) {
    let what = failure(path, failed);
    for scope in scopes {
        harvest.trouble(scope, what.as_str());
    }
}

/// What became of a list, and what to do about it.
pub(crate) fn failure(path: &str, failed: &Failed) -> String {
    match failed {
        // Names the call itself.
        Failed::Http(error) if error.status() == Some(403) => format!("{error}; {RIGHT}"),
        Failed::Http(error) => error.to_string(),
        other => format!("GET {path}: {other}"),
    }
}

/// Says that a row of a list is left out.
pub(super) fn broken(
    path: &str,
    page: usize,
    broken: &Broken,
    scopes: &[String],
    harvest: &mut Harvester,
) {
    let number = broken
        .id
        .as_ref()
        .map_or(String::new(), |id| format!(" (id {id})"));
    let row = broken.row;
    let what = format!(
        "GET {path}: row {row} of page {page}{number} is left out: it has an unexpected shape"
    );
    for scope in scopes {
        harvest.trouble(scope, what.as_str());
    }
}

/// One remark for all calls of a kind that failed.
pub(super) fn details(scope: &str, call: &str, errors: &[&Error], harvest: &mut Harvester) {
    if let Some(first) = errors.first() {
        let count = errors.len();
        let what = format!(
            "{call} failed {count} times, and what it would have said is unknown; the first: {first}"
        );
        harvest.remark(scope, what);
    }
}

/// Says in time that the token ends: a run with an ended one reads nothing.
pub(super) fn token_ends(api: &Api, context: &Context, harvest: &mut Harvester) {
    let Some(ends) = api.token_expires else {
        return;
    };
    let left = ends.duration_since(context.now());
    if left.as_hours() < 48 {
        let what = format!(
            "the token in {} ends at {ends}: renew it before then",
            api.token_place
        );
        harvest.remark(super::ORGANISATION, what);
    }
}
