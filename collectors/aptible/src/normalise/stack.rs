//! Stacks.

use plimsoll_kit::model::{Alias, AssetId, Claim, Text, Value, fact, kind};

use super::{PLACE, Piece, asset, attested, id_of, name_of, own, said, say, time};
use crate::wire::Stack;

const SHARED: &str = "GET /stacks public and _links.organization: it belongs to no organisation";
const DEDICATED: &str =
    "GET /stacks public and _links.organization: it belongs to one organisation";

/// The id of a stack's asset.
pub(crate) fn id(stack: &Stack) -> AssetId {
    id_of(kind::STACK, stack.id.as_deref().unwrap_or_default())
}

fn name(stack: &Stack) -> Text {
    name_of(stack.name.as_ref(), stack.id.as_deref().unwrap_or_default())
}

/// Whether a stack serves one customer alone.
pub(crate) fn dedicated(stack: &Stack) -> Claim {
    match (stack._links.organization.is_some(), stack.public) {
        (true, Some(false) | None) => Claim::reported(true).by(DEDICATED),
        (false, Some(true) | None) => Claim::reported(false).by(SHARED),
        (true, Some(true)) => {
            Claim::unknown("GET /stacks: the stack is public, and yet belongs to an organisation")
        }
        (false, Some(false)) => Claim::unknown(
            "GET /stacks: the stack is not public, and yet belongs to no organisation",
        ),
    }
}

/// A stack that has an environment of ours.
pub(crate) fn stack(stack: &Stack, clock_reference: Option<&str>) -> Piece {
    let number = stack.id.as_deref().unwrap_or_default();
    let mut asset = asset(id(stack), kind::STACK, name(stack), "stacks", number);
    let called = AssetId::of(kind::STACK, &[PLACE, &name(stack)]);
    asset.aliases.push(Alias::called(&called));
    asset.claim(fact::PLATFORM_KIND, Claim::reported("stack"));
    asset.claim(own::STACK_DEDICATED, dedicated(stack));
    say(
        &mut asset,
        fact::REGION,
        said(stack.region.as_ref()),
        "GET /stacks region",
    );
    say(
        &mut asset,
        fact::VERSION,
        said(stack.version.as_ref()),
        "GET /stacks version",
    );
    say(
        &mut asset,
        fact::CREATED,
        time(stack.created_at.as_ref()),
        "GET /stacks created_at",
    );
    say(
        &mut asset,
        "stack.memory-limits",
        stack.memory_limits,
        "GET /stacks memory_limits",
    );
    say(
        &mut asset,
        "stack.cpu-limits",
        stack.cpu_limits,
        "GET /stacks cpu_limits",
    );
    let detection = stack.intrusion_detection;
    say(
        &mut asset,
        "stack.intrusion-detection",
        detection,
        "GET /stacks intrusion_detection",
    );
    let addresses = stack.outbound_ip_addresses.as_ref();
    let addresses = addresses.map(|list| Value::texts(list.iter().map(|text| super::word(text))));
    say(
        &mut asset,
        "addresses.outbound",
        addresses,
        "GET /stacks outbound_ip_addresses",
    );
    say(
        &mut asset,
        "network.vpc",
        said(stack.vpc_id.as_ref()),
        "GET /stacks vpc_id",
    );
    let domain = said(stack.internal_domain.as_ref());
    say(
        &mut asset,
        "domain.internal",
        domain,
        "GET /stacks internal_domain",
    );
    say(
        &mut asset,
        "domain.default",
        said(stack.default_domain.as_ref()),
        "GET /stacks default_domain",
    );
    attested::clock(&mut asset, clock_reference);
    attested::patches(&mut asset);
    Piece::new(asset)
}
