//! What a workload may do to its node: privileges, capabilities, namespaces, users.

use std::collections::BTreeSet;

use plimsoll_model::{Asset, Claim, Text, Value, fact};

use super::{reported, unknown, word};
use crate::wire::{Container, PodSpec};

/// What each fact is called that is claimed here.
pub(crate) const FACTS: &[&str] = &[
    fact::PRIVILEGED,
    fact::CLOCK_SETTABLE,
    fact::CAPABILITIES_ADDED,
    fact::CAPABILITIES_DROPPED,
    fact::NAMESPACES_HOST,
    fact::SECURITY_OPTIONS,
    fact::READONLY_ROOT,
    fact::USER,
    fact::USER_ROOT,
];

/// A container, and the pod that it is in.
type One<'s> = (&'s PodSpec, &'s Container);

/// Claims what holds for a workload of these pods as a whole: the worst of their containers decides.
pub(crate) fn claim(asset: &mut Asset, specs: &[&PodSpec], main: Option<&str>) {
    let all: Vec<One<'_>> = specs
        .iter()
        .flat_map(|spec| {
            let put_in = spec.ephemeral_containers.iter();
            spec.declared().chain(put_in).map(move |one| (*spec, one))
        })
        .collect();
    let privileged = all
        .iter()
        .any(|(_, one)| one.security_context.privileged == Some(true));
    asset.claim(
        fact::PRIVILEGED,
        reported(privileged, "containers' securityContext.privileged"),
    );
    let added: BTreeSet<Text> = all
        .iter()
        .flat_map(|(_, one)| one.security_context.capabilities.add.iter())
        .map(|name| capability(name))
        .collect();
    let dropped = dropped(&all);
    asset.claim(fact::CLOCK_SETTABLE, clock(specs, &all));
    asset.claim(
        fact::CAPABILITIES_ADDED,
        reported(
            Value::texts(added),
            "containers' securityContext.capabilities.add",
        ),
    );
    asset.claim(
        fact::CAPABILITIES_DROPPED,
        reported(
            Value::texts(dropped),
            "securityContext.capabilities.drop of all containers",
        ),
    );
    type Shares = fn(&PodSpec) -> Option<bool>;
    let namespaces: [(&str, Shares); 3] = [
        ("network", |spec| spec.host_network),
        ("pid", |spec| spec.host_pid),
        ("ipc", |spec| spec.host_ipc),
    ];
    let shared = namespaces
        .iter()
        .filter(|(_, shares)| specs.iter().any(|spec| shares(spec) == Some(true)))
        .map(|(name, _)| *name);
    asset.claim(
        fact::NAMESPACES_HOST,
        reported(Value::texts(shared), "hostNetwork, hostPID, hostIPC"),
    );
    asset.claim(
        fact::SECURITY_OPTIONS,
        reported(
            Value::texts(options(&all)),
            "securityContext of the pod and its containers",
        ),
    );
    let readonly = !all.is_empty()
        && all
            .iter()
            .all(|(_, one)| one.security_context.read_only_root_filesystem == Some(true));
    asset.claim(
        fact::READONLY_ROOT,
        reported(
            readonly,
            "securityContext.readOnlyRootFilesystem of all containers",
        ),
    );
    user(asset, &all, main);
}

/// Takes back what a template says in favour of a workload whose pods are not all seen, and so may do more.
pub(crate) fn doubt(asset: &mut Asset, why: &'static str) {
    let good = |name: &str, value: &Value| match value {
        Value::Bool(yes) => *yes == (name == fact::READONLY_ROOT),
        Value::List(list) => list.is_empty(),
        _ => false,
    };
    for name in [
        fact::PRIVILEGED,
        fact::CLOCK_SETTABLE,
        fact::CAPABILITIES_ADDED,
        fact::NAMESPACES_HOST,
        fact::READONLY_ROOT,
        fact::USER_ROOT,
    ] {
        if asset.value(name).is_some_and(|value| good(name, value)) {
            asset.claim(name, unknown(why));
        }
    }
}

/// `cap_sys_time` and `SYS_TIME` are one.
fn capability(name: &str) -> Text {
    let name = word(name).to_ascii_uppercase();
    name.strip_prefix("CAP_").unwrap_or(&name).into()
}

