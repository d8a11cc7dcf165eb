//! What a container may do to its host.

use plimsoll_model::{Asset, Claim, Text, Value, fact};

use super::basis::{self, reported, unknown, yes};
use super::ports::Exposure;
use super::{Site, word};
use crate::wire::HostConfig;

/// The facts that the host configuration answers; all unknown without it.
pub(crate) fn claim(
    asset: &mut Asset,
    site: &Site<'_>,
    host: Option<&HostConfig>,
    exposure: Exposure,
) {
    let Some(host) = host else {
        for name in [
            fact::PRIVILEGED,
            fact::CAPABILITIES_ADDED,
            fact::CAPABILITIES_DROPPED,
            fact::NAMESPACES_HOST,
            fact::SECURITY_OPTIONS,
            fact::READONLY_ROOT,
            fact::DEVICES,
            fact::CLOCK_SETTABLE,
        ] {
            asset.claim(name, unknown(&basis::UNSAID));
        }
        return;
    };
    let added: Vec<Text> = host.cap_add.iter().map(|name| capability(name)).collect();
    let dropped: Vec<Text> = host.cap_drop.iter().map(|name| capability(name)).collect();
    asset.claim(fact::CLOCK_SETTABLE, clock(site, host, &added, &dropped));
    asset.claim(
        fact::CAPABILITIES_ADDED,
        reported(Value::texts(added), &basis::CAP_ADD),
    );
    asset.claim(
        fact::CAPABILITIES_DROPPED,
        reported(Value::texts(dropped), &basis::CAP_DROP),
    );
    if host
        .cgroupns_mode
        .as_ref()
        .is_some_and(|mode| !mode.is_empty())
    {
        let mode = basis::said(host.cgroupns_mode.as_ref(), &basis::CGROUPNS);
        asset.claim("cgroup.namespace", mode);
    }
    asset.claim(fact::DEVICES, reported(devices(host), &basis::DEVICES));
    let namespaces = namespaces(site, host, exposure);
    asset.claim(
        fact::NAMESPACES_HOST,
        // The network that it shares may be the host's.
        if namespaces.is_empty() && exposure == Exposure::Hidden {
            unknown(&basis::HIDDEN_NETWORK)
        } else if !site.told && namespaces.contains(&"cgroup") {
            unknown(&basis::NOT_TOLD)
        } else {
            reported(Value::texts(namespaces), &basis::NAMESPACES)
        },
    );
    asset.claim(fact::PRIVILEGED, yes(host.privileged, &basis::PRIVILEGED));
    asset.claim(
        fact::READONLY_ROOT,
        yes(host.readonly_rootfs, &basis::READONLY),
    );
    asset.claim(
        fact::SECURITY_OPTIONS,
        match options(site, host) {
            (_, None) if !site.told => unknown(&basis::NOT_TOLD),
            (options, _) => reported(Value::texts(options), &basis::SECURITY),
        },
    );
}

/// `cap_sys_time` and `SYS_TIME` are one.
fn capability(name: &str) -> Text {
    let name = word(name).to_ascii_uppercase();
    match name.strip_prefix("CAP_") {
        Some(rest) => rest.into(),
        None => name,
    }
}

fn clock(site: &Site<'_>, host: &HostConfig, added: &[Text], dropped: &[Text]) -> Claim {
    // In a user namespace of its own no capability reaches the clock, which belongs to the first one.
    let own_user = site.rootless || (site.remapped && host.userns_mode.as_deref() != Some("host"));
    let granted = added.iter().any(|name| name == "SYS_TIME" || name == "ALL")
        && !dropped.iter().any(|name| name == "SYS_TIME");
    match host.privileged {
        _ if own_user => reported(false, &basis::INFO_SECURITY),
        None if !granted => unknown(&basis::UNSAID),
        // Nothing reaches it in a user namespace, and the engine did not tell whether there is one.
        privileged if !site.told && (granted || privileged == Some(true)) => {
            unknown(&basis::NOT_TOLD)
        }
        // Privileged containers keep what is dropped.
        privileged => reported(granted || privileged == Some(true), &basis::CLOCK_SETTABLE),
    }
}

fn devices(host: &HostConfig) -> Value {
    let paths = host
        .devices
        .iter()
        .filter_map(|device| device.path_on_host.as_deref());
    let requests = host.device_requests.iter().map(|request| {
        let driver = request
            .driver
            .as_deref()
            .filter(|driver| !driver.is_empty());
        format!("request:{}", driver.unwrap_or("any"))
    });
    Value::texts(
        paths
            .map(word)
            .chain(requests.map(|request| word(&request))),
    )
}

