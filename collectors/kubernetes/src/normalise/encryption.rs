//! Encryption at rest, by what a driver and a class say. The truth is with the volume itself, at its provider.

use plimsoll_model::{Asset, Claim, Text, fact};

use super::{basis, reported, unknown, word};
use crate::wire::Map;

/// What stands behind an attested claim.
const GOOGLE: &str = "Google encrypts all persistent disks at rest: https://cloud.google.com/docs/security/encryption/default-encryption";
const AZURE: &str = "Azure encrypts all managed disks and storage accounts at rest: https://learn.microsoft.com/azure/virtual-machines/disk-encryption-overview";

/// What is known, and of what.
struct Said {
    encrypted: Claim,
    key: Option<Text>,
}

/// Claims whether what a class makes is, or is meant to be, encrypted.
pub(crate) fn claim(asset: &mut Asset, driver: &str, parameters: Option<&Map<Text>>, whose: Whose) {
    let said = said(driver, parameters, whose);
    asset.claim(fact::ENCRYPTED_AT_REST, said.encrypted);
    if let Some(key) = said.key {
        asset.claim(fact::ENCRYPTION_KEY, reported(key, whose.parameters()));
    }
}

/// Whose parameters they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// A class's: what it asks for of volumes to come.
    Class,
    /// Those of the class of a volume: what was asked for when it was made, if the class was the same then.
    OfClass,
}

impl Whose {
    fn parameters(self) -> &'static str {
        match self {
            Self::Class => "parameters: what is asked for of volumes to come",
            Self::OfClass => {
                "the parameters of its class, which is weaker than the volume's own word: they say what is asked for when a volume is made"
            }
        }
    }
}

fn said(driver: &str, parameters: Option<&Map<Text>>, whose: Whose) -> Said {
    let get = |name: &str| parameters.and_then(|all| find(all, name));
    let plain = |encrypted| Said {
        encrypted,
        key: None,
    };
    let Some(parameters) = parameters else {
        return match driver {
            "pd.csi.storage.gke.io" | "kubernetes.io/gce-pd" | "filestore.csi.storage.gke.io" => {
                plain(Claim::attested(true, basis(GOOGLE)))
            }
            "disk.csi.azure.com" | "kubernetes.io/azure-disk" | "file.csi.azure.com" => {
                plain(Claim::attested(true, basis(AZURE)))
            }
            _ => plain(unknown(
                "its class is not known or could not be read, and its driver does not say: ask its provider for the volume",
            )),
        };
    };
    match driver {
        "ebs.csi.aws.com" | "ebs.csi.eks.amazonaws.com" | "kubernetes.io/aws-ebs" => {
            let key = get("kmsKeyId").map(word);
            match get("encrypted").map(str::to_ascii_lowercase).as_deref() {
                Some("true") => Said {
                    encrypted: reported(true, whose.parameters()),
                    key,
                },
                Some("false") => plain(reported(
                    false,
                    "the class asks for no encryption (`encrypted`); an account's default may encrypt all the same, which the volume itself would say",
                )),
                _ => plain(unknown(
                    "the class does not ask for encryption (`encrypted`), and an account's default may encrypt without: ask AWS for the volume",
                )),
            }
        }
        "pd.csi.storage.gke.io" | "kubernetes.io/gce-pd" => Said {
            encrypted: Claim::attested(true, basis(GOOGLE)),
            key: get("disk-encryption-kms-key").map(word),
        },
        "filestore.csi.storage.gke.io" => plain(Claim::attested(true, basis(GOOGLE))),
        "disk.csi.azure.com" | "kubernetes.io/azure-disk" => Said {
            encrypted: Claim::attested(true, basis(AZURE)),
            key: get("diskEncryptionSetID").map(word),
        },
        "file.csi.azure.com" => plain(Claim::attested(true, basis(AZURE))),
        "driver.longhorn.io" | "rbd.csi.ceph.com" | "cephfs.csi.ceph.com" => {
            switch(get("encrypted"), whose)
        }
        "rook-ceph.rbd.csi.ceph.com" | "openshift-storage.rbd.csi.ceph.com" => {
            switch(get("encrypted"), whose)
        }
        "pxd.portworx.com" | "kubernetes.io/portworx-volume" => switch(get("secure"), whose),
        "linodebs.csi.linode.com" => {
            let name = "linodebs.csi.linode.com/luks-encrypted";
            switch(find(parameters, name), whose)
        }
        _ => plain(unknown(
            "its driver does not say whether it encrypts: ask its provider for the volume",
        )),
    }
}