fn clock(specs: &[&PodSpec], all: &[One<'_>]) -> Claim {
    // In a user namespace of its own no capability reaches the clock, which belongs to the first one.
    let apart = |spec: &PodSpec| spec.host_users == Some(false);
    if specs.iter().all(|spec| apart(spec)) {
        return reported(false, "hostUsers");
    }
    let yes = all.iter().any(|(spec, one)| {
        !apart(spec) && (one.security_context.privileged == Some(true) || sets_clock(one))
    });
    reported(yes, "containers' securityContext.privileged, capabilities")
}

fn sets_clock(container: &Container) -> bool {
    let capabilities = &container.security_context.capabilities;
    let has = |list: &[Text], wanted: &str| list.iter().any(|name| capability(name) == wanted);
    // What is added by name stays when all others are dropped.
    has(&capabilities.add, "SYS_TIME")
        || (has(&capabilities.add, "ALL") && !has(&capabilities.drop, "SYS_TIME"))
}

/// What all containers drop.
fn dropped(all: &[One<'_>]) -> BTreeSet<Text> {
    let mut sets = all.iter().map(|(_, one)| {
        let drop = one.security_context.capabilities.drop.iter();
        drop.map(|name| capability(name))
            .collect::<BTreeSet<Text>>()
    });
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |all, one| all.intersection(&one).cloned().collect())
}

fn options(all: &[One<'_>]) -> BTreeSet<Text> {
    let mut options = BTreeSet::new();
    let own = !all.is_empty()
        && all
            .iter()
            .all(|(_, one)| one.security_context.allow_privilege_escalation == Some(false));
    if own {
        options.insert("no-new-privileges".into());
    }
    for (spec, container) in all {
        let of_pod = &spec.security_context;
        let of_one = &container.security_context;
        let seccomp = of_one
            .seccomp_profile
            .as_ref()
            .or(of_pod.seccomp_profile.as_ref());
        let apparmor = of_one
            .app_armor_profile
            .as_ref()
            .or(of_pod.app_armor_profile.as_ref());
        for (name, profile) in [("seccomp", seccomp), ("apparmor", apparmor)] {
            let sort = profile.and_then(|profile| profile.sort.as_deref());
            match sort {
                Some("Unconfined") => options.insert(format!("{name}=unconfined").into()),
                Some("RuntimeDefault") => options.insert(format!("{name}=default").into()),
                Some("Localhost") => {
                    let file = profile.and_then(|profile| profile.localhost_profile.as_deref());
                    options.insert(word(&format!("{name}={}", file.unwrap_or("localhost"))))
                }
                _ => false,
            };
        }
    }
    options
}

/// The user of the containers: by number where they say one, and whether any is root. `main` is the container that is meant
/// where one user is spoken of; the first where none is named.
fn user(asset: &mut Asset, all: &[One<'_>], main: Option<&str>) {
    let of = |(spec, one): &One<'_>| {
        let own = one.security_context.run_as_user;
        own.or(spec.security_context.run_as_user)
    };
    let non_root = |(spec, one): &One<'_>| {
        let own = one.security_context.run_as_non_root;
        own.or(spec.security_context.run_as_non_root) == Some(true)
    };
    let mut named = all
        .iter()
        .filter(|(_, one)| main.is_none_or(|main| one.name == main))
        .take(if main.is_some() { usize::MAX } else { 1 });
    if let Some(first) = named.next() {
        let user = of(first);
        let claim = match user {
            // Root, if one of its instances is.
            _ if named.any(|one| of(one) == Some(0)) => {
                reported("root", "securityContext.runAsUser")
            }
            Some(0) => reported("root", "securityContext.runAsUser"),
            Some(user) => reported(user.to_string(), "securityContext.runAsUser"),
            None => unknown("no user is set, so it is its image's, which is not looked into"),
        };
        asset.claim(fact::USER, claim);
    }
    let apart = |(spec, _): &One<'_>| spec.host_users == Some(false);
    let root: Claim = if all.iter().any(|one| of(one) == Some(0)) {
        reported(true, "securityContext.runAsUser")
    } else if all.iter().all(apart) && !all.is_empty() {
        reported(
            false,
            "hostUsers: root in a container is no user of the node",
        )
    } else if all
        .iter()
        .all(|one| apart(one) || of(one).is_some() || non_root(one))
        && !all.is_empty()
    {
        reported(false, "securityContext.runAsUser, runAsNonRoot")
    } else {
        unknown(
            "neither a user nor runAsNonRoot is set, so its image decides, which is not looked into",
        )
    };
    asset.claim(fact::USER_ROOT, root);
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::AssetId;

    fn asset(json: &str) -> Asset {
        let spec: PodSpec = serde_json::from_str(json).unwrap();
        let mut asset = Asset::new(AssetId::of("workload", &["w"]), "workload", "w");
        claim(&mut asset, &[&spec], None);
        asset.settle();
        asset
    }

    fn shown(asset: &Asset, name: &str) -> String {
        asset.value(name).map_or("?".into(), ToString::to_string)
    }

    #[test]
    fn the_worst_container_decides() {
        let one = asset(
            r#"{"hostPID":true,"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"runAsUser":1000,"capabilities":{"drop":["ALL"],"add":["CAP_NET_ADMIN"]}}},
            {"name":"b","securityContext":{"privileged":true,"capabilities":{"drop":["all","KILL"]}}}]}"#,
        );
        assert_eq!(shown(&one, "privileged"), "yes");
        assert_eq!(shown(&one, "clock.settable"), "yes");
        assert_eq!(shown(&one, "capabilities.added"), "NET_ADMIN");
        assert_eq!(shown(&one, "capabilities.dropped"), "ALL");
        assert_eq!(shown(&one, "namespaces.host"), "pid");
        assert_eq!(shown(&one, "readonly-root"), "no");
        assert_eq!(shown(&one, "security.options"), "none");
        assert_eq!(shown(&one, "user"), "1000");
        assert_eq!(shown(&one, "user.root"), "?");
    }

    #[test]
    fn who_is_root() {
        for (json, root) in [
            (
                r#"{"containers":[{"securityContext":{"runAsUser":0}}]}"#,
                "yes",
            ),
            (
                r#"{"securityContext":{"runAsUser":0},"containers":[{"securityContext":{"runAsUser":5}}]}"#,
                "no",
            ),
            (
                r#"{"securityContext":{"runAsNonRoot":true},"containers":[{},{}]}"#,
                "no",
            ),
            (
                r#"{"securityContext":{"runAsNonRoot":true},"containers":[{},{"securityContext":{"runAsNonRoot":false}}]}"#,
                "?",
            ),
            (r#"{"hostUsers":false,"containers":[{}]}"#, "no"),
            (r#"{"containers":[{}]}"#, "?"),
        ] {
            assert_eq!(shown(&asset(json), "user.root"), root, "{json}");
        }
    }

    #[test]
    fn who_can_set_the_clock() {
        for (json, yes) in [
            (r#"{"add":["SYS_TIME"],"drop":["ALL"]}"#, "yes"),
            (r#"{"add":["ALL"]}"#, "yes"),
            (r#"{"add":["ALL"],"drop":["SYS_TIME"]}"#, "no"),
            (r#"{}"#, "no"),
        ] {
            let json =
                format!(r#"{{"containers":[{{"securityContext":{{"capabilities":{json}}}}}]}}"#);
            assert_eq!(shown(&asset(&json), "clock.settable"), yes, "{json}");
        }
    }

    #[test]
    fn nobody_reaches_the_clock_from_a_user_namespace() {
        let json = r#"{"hostUsers":false,"containers":[{"securityContext":{"privileged":true}}]}"#;
        assert_eq!(shown(&asset(json), "clock.settable"), "no");
    }

    #[test]
    fn profiles_are_said() {
        let one = asset(
            r#"{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"securityContext":{"allowPrivilegeEscalation":false}},
            {"securityContext":{"allowPrivilegeEscalation":false,"appArmorProfile":{"type":"Unconfined"}}}]}"#,
        );
        assert_eq!(
            shown(&one, "security.options"),
            "apparmor=unconfined, no-new-privileges, seccomp=default"
        );
    }
}
