//! Service accounts: who workloads act as.

use std::collections::BTreeSet;

use plimsoll_model::{RelationKind, Text, fact, kind};

use super::{Piece, Site, reported, word};
use crate::wire::Account;

/// Annotations by which an account is someone in a cloud too.
const CLOUD: &[&str] = &[
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
];

/// Reads a service account, and the names of the secrets that it refers to.
pub(crate) fn account(site: &Site<'_>, account: &Account) -> (Piece, BTreeSet<Text>) {
    let meta = &account.metadata;
    let id = site.in_space(kind::SERVICE_ACCOUNT, meta.space(), &meta.name);
    let mut piece = Piece::new(id, kind::SERVICE_ACCOUNT, "ServiceAccount", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    let mounted = account.automount_service_account_token != Some(false);
    piece.asset.claim(
        fact::SERVICE_ACCOUNT_TOKEN,
        reported(
            mounted,
            "automountServiceAccountToken, which is true where it is not set",
        ),
    );
    let cloud = CLOUD.iter().find_map(|name| meta.annotation(name));
    if let Some(identity) = cloud {
        let claim = reported(word(identity), "metadata.annotations");
        piece.asset.claim("cloud.identity", claim);
    }
    let named = account
        .image_pull_secrets
        .iter()
        .chain(account.secrets.iter());
    let secrets: BTreeSet<Text> = named
        .filter_map(|one| one.name.as_deref().filter(|name| !name.is_empty()))
        .map(word)
        .collect();
    for name in &secrets {
        let to = site.in_space(kind::SECRET, meta.space(), name);
        piece.relate(RelationKind::Uses, to);
    }
    (piece, secrets)
}
