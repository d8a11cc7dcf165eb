//! `ports-allowed`: the public internet reaches only the ports that the role declares.

use plimsoll_model::fact;
use plimsoll_settings::Section;

use super::port::{PortName, host_sees_them, list, own_ports, read_names};
use super::{Case, Check};
use crate::baseline::outcome::Outcome;

#[derive(Debug)]
struct PortsAllowed {
    allowed: Vec<PortName>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    if !section.has("allowed") {
        section.missing("allowed", "the public ports, as [80, 443]; [] for none");
    }
    let allowed = read_names(section, "allowed");
    Some(Box::new(PortsAllowed { allowed }))
}

impl Check for PortsAllowed {
    fn expected(&self) -> String {
        if self.allowed.is_empty() {
            "no public port".to_owned()
        } else {
            format!("no public port but {}", list(&self.allowed))
        }
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::PORTS]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let (ports, evidence) = match own_ports(case, &self.facts()) {
            Ok(found) => found,
            Err(_) if host_sees_them(case) => {
                return Outcome::NotApplicable("its host's ports are judged");
            }
            Err(reason) => return Outcome::Unknown(reason),
        };
        let (mut beyond, mut unclear, mut misshapen) = (Vec::new(), Vec::new(), Vec::new());
        for port in
            ports.filter(|port| port.misshapen || !self.allowed.iter().any(|name| name.is(port)))
        {
            match port.reach {
                Some("public") => beyond.push(port.key),
                _ if port.misshapen => misshapen.push(port.key),
                Some(_) => {}
                None => unclear.push(port.key),
            }
        }
        if !beyond.is_empty() {
            Outcome::Fail(format!("public: {}", beyond.join(", ")), evidence)
        } else if !unclear.is_empty() {
            Outcome::Unknown(format!("who reaches {} is not known", unclear.join(", ")))
        } else if !misshapen.is_empty() {
            let keys = misshapen.join(", ");
            Outcome::Unknown(format!("what is said of {keys} has the wrong shape"))
        } else {
            Outcome::Pass(evidence)
        }
    }
}
