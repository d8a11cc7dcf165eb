//! What the vendor promises of all that it runs, with the reference.

use plimsoll_kit::model::{Asset, Claim, fact};

const CLOCK: &str = "Aptible, division of responsibilities (www.aptible.com/docs/understanding-the-division-of-responsibilities): \
    the host is the vendor's alone; a statement about NTP itself is unconfirmed, see `clock_reference`";
const PATCHES: &str = "Aptible, division of responsibilities (www.aptible.com/docs/understanding-the-division-of-responsibilities): \
    the host is the vendor's alone";
const AT_REST: &str = "Aptible, database encryption at rest \
    (www.aptible.com/docs/core-concepts/managed-databases/managing-databases/database-encryption/database-encryption): \
    the disks of all databases";

/// The host's clock: customers cannot reach it, and no field of the API speaks of it.
pub(crate) fn clock(asset: &mut Asset, reference: Option<&str>) {
    let claim = match reference {
        Some(reference) => Claim::attested(true, format!("{reference} (`clock_reference`)")),
        None => Claim::attested(true, CLOCK),
    };
    asset.claim(fact::CLOCK_SYNCHRONISED, claim);
}

/// The host's own software.
pub(crate) fn patches(asset: &mut Asset) {
    asset.claim(fact::PATCHES_MANAGED, Claim::attested(true, PATCHES));
}

/// What a database stores.
pub(crate) fn at_rest(asset: &mut Asset) {
    asset.claim(fact::ENCRYPTED_AT_REST, Claim::attested(true, AT_REST));
}
