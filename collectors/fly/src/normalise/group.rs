//! Which of an app's machines are instances of which group.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::Text;

use super::time;
use crate::wire::{Config, Machine, MachineRow, Map};

/// What the name of a machine begins with that no deploy made: it says no group, and is one of its own. No group's name has spaces.
pub(crate) const ALONE: &str = "machine ";
/// What a deploy or a person starts for a moment beside the app: no part of it.
const PASSING: &[&str] = &[
    "fly_app_release_command",
    "fly_app_test_machine_command",
    CONSOLE,
];
/// The group of machines that someone opened a console on.
pub(crate) const CONSOLE: &str = "fly_app_console";
/// States in which a machine is gone, or only an old version of it is meant.
const GONE: &[&str] = &["destroyed", "destroying", "replaced", "migrated"];

/// A machine with its configuration, or without where it cannot be observed.
#[derive(Clone, Copy)]
pub(crate) struct Instance<'m> {
    pub(crate) id: &'m str,
    pub(crate) region: Option<&'m Text>,
    pub(crate) machine: Option<&'m Machine>,
    /// None where it cannot be observed.
    pub(crate) config: Option<&'m Config>,
    /// The metadata of an organisation's list, where nothing else says what it is.
    pub(crate) metadata: Option<&'m Map<Text>>,
}

/// An app's machines, sorted.
pub(crate) struct Groups<'m> {
    /// By the group's name, each sorted by id.
    pub(crate) groups: BTreeMap<Text, Vec<Instance<'m>>>,
    /// Machines that cannot be observed, and of which no list says to which group they belong.
    pub(crate) lost: Vec<&'m str>,
    /// Machines that someone opened a console on.
    pub(crate) consoles: Vec<&'m Machine>,
}

impl<'m> Groups<'m> {
    /// Sorts an app's machines. `rows` are those of the organisation's list: they say something of machines whose own entry says
    /// nothing, or is missing.
    pub(crate) fn sort(machines: &'m [Machine], rows: &'m [MachineRow]) -> Self {
        let mut sorted = Self {
            groups: BTreeMap::new(),
            lost: Vec::new(),
            consoles: Vec::new(),
        };
        let rows: BTreeMap<&str, &MachineRow> =
            rows.iter().map(|row| (row.id.as_str(), row)).collect();
        let listed: BTreeSet<&str> = machines.iter().map(|machine| machine.id.as_str()).collect();
        for machine in machines.iter().filter(|machine| !is_gone(&machine.state)) {
            let row = rows.get(machine.id.as_str());
            let config = machine.config.as_ref().filter(|_| is_observable(machine));
            let known = config.or(machine.config.as_ref());
            let known = known.or(machine.incomplete_config.as_ref());
            let metadata = known.map(|config| &config.metadata);
            let metadata = metadata.filter(|metadata| config.is_some() || !metadata.is_empty());
            let row_metadata = row.and_then(|row| Some(&row.config.as_ref()?.metadata));
            let row_region = row.and_then(|row| row.region.as_ref());
            let instance = Instance {
                id: &machine.id,
                region: region(machine.region.as_ref()).or(region(row_region)),
                machine: Some(machine),
                config,
                metadata: metadata.or(row_metadata),
            };
            sorted.add(instance);
        }
        for (id, row) in rows {
            if !listed.contains(id) && !is_gone(&row.state) {
                sorted.add(Instance {
                    id,
                    region: region(row.region.as_ref()),
                    machine: None,
                    config: None,
                    metadata: row.config.as_ref().map(|config| &config.metadata),
                });
            }
        }
        for group in sorted.groups.values_mut() {
            group.sort_by_key(|instance| instance.id);
        }
        sorted.lost.sort_unstable();
        sorted
    }

    fn add(&mut self, instance: Instance<'m>) {
        let Some(metadata) = instance.metadata else {
            return self.lost.push(instance.id);
        };
        let name = name(metadata).unwrap_or_else(|| Text::from(format!("{ALONE}{}", instance.id)));
        if name == CONSOLE {
            self.consoles.extend(instance.machine);
        }
        if !PASSING.contains(&name.as_str()) {
            self.groups.entry(name).or_default().push(instance);
        }
    }
}

