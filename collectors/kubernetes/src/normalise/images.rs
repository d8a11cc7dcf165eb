//! Which image was asked for, and which truly runs.

use std::collections::BTreeMap;

use plimsoll_model::{Asset, Claim, Table, Text, Value, fact};

use super::pods::{Group, Run};
use super::running::Running;
use super::{reported, unknown, word};
use crate::wire::{Container, PodSpec};

const STATUS: &str = "pods' status.containerStatuses.imageID";
const TEMPLATE: &str = "the template's image";
const RUNNING: &str = "pods' spec.containers.image, which is not the template's";

/// What is known of the pods of a workload.
pub(crate) enum Seen<'p> {
    /// They were read; none where it has none.
    Read(Option<&'p Group>),
    /// They were not, and why.
    Unread(&'static str),
}

/// Which container an image is spoken of for the whole: the one that is named as such, else the first.
pub(crate) fn main<'c>(spec: &'c PodSpec, named: Option<&str>) -> Option<&'c Container> {
    let by_name = spec
        .containers
        .iter()
        .find(|one| Some(one.name.as_str()) == named);
    by_name.or_else(|| spec.containers.first())
}

/// Claims images, digests, and which instances differ. `lasting` is false for what ends by itself, whose former instances
/// say nothing about the present ones.
pub(crate) fn claim(
    asset: &mut Asset,
    running: &Running<'_>,
    main: Option<&Container>,
    seen: &Seen<'_>,
    lasting: bool,
) {
    let spec = running.declared;
    if let Some(image) = main.and_then(|main| main.image.as_ref()) {
        let claim = match main.and_then(|main| runs_instead(running, main)) {
            Some(other) => reported(word(other), RUNNING),
            None => reported(word(image), TEMPLATE),
        };
        asset.claim(fact::IMAGE, claim);
    }
    let group = match seen {
        Seen::Read(group) => *group,
        Seen::Unread(why) => {
            let asked = main.and_then(|main| asked_digest(main.image.as_deref()?));
            asset.claim(
                fact::IMAGE_DIGESTS,
                match asked {
                    Some(digest) => reported(Value::texts([digest]), TEMPLATE),
                    None => unknown(why),
                },
            );
            asset.claim(fact::INSTANCES_DIFFER, unknown(why));
            asset.claim(fact::IMAGES, reported(images(running, None), TEMPLATE));
            return;
        }
    };
    let runs = group.map(Group::seen);
    asset.claim(
        fact::IMAGES,
        reported(
            images(running, runs),
            "the template's images, and pods' status.containerStatuses.imageID",
        ),
    );
    let of_main = main
        .and_then(|main| runs?.get(&main.name))
        .map(Vec::as_slice);
    asset.claim(fact::IMAGE_DIGESTS, digests(main, of_main));
    let local = of_main.and_then(local_id);
    if let Some(id) = local {
        asset.claim(fact::IMAGE_ID, reported(id, STATUS));
    }
    if lasting {
        let differ = differ(spec, group);
        asset.claim(
            fact::INSTANCES_DIFFER,
            reported(
                differ,
                "pods' spec.containers, and status.containerStatuses.imageID",
            ),
        );
    }
}

fn digests(main: Option<&Container>, runs: Option<&[Run]>) -> Claim {
    let ids: Vec<&str> = runs
        .unwrap_or_default()
        .iter()
        .map(|run| run.id.as_str())
        .filter(|id| !id.is_empty())
        .collect();
    if !ids.is_empty() {
        // A local image has an id and no digest of a registry.
        let digests = ids.iter().filter_map(|id| registry_digest(id));
        return reported(Value::texts(digests), STATUS);
    }
    match main.and_then(|main| asked_digest(main.image.as_deref()?)) {
        Some(digest) => reported(Value::texts([digest]), TEMPLATE),
        None => unknown("no instance runs that shows the digest of its image"),
    }
}

/// `name@sha256:…` of what was asked for by digest.
fn asked_digest(image: &str) -> Option<Text> {
    let (name, digest) = image.split_once('@')?;
    // The tag before a digest says nothing.
    let last = name.rfind('/').map_or(0, |at| at + 1);
    let name = match name.get(last..)?.find(':') {
        Some(colon) => name.get(..last + colon)?,
        None => name,
    };
    digest
        .starts_with("sha256:")
        .then(|| word(&format!("{name}@{digest}")))
}

