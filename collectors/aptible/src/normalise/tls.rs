//! What an endpoint's settings let through.

use std::collections::BTreeMap;

use plimsoll_kit::Redactor;
use plimsoll_kit::model::{AssetId, Claim, Table, Text, Value};

/// What is known of an endpoint's settings.
pub(crate) enum Settings<'a> {
    /// All of them.
    Known(&'a BTreeMap<Text, Option<Text>>),
    /// The endpoint has none of its own: an older one, which is set by its app's configuration, and that must not be read.
    InConfiguration,
    /// They could not be read, and why.
    Unread(&'a str),
}

const FORCE: &str = "FORCE_SSL";
const PROTOCOLS: &str = "SSL_PROTOCOLS_OVERRIDE";
const READ: &str = "GET /settings/{id}";
const DEFAULT: &str = "GET /settings/{id} has no SSL_PROTOCOLS_OVERRIDE; the default takes TLS 1.0 and later \
    (www.aptible.com/docs/core-concepts/apps/connecting-to-apps/app-endpoints/https-endpoints/https-protocols)";

/// The settings whose values may be shown, as far as they look like what they should be.
const SHOWN: &[&str] = &[
    FORCE,
    PROTOCOLS,
    "SSL_CIPHERS_OVERRIDE",
    "DISABLE_WEAK_CIPHER_SUITES",
    "IDLE_TIMEOUT",
    "STRICT_HEALTH_CHECKS",
    "RELEASE_HEALTHCHECK_TIMEOUT",
    "SHOW_ELB_HEALTHCHECKS",
];

impl<'a> Settings<'a> {
    /// A setting's value; none where it is at its default, and an error where that is not known.
    fn get(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self {
            Self::Known(all) => {
                let value = all.get(name).and_then(|value| value.as_deref());
                Ok(value.map(str::trim).filter(|value| !value.is_empty()))
            }
            Self::InConfiguration => Err(format!(
                "the endpoint has no settings of its own, and its app's configuration, where {name} may stand, must not be read"
            )),
            Self::Unread(why) => Err((*why).to_owned()),
        }
    }

    /// Whether plain HTTP is only redirected.
    pub(crate) fn https_forced(&self) -> Claim {
        match self.get(FORCE) {
            // The platform wants this very text.
            Ok(value) => Claim::reported(value == Some("true")).by("GET /settings/{id} FORCE_SSL"),
            Err(why) => Claim::unknown(why),
        }
    }

    /// The lowest version of TLS that is accepted. `has_default` says whether the default of this kind of endpoint is known.
    pub(crate) fn lowest(&self, has_default: bool) -> Claim {
        match self.get(PROTOCOLS) {
            Ok(Some(list)) => match lowest(list) {
                Some(version) => {
                    Claim::reported(version).by("GET /settings/{id} SSL_PROTOCOLS_OVERRIDE")
                }
                None => {
                    Claim::unknown("GET /settings/{id} SSL_PROTOCOLS_OVERRIDE is not understood")
                }
            },
            Ok(None) if has_default => Claim::attested("1.0", DEFAULT),
            Ok(None) => Claim::unknown(
                "GET /settings/{id} has no SSL_PROTOCOLS_OVERRIDE, and the default of this kind of endpoint is not documented",
            ),
            Err(why) => Claim::unknown(why),
        }
    }

    /// All settings: what may be shown as it is, and the rest as keyed marks.
    pub(crate) fn all(&self, redactor: &Redactor, id: &AssetId) -> Option<Claim> {
        let Self::Known(all) = self else {
            return None;
        };
        let set = all
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let shown = set
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| {
                let plain = SHOWN.contains(&name.as_str()) && is_plain(value);
                let value = if plain {
                    Text::from(value)
                } else {
                    redactor.mark(id, &format!("settings.{name}"), value.as_bytes())
                };
                (super::word(name), Value::Text(value))
            });
        Some(Claim::reported(shown.collect::<Table>()).by(READ))
    }
}

/// The lowest version in a list of protocols, as `TLSv1.2 PFS TLSv1.3`; none where a word of it is not known.
fn lowest(list: &str) -> Option<&'static str> {
    let mut versions = Vec::new();
    for word in list.split_whitespace() {
        versions.push(match word {
            // Forward secrecy chooses ciphers and no version.
            "PFS" => continue,
            "SSLv2" => "SSLv2",
            "SSLv3" => "SSLv3",
            "TLSv1" | "TLSv1.0" => "1.0",
            "TLSv1.1" => "1.1",
            "TLSv1.2" => "1.2",
            "TLSv1.3" => "1.3",
            _ => return None,
        });
    }
    // Every version of SSL is older than any of TLS, and sorts after it.
    let ssl = versions
        .iter()
        .copied()
        .filter(|version| version.starts_with("SSL"))
        .min();
    ssl.or_else(|| versions.into_iter().min())
}

/// Words, numbers and names of ciphers.
fn is_plain(value: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b" .:_-+!@".contains(&b);
    value.len() <= 1000 && value.bytes().all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_choice_has_its_lowest_version() {
        for (list, version) in [
            ("TLSv1 TLSv1.1 TLSv1.2", Some("1.0")),
            ("TLSv1 TLSv1.1 TLSv1.2 PFS", Some("1.0")),
            ("TLSv1.1 TLSv1.2", Some("1.1")),
            ("TLSv1.1 TLSv1.2 PFS", Some("1.1")),
            ("TLSv1.2", Some("1.2")),
            ("TLSv1.2 PFS", Some("1.2")),
            ("TLSv1.2 PFS TLSv1.3", Some("1.2")),
            ("TLSv1.3", Some("1.3")),
            ("SSLv3 TLSv1.2", Some("SSLv3")),
            ("TLSv1.2 QUIC", None),
            ("", None),
            ("PFS", None),
        ] {
            assert_eq!(lowest(list), version, "{list}");
        }
    }

    fn of<'a>(settings: &'a BTreeMap<Text, Option<Text>>) -> Settings<'a> {
        Settings::Known(settings)
    }

    #[test]
    fn what_is_not_set_is_the_default_where_there_is_one() {
        let none = BTreeMap::new();
        let empty: BTreeMap<Text, Option<Text>> = [(Text::from(PROTOCOLS), Some("".into()))].into();
        for settings in [&none, &empty] {
            let lowest = of(settings).lowest(true);
            assert_eq!(lowest.value().and_then(Value::as_str), Some("1.0"));
            assert_eq!(of(settings).lowest(false).value(), None);
            assert_eq!(
                of(settings).https_forced().value(),
                Some(&Value::Bool(false))
            );
        }
    }

    #[test]
    fn what_stands_in_a_configuration_is_not_known() {
        for settings in [Settings::InConfiguration, Settings::Unread("no right")] {
            assert_eq!(settings.https_forced().value(), None);
            assert_eq!(settings.lowest(true).value(), None);
        }
    }

    #[test]
    fn only_known_settings_show_their_values() {
        let redactor = Redactor::new([7; 32], "aptible");
        let id = AssetId::of("endpoint", &["a"]);
        let set: BTreeMap<Text, Option<Text>> = [
            (Text::from(FORCE), Some("true".into())),
            ("IDLE_TIMEOUT".into(), Some("https://hunter2@x".into())),
            ("NEW".into(), Some("hunter2".into())),
            ("OFF".into(), None),
        ]
        .into();
        let shown = format!("{:?}", of(&set).all(&redactor, &id).unwrap());
        assert!(
            shown.contains("\"true\"") && !shown.contains("hunter2"),
            "{shown}"
        );
        assert!(!shown.contains("OFF"), "{shown}");
    }
}
