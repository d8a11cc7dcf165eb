//! Who released what, and who set which secret: for all apps of an organisation, many at once.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_kit::http::QueryError;
use plimsoll_model::Text;

use crate::client::Fly;
use crate::listing::{Told, bare_text};
use crate::normalise::action::Release;
use crate::wire::{AppNode, ReleaseNode, SecretNode};

/// The most pages of one organisation.
const MOST: usize = 10_000;

/// What the query told.
#[derive(Default)]
pub(crate) struct Attribution {
    /// The organisation's slug of its own.
    pub(crate) raw_slug: Option<Text>,
    /// By the app's name.
    pub(crate) apps: BTreeMap<Text, OfApp>,
}

/// What it told of one app.
#[derive(Default)]
pub(crate) struct OfApp {
    /// When it was made.
    pub(crate) created: Option<Text>,
    /// None where that was not answered.
    pub(crate) releases: Option<Vec<Release>>,
    pub(crate) secrets: Vec<SecretNode>,
}

/// Asks page by page. What is missing in the end is missing for the apps that are not in it.
pub(crate) async fn read(fly: &Fly, slug: &str, told: &mut Told) -> Attribution {
    let mut all = Attribution::default();
    let (mut after, mut seen) = (None::<String>, BTreeSet::new());
    loop {
        let answer = match fly.attribution(slug, after.as_deref()).await {
            Ok(answer) => answer,
            Err(error) => {
                told.attribution.push(bare_text(
                    "the query for releases and authors of secrets",
                    &error,
                ));
                return all;
            }
        };
        if !answer.errors.is_empty() {
            let what = QueryError::list(&answer.errors);
            told.attribution.push(Text::from(format!(
                "the query for releases and authors of secrets was answered in part: {what}"
            )));
        }
        let Some(organisation) = answer.data.organization else {
            if answer.errors.is_empty() {
                told.attribution.push("the query for releases found no such organisation, or the token may not see it there".into());
            }
            return all;
        };
        let own = organisation.raw_slug.filter(|slug| !slug.is_empty());
        all.raw_slug = all.raw_slug.take().or(own);
        let apps = organisation.apps.unwrap_or_default();
        for node in apps.nodes {
            let (name, of_app) = of_app(node, told);
            all.apps.insert(name, of_app);
        }
        let page = apps.page_info.unwrap_or_default();
        let next = page.end_cursor.filter(|cursor| !cursor.is_empty());
        let more = page.has_next_page == Some(true);
        match next.filter(|_| more) {
            Some(next) if seen.len() < MOST && seen.insert(next.clone()) => after = Some(next),
            Some(_) => {
                told.attribution.push("the query for releases: its next page is one that was read already, or they do not end".into());
                return all;
            }
            None if more => {
                told.attribution.push(
                    "the query for releases: there is a next page, and nothing says which".into(),
                );
                return all;
            }
            None if page.has_next_page.is_none() => {
                let what = "the query for releases does not say whether there is a next page";
                told.attribution.push(what.into());
                return all;
            }
            None => return all,
        }
    }
}

fn of_app(node: AppNode, told: &mut Told) -> (Text, OfApp) {
    let releases = node.releases_unprocessed.map(|releases| {
        let all = releases.nodes.len();
        let nodes = releases.nodes.into_iter().flatten();
        let nodes = nodes.filter_map(|node| serde_json::from_value::<ReleaseNode>(node).ok());
        let good: Vec<Release> = nodes.filter_map(Release::from_node).collect();
        if good.len() < all {
            told.attribution.push(Text::from(format!(
                "app {}: {} releases without a sound id or time are left out",
                crate::normalise::word(&node.name),
                all - good.len()
            )));
        }
        good
    });
    let of_app = OfApp {
        created: node.created_at,
        releases,
        secrets: node.secrets,
    };
    (node.name, of_app)
}
