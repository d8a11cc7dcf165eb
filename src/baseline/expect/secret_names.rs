//! What the name of a variable says of its value.

/// What a name says, before its value's class is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// A password, whatever it looks like: numbers are used for these too.
    Password,
    /// A secret.
    Secret,
    /// A secret if it looks like one: a key, a salt, an id of which some are secret.
    Perhaps,
    /// Nothing of the kind.
    Nothing,
}

/// Words for a password.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "passwords",
    "pwd",
    "pw",
    "pass",
    "pin",
];
/// Words for other secrets.
const SECRETS: &[&str] = &[
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "creds",
    "apikey",
    "psk",
    "htpasswd",
    "jwt",
    "pat",
];
/// Endings of words that are written as one with what stands before them.
const ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "credentials",
];
/// Words that end in one of them and mean another thing.
const NO_PASSWORDS: &[&str] = &[
    "bypass",
    "compass",
    "encompass",
    "trespass",
    "surpass",
    "underpass",
    "overpass",
];
/// What stands before `key` where that is a secret.
const OF_KEYS: &[&str] = &[
    "access",
    "account",
    "admin",
    "aes",
    "api",
    "app",
    "application",
    "auth",
    "authentication",
    "cipher",
    "client",
    "cookie",
    "crypt",
    "crypto",
    "csrf",
    "decryption",
    "deploy",
    "encrypt",
    "encryption",
    "enc",
    "fernet",
    "hash",
    "hmac",
    "internal",
    "jwt",
    "license",
    "licence",
    "management",
    "master",
    "private",
    "root",
    "rsa",
    "secret",
    "server",
    "service",
    "session",
    "shared",
    "sign",
    "signature",
    "signing",
    "ssh",
    "storage",
    "subscription",
    "verification",
    "webhook",
    "write",
];
/// What stands before `key`, or about it, where everybody may know it.
const PUBLIC: &[&str] = &["public", "publishable", "pub", "gpg", "pgp", "gpgkey"];
/// Last words that speak of something about the secret, and not of the secret.
const ABOUT: &[&str] = &[
    "age",
    "algorithm",
    "algorithms",
    "alg",
    "alias",
    "arn",
    "attempts",
    "audience",
    "backend",
    "bits",
    "bucket",
    "cert",
    "certificate",
    "charset",
    "class",
    "column",
    "complexity",
    "count",
    "dir",
    "directory",
    "driver",
    "enabled",
    "encoding",
    "endpoint",
    "engine",
    "env",
    "expiration",
    "expire",
    "expires",
    "expiry",
    "field",
    "file",
    "filename",
    "filter",
    "folder",
    "format",
    "grace",
    "group",
    "hasher",
    "hashing",
    "header",
    "history",
    "host",
    "hours",
    "interval",
    "issuer",
    "label",
    "len",
    "length",
    "lifetime",
    "lifespan",
    "limit",
    "location",
    "manager",
    "max",
    "method",
    "min",
    "minimum",
    "minutes",
    "mode",
    "mount",
    "name",
    "names",
    "namespace",
    "parallelism",
    "parameter",
    "path",
    "paths",
    "placeholder",
    "policy",
    "port",
    "prefix",
    "project",
    "property",
    "provider",
    "ref",
    "reference",
    "refresh",
    "regex",
    "region",
    "required",
    "resource",
    "retries",
    "role",
    "rotation",
    "rounds",
    "scope",
    "scopes",
    "seconds",
    "size",
    "source",
    "storage",
    "store",
    "strategy",
    "strength",
    "suffix",
    "template",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "usage",
    "user",
    "username",
    "validity",
    "version",
    "window",
    "hint",
    "days",
    "per",
];
/// First words that make a question or an order of the rest.
const ASKING: &[&str] = &[
    "allow", "disable", "enable", "force", "generate", "has", "hide", "ignore", "is", "max", "min",
    "no", "num", "require", "reset", "show", "skip", "use", "with", "without",
];