/// Whether what is said of a machine is so now. Of one whose host is gone only a shell is left, with no configuration, or with
/// times of no machine and no region.
pub(crate) fn is_observable(machine: &Machine) -> bool {
    let shell = machine
        .region
        .as_ref()
        .is_none_or(|region| region.is_empty())
        && time(machine.created_at.as_ref()).is_none();
    machine.config.is_some() && machine.host_status.as_deref() != Some("unreachable") && !shell
}

/// Whether a machine in this state is none any more.
pub(crate) fn is_gone(state: &str) -> bool {
    GONE.contains(&state)
}

fn region(region: Option<&Text>) -> Option<&Text> {
    region.filter(|region| !region.is_empty())
}

/// A machine's group by its metadata; `process_group` is what older ones have.
fn name(metadata: &Map<Text>) -> Option<Text> {
    let of = |key: &str| metadata.get(key)?.clone().filter(|name| !name.is_empty());
    let name = of("fly_process_group").or_else(|| of("process_group"));
    name.map(|name| super::word(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(machines: &str, rows: &str) -> String {
        let machines: Vec<Machine> = serde_json::from_str(machines).unwrap();
        let rows: Vec<MachineRow> = serde_json::from_str(rows).unwrap();
        let sorted = Groups::sort(&machines, &rows);
        let mut lines = Vec::new();
        for (name, group) in &sorted.groups {
            let tell = |instance: &Instance<'_>| {
                let seen = if instance.config.is_some() { "" } else { "?" };
                format!("{}{seen}", instance.id)
            };
            lines.push(format!(
                "{name}: {}",
                group.iter().map(tell).collect::<Vec<_>>().join(" ")
            ));
        }
        if !sorted.lost.is_empty() {
            lines.push(format!("lost: {}", sorted.lost.join(" ")));
        }
        lines.join("; ")
    }

    #[test]
    fn machines_find_their_groups() {
        let machines = r#"[
            {"id":"2","region":"fra","config":{"metadata":{"fly_process_group":"web"}}},
            {"id":"1","region":"fra","config":{"metadata":{"fly_process_group":"web"}}},
            {"id":"3","region":"fra","config":{"metadata":{"process_group":"old"}}},
            {"id":"4","region":"fra","config":{"metadata":null}},
            {"id":"5","region":"fra","state":"destroyed","config":{}},
            {"id":"6","region":"fra","config":{"metadata":{"fly_process_group":"fly_app_release_command"}}},
            {"id":"7","region":"fra","config":{"metadata":{"fly_process_group":"fly_app_console"}}}]"#;
        assert_eq!(sorted(machines, "[]"), "machine 4: 4; old: 3; web: 1 2");
    }

    #[test]
    fn what_cannot_be_observed_is_found_by_other_lists_or_lost() {
        let machines = r#"[
            {"id":"1","region":"fra","host_status":"unreachable","config":null,"incomplete_config":{"metadata":{"fly_process_group":"web"}}},
            {"id":"2","region":"","created_at":"0001-01-01T00:00:00Z","config":null},
            {"id":"3","host_status":"unreachable","config":null},
            {"id":"4","region":"","created_at":"1970-01-01T00:00:00Z","config":{"metadata":{"fly_process_group":"web"}}},
            {"id":"5","region":"fra","host_status":"unreachable","config":{"metadata":{"fly_process_group":"web"}}},
            {"id":"6","region":"fra","host_status":"unknown","config":{"metadata":{"fly_process_group":"web"}}}]"#;
        let rows = r#"[{"id":"2","app_name":"a","config":{"metadata":{"fly_process_group":"worker"}}},
            {"id":"9","app_name":"a","config":{"metadata":{"fly_process_group":"worker"}}},
            {"id":"8","app_name":"a","state":"destroyed"}]"#;
        assert_eq!(
            sorted(machines, rows),
            "web: 1? 4? 5? 6; worker: 2? 9?; lost: 3"
        );
    }
}
