//! One run: which calls are made in which order, and what becomes of a failed one.

mod app;
mod attribution;
mod organisation;

use std::collections::BTreeMap;

use plimsoll_kit::http::Error;
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;

use crate::account::Account;
use crate::client::Fly;
use crate::listing::{self, Told};
use crate::normalise::{Piece, word};
use crate::settings::{Settings, is_slug};
use crate::wire::Token;

/// The scope that says which organisations there are, and what each one's number is.
pub(crate) const FINDING: &str = "organisations of the token";

/// The scope of an organisation, by its number.
pub(crate) fn scope(number: &str) -> String {
    format!("organisation/{number}")
}

/// The scope of an organisation's records of who did what, by the organisation's.
pub(crate) fn records_scope(scope: &str) -> String {
    format!("{scope}/records")
}

/// An organisation as the token may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) slug: String,
    /// The apps that alone may be seen; none where all may.
    pub(crate) only: Option<Vec<Text>>,
}

/// The second counts all machines of a group where one is enough, tells reach by address and service, and knows volumes that extend
/// themselves. The third makes ids and scopes of an organisation's number.
const EDITION: u32 = 3;

/// Reads everything.
pub(crate) async fn collect(
    fly: &Fly,
    account: &Account,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    harvest.edition(EDITION);
    harvest.open(FINDING);
    let tokens = match tokens(fly).await {
        Ok((tokens, told)) => {
            for (_, what) in told.troubles {
                harvest.trouble(FINDING, what);
            }
            tokens
        }
        // With a name in hand the rest can be tried, unless the token is no good at all.
        Err(error) if account.organisations.is_empty() || refused(&error) => {
            let what = format!(
                "cannot read what the token from {} is for: {error}",
                account.place
            );
            harvest.trouble(FINDING, what);
            return;
        }
        Err(error) => {
            harvest.trouble(
                FINDING,
                format!("cannot read what the token is for: {error}"),
            );
            Vec::new()
        }
    };
    let organisations = organisations(&tokens, &account.organisations);
    if organisations.is_empty() {
        let what = format!(
            "the token from {} is for no organisation: make one with `fly tokens create readonly ORGANISATION`",
            account.place
        );
        harvest.trouble(FINDING, what);
    }
    let mut all = true;
    for seen in &organisations {
        all &= organisation::read(fly, seen, settings, context, harvest).await;
    }
    if all && account.organisations.is_empty() {
        harvest.lists_scopes();
    }
    harvest.complete(FINDING);
}

/// Says why nothing can be read at all.
pub(crate) fn unread(harvest: &mut Harvester, why: &str) {
    harvest.trouble(FINDING, why);
}

/// What the token is for, and what of it could not be understood.
pub(crate) async fn tokens(fly: &Fly) -> Result<(Vec<Token>, Told), listing::Failed> {
    let answer = listing::under(fly.token().await, "tokens")?;
    let mut told = Told::default();
    let tokens = listing::listing("GET /tokens/current", None, Ok(answer), &mut told);
    Ok((tokens.unwrap_or_default(), told))
}

/// The organisations to read, each once: those that are named, else all that a token is for.
pub(crate) fn organisations(tokens: &[Token], named: &[String]) -> Vec<Seen> {
    let mut all: BTreeMap<String, Option<Vec<Text>>> = BTreeMap::new();
    for token in tokens.iter().filter(|token| is_slug(&token.org_slug)) {
        let machine = token.restricted_to_machine.as_deref().unwrap_or_default();
        let whole = token.apps.is_empty() && machine.is_empty();
        let only = (!whole).then(|| token.apps.clone());
        // Of two tokens the one that sees more counts, and of two that see a part both parts.
        match (all.get_mut(token.org_slug.as_str()), only) {
            (Some(Some(apps)), Some(mut more)) => apps.append(&mut more),
            (Some(have), None) => *have = None,
            (Some(None), Some(_)) => {}
            (None, only) => {
                all.insert(token.org_slug.to_string(), only);
            }
        }
    }
    for apps in all.values_mut().flatten() {
        apps.sort();
        apps.dedup();
    }
    let seen = |slug: &String, only| Seen {
        slug: slug.clone(),
        only,
    };
    if named.is_empty() {
        return all
            .iter()
            .map(|(slug, only)| seen(slug, only.clone()))
            .collect();
    }
    let named = named.iter();
    named
        .map(|slug| seen(slug, all.get(slug).cloned().flatten()))
        .collect()
}

fn refused(error: &listing::Failed) -> bool {
    matches!(
        error,
        listing::Failed::Http(Error::Status { status: 401, .. })
    )
}

/// Hands a piece over.
fn hand_over(scope: &str, piece: Piece, harvest: &mut Harvester) {
    harvest.asset(scope, piece.asset);
    for relation in piece.relations {
        harvest.relation(scope, relation);
    }
}

/// A list of names as people read it, cut where it is long.
fn few<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = if names.len() > 5 { ", …" } else { "" };
    let names: Vec<Text> = names.take(5).map(word).collect();
    format!("{}{more}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations_by_what_tokens_see_of_them() {
        let tokens: Vec<Token> = serde_json::from_str(
            r#"[{"org_slug":"b","apps":["x"]},{"org_slug":"a","apps":[]},{"org_slug":"b","apps":["y","x"]},
                {"org_slug":"c","apps":["z"]},{"org_slug":"c","apps":null},{"org_slug":"d","restricted_to_machine":"m"},{"org_slug":"../e"}]"#,
        )
        .unwrap();
        let told = |named: &[String]| {
            let seen = organisations(&tokens, named).into_iter();
            let told = seen.map(|seen| match seen.only {
                None => seen.slug,
                Some(apps) => format!("{}: {}", seen.slug, apps.join(" ")),
            });
            told.collect::<Vec<_>>()
        };
        assert_eq!(told(&[]), ["a", "b: x y", "c", "d: "]);
        assert_eq!(told(&["b".into(), "z".into()]), ["b: x y", "z"]);
    }
}