/// What a name says. It goes by words, as `DB_PASS`, `dbPassword` and `db-password` have them.
pub(super) fn says(name: &str) -> Says {
    // Of a variable of one of several containers or processes only its own name counts.
    let own = name.rsplit('/').next().unwrap_or(name);
    let words = words(own);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((last, before)) = words.split_last() else {
        return Says::Nothing;
    };
    let is_public = words.iter().any(|word| PUBLIC.contains(word));
    let ends_in = |word: &str, list: &[&str]| {
        let joined = ENDINGS
            .iter()
            .any(|end| list.contains(end) && word.len() > end.len() && word.ends_with(end));
        list.contains(&word) || joined
    };
    let is_pass = |word: &str| {
        let joined = word.len() > 4 && word.ends_with("pass") && !NO_PASSWORDS.contains(&word);
        ends_in(word, PASSWORDS) || joined
    };
    let is_secret = |word: &str| {
        ends_in(word, SECRETS) || ends_in(word, &["secretkey", "accesskey", "privatekey"])
    };
    // The shell's own folders.
    if matches!(
        words.as_slice(),
        ["pwd"] | ["oldpwd"] | ["old", "pwd"] | ["init", "cwd"]
    ) {
        return Says::Nothing;
    }
    if is_public {
        return Says::Nothing;
    }
    // AppRole's secret id is one; other ids of secrets only name them.
    if *last == "id" {
        return match before.last() {
            Some(word) if ["secret", "token"].contains(word) => Says::Perhaps,
            _ => Says::Nothing,
        };
    }
    let asks = words
        .first()
        .is_some_and(|first| ASKING.contains(first) || *first == "default" && words.len() > 3);
    if ABOUT.contains(last) {
        return Says::Nothing;
    }
    if is_pass(last) {
        return if asks { Says::Perhaps } else { Says::Password };
    }
    if is_secret(last) {
        return if asks { Says::Perhaps } else { Says::Secret };
    }
    match (before.last().copied(), *last) {
        (Some(of), "key" | "keys") if OF_KEYS.contains(&of) => Says::Secret,
        (Some("redis" | "rediscli" | "neo4j" | "neo" | "basic" | "http" | "proxy"), "auth") => {
            Says::Secret
        }
        (Some("erlang" | "magic"), "cookie") => Says::Secret,
        (Some("connection"), "string") => Says::Perhaps,
        (_, "salt" | "pepper") => Says::Secret,
        (_, "key" | "keys" | "auth" | "seed" | "nonce" | "cookie") => Says::Perhaps,
        // A word for it stands further before: `SECRET_KEY_BASE`, `PASSWORD_PROD`, `TOKEN_2`.
        _ if words.iter().any(|word| is_pass(word)) && !asks => Says::Secret,
        _ if words.iter().any(|word| is_secret(word)) && !asks => Says::Secret,
        _ => Says::Nothing,
    }
}

/// The words of a name, in lower case and without numbers at their ends.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut word = String::new();
        let mut small = false;
        for c in part.chars() {
            // `dbPassword` is two; `DBPassword` and `PGPASSWORD` show no border.
            if c.is_ascii_uppercase() && small {
                words.push(std::mem::take(&mut word));
            }
            small = c.is_ascii_lowercase();
            word.push(c.to_ascii_lowercase());
        }
        words.push(word);
    }
    let bare = words.into_iter().map(|word| {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if word == "neo4j" {
            word
        } else {
            bare.to_owned()
        }
    });
    bare.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_hold() {
        for (name, want) in [
            ("DB_PASS", Says::Password),
            ("MYSQL_PWD", Says::Password),
            ("dbPassword", Says::Password),
            ("PGPASSWORD", Says::Password),
            ("RAILS_MASTER_KEY", Says::Secret),
            ("JWT_SIGNING_KEY", Says::Secret),
            ("VAULT_SECRET_ID", Says::Perhaps),
            ("SECRET_KEY_BASE", Says::Secret),
            ("web/DB_PASSWORD", Says::Password),
            ("TOKENIZERS_PARALLELISM", Says::Nothing),
            ("PASSWORD_MIN_LENGTH", Says::Nothing),
            ("ACCESS_TOKEN_EXPIRE_MINUTES", Says::Nothing),
            ("DB_SECRET_ARN", Says::Nothing),
            ("POSTGRES_PASSWORD_FILE", Says::Nothing),
            ("STRIPE_PUBLISHABLE_KEY", Says::Nothing),
            ("GPG_KEY", Says::Nothing),
            ("BYPASS", Says::Nothing),
            ("PWD", Says::Nothing),
            ("PARTITION_KEY", Says::Perhaps),
        ] {
            assert_eq!(says(name), want, "{name}");
        }
    }
}
