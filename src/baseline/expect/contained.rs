//! `sensitive-data-contained`: systems with protected health information run on allowed platforms and private networks, and
//! nothing public leads to their databases.

use plimsoll_model::{How, RelationKind, fact, kind};
use plimsoll_settings::Section;

use super::port::ports;
use super::sum::Sum;
use super::{Case, Check, shape};
use crate::baseline::category::Sensitive;
use crate::baseline::index::Claims;
use crate::baseline::outcome::{Evidence, Outcome, known_as, reason};

#[derive(Debug)]
struct Contained {
    /// The platforms that may hold sensitive data; none where nobody said which.
    platforms: Option<Vec<String>>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let platforms = section.texts("allowed-platforms");
    Some(Box::new(Contained { platforms }))
}

/// Whether a system holds sensitive data; otherwise how an expectation for those that do comes out.
pub(super) fn sensitive<'a>(case: &Case<'a>) -> Result<(), Outcome<'a>> {
    match case.chosen.sensitive {
        _ if case.asset.kind == kind::ENDPOINT => {
            Err(Outcome::NotApplicable("what it leads to is judged"))
        }
        Sensitive::Yes => Ok(()),
        Sensitive::No => Err(Outcome::NotApplicable(
            "nothing says that it holds sensitive data",
        )),
        Sensitive::Unknown => Err(Outcome::Unknown(format!(
            "whether it holds sensitive data is not known: {}",
            reason(case.asset, fact::SENSITIVE)
        ))),
    }
}

impl Check for Contained {
    fn expected(&self) -> String {
        let mut expected = "on a private network, no public way to its database".to_owned();
        if let Some(platforms) = &self.platforms {
            expected.push_str(&format!(", on {}", platforms.join(" or ")));
        }
        expected
    }

    fn facts(&self) -> Vec<&str> {
        vec![
            fact::SENSITIVE,
            fact::PLATFORM,
            fact::PORTS,
            fact::NAMESPACES_HOST,
            "relations",
        ]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        if let Err(other) = sensitive(case) {
            return other;
        }
        let mut sum = Sum::default();
        self.platform(case, &mut sum);
        network(case, &mut sum);
        let used = [RelationKind::Uses, RelationKind::StoresOn]
            .into_iter()
            .flat_map(|kind| case.estate.along(case.system.at, kind))
            .map(|(at, _)| at);
        for at in std::iter::once(case.system.at).chain(used) {
            if case.estate.is_database(at) {
                database(case, at, &mut sum);
            }
        }
        sum.outcome("nothing says that it holds sensitive data")
    }
}

impl Contained {
    fn platform<'a>(&self, case: &Case<'a>, sum: &mut Sum<'a>) {
        let Some(allowed) = &self.platforms else {
            let what =
                "which platforms may hold sensitive data is not said: see `allowed-platforms`";
            return sum.unknown(what.to_owned());
        };
        match known_as(case.index, fact::PLATFORM, shape::word) {
            Ok((platform, evidence)) if allowed.iter().any(|one| one == platform) => {
                sum.good(evidence);
            }
            Ok((platform, evidence)) => sum.bad(format!("it runs on {platform}"), evidence),
            Err(reason) => sum.unknown(reason),
        }
    }
}

/// Whether a system is on a network of its own, its platform's or its engine's, and not on its host's.
fn network<'a>(case: &Case<'a>, sum: &mut Sum<'a>) {
    let shared = case.index.claim(fact::NAMESPACES_HOST);
    if let Some(claim) = shared {
        let names = match known_as(case.index, fact::NAMESPACES_HOST, shape::words) {
            Ok((names, _)) => names,
            Err(reason) => return sum.unknown(reason),
        };
        if names.iter().any(|name| name.as_str() == Some("network")) {
            let evidence = Evidence::of(claim, fact::NAMESPACES_HOST);
            return sum.bad("it is on its host's network".to_owned(), evidence);
        }
    }
    let mut networks = case.estate.along(case.system.at, RelationKind::MemberOf);
    let network = networks.find(|(_, network)| network.kind == kind::NETWORK);
    let inside = |at: u32| {
        let kind = case.estate.snapshot.asset(at).kind.as_str();
        [kind::CLUSTER, kind::STACK].contains(&kind)
    };
    if network.is_some() || case.estate.below(case.system.at).any(inside) {
        let basis = "relations member-of and runs-on";
        sum.good(Evidence::new(How::Reported, basis));
    } else if case.asset.kind != kind::HOST {
        sum.unknown("which network it is on is not known".to_owned());
    }
}

/// Whether the public reaches a database, by its own ports or by an endpoint.
fn database<'a>(case: &Case<'a>, at: u32, sum: &mut Sum<'a>) {
    let name = case.name(at);
    let known = case.estate.chosen(at).map(|chosen| ports(&chosen.index));
    match known {
        Some(Ok((ports, evidence))) => {
            let mut private = true;
            for port in ports {
                match port.reach {
                    Some("public") => {
                        private = false;
                        let what = format!("{name} has the public port {}", port.key);
                        sum.bad(what, evidence.clone());
                    }
                    Some(_) if !port.misshapen => {}
                    _ => sum.unknown(format!("{name}: who reaches {} is not known", port.key)),
                }
            }
            if private {
                sum.good(evidence);
            }
        }
        Some(Err(reason)) => sum.unknown(format!("{name}: {reason}")),
        None => sum.unknown(format!("{name}: its ports are not known")),
    }
    for lead in case.estate.leads(at) {
        let endpoint = case.name(lead.endpoint);
        if lead.public {
            let evidence = Evidence::new(How::Reported, "relation routes-to");
            sum.bad(
                format!("the public endpoint {endpoint} leads to database {name}"),
                evidence,
            );
        } else {
            sum.unknown(format!(
                "endpoint {endpoint} leads to database {name}, and who reaches it is not known"
            ));
        }
    }
    // Another way in may be in what was not read.
    if let Some(why) = case.half_seen(at) {
        sum.unknown(why);
    }
}