fn namespaces(site: &Site<'_>, host: &HostConfig, exposure: Exposure) -> Vec<&'static str> {
    [
        ("network", &host.network_mode),
        ("pid", &host.pid_mode),
        ("ipc", &host.ipc_mode),
        ("uts", &host.uts_mode),
        ("user", &host.userns_mode),
        ("cgroup", &host.cgroupns_mode),
    ]
    .into_iter()
    .filter(|(name, mode)| {
        // Also by way of a container that has it.
        mode.as_deref() == Some("host") || (*name == "network" && exposure == Exposure::Host)
    })
    // What every container of the engine does by default is nobody's choice, and no drift; `cgroup.namespace` shows it.
    .filter(|(name, _)| *name != "cgroup" || !site.cgroups_shared)
    .map(|(name, _)| name)
    .collect()
}

/// Its options, and what it says itself of new privileges.
fn options(site: &Site<'_>, host: &HostConfig) -> (Vec<Text>, Option<bool>) {
    let mut options = Vec::with_capacity(host.security_opt.len() + 1);
    let mut own_privileges = None;
    for option in &host.security_opt {
        // Older clients write a colon.
        let (name, value) = match option.split_once(['=', ':']) {
            Some((name, value)) => (name, Some(value)),
            None => (option.as_str(), None),
        };
        match (name, value) {
            ("no-new-privileges", value) => own_privileges = Some(value != Some("false")),
            // A whole profile stands in the option itself.
            ("seccomp", Some(profile)) if profile.trim_start().starts_with('{') => {
                options.push("seccomp=custom".into());
            }
            (name, Some(value)) => options.push(word(&format!("{name}={value}"))),
            (name, None) => options.push(word(name)),
        }
    }
    if own_privileges.unwrap_or(site.no_new_privileges) {
        options.push("no-new-privileges".into());
    }
    (options, own_privileges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::tests::{site, site_with};
    use plimsoll_model::AssetId;

    fn asset(site: &Site<'_>, json: &str) -> Asset {
        let host: HostConfig = serde_json::from_str(json).unwrap();
        let mut asset = Asset::new(AssetId::of("container", &["c"]), "container", "c");
        claim(&mut asset, site, Some(&host), Exposure::Published);
        asset.settle();
        asset
    }

    fn settable(site: &Site<'_>, json: &str) -> Option<bool> {
        asset(site, json).value(fact::CLOCK_SETTABLE)?.as_bool()
    }

    #[test]
    fn who_can_set_the_clock() {
        let plain = site();
        let remapped = site_with(r#"["name=userns"]"#);
        for (json, yes) in [
            (r#"{"Privileged":false}"#, Some(false)),
            (r#"{"Privileged":true}"#, Some(true)),
            (r#"{"Privileged":true,"CapDrop":["ALL"]}"#, Some(true)),
            (
                r#"{"Privileged":false,"CapAdd":["cap_sys_time"]}"#,
                Some(true),
            ),
            (r#"{"Privileged":false,"CapAdd":["ALL"]}"#, Some(true)),
            (
                r#"{"Privileged":false,"CapAdd":["ALL"],"CapDrop":["SYS_TIME"]}"#,
                Some(false),
            ),
            (r#"{"CapAdd":["SYS_TIME"]}"#, Some(true)),
            ("{}", None),
        ] {
            assert_eq!(settable(&plain, json), yes, "{json}");
        }
        assert_eq!(settable(&remapped, r#"{"Privileged":true}"#), Some(false));
        let opted_out = r#"{"Privileged":true,"UsernsMode":"host"}"#;
        assert_eq!(settable(&remapped, opted_out), Some(true));
    }

    #[test]
    fn options_have_one_spelling() {
        let show = |site: &Site<'_>, json: &str| {
            let asset = asset(site, json);
            asset.value(fact::SECURITY_OPTIONS).unwrap().to_string()
        };
        let strict = site_with(r#"["name=no-new-privileges"]"#);
        assert_eq!(
            show(
                &site(),
                r#"{"SecurityOpt":["no-new-privileges:true","seccomp:unconfined","label=disable"]}"#
            ),
            "label=disable, no-new-privileges, seccomp=unconfined"
        );
        assert_eq!(
            show(
                &site(),
                r#"{"SecurityOpt":["seccomp={\"defaultAction\":\"x\"}","no-new-privileges=false"]}"#
            ),
            "seccomp=custom"
        );
        assert_eq!(show(&strict, "{}"), "no-new-privileges");
        assert_eq!(
            show(&strict, r#"{"SecurityOpt":["no-new-privileges=false"]}"#),
            "none"
        );
    }

    #[test]
    fn names_are_normalised_and_absence_is_unknown() {
        let asset = asset(
            &site(),
            r#"{"CapAdd":["cap_net_admin","NET_ADMIN"],"CapDrop":null,"PidMode":"host","CgroupnsMode":"private","Devices":[{"PathOnHost":"/dev/kvm"}],"DeviceRequests":[{"Driver":"nvidia"}]}"#,
        );
        let show = |name| asset.value(name).map(ToString::to_string);
        assert_eq!(show(fact::CAPABILITIES_ADDED).unwrap(), "NET_ADMIN");
        assert_eq!(show(fact::CAPABILITIES_DROPPED).unwrap(), "none");
        assert_eq!(show(fact::NAMESPACES_HOST).unwrap(), "pid");
        assert_eq!(show(fact::DEVICES).unwrap(), "/dev/kvm, request:nvidia");
        assert_eq!(show(fact::PRIVILEGED), None);
    }
}
