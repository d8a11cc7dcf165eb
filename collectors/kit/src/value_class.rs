//! What kind of value something is, told from the value alone before it becomes a mark.

use plimsoll_model::redacted::Class;

/// The beginnings by which services make their own keys known, with the least length of what follows.
const KEY_FORMS: &[(&str, usize)] = &[
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("ghu_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("gldt-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xapp-", 10),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("whsec_", 10),
    ("sk-", 20),
    ("AIza", 30),
    ("SG.", 30),
    ("hvs.", 16),
    ("npm_", 20),
    ("pypi-", 20),
    ("dop_v1_", 20),
    ("dp.st.", 10),
    ("dckr_pat_", 16),
    ("shpat_", 16),
    ("lin_api_", 16),
    ("AGE-SECRET-KEY-", 16),
    ("fo1_", 16),
    ("FlyV1 ", 16),
];

/// Addresses that open what they lead to to whoever has them.
const SECRET_ADDRESSES: &[&str] = &[
    "hooks.slack.com/services/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    ".webhook.office.com/",
];

/// The beginnings of references that something else fills in: where it is kept, or what puts it there.
const REFERENCES: &[&str] = &[
    "$(",
    "${",
    "{{",
    "<%",
    "vault:",
    "vault+",
    "ref+",
    "op://",
    "arn:",
    "secretref:",
    "doppler://",
    "secret://",
    "secrets://",
    "sm://",
    "gcp-sm://",
    "gsm://",
    "ssm://",
    "ssm:",
    "awssm://",
    "keyvault://",
    "@microsoft.keyvault(",
    "env://",
    "env:",
    "file://",
    "keyring:",
];

/// Words for on, off and nothing.
const SWITCHES: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "none",
    "null",
    "nil",
    "enabled",
    "disabled",
    "enable",
    "disable",
    "y",
    "n",
    "t",
    "f",
    "auto",
    "undefined",
];

/// The least length of what looks like chance and may be a key.
const RANDOM_MIN: usize = 16;
/// The longest value that is looked at; nobody writes more into a variable by hand.
const LOOKED_AT: usize = 64 * 1024;

/// What kind of value this is. It says nothing of the value that its name does not say better, and nothing that would help to guess it.
pub fn class_of(value: &[u8]) -> Class {
    let value = value.get(..LOOKED_AT).unwrap_or(value);
    let Ok(text) = std::str::from_utf8(value) else {
        return Class::Random;
    };
    let text = text.trim().trim_matches(['"', '\'']);
    if text.is_empty() {
        return Class::Empty;
    }
    let lower = text.to_ascii_lowercase();
    if is_key(text, &lower) {
        return Class::Key;
    }
    if has_credentials(text, &lower) {
        return Class::Credentials;
    }
    if is_reference(text, &lower) {
        return Class::Reference;
    }
    if SWITCHES.contains(&lower.as_str()) || lower == "0" || lower == "1" {
        return Class::Switch;
    }
    if is_number(&lower) {
        return Class::Number;
    }
    if is_path(text) {
        return Class::Path;
    }
    if !names_digest(text) && is_random(text) {
        return Class::Random;
    }
    Class::Text
}

