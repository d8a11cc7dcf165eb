//! A system's claims, each looked up once for all expectations.

use plimsoll_model::{Asset, Claim, fact};

/// The facts that expectations ask every system for. Looking a name up in an asset costs as much as most of what is
/// then done with it, and most of these are asked for more than once.
const SLOTS: usize = 24;

/// A fact's slot. With a name that is known when this is compiled it is a number and no search.
#[inline(always)]
fn slot(name: &str) -> Option<usize> {
    Some(match name {
        fact::CAPABILITIES_ADDED => 0,
        fact::CLOCK_MAX_ERROR_US => 1,
        fact::CLOCK_SETTABLE => 2,
        fact::CLOCK_SKEW_BOUND_MS => 3,
        fact::CLOCK_SKEW_MS => 4,
        fact::CLOCK_SYNCHRONISED => 5,
        fact::ENCRYPTED_AT_REST => 6,
        fact::ENV => 7,
        fact::IMAGE => 8,
        fact::IMAGE_CREATED => 9,
        fact::IMAGE_DIGESTS => 10,
        fact::IMAGE_ID => 11,
        fact::MOUNTS => 12,
        fact::NAMESPACES_HOST => 13,
        fact::PORTS => 14,
        fact::PRIVILEGED => 15,
        fact::SECURITY_OPTIONS => 16,
        fact::USER_ROOT => 17,
        fact::IMAGES => 18,
        fact::INSTANCES_DIFFER => 19,
        fact::PLATFORM => 20,
        fact::SENSITIVE => 21,
        fact::END_OF_LIFE => 22,
        fact::CERTIFICATE_EXPIRES => 23,
        _ => return None,
    })
}

/// An asset with what it claims under the names above.
#[derive(Clone, Debug)]
pub(crate) struct Index<'a> {
    asset: &'a Asset,
    slots: [Option<&'a Claim>; SLOTS],
}

impl<'a> Index<'a> {
    pub(crate) fn new(asset: &'a Asset) -> Self {
        let mut slots = [None; SLOTS];
        for (name, claim) in asset.facts.iter().chain(asset.readings.iter()) {
            if let Some(slot) = slot(name).and_then(|slot| slots.get_mut(slot)) {
                // A fact comes before a reading of the same name, as in `Asset::get`.
                slot.get_or_insert(claim);
            }
        }
        Self { asset, slots }
    }
}

/// Something that claims facts: an asset, or its index.
pub(crate) trait Claims<'a>: Copy {
    /// The claim under a name, whether fact or reading.
    fn claim(self, name: &str) -> Option<&'a Claim>;

    /// The asset.
    fn asset(self) -> &'a Asset;
}

impl<'a> Claims<'a> for &'a Asset {
    fn claim(self, name: &str) -> Option<&'a Claim> {
        self.get(name)
    }

    fn asset(self) -> &'a Asset {
        self
    }
}

impl<'a> Claims<'a> for &Index<'a> {
    #[inline(always)]
    fn claim(self, name: &str) -> Option<&'a Claim> {
        match slot(name) {
            Some(slot) => self.slots.get(slot).copied().flatten(),
            None => self.asset.get(name),
        }
    }

    fn asset(self) -> &'a Asset {
        self.asset
    }
}
