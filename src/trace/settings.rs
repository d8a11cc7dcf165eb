//! Where traces go, by the standard variables of OpenTelemetry.

use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::ENDPOINTS;

/// The headers, which may hold a secret; those of the first name what holds for traces alone.
const HEADERS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_HEADERS",
];
const PROTOCOLS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
];

/// Where traces go.
pub(super) struct Settings {
    pub(super) url: Url,
    /// Marked as secret.
    pub(super) headers: HeaderMap,
    pub(super) service: String,
}

impl Settings {
    /// By the variables that `var` gives; none where nothing is to be sent. An error names the variable, and never its value.
    pub(super) fn read(var: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, String> {
        let var = |name: &str| var(name).filter(|value| !value.trim().is_empty());
        let first = |names: [&'static str; 2]| {
            let mut named = names.into_iter();
            named.find_map(|name| Some((name, var(name)?)))
        };
        if var("OTEL_SDK_DISABLED").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
            || var("OTEL_TRACES_EXPORTER").is_some_and(|value| value.trim() == "none")
        {
            return Ok(None);
        }
        let Some((name, endpoint)) = first(ENDPOINTS) else {
            return Ok(None);
        };
        if let Some((name, protocol)) = first(PROTOCOLS)
            && !protocol.trim().starts_with("http/")
        {
            return Err(format!("{name} names what is not spoken here: HTTP is"));
        }
        let mut url = address(endpoint.trim()).map_err(|why| format!("{name}: {why}"))?;
        // The general one is a base: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
        if name == ENDPOINTS[1] {
            let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        let headers = match first(HEADERS) {
            Some((name, text)) => headers(&text)
                .ok_or_else(|| format!("{name} is no list of `name=value`, parted by commas"))?,
            None => HeaderMap::new(),
        };
        Ok(Some(Self {
            url,
            headers,
            service: var("OTEL_SERVICE_NAME").unwrap_or_else(|| "plimsoll".to_owned()),
        }))
    }
}

/// A URL that something may be posted to: `https`, or `http` on this machine. It is not shown: it may hold a secret.
fn address(text: &str) -> Result<Url, &'static str> {
    let url: Option<Url> = text.parse().ok();
    let url = url.filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or("it holds no http or https address")?;
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if url.scheme() == "http" && !here {
        return Err("its address is not https: what is sent there could be read on the way");
    }
    Ok(url)
}

fn headers(text: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let name = HeaderName::try_from(name.trim()).ok()?;
        let mut value = HeaderValue::from_bytes(&unescaped(value.trim())?).ok()?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Some(headers)
}

/// A text with its `%20`s resolved.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        left = rest;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, rest) = left.split_at_checked(2)?;
        let digit = |at: usize| char::from(digits[at]).to_digit(16);
        bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
        left = rest;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        Settings::read(|name| {
            let found = vars.iter().find(|(have, _)| *have == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_sent_unless_an_endpoint_says_where() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otel.example.org");
        for vars in [
            &[][..],
            &[("OTEL_SERVICE_NAME", "x")],
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "")],
            &[endpoint, ("OTEL_SDK_DISABLED", "TRUE")],
            &[endpoint, ("OTEL_TRACES_EXPORTER", "none")],
        ] {
            assert!(read(vars).unwrap().is_none(), "{vars:?}");
        }
    }

    #[test]
    fn the_general_endpoint_is_a_base_and_that_of_traces_is_whole() {
        let base = (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "https://otel.example.org/in/",
        );
        let settings = read(&[base]).unwrap().unwrap();
        assert_eq!(
            settings.url.as_str(),
            "https://otel.example.org/in/v1/traces"
        );
        assert_eq!(settings.service, "plimsoll");
        let whole = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://[::1]:4318/x");
        let settings = read(&[base, whole]).unwrap().unwrap();
        assert_eq!(settings.url.as_str(), "http://[::1]:4318/x");
    }

    #[test]
    fn headers_are_secret() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otel.example.org");
        let headers = |text| read(&[endpoint, ("OTEL_EXPORTER_OTLP_HEADERS", text)]);
        let settings = headers("authorization=Bearer%20hunter2, x=a=b")
            .unwrap()
            .unwrap();
        assert_eq!(settings.headers["authorization"], "Bearer hunter2");
        assert_eq!(settings.headers["x"], "a=b");
        assert!(settings.headers.values().all(HeaderValue::is_sensitive));
        for text in ["hunter2", "x=%hunter2", "x=hunter2%0a", "hunter 2=x"] {
            assert!(!headers(text).err().unwrap().contains("hunter"));
        }
    }

    #[test]
    fn nothing_goes_out_in_plain_text() {
        for text in [
            "http://otel.example.org/hunter2",
            "ftp://there/hunter2",
            "hunter2",
        ] {
            let refused = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", text)])
                .err()
                .unwrap();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
        let grpc = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ];
        assert!(read(&grpc).err().unwrap().contains("_PROTOCOL"));
    }
}