/// Whether it names an image by its digest, which is as public as the image.
fn names_digest(text: &str) -> bool {
    let digest = text.rsplit_once("sha256:").map(|(_, digits)| digits);
    digest.is_some_and(|digits| {
        digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

fn is_key(text: &str, lower: &str) -> bool {
    let private = text.contains("-----BEGIN") && text.contains("PRIVATE KEY");
    let known = KEY_FORMS.iter().any(|(start, least)| {
        let rest = text.strip_prefix(start);
        rest.is_some_and(|rest| rest.len() >= *least && rest.bytes().all(is_token))
    });
    let address = SECRET_ADDRESSES.iter().any(|part| lower.contains(part));
    private || known || address || is_jwt(text)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.=+/,:".contains(&byte)
}

/// Three parts, of which the first two are JSON in base64.
fn is_jwt(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let [head, body, mark] = parts.as_slice() else {
        return false;
    };
    head.starts_with("eyJ") && body.starts_with("eyJ") && mark.len() >= 16
}

/// Whether a password stands in it: in an address before its host, or in a string of settings.
fn has_credentials(text: &str, lower: &str) -> bool {
    for (at, _) in text.match_indices("://") {
        let rest = text.get(at + 3..).unwrap_or_default();
        if in_authority(rest) {
            return true;
        }
    }
    // `user:password@tcp(host)/name`, as Go's drivers write it; and no image by its digest.
    let start = text.split_whitespace().next().unwrap_or_default();
    let bare = !start.contains("://") && !start.contains('/')
        || start
            .find('@')
            .is_some_and(|at| start.find('/').is_none_or(|slash| at < slash));
    if bare
        && let Some((user, host)) = start.split_once('@')
        && let Some((name, password)) = user.split_once(':')
        && !host.is_empty()
        && !host.starts_with("sha256:")
        && is_secret(name, password)
    {
        return true;
    }
    [
        "password=",
        "passwd=",
        "pwd=",
        "accountkey=",
        "sharedaccesskey=",
    ]
    .iter()
    .any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let rest = text.get(at + word.len()..).unwrap_or_default();
            let end = rest
                .find([';', '&', ' ', ',', '"', '\''])
                .unwrap_or(rest.len());
            let before = lower
                .get(..at)
                .and_then(|before| before.chars().next_back());
            let starts = before.is_none_or(|c| !c.is_ascii_alphanumeric() || c == 't' || c == 'e');
            starts && rest.get(..end).is_some_and(is_plain)
        })
    })
}

fn in_authority(rest: &str) -> bool {
    // A password that should have been escaped may hold a slash: then a colon stands before it.
    let end = rest.find(['/', '?', '#', ' ', ',']).unwrap_or(rest.len());
    let (authority, _) = rest.split_at(end);
    let user = match authority.rsplit_once('@') {
        Some((user, _)) => user,
        None => return false,
    };
    match user.split_once(':') {
        Some((name, password)) => is_secret(name, password),
        // A token in the place of the user.
        None => is_random(user) && user.len() >= 20,
    }
}

fn is_secret(name: &str, password: &str) -> bool {
    is_plain(password) && !name.contains(char::is_whitespace)
}

/// Whether something stands there, and nothing that is filled in later.
fn is_plain(password: &str) -> bool {
    let filled = ["$(", "${", "{{", "<%", "%(", "$"];
    let hidden = password.bytes().all(|byte| b"*xX.".contains(&byte));
    let filled_in = filled.iter().any(|start| password.starts_with(start))
        || (password.starts_with('<') && password.ends_with('>'))
        || (password.starts_with('{') && password.ends_with('}'));
    !password.is_empty() && !hidden && !filled_in
}

fn is_reference(text: &str, lower: &str) -> bool {
    let begins = REFERENCES.iter().any(|start| lower.starts_with(start));
    let variable = text.strip_prefix('$').is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.bytes().all(|byte| !byte.is_ascii_lowercase())
    });
    let inside = text.contains("$(") || text.contains("${") || text.contains("{{");
    let kept = text.starts_with("projects/") && text.contains("/secrets/");
    begins || variable || inside || kept
}

/// A number, with a unit or without: `30`, `1.5`, `15m`, `512MB`, `10,20`, `90 days`.
fn is_number(lower: &str) -> bool {
    let number = lower.trim_start_matches(['-', '+']);
    let units = [
        "ms", "s", "m", "h", "d", "w", "y", "k", "b", "kb", "mb", "gb", "ki", "mi", "gi", "%",
        "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "hour", "hours",
        "day", "days", "weeks", "months", "",
    ];
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = number.get(digits.len()..).unwrap_or_default();
    let digits = digits.trim_end();
    let begins = digits.starts_with(|c: char| c.is_ascii_digit());
    begins
        && units.contains(&unit)
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".,:_".contains(&byte))
}

fn is_path(text: &str) -> bool {
    let windows = text.as_bytes().get(1..3) == Some(b":\\");
    let home = text.starts_with("~/") || text.starts_with("./") || text.starts_with("../");
    // A base64 text may begin with a slash too, but its parts are long, and no path has a `+` or ends in `=`.
    let absolute = text.starts_with('/')
        && !text.contains(['+', '=', ' ', '@', '!', '$'])
        && !is_random(text.trim_start_matches('/'));
    windows || home || absolute
}