/// A driver of its own, which encrypts when it is told to and not otherwise; what lies beneath it may.
fn switch(value: Option<&str>, whose: Whose) -> Said {
    let encrypted = match value.map(str::to_ascii_lowercase).as_deref() {
        Some("true") => reported(true, whose.parameters()),
        _ => unknown(
            "its class does not ask for encryption, and the disks beneath it may have their own, which is not known",
        ),
    };
    Said {
        encrypted,
        key: None,
    }
}

/// A parameter, in whatever case its name is written.
fn find<'p>(parameters: &'p Map<Text>, name: &str) -> Option<&'p str> {
    let mut all = parameters.iter();
    all.find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}

/// The parameters whose values are no secret by their definition.
pub(crate) fn is_shown(name: &str) -> bool {
    const SHOWN: &[&str] = &[
        "type",
        "encrypted",
        "kmskeyid",
        "iops",
        "throughput",
        "iopspergb",
        "fstype",
        "csi.storage.k8s.io/fstype",
        "disk-encryption-kms-key",
        "replication-type",
        "diskencryptionsetid",
        "diskencryptiontype",
        "skuname",
        "storageaccounttype",
        "kind",
        "cachingmode",
        "secure",
        "repl",
        "numberofreplicas",
        "datalocality",
        "linodebs.csi.linode.com/luks-encrypted",
        "tier",
        "blockexpress",
        "allowautoiopspergbincrease",
        "zone",
        "zones",
    ];
    SHOWN.iter().any(|shown| shown.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::How;

    fn known(driver: &str, parameters: &[(&str, &str)]) -> (How, Option<bool>, Option<Text>) {
        let map = parameters
            .iter()
            .map(|(name, value)| (Text::from(*name), Text::from(*value)))
            .collect();
        let said = said(driver, Some(&Map(map)), Whose::OfClass);
        let yes = said.encrypted.value().and_then(|value| value.as_bool());
        (said.encrypted.how(), yes, said.key)
    }

    #[test]
    fn each_driver_has_its_own_word() {
        let key = Some(Text::from("k"));
        for (driver, parameters, expected) in [
            (
                "ebs.csi.aws.com",
                &[("encrypted", "true"), ("kmsKeyId", "k")][..],
                (How::Reported, Some(true), key.clone()),
            ),
            (
                "ebs.csi.aws.com",
                &[("ENCRYPTED", "True"), ("kmskeyid", "k")][..],
                (How::Reported, Some(true), key.clone()),
            ),
            (
                "ebs.csi.eks.amazonaws.com",
                &[("encrypted", "true")][..],
                (How::Reported, Some(true), None),
            ),
            (
                "ebs.csi.aws.com",
                &[("encrypted", "false")][..],
                (How::Reported, Some(false), None),
            ),
            ("ebs.csi.aws.com", &[][..], (How::Unknown, None, None)),
            (
                "pd.csi.storage.gke.io",
                &[][..],
                (How::Attested, Some(true), None),
            ),
            (
                "pd.csi.storage.gke.io",
                &[("disk-encryption-kms-key", "k")][..],
                (How::Attested, Some(true), key.clone()),
            ),
            (
                "disk.csi.azure.com",
                &[("DiskEncryptionSetId", "k")][..],
                (How::Attested, Some(true), key),
            ),
            (
                "driver.longhorn.io",
                &[("encrypted", "true")][..],
                (How::Reported, Some(true), None),
            ),
            ("driver.longhorn.io", &[][..], (How::Unknown, None, None)),
            (
                "nfs.csi.k8s.io",
                &[("encrypted", "true")][..],
                (How::Unknown, None, None),
            ),
            ("efs.csi.aws.com", &[][..], (How::Unknown, None, None)),
        ] {
            assert_eq!(
                known(driver, parameters),
                expected,
                "{driver} {parameters:?}"
            );
        }
    }

    #[test]
    fn a_class_says_that_it_is_weaker() {
        let map = Map([(Text::from("encrypted"), Text::from("true"))].into());
        let said = said("ebs.csi.aws.com", Some(&map), Whose::OfClass);
        assert!(said.encrypted.basis().unwrap().contains("weaker"));
    }

    #[test]
    fn without_its_class_only_a_provider_that_always_encrypts_is_known() {
        let how = |driver| super::said(driver, None, Whose::OfClass).encrypted.how();
        assert_eq!(how("ebs.csi.aws.com"), How::Unknown);
        assert_eq!(how("pd.csi.storage.gke.io"), How::Attested);
    }
}
