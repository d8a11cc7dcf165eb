//! `certificates-valid`: the certificates that a system uses are valid, and for a while longer.

use plimsoll_model::{Asset, Claim, RelationKind, fact, kind};
use plimsoll_settings::Section;

use super::port::ports;
use super::sum::Sum;
use super::time::{DAY, seconds, span, time};
use super::{Case, Check, shape};
use crate::baseline::index::Claims;
use crate::baseline::outcome::{Outcome, misshapen};

#[derive(Debug)]
struct Valid {
    /// In seconds.
    warn_before: i64,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(Valid {
        warn_before: seconds(section, "warn-before", 14 * DAY),
    }))
}

impl Check for Valid {
    fn expected(&self) -> String {
        format!(
            "certificates valid for {} or longer",
            span(self.warn_before)
        )
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::CERTIFICATE_EXPIRES, fact::PORTS, "relations"]
    }

    /// Those of its app count where the public may reach it: they are not those of a worker beside the web.
    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let mut sum = Sum::default();
        if case.index.claim(fact::CERTIFICATE_EXPIRES).is_some() {
            self.look(case, case.asset, &mut sum);
        }
        let at = case.system.at;
        for (_, used) in case.estate.along(at, RelationKind::Uses) {
            if used.kind == kind::CERTIFICATE {
                self.look(case, used, &mut sum);
            }
        }
        let (mut open, mut tls) = (false, false);
        let claim = case.index.claim(fact::PORTS).and_then(Claim::value);
        if claim.is_some_and(|ports| shape::rows(ports).is_none()) {
            sum.unknown(misshapen(fact::PORTS));
        } else if let Ok((ports, _)) = ports(case.index) {
            for port in ports.filter(|port| matches!(port.reach, Some("public") | None)) {
                open = true;
                tls |= port.tls.is_some_and(|tls| tls != "none");
            }
        }
        let apps = case.estate.around(at).filter(|_| open);
        for app in apps.filter(|at| case.estate.snapshot.asset(*at).kind == kind::APP) {
            for relation in [RelationKind::Uses, RelationKind::Contains] {
                for (_, used) in case.estate.along(app, relation) {
                    if used.kind == kind::CERTIFICATE {
                        self.look(case, used, &mut sum);
                    }
                }
            }
        }
        // Others may be in what was not read.
        if let Some(why) = case.half_seen(at).filter(|_| tls || !sum.is_empty()) {
            sum.unknown(why);
        }
        if sum.is_empty() && tls && case.asset.kind == kind::ENDPOINT {
            return Outcome::Unknown("which certificate it uses is not known".to_owned());
        }
        sum.outcome("no certificate of it is known")
    }
}

impl Valid {
    fn look<'a>(&self, case: &Case<'a>, certificate: &'a Asset, sum: &mut Sum<'a>) {
        let name = &certificate.name;
        match time(certificate, fact::CERTIFICATE_EXPIRES) {
            Err(reason) => sum.unknown(format!("certificate {name}: {reason}")),
            Ok((end, evidence)) => {
                let left = end.duration_since(case.now).as_secs();
                if left <= 0 {
                    let what = format!("certificate {name} ended {} ago", span(left));
                    sum.bad(what, evidence);
                } else if left < self.warn_before {
                    sum.bad(
                        format!("certificate {name} ends in {}", span(left)),
                        evidence,
                    );
                } else {
                    sum.good(evidence);
                }
            }
        }
    }
}
