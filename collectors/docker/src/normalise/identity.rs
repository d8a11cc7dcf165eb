//! Which container is which: a name that outlives restarts and redeploys.
//!
//! Compose gives a redeployed container the same project, service and number, and mostly the same name; Swarm gives
//! it a new name with the same service and slot. Everything else is its name. What is derived hangs on nothing but the
//! container's own labels and name, so scaling up or down never renames the others.

use std::collections::HashMap;

use plimsoll_model::{AssetId, Labels, Text, kind};

use super::{Site, short, word};
use crate::wire::Listed;

/// A container's id in the inventory, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) asset: AssetId,
    pub(crate) name: Text,
}

/// The keys of all listed containers, by container id.
///
/// Two containers of one key are a redeploy in progress, or what a swarm leaves of its former tasks: the one that runs has it, then the
/// youngest, and the others go by their names.
pub(crate) fn keys<'a>(site: &Site<'_>, listed: &'a [Listed]) -> HashMap<&'a str, Key> {
    let mut order: Vec<&Listed> = listed.iter().collect();
    order.sort_by_key(|item| {
        let runs = item.state.as_deref() == Some("running");
        let age = std::cmp::Reverse(item.created.unwrap_or(i64::MIN));
        (!runs, age, item.id.as_str())
    });
    let mut taken = std::collections::HashSet::new();
    let mut keys = HashMap::with_capacity(listed.len());
    for item in order {
        let name = name(item);
        let mut asset = site.id(
            kind::CONTAINER,
            &stable(&item.labels).unwrap_or(name.clone()),
        );
        if taken.contains(&asset) {
            asset = site.id(kind::CONTAINER, &name);
        }
        if taken.contains(&asset) {
            asset = site.id(kind::CONTAINER, &format!("{name}~{}", short(&item.id)));
        }
        taken.insert(asset.clone());
        keys.insert(item.id.as_str(), Key { asset, name });
    }
    keys
}

/// The container's own name; the others in the list are names that legacy links give it, with a second slash.
fn name(item: &Listed) -> Text {
    let mut names = item
        .names
        .iter()
        .map(|name| name.strip_prefix('/').unwrap_or(name));
    let own = names.find(|name| !name.is_empty() && !name.contains('/'));
    own.map_or_else(|| short(&item.id), word)
}

fn stable(labels: &Labels) -> Option<Text> {
    let label = |name: &str| {
        let value = labels.get(name)?;
        plain(value).then_some(value.as_str())
    };
    if let (Some(project), Some(service)) = (
        label("com.docker.compose.project"),
        label("com.docker.compose.service"),
    ) {
        // `compose run`: as many as one likes, none of them the service.
        let oneoff = label("com.docker.compose.oneoff");
        if oneoff.is_some_and(|yes| yes.eq_ignore_ascii_case("true")) {
            return None;
        }
        return Some(match label("com.docker.compose.container-number") {
            None | Some("1") => Text::from(format!("{project}/{service}")),
            Some(number) => Text::from(format!("{project}/{service}/{number}")),
        });
    }
    // `service.slot.task`, where the task is new at every deployment.
    let (service, task) = (
        label("com.docker.swarm.service.name")?,
        label("com.docker.swarm.task.name")?,
    );
    let slot = task
        .strip_prefix(service)?
        .strip_prefix('.')?
        .split('.')
        .next()?;
    Some(Text::from(format!("swarm/{service}/{slot}")))
}

/// Whether a label's value can be a part of a name: it cannot pass for two parts.
fn plain(value: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !value.is_empty() && value.len() <= 255 && value.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::tests::site;

    fn ids(json: &str) -> Vec<String> {
        let listed: Vec<Listed> = serde_json::from_str(json).unwrap();
        let keys = keys(&site(), &listed);
        let id = |item: &Listed| keys[item.id.as_str()].asset.to_string();
        listed.iter().map(id).collect()
    }

    #[test]
    fn compose_containers_go_by_project_service_and_number() {
        let found = ids(
            r#"[{"Id":"1","Names":["/shop-db-1"],"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db","com.docker.compose.container-number":"1"}},
                {"Id":"2","Names":["/shop-db-2"],"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db","com.docker.compose.container-number":"2"}},
                {"Id":"3","Names":["/shop-db-run-7"],"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db","com.docker.compose.oneoff":"True"}},
                {"Id":"4","Names":["/forged"],"Labels":{"com.docker.compose.project":"shop/db","com.docker.compose.service":"2"}}]"#,
        );
        assert_eq!(
            found,
            [
                "container:web-1/shop/db",
                "container:web-1/shop/db/2",
                "container:web-1/shop-db-run-7",
                "container:web-1/forged",
            ]
        );
    }

    #[test]
    fn of_two_the_running_one_keeps_the_key() {
        let labels =
            r#""Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db"}"#;
        let old =
            format!(r#"{{"Id":"1","Names":["/0a_db"],"State":"exited","Created":9,{labels}}}"#);
        let new = format!(r#"{{"Id":"2","Names":["/db"],"State":"running","Created":5,{labels}}}"#);
        assert_eq!(
            ids(&format!("[{old},{new}]")),
            ["container:web-1/0a_db", "container:web-1/shop/db"]
        );
        assert_eq!(
            ids(&format!("[{new},{old}]")),
            ["container:web-1/shop/db", "container:web-1/0a_db"]
        );
    }

    #[test]
    fn swarm_tasks_go_by_their_slot_and_links_do_not_rename() {
        let found = ids(
            r#"[{"Id":"1","Names":["/web.2.x8s7"],"Labels":{"com.docker.swarm.service.name":"web","com.docker.swarm.task.name":"web.2.x8s7"}},
                {"Id":"2","Names":["/app/alias","/db"]},
                {"Id":"0123456789abcdef","Names":null}]"#,
        );
        assert_eq!(
            found,
            [
                "container:web-1/swarm/web/2",
                "container:web-1/db",
                "container:web-1/0123456789ab",
            ]
        );
    }
}