/// Whether a text looks like chance: one word of many signs, few of which are the same, and neither words nor a version, a name of a
/// host or a date.
fn is_random(text: &str) -> bool {
    if text.len() < RANDOM_MIN
        || text
            .bytes()
            .any(|byte| byte.is_ascii_whitespace() || !byte.is_ascii_graphic())
    {
        return false;
    }
    if is_uuid(text) {
        return true;
    }
    if text.contains("://") || text.contains('/') && text.contains(':') || text.contains(',') {
        return false;
    }
    let body = text.strip_prefix("base64:").unwrap_or(text);
    let kinds = [
        body.bytes().any(|byte| byte.is_ascii_lowercase()),
        body.bytes().any(|byte| byte.is_ascii_uppercase()),
        body.bytes().any(|byte| byte.is_ascii_digit()),
    ];
    let kinds = kinds.iter().filter(|there| **there).count();
    let hex = body.bytes().all(|byte| byte.is_ascii_hexdigit());
    // What is made of words has them between signs; chance has long runs.
    let longest = body
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::len)
        .max()
        .unwrap_or(0);
    let entropy = entropy(body);
    match (hex, kinds) {
        (true, 2..) => body.len() >= 32 && entropy > 3.0,
        (_, 3) => longest >= 12 && entropy > 3.4,
        (_, 2) => longest >= 20 && entropy > 3.7 && turns(body) >= 5,
        _ => false,
    }
}

/// How often letters and digits, or small and capital letters, take turns.
fn turns(text: &str) -> usize {
    let sort = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let bytes = text.as_bytes();
    bytes
        .windows(2)
        .filter(|pair| matches!(pair, [one, other] if sort(*one) != sort(*other)))
        .count()
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// Shannon's entropy, bits a byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let all = text.len().max(1) as f64;
    let shares = counts.iter().filter(|count| **count > 0);
    let shares = shares.map(|count| f64::from(*count) / all);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_classes() {
        use Class::*;
        for (value, class) in [
            ("", Empty),
            ("\"\"", Empty),
            ("$(PW)", Reference),
            ("${DB_PASSWORD}", Reference),
            ("$DB_PASSWORD", Reference),
            ("vault:secret/data/db#password", Reference),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:db", Reference),
            ("postgres://app:$(PW)@db/app", Reference),
            ("op://prod/db/password", Reference),
            ("/run/secrets/db-password", Path),
            ("./certs/key.pem", Path),
            ("true", Switch),
            ("None", Switch),
            ("1", Switch),
            ("30", Number),
            ("15m", Number),
            ("512MB", Number),
            ("123456", Number),
            ("postgres://app:hunter2@db:5432/app", Credentials),
            ("redis://:hunter2@cache:6379/0", Credentials),
            ("app:hunter2@tcp(db:3306)/app", Credentials),
            (
                "host=db user=app password=hunter2 sslmode=disable",
                Credentials,
            ),
            ("Server=db;User Id=app;Password=hunter2;", Credentials),
            ("mysql://root@db/app", Text),
            ("postgres://app:@db/app", Text),
            ("amqp://app:****@mq", Text),
            ("git@github.com:acme/shop.git", Text),
            (
                "nginx:1.25@sha256:6efbf662ea838727735f3f65658e8f509363a116e85143892c67f2ba1dd05b56",
                Text,
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
                Key,
            ),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl",
                Key,
            ),
            ("https://hooks.slack.com/services/T0/B0/x", Key),
            ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", Random),
            (
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                Random,
            ),
            ("kX9dQ2mVb7TzR4pL8sYw", Random),
            (
                "base64:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
                Random,
            ),
            ("my-very-long-service-name.internal", Text),
            ("changeme", Text),
            ("RSA-OAEP-256-with-MGF1", Text),
            ("2024-01-02T03:04:05Z", Text),
            ("https://auth.example.org/oauth/token", Text),
        ] {
            assert_eq!(class_of(value.as_bytes()), class, "{value}");
        }
        assert_eq!(class_of(&[0xff, 0xfe, 0x01]), Random);
    }
}
