//! Networks.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Asset, AssetId, Text, Value, fact, kind};

use super::basis::{self, reported, said, yes};
use super::{Piece, Site, hidden, short, word};
use crate::wire;

/// What containers need to know of a network.
pub(crate) struct Known {
    pub(crate) asset: AssetId,
    pub(crate) driver: Text,
    /// Whether it has no way out, so that nothing is published on it.
    pub(crate) internal: bool,
    /// Where ports are published for which no address was asked for; none where that is everywhere.
    pub(crate) binding: Option<Text>,
}

/// The option of a bridge with the address for ports that name none. The engine sets it from its own `--ip`.
const BINDING: &str = "com.docker.network.bridge.host_binding_ipv4";

/// All networks.
#[derive(Default)]
pub(crate) struct Networks {
    all: Vec<Known>,
    by_id: HashMap<Text, usize>,
    by_name: HashMap<Text, usize>,
}

impl Networks {
    /// Makes the assets of all networks.
    pub(crate) fn read(site: &Site<'_>, listed: &[wire::Network]) -> (Self, Vec<Piece>) {
        let mut networks = Self::default();
        let mut pieces = Vec::with_capacity(listed.len());
        // By id, so that of two with one name, which older engines allow, the same one keeps it at every scan.
        let mut order: Vec<&wire::Network> = listed.iter().collect();
        order.sort_by_key(|network| &network.id);
        let mut taken = HashSet::new();
        for network in order {
            let mut id = site.id(kind::NETWORK, &network.name);
            if taken.contains(&id) {
                id = site.id(
                    kind::NETWORK,
                    &format!("{}~{}", network.name, short(&network.id)),
                );
            }
            taken.insert(id.clone());
            let at = networks.all.len();
            networks.by_id.insert(network.id.clone(), at);
            networks.by_name.entry(network.name.clone()).or_insert(at);
            networks.all.push(Known {
                asset: id.clone(),
                driver: network.driver.clone().unwrap_or_default(),
                internal: network.internal == Some(true),
                binding: binding(network),
            });
            pieces.push(piece(site, id, network));
        }
        (networks, pieces)
    }

    /// A network by its id, or by its name where a container has not joined it yet.
    pub(crate) fn find(&self, id: Option<&str>, name: &str) -> Option<&Known> {
        let at = match id.filter(|id| !id.is_empty()) {
            Some(id) => self.by_id.get(id),
            None => self.by_name.get(name),
        };
        self.all.get(*at?)
    }

    /// A network by what a container's network mode calls it: its name, or its id.
    pub(crate) fn called(&self, word: &str) -> Option<&Known> {
        let at = self.by_name.get(word).or_else(|| self.by_id.get(word));
        self.all.get(*at?)
    }
}

fn binding(network: &wire::Network) -> Option<Text> {
    let mut options = network.options.iter();
    let (_, address) = options.find(|(name, _)| *name == BINDING)?;
    address.clone().filter(|address| !address.is_empty())
}

fn piece(site: &Site<'_>, id: AssetId, network: &wire::Network) -> Piece {
    let mut asset = Asset::new(id, kind::NETWORK, word(&network.name));
    asset.labels = hidden::labels(site.redactor, &asset.id, &network.labels);
    asset.claim(
        "attachable",
        yes(network.attachable, &basis::NETWORK_ATTACHABLE),
    );
    asset.claim(fact::DRIVER, said(network.driver.as_ref(), &basis::NETWORK));
    asset.claim(
        "network.ipv6",
        yes(network.enable_ipv6, &basis::NETWORK_IPV6),
    );
    asset.claim(
        fact::NETWORK_INTERNAL,
        yes(network.internal, &basis::NETWORK_INTERNAL),
    );
    asset.claim(
        "network.scope",
        said(network.scope.as_ref(), &basis::NETWORK_SCOPE),
    );
    let subnets = network
        .ipam
        .config
        .iter()
        .filter_map(|pool| pool.subnet.as_deref());
    let subnets = Value::texts(subnets.map(word));
    asset.claim(
        "network.subnets",
        reported(subnets, &basis::NETWORK_SUBNETS),
    );
    if network.driver.as_deref() == Some("overlay") {
        // The key alone switches it on, unless its value says no.
        let encrypted = network.options.get("encrypted");
        let on = encrypted.is_some_and(|value| value.as_deref() != Some("false"));
        asset.claim("network.encrypted", reported(on, &basis::NETWORK_OPTIONS));
    }
    if !network.options.is_empty() {
        // The engine's own options are switches and addresses; a plugin's may be anything.
        let ours = |name: &str| name.starts_with("com.docker.network.") || name == "encrypted";
        let options = hidden::options(site.redactor, &asset.id, "option", &network.options, ours);
        asset.claim("options", reported(options, &basis::NETWORK_OPTIONS));
    }
    Piece::new(asset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::tests::site;

    #[test]
    fn two_of_one_name_stay_two_and_plugins_options_stay_hidden() {
        let listed: Vec<wire::Network> = serde_json::from_str(
            r#"[{"Id":"bbbbbbbbbbbbbb","Name":"front","Driver":"overlay","Options":{"encrypted":"","password":"hunter2"}},
                {"Id":"aaaaaaaaaaaaaa","Name":"front","Driver":"bridge","Internal":true,"IPAM":{"Config":[{"Subnet":"10.1.0.0/16"}]},"Options":null}]"#,
        )
        .unwrap();
        let (networks, pieces) = Networks::read(&site(), &listed);
        let ids: Vec<_> = pieces.iter().map(|piece| piece.asset.id.as_str()).collect();
        assert_eq!(
            ids,
            ["network:web-1/front", "network:web-1/front~bbbbbbbbbbbb"]
        );
        let found = networks.find(Some("bbbbbbbbbbbbbb"), "front").unwrap();
        assert_eq!(found.driver, "overlay");
        assert_eq!(networks.find(Some(""), "front").unwrap().driver, "bridge");
        let overlay = &pieces[1].asset;
        assert_eq!(overlay.value("network.encrypted"), Some(&true.into()));
        assert!(!format!("{overlay:?}").contains("hunter2"));
        assert_eq!(
            pieces[0].asset.value(fact::NETWORK_INTERNAL),
            Some(&true.into())
        );
    }
}
