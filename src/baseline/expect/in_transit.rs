//! `encrypted-in-transit`: public ports speak TLS at or above a version.

use plimsoll_model::{Value, fact, kind};
use plimsoll_settings::Section;

use super::port::{Port, PortName, host_sees_them, list, own_ports, read_names};
use super::shape::{is_ssl, tls_number, tls_version};
use super::{Case, Check};
use crate::baseline::outcome::Outcome;

#[derive(Debug)]
struct InTransit {
    minimum: (u32, u32),
    except: Vec<PortName>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let versions = [
        ("1.0", (1, 0)),
        ("1.1", (1, 1)),
        ("1.2", (1, 2)),
        ("1.3", (1, 3)),
    ];
    let minimum = section.choice("minimum", &versions).unwrap_or((1, 2));
    let except = read_names(section, "except");
    Some(Box::new(InTransit { minimum, except }))
}

impl Check for InTransit {
    fn expected(&self) -> String {
        let (major, minor) = self.minimum;
        let mut expected = format!("TLS {major}.{minor} or later on every public port");
        if !self.except.is_empty() {
            expected.push_str(" but ");
            expected.push_str(&list(&self.except));
        }
        expected
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::PORTS, fact::HTTPS_FORCED]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let (ports, evidence) = match own_ports(case, &self.facts()) {
            Ok(found) => found,
            Err(_) if host_sees_them(case) => {
                return Outcome::NotApplicable("its host's ports are judged");
            }
            Err(reason) => return Outcome::Unknown(reason),
        };
        let engine = case.asset.kind == kind::ENGINE;
        let forced = || {
            case.asset
                .value(fact::HTTPS_FORCED)
                .and_then(Value::as_bool)
                == Some(true)
        };
        let (mut weak, mut unclear, mut good) = (Vec::new(), Vec::new(), false);
        let mut redirects = false;
        for port in ports.filter(|port| !self.except.iter().any(|name| name.is(port))) {
            match (port.reach, port.tls.map(tls_version)) {
                // A version that is too old counts all the same.
                (_, tls) if port.misshapen && !is_weak(tls.flatten(), self.minimum) => {
                    unclear.push((port, "what is said of it has the wrong shape"));
                }
                (Some("loopback"), _) => {}
                // Whoever reaches an engine's API owns its host, so a private network is no shelter for it.
                (Some("private"), _) if !engine => {}
                // Plain HTTP that is answered with a redirect and nothing else is as good as what it leads to.
                (_, None | Some(Some((0, 0))))
                    if port.redirects || (port.is_http() && forced()) =>
                {
                    redirects = true;
                }
                (None, Some(Some(version))) if version >= self.minimum => good = true,
                (None, _) => unclear.push((port, "who reaches it is not known")),
                (_, None) => unclear.push((port, "no TLS probe or platform statement")),
                (_, Some(None)) => unclear.push((port, "its TLS version is not understood")),
                (_, Some(Some(version))) if version < self.minimum => weak.push(port),
                _ => good = true,
            }
        }
        if !weak.is_empty() {
            let weak: Vec<String> = weak.iter().map(what).collect();
            Outcome::Fail(weak.join(", "), evidence)
        } else if !unclear.is_empty() {
            let unclear = unclear
                .iter()
                .map(|(port, why)| format!("{}: {why}", port.key));
            Outcome::Unknown(unclear.collect::<Vec<_>>().join(", "))
        } else if good {
            Outcome::Pass(evidence)
        } else if redirects {
            Outcome::Unknown("where its redirect to HTTPS leads is not known".to_owned())
        } else {
            Outcome::NotApplicable("it has no public port")
        }
    }
}

fn is_weak(version: Option<(u32, u32)>, minimum: (u32, u32)) -> bool {
    version.is_some_and(|version| version < minimum)
}

fn what(port: &Port<'_>) -> String {
    match port.tls {
        None | Some("none") => format!("{} in plain text", port.key),
        Some(tls) if is_ssl(tls) => format!("{} accepts {tls}", port.key),
        Some(tls) => format!("{} accepts TLS {}", port.key, tls_number(tls)),
    }
}