/// `name@sha256:…` of what runs, without the runtime's scheme (`docker-pullable://`).
fn registry_digest(id: &str) -> Option<Text> {
    let id = id.rsplit_once("://").map_or(id, |(_, rest)| rest);
    let (_, digest) = id.split_once('@')?;
    digest.starts_with("sha256:").then(|| word(id))
}

/// The id of an image that no registry knows.
fn local_id(runs: &[Run]) -> Option<Text> {
    let mut ids = runs.iter().filter_map(|run| {
        let id = run
            .id
            .rsplit_once("://")
            .map_or(run.id.as_str(), |(_, rest)| rest);
        (id.starts_with("sha256:")).then(|| word(id))
    });
    let first = ids.next()?;
    ids.all(|id| id == first).then_some(first)
}

/// The image that all instances ask for, where it is another than the one declared.
pub(crate) fn runs_instead<'r>(running: &Running<'r>, main: &Container) -> Option<&'r Text> {
    let mut asked = running.told.iter().filter_map(|spec| {
        let mut same = spec.declared().filter(|one| one.name == main.name);
        same.next()?.image.as_ref()
    });
    let first = asked.next()?;
    let declared = main.image.as_ref()?;
    let other = !same_image(first, declared) && asked.all(|image| same_image(image, first));
    other.then_some(first)
}

fn images(running: &Running<'_>, runs: Option<&BTreeMap<Text, Vec<Run>>>) -> Table {
    let declared = running.declared.declared();
    let put_in = running.containers().into_iter();
    let is_own = |name: &str| running.declared.declared().any(|own| own.name == name);
    let all = declared.chain(put_in.filter(|one| !is_own(&one.name)));
    all.map(|container| {
        let mut row = Table::new();
        let other = runs_instead(running, container);
        if let Some(image) = other.or(container.image.as_ref()) {
            row.insert("image", Value::Text(word(image)));
        }
        let ids = runs.and_then(|runs| runs.get(&container.name));
        let mut digests: Vec<Text> = ids
            .into_iter()
            .flatten()
            .filter_map(|run| Some(registry_digest(&run.id)?.rsplit_once('@')?.1.into()))
            .collect();
        digests.sort_unstable();
        digests.dedup();
        // Of several none is the one that runs; `instances.differ` has them.
        if let [digest] = digests.as_slice() {
            row.insert("digest", Value::Text(digest.clone()));
        }
        (word(&container.name), Value::Table(row))
    })
    .collect()
}

/// The instances that do not run what the template asks for, or not what most run, or that hold what nobody declared.
fn differ(spec: &PodSpec, group: Option<&Group>) -> Table {
    let mut table: BTreeMap<Text, Table> = BTreeMap::new();
    let Some(group) = group else {
        return Table::new();
    };
    let mut note = |pod: &Text, what: Text, value: Text| {
        let row = table.entry(word(pod)).or_default();
        row.insert(what, Value::Text(value));
    };
    for (name, runs) in &group.live {
        let mut declared = spec.containers.iter().chain(spec.init_containers.iter());
        let declared = declared.find(|one| one.name == *name);
        let image = declared.and_then(|one| one.image.as_deref());
        let usual = usual(runs);
        for run in runs {
            for pod in &run.pods {
                if declared.is_none() {
                    // Put in by an admission webhook into some, or by hand.
                    let everywhere = runs.iter().map(|run| run.pods.len()).sum::<usize>();
                    if i64::try_from(everywhere).unwrap_or(i64::MAX) < group.running {
                        note(pod, word(&format!("container {name}")), word(&run.asked));
                    }
                    continue;
                }
                if image.is_some_and(|image| !same_image(image, &run.asked)) {
                    note(pod, word(&format!("{name} image")), word(&run.asked));
                }
                let id = digest_of(&run.id);
                if usual.is_some_and(|usual| !id.is_empty() && usual != id) {
                    note(pod, word(&format!("{name} digest")), word(id));
                }
            }
        }
    }
    for (pod, container, image) in &group.debugged {
        note(
            pod,
            word(&format!("debugging container {container}")),
            word(image),
        );
    }
    table
        .into_iter()
        .map(|(pod, row)| (pod, Value::Table(row)))
        .collect()
}

/// The digest that most run; of two that as many run, the one that sorts first.
fn usual(runs: &[Run]) -> Option<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for run in runs {
        let digest = digest_of(&run.id);
        if !digest.is_empty() {
            *counts.entry(digest).or_default() += run.pods.len();
        }
    }
    let most = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == most)
        .map(|(digest, _)| digest)
}

