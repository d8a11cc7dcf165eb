//! What the machine is.

use plimsoll_model::{Asset, Claim, Text, fact};

use super::shown;
use crate::wire::{self, File, Readings};

/// Text: what the machine is virtualised by, `none` for a real one.
const VIRTUALISATION: &str = "virtualisation";

/// Words in the vendor's or product's name that only virtual machines and clouds' own machines have, and what to call it.
const VENDORS: [(&str, &str); 16] = [
    ("amazon", "Amazon EC2"),
    ("google", "Google Compute Engine"),
    ("qemu", "QEMU"),
    ("kvm", "KVM"),
    ("vmware", "VMware"),
    ("virtualbox", "VirtualBox"),
    ("xen", "Xen"),
    ("hetzner", "Hetzner"),
    ("digitalocean", "DigitalOcean"),
    ("openstack", "OpenStack"),
    ("alibaba", "Alibaba Cloud"),
    ("scaleway", "Scaleway"),
    ("parallels", "Parallels"),
    ("bochs", "Bochs"),
    ("nutanix", "Nutanix"),
    ("bhyve", "bhyve"),
];

/// What the machine stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    /// A hypervisor or a cloud, by its name: somebody else has the disks.
    Virtual(Text),
    /// Nothing: a machine of its own.
    Real,
    /// Nothing says.
    Unknown,
}

impl Platform {
    /// What the readings say. A cloud's bare-metal machine counts as virtual: its disks are the cloud's.
    pub(super) fn of(read: &wire::Platform) -> Self {
        let product = read.product.line().unwrap_or_default();
        let vendor = read.vendor.line().unwrap_or_default();
        let both = format!("{vendor} {product}").to_lowercase();
        if let Some((_, name)) = VENDORS.iter().find(|(word, _)| both.contains(word)) {
            return Platform::Virtual((*name).into());
        }
        // Microsoft sells real machines too.
        if both.contains("microsoft") && both.contains("virtual machine") {
            return Platform::Virtual("Hyper-V".into());
        }
        if let Some(hypervisor) = read.hypervisor.line() {
            return Platform::Virtual(shown(hypervisor));
        }
        match &read.cpu_flags {
            Some(flags)
                if flags
                    .split_ascii_whitespace()
                    .any(|flag| flag == "hypervisor") =>
            {
                Platform::Virtual("virtual machine".into())
            }
            Some(_) => Platform::Real,
            // Other processors have no such flag, and silence proves nothing.
            None => Platform::Unknown,
        }
    }
}

/// Claims what the machine is.
pub(super) fn claim(
    host: &mut Asset,
    readings: &Readings,
    platform: &Platform,
    troubles: &mut Vec<String>,
) {
    for (name, file) in [
        (fact::OS, &readings.os_release),
        (fact::KERNEL, &readings.kernel),
    ] {
        // Left out, it would pass for gone.
        if let Some(why) = file.failure() {
            troubles.push(why.to_owned());
            host.claim(name, Claim::unknown(why));
        }
    }
    if let File::Text(text) = &readings.os_release {
        let claim = match pretty_name(text) {
            Some(name) => Claim::reported(name).by("os-release(5)"),
            None => Claim::unknown("os-release(5) has no PRETTY_NAME"),
        };
        host.claim(fact::OS, claim);
    }
    if let Some(kernel) = readings.kernel.line() {
        let claim = Claim::measured(shown(kernel)).by("/proc/sys/kernel/osrelease");
        host.claim(fact::KERNEL, claim);
    }
    let architecture = Claim::measured(shown(&readings.architecture)).by("uname(2)");
    host.claim(fact::ARCHITECTURE, architecture);
    let virtualisation = match platform {
        Platform::Virtual(name) => Claim::measured(name.clone()).by("DMI, sysfs or cpuinfo"),
        Platform::Real => Claim::measured("none").by("cpuinfo has no hypervisor flag"),
        Platform::Unknown => Claim::unknown(
            "neither DMI nor sysfs names a hypervisor, and this processor has no flag for one",
        ),
    };
    host.claim(VIRTUALISATION, virtualisation);
}

/// The host's name: the first line that is no comment, as hostname(5) has it.
pub(super) fn hostname(file: &File) -> Option<String> {
    let mut lines = file.line()?.lines().map(str::trim);
    let name = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    // What the kernel says before anyone has set one.
    (name != "(none)").then(|| shown(name).to_string())
}

/// PRETTY_NAME of os-release(5): shell-like assignments, quoted or not.
fn pretty_name(text: &str) -> Option<Text> {
    let value = text
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("PRETTY_NAME="))?;
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value);
    let (mut name, mut escaped) = (String::new(), false);
    for c in inner.chars() {
        escaped = c == '\\' && !escaped;
        if !escaped {
            name.push(c);
        }
    }
    Some(shown(name.trim())).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> File {
        File::Text(text.into())
    }

    #[test]
    fn names_of_systems() {
        let name = |text: &str| pretty_name(text).map(|name| name.to_string());
        let debian = "NAME=\"x\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";
        assert_eq!(
            name(debian).as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(name("PRETTY_NAME=Alpine").as_deref(), Some("Alpine"));
        assert_eq!(
            name("PRETTY_NAME='a \\$b \\\\'").as_deref(),
            Some("a $b \\")
        );
        assert_eq!(name("PRETTY_NAME=\"a\x1b[31m\"").as_deref(), Some("a?[31m"));
        for none in [
            "",
            "PRETTY_NAME=",
            "PRETTY_NAME=\"\"",
            "#PRETTY_NAME=x",
            "PRETTY_NAME",
        ] {
            assert_eq!(name(none), None, "{none}");
        }
        assert_eq!(name("PRETTY_NAME=\"").as_deref(), Some("\""));
    }

    #[test]
    fn host_names() {
        assert_eq!(
            hostname(&text("# set by hand\nweb-1\n")).as_deref(),
            Some("web-1")
        );
        for none in ["", "\n", "(none)\n", "# only\n"] {
            assert_eq!(hostname(&text(none)), None, "{none:?}");
        }
        assert_eq!(hostname(&File::Missing), None);
    }

    #[test]
    fn a_machine_is_real_only_where_the_processor_says_so() {
        let mut read = wire::Platform::default();
        assert_eq!(Platform::of(&read), Platform::Unknown);
        read.cpu_flags = Some("flags\t\t: fpu sse2".into());
        assert_eq!(Platform::of(&read), Platform::Real);
        read.cpu_flags = Some("flags\t\t: fpu hypervisor sse2".into());
        assert_eq!(
            Platform::of(&read),
            Platform::Virtual("virtual machine".into())
        );
        // An EC2 metal instance has no hypervisor, and its volumes are Amazon's all the same.
        read.cpu_flags = Some("flags : fpu".into());
        read.vendor = text("Amazon EC2\n");
        assert_eq!(Platform::of(&read), Platform::Virtual("Amazon EC2".into()));
        read.vendor = text("Microsoft Corporation\n");
        assert_eq!(Platform::of(&read), Platform::Real);
        read.product = text("Virtual Machine\n");
        assert_eq!(Platform::of(&read), Platform::Virtual("Hyper-V".into()));
    }
}
