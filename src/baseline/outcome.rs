//! How one expectation came out for one system.

use std::borrow::Cow;

use plimsoll_model::{Asset, Claim, How, Value};

use super::index::Claims;

/// How one expectation came out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome<'a> {
    /// It holds, and this is how that is known.
    Pass(Evidence<'a>),
    /// It does not: what there is instead, and how that is known.
    Fail(String, Evidence<'a>),
    /// It cannot be known, and why.
    Unknown(String),
    /// It cannot be known, and why: because of something else that has a finding of its own.
    Follows(String, Cause),
    /// It has nothing to apply to, and why.
    NotApplicable(&'static str),
}

/// The finding from which something follows: a control of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The system's place in the snapshot.
    pub(crate) at: u32,
    /// The control.
    pub(crate) control: &'static str,
}

impl Cause {
    /// That a system has no environment.
    pub(crate) fn no_environment(at: u32) -> Self {
        Self {
            at,
            control: "environment-tagged",
        }
    }
}

/// How well something is known, and from where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evidence<'a> {
    pub(crate) how: How,
    pub(crate) basis: Cow<'a, str>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(how: How, basis: impl Into<Cow<'a, str>>) -> Self {
        let basis = basis.into();
        Self { how, basis }
    }

    /// What a claim rests on; where it does not say, the fact's name.
    pub(crate) fn of(claim: &'a Claim, fact: &'a str) -> Self {
        Self::new(claim.how(), claim.basis().unwrap_or(fact))
    }

    /// The weaker of both: a verdict is as good as the worst of what it rests on.
    pub(crate) fn and(self, other: Self) -> Self {
        if other.how > self.how { other } else { self }
    }
}

/// The known value of a fact with its evidence.
///
/// # Errors
/// Why it is not known, for a person.
#[inline(always)]
pub(crate) fn known<'a>(
    claims: impl Claims<'a>,
    fact: &'static str,
) -> Result<(&'a Value, Evidence<'a>), String> {
    let claim = claims.claim(fact);
    match claim.and_then(|claim| Some((claim.value()?, Evidence::of(claim, fact)))) {
        Some(known) => Ok(known),
        None => Err(reason(claims.asset(), fact)),
    }
}

/// As [`known`], with the value taken apart.
///
/// # Errors
/// Why it is not known, or that the value has another shape than the fact should have.
#[inline(always)]
pub(crate) fn known_as<'a, T>(
    claims: impl Claims<'a>,
    fact: &'static str,
    take: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<(T, Evidence<'a>), String> {
    let (value, evidence) = known(claims, fact)?;
    match take(value) {
        Some(taken) => Ok((taken, evidence)),
        None => Err(misshapen(fact)),
    }
}

/// That a fact holds what nobody can make sense of.
#[cold]
pub(crate) fn misshapen(fact: &str) -> String {
    format!("`{fact}` has a value of the wrong shape")
}

/// Why a fact is not known.
#[cold]
pub(crate) fn reason(asset: &Asset, fact: &str) -> String {
    match (asset.get(fact).and_then(Claim::basis), &asset.partial) {
        (Some(basis), _) => format!("`{fact}` is unknown: {basis}"),
        (None, Some(partial)) => format!("`{fact}` was not read: {partial}"),
        (None, None) => format!("no source says `{fact}`"),
    }
}
