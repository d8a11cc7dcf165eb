//! Parts and relations become a snapshot.

use std::collections::HashMap;

use foldhash::quality::RandomState;
use plimsoll_model::{AssetId, RelationKind, Text};

use super::merge::{Merged, Oddity, Part, merge};
use super::{Coverage, Edge, Snapshot};

/// A snapshot, and what was odd about its parts.
pub struct Assembled {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// What was odd about the parts.
    pub oddities: Vec<Oddity>,
    /// Ids that live on under another one, since both share an alias.
    pub moved: HashMap<AssetId, AssetId>,
    /// Relations an end of which nobody knows, by their place in what was handed in; the graph is without them.
    pub dangling: Vec<usize>,
}

/// Assembles a snapshot from the parts of all `sources` and their relations.
pub fn assemble<'r>(
    parts: Vec<Part>,
    sources: &[Text],
    relations: impl ExactSizeIterator<Item = (&'r AssetId, RelationKind, &'r AssetId)>,
    coverage: Vec<Coverage>,
) -> Assembled {
    let Merged {
        nodes,
        moved,
        oddities,
    } = merge(parts, sources);
    let room = nodes.len() + moved.len();
    let mut places: HashMap<&str, u32, RandomState> =
        HashMap::with_capacity_and_hasher(room, RandomState::default());
    for (at, node) in nodes.iter().enumerate() {
        if let Ok(at) = u32::try_from(at) {
            places.insert(node.asset.id.as_str(), at);
        }
    }
    for (from, to) in &moved {
        if let Some(&at) = places.get(to.as_str()) {
            places.insert(from.as_str(), at);
        }
    }
    // Findings of others speak of an asset by its names.
    let mut called: HashMap<&str, u32> = HashMap::new();
    for (at, node) in (0u32..).zip(&nodes) {
        for id in node.asset.ids().skip(1) {
            called.entry(id).or_insert(at);
        }
    }
    for (id, at) in called {
        places.entry(id).or_insert(at);
    }
    let mut edges = Vec::with_capacity(relations.len());
    let mut dangling = Vec::new();
    let mut last: Option<(&AssetId, Option<u32>)> = None;
    for (at, (from, kind, to)) in relations.enumerate() {
        // Relations come sorted: most start where the one before did.
        let start = match last {
            Some((id, start)) if id == from => start,
            _ => places.get(from.as_str()).copied(),
        };
        last = Some((from, start));
        match (start, places.get(to.as_str())) {
            (Some(from), Some(&to)) => edges.push(Edge { from, kind, to }),
            _ => dangling.push(at),
        }
    }
    drop(places);
    Assembled {
        snapshot: Snapshot::new(nodes, edges, coverage),
        oddities,
        moved,
        dangling,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::{Alias, Asset, Claim};

    const SOURCES: [&str; 3] = ["kubernetes", "host", "aptible"];

    fn part(source: usize, id: &str, name: &str, alias: &str, facts: &[(&str, Claim)]) -> Part {
        let (kind, _) = id.split_once(':').unwrap();
        let mut asset = Asset::new(AssetId::new(id).unwrap(), kind, name);
        asset.aliases.extend(
            alias
                .split_once(':')
                .map(|(space, value)| Alias::new(space, value)),
        );
        for (fact, claim) in facts {
            asset.claim(fact, claim.clone());
        }
        Part {
            asset,
            source,
            // The later source met it later.
            first_scan: source as i64,
            last_scan: 5,
        }
    }

    fn assembled(parts: Vec<Part>, relations: &[(&str, RelationKind, &str)]) -> Snapshot {
        let id = |id: &str| AssetId::new(id).unwrap();
        let ids: Vec<_> = relations
            .iter()
            .map(|(from, kind, to)| (id(from), *kind, id(to)))
            .collect();
        let relations = ids.iter().map(|(from, kind, to)| (from, *kind, to));
        let made = assemble(parts, &SOURCES.map(Text::from), relations, Vec::new());
        assert_eq!((made.oddities.len(), made.dangling.len()), (0, 0));
        made.snapshot
    }

    /// A node as its cluster sees it and as it sees itself: each says what it knows better.
    #[test]
    fn a_node_and_its_host_are_one() {
        let (alias, id) = ("machine:4f0c", "host:main/node-1");
        let cluster = [
            ("platform", Claim::reported("kubernetes")),
            ("kernel", Claim::reported("6.1")),
            ("clock.synchronised", Claim::unknown("no lease was read")),
        ];
        let host = [
            ("kernel", Claim::measured("6.1.0-18")),
            ("clock.synchronised", Claim::measured(true)),
            ("ports", Claim::measured(Vec::new())),
        ];
        for first in [0, 1] {
            let mut parts = vec![
                part(0, id, "node-1", alias, &cluster),
                part(1, "host:web-1", "web-1", alias, &host),
                part(0, "cluster:main", "main", "", &[]),
            ];
            // Whichever was met first keeps its id, and the name that people know it by.
            parts[first].first_scan = -1;
            let all = assembled(parts, &[("cluster:main", RelationKind::Contains, id)]);
            let (stays, name, gone) = [
                (id, "node-1", "id:host:web-1"),
                ("host:web-1", "web-1", "id:host:main/node-1"),
            ][first];
            let at = all.find(stays).unwrap();
            let node = all.asset(at);
            assert_eq!((node.name.as_str(), node.kind.as_str()), (name, "host"));
            assert!(node.aliases.iter().any(|alias| alias.0 == gone));
            assert_eq!(node.get("kernel"), Some(&Claim::measured("6.1.0-18")));
            assert_eq!(node.get("clock.synchronised"), Some(&Claim::measured(true)));
            assert_eq!(node.get("platform"), Some(&Claim::reported("kubernetes")));
            assert_eq!(all.nodes()[at as usize].sources.len(), 2);
            let cluster = all.find("cluster:main").unwrap();
            let held: Vec<_> = all
                .along(cluster, RelationKind::Contains)
                .map(|(at, _)| at)
                .collect();
            assert_eq!(held, [at]);
        }
    }

    /// A persistent volume and a platform's disk that are one volume of the cloud.
    #[test]
    fn one_volume_of_the_cloud_is_one() {
        let alias = "ebs-volume:vol-0a";
        let claimed = [(
            "encryption.at-rest",
            Claim::unknown("the driver does not say"),
        )];
        let disk = [
            ("encryption.at-rest", Claim::reported(true)),
            ("size-bytes", Claim::reported(10)),
        ];
        let parts = vec![
            part(0, "volume:main/pvc-1", "pvc-1", alias, &claimed),
            part(0, "volume-claim:main/shop/data", "data", "", &[]),
            part(2, "volume:aptible/121", "disk 121", alias, &disk),
            part(2, "database:aptible/acme/pg", "pg", "", &[]),
        ];
        let relations = [
            (
                "database:aptible/acme/pg",
                RelationKind::StoresOn,
                "volume:aptible/121",
            ),
            (
                "volume-claim:main/shop/data",
                RelationKind::StoresOn,
                "volume:main/pvc-1",
            ),
        ];
        let all = assembled(parts, &relations);
        let at = all.find("volume:main/pvc-1").unwrap();
        let volume = all.asset(at);
        assert_eq!(
            (volume.name.as_str(), volume.kind.as_str()),
            ("pvc-1", "volume")
        );
        assert_eq!(
            volume.get("encryption.at-rest"),
            Some(&Claim::reported(true))
        );
        assert_eq!(all.against(at, RelationKind::StoresOn).count(), 2);
        assert_eq!(all.find("volume:aptible/121"), None);
    }

    /// Two ways in under one name: the name is one asset, and says who else has it.
    #[test]
    fn a_dns_name_is_one_whoever_speaks_of_it() {
        let name = "dns-name:api.example.com";
        let parts = vec![
            part(0, "endpoint:main/shop/ingress/web", "web", "", &[]),
            part(0, name, "api.example.com", "", &[]),
            part(2, "endpoint:aptible/acme/api", "api", "", &[]),
            part(2, name, "api.example.com", "", &[]),
        ];
        let exposes = RelationKind::Exposes;
        let relations = [
            ("endpoint:main/shop/ingress/web", exposes, name),
            ("endpoint:aptible/acme/api", exposes, name),
        ];
        let all = assembled(parts, &relations);
        let at = all.find(name).unwrap();
        let sources: Vec<&str> = all.nodes()[at as usize]
            .sources
            .iter()
            .map(Text::as_str)
            .collect();
        assert_eq!(sources, ["aptible", "kubernetes"]);
        let speak: Vec<&str> = all
            .against(at, exposes)
            .map(|(_, one)| one.name.as_str())
            .collect();
        assert_eq!(speak, ["api", "web"]);
    }
}
