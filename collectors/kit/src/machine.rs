//! Which machine this is.

use std::path::Path;

use plimsoll_model::Alias;

/// This machine as other collectors can recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its host name.
    pub hostname: String,
    /// Its kernel's release.
    pub kernel: String,
    /// Its machine id, hashed: the plain one is confidential by machine-id(5). None where it has none.
    pub alias: Option<Alias>,
}

impl Machine {
    /// Whether a service that says it runs on a host of this name and kernel, and is reached over a local socket, runs here.
    pub fn is(&self, hostname: &str, kernel: &str) -> bool {
        self.hostname == hostname && self.kernel == kernel
    }
}

/// This machine.
pub fn local_machine() -> Machine {
    let uname = rustix::system::uname();
    Machine {
        hostname: uname.nodename().to_string_lossy().into_owned(),
        kernel: uname.release().to_string_lossy().into_owned(),
        alias: machine_id(Path::new("/etc/machine-id")),
    }
}

fn machine_id(path: &Path) -> Option<Alias> {
    machine_alias(std::fs::read_to_string(path).ok()?.trim())
}

/// The alias of the machine that has a machine id, as machine-id(5) has it and a Kubernetes node reports it; none where it
/// is no such id.
pub fn machine_alias(id: &str) -> Option<Alias> {
    // machine-id(5): 32 hexadecimal digits; before first boot the file is empty or says "uninitialized".
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let hash = blake3::derive_key("plimsoll 2026 machine alias", id.as_bytes());
    let hash: String = hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(Alias::new("machine-id", &hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_real_machine_id_is_an_alias() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("machine-id");
        assert_eq!(machine_id(&path), None);
        std::fs::write(&path, "uninitialized\n").unwrap();
        assert_eq!(machine_id(&path), None);
        std::fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
        let alias = machine_id(&path).unwrap();
        assert_eq!(alias.namespace(), "machine-id");
        assert!(!alias.0.contains("0123456789abcdef"));
    }
}