fn digest_of(id: &str) -> &str {
    let id = id.rsplit_once("://").map_or(id, |(_, rest)| rest);
    id.rsplit_once('@').map_or(id, |(_, digest)| digest)
}

/// Whether two references are one: `nginx`, `nginx:latest` and `docker.io/library/nginx` are.
pub(crate) fn same_image(a: &str, b: &str) -> bool {
    a == b || full(a) == full(b)
}

fn full(image: &str) -> String {
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let last = image.rfind('/').map_or(0, |at| at + 1);
    let tagged = image[last..].contains([':', '@']);
    if tagged {
        image.to_owned()
    } else {
        format!("{image}:latest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::AssetId;

    fn run(asked: &str, id: &str, pods: &[&str]) -> Run {
        Run {
            asked: asked.into(),
            id: id.into(),
            pods: pods.iter().map(|pod| Text::from(*pod)).collect(),
        }
    }

    fn asset(image: &str, runs: Vec<Run>) -> Asset {
        let json = format!(r#"{{"containers":[{{"name":"web","image":"{image}"}}]}}"#);
        let spec: PodSpec = serde_json::from_str(&json).unwrap();
        let mut group = Group::default();
        group.running = 1;
        group.live.insert("web".into(), runs);
        let mut asset = Asset::new(AssetId::of("workload", &["w"]), "workload", "w");
        let seen = Seen::Read(Some(&group));
        let running = Running::of(&spec, false, true, &seen);
        claim(&mut asset, &running, main(&spec, None), &seen, true);
        asset.settle();
        asset
    }

    fn shown(asset: &Asset, name: &str) -> String {
        asset
            .value(name)
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    #[test]
    fn a_digest_is_that_of_what_runs() {
        let one = asset(
            "nginx:1",
            vec![run(
                "nginx:1",
                "docker.io/library/nginx@sha256:aa",
                &["a", "b"],
            )],
        );
        assert_eq!(
            shown(&one, "image.digests"),
            "docker.io/library/nginx@sha256:aa"
        );
        assert_eq!(
            shown(&one, "images"),
            "web (digest=sha256:aa, image=nginx:1)"
        );
        assert_eq!(shown(&one, "instances.differ"), "none");
        let old = asset(
            "nginx:1",
            vec![run("nginx:1", "docker-pullable://nginx@sha256:aa", &["a"])],
        );
        assert_eq!(shown(&old, "image.digests"), "nginx@sha256:aa");
    }

    #[test]
    fn a_local_image_has_an_id_and_no_digest() {
        let one = asset("nginx:1", vec![run("nginx:1", "sha256:bb", &["a"])]);
        assert_eq!(shown(&one, "image.digests"), "none");
        assert_eq!(shown(&one, "image.id"), "sha256:bb");
    }

    #[test]
    fn mixed_digests_are_instances_that_differ() {
        let one = asset(
            "nginx:1",
            vec![
                run("nginx:1", "nginx@sha256:aa", &["a", "b"]),
                run("nginx:1", "nginx@sha256:bb", &["c"]),
            ],
        );
        assert_eq!(
            shown(&one, "image.digests"),
            "nginx@sha256:aa, nginx@sha256:bb"
        );
        assert_eq!(shown(&one, "instances.differ"), "c (web digest=sha256:bb)");
        let edited = asset("nginx:1", vec![run("evil:2", "evil@sha256:cc", &["a"])]);
        assert_eq!(shown(&edited, "instances.differ"), "a (web image=evil:2)");
    }

    #[test]
    fn nothing_that_runs_is_unknown_unless_it_was_asked_for_by_digest() {
        let none = asset("nginx:1", Vec::new());
        assert!(none.get("image.digests").unwrap().value().is_none());
        let pinned = asset("r.example:5000/nginx:1@sha256:dd", Vec::new());
        assert_eq!(
            shown(&pinned, "image.digests"),
            "r.example:5000/nginx@sha256:dd"
        );
    }

    #[test]
    fn references_have_several_spellings() {
        assert!(same_image("nginx", "docker.io/library/nginx:latest"));
        assert!(same_image("r:5000/a", "r:5000/a:latest"));
        assert!(!same_image("nginx:1", "nginx:2"));
    }
}
