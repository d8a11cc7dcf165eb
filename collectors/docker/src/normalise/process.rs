//! What runs in a container, and how its life is looked after.

use plimsoll_model::{Asset, Claim, Text, fact};

use super::basis::{self, reported, unknown};
use super::{Flavour, Site, hidden, word};
use crate::wire::{Config, HostConfig, Inspect, State, Words};

/// The platform's word for a state by ours. None for one that is not known.
pub(crate) fn state(platform: &str) -> Option<&'static str> {
    Some(match platform {
        "running" | "stopping" => "running",
        "exited" | "stopped" => "stopped",
        "paused" => "paused",
        "restarting" => "restarting",
        "created" | "configured" | "initialized" => "created",
        "dead" | "removing" => "dead",
        _ => return None,
    })
}

/// The claim on a state.
pub(crate) fn state_claim(platform: Option<&Text>, basis: &basis::Basis) -> Claim {
    match platform.map(|platform| state(platform)) {
        Some(Some(state)) => reported(state, basis),
        Some(None) => unknown(&basis::STATE_WORD),
        None => unknown(&basis::UNSAID),
    }
}

/// The claim on the state that somebody decided on. A container that ends, fails or is started again by its engine does so by
/// itself, and nobody changed anything.
pub(crate) fn wanted(site: &Site<'_>, seen: &Inspect) -> Claim {
    let Some(now) = seen.state.as_ref() else {
        return unknown(&basis::UNSAID);
    };
    let said = |word: &str| reported(word, &basis::STATE_WANTED);
    match now.status.as_deref().and_then(state) {
        None => unknown(&basis::STATE_WORD),
        Some("running" | "restarting") => said("running"),
        Some("paused") => said("paused"),
        Some("created") => unknown(&basis::NOT_STARTED),
        Some("stopped") if stays_up(site, seen, now) => said("stopped"),
        Some(_) => unknown(&basis::ENDED),
    }
}

/// Whether the engine would have started a container again, had nobody stopped it.
fn stays_up(site: &Site<'_>, seen: &Inspect, now: &State) -> bool {
    let failed = now.error.as_ref().is_some_and(|why| !why.is_empty());
    // Podman starts nothing again after the host has restarted, unless a unit does.
    if failed || site.flavour != Flavour::Docker {
        return false;
    }
    let host = seen.host_config.as_ref();
    let Some(policy) = host.and_then(|host| host.restart_policy.as_ref()) else {
        return false;
    };
    let tries = policy.maximum_retry_count.unwrap_or(0);
    let gave_up = tries > 0 && seen.restart_count.unwrap_or(0) >= tries;
    match policy.name.as_deref() {
        Some("always" | "unless-stopped") => true,
        Some("on-failure") => now.exit_code.is_some_and(|code| code != 0) && !gave_up,
        _ => false,
    }
}

/// The facts that the container's own configuration answers.
pub(crate) fn claim(
    asset: &mut Asset,
    site: &Site<'_>,
    config: Option<&Config>,
    image_user: Option<&Text>,
) {
    let Some(config) = config else {
        for name in [fact::USER, fact::USER_ROOT, fact::ENV, fact::HEALTH_CHECKED] {
            asset.claim(name, unknown(&basis::UNSAID));
        }
        return;
    };
    let id = asset.id.clone();
    let redactor = site.redactor;
    if let Some(command) = &config.cmd {
        let mark = hidden::words(redactor, &id, fact::COMMAND, command);
        asset.claim(fact::COMMAND, reported(mark, &basis::COMMAND));
    }
    if let Some(entrypoint) = &config.entrypoint {
        let words = match entrypoint {
            Words::Many(words) => words.as_slice(),
            Words::One(word) => std::slice::from_ref(word),
        };
        let mark = hidden::words(redactor, &id, fact::ENTRYPOINT, words);
        asset.claim(fact::ENTRYPOINT, reported(mark, &basis::ENTRYPOINT));
    }
    let env = hidden::env(redactor, &id, &config.env);
    asset.claim(fact::ENV, reported(env, &basis::ENV));
    // `NONE` switches off what the image brings.
    let test = config
        .healthcheck
        .as_ref()
        .map_or(&[][..], |check| &check.test);
    let checked = test.first().is_some_and(|first| first != "NONE");
    asset.claim(fact::HEALTH_CHECKED, reported(checked, &basis::HEALTHCHECK));
    if checked {
        let mark = hidden::words(redactor, &id, "health.test", test);
        asset.claim("health.test", reported(mark, &basis::HEALTHCHECK));
    }
    user(asset, config, image_user);
}

fn user(asset: &mut Asset, config: &Config, image_user: Option<&Text>) {
    let own = config.user.as_ref().filter(|user| !user.is_empty());
    let (user, from) = match (own, image_user) {
        (Some(own), _) => (own.as_str(), &basis::USER),
        (None, Some(image)) if !image.is_empty() => (image.as_str(), &basis::IMAGE_USER),
        (None, Some(_)) => ("root", &basis::USER),
        (None, None) => {
            asset.claim(fact::USER, unknown(&basis::IMAGE_UNSEEN));
            asset.claim(fact::USER_ROOT, unknown(&basis::IMAGE_UNSEEN));
            return;
        }
    };
    let name = user.split(':').next().unwrap_or_default();
    asset.claim(fact::USER, reported(word(user), from));
    asset.claim(
        fact::USER_ROOT,
        match name.parse::<u64>() {
            Ok(number) => reported(number == 0, from),
            Err(_) if name == "root" || name.is_empty() => reported(true, from),
            // The image's own user table is not read.
            Err(_) => unknown(&basis::USER_NAMED),
        },
    );
}

/// The facts about restarts and logs.
pub(crate) fn care(asset: &mut Asset, site: &Site<'_>, host: Option<&HostConfig>) {
    let Some(host) = host else {
        asset.claim(fact::RESTART_POLICY, unknown(&basis::UNSAID));
        asset.claim(fact::LOG_DRIVER, unknown(&basis::UNSAID));
        return;
    };
    asset.claim(
        fact::RESTART_POLICY,
        match &host.restart_policy {
            None => unknown(&basis::UNSAID),
            Some(policy) => {
                let name = policy.name.as_deref().filter(|name| !name.is_empty());
                reported(word(name.unwrap_or("no")), &basis::RESTART)
            }
        },
    );
    let log = host.log_config.as_ref();
    let driver = log.and_then(|log| log.driver.as_ref());
    asset.claim(fact::LOG_DRIVER, basis::said(driver, &basis::LOG_DRIVER));
    let options = log
        .map(|log| &log.config)
        .filter(|options| !options.is_empty());
    if let Some(options) = options {
        let table = hidden::options(site.redactor, &asset.id, "log option", options, |_| false);
        asset.claim("log.options", reported(table, &basis::LOG_OPTIONS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::tests::site;
    use plimsoll_model::AssetId;

    fn asset(json: &str, image_user: &str) -> Asset {
        let config: Config = serde_json::from_str(json).unwrap();
        let mut asset = Asset::new(AssetId::of("container", &["c"]), "container", "c");
        claim(&mut asset, &site(), Some(&config), Some(&image_user.into()));
        asset
    }

    #[test]
    fn who_it_runs_as() {
        for (json, image, user, root) in [
            ("{}", "", "root", Some(true)),
            (r#"{"User":""}"#, "1000", "1000", Some(false)),
            (r#"{"User":"0:0"}"#, "1000", "0:0", Some(true)),
            (r#"{"User":"root"}"#, "", "root", Some(true)),
            (r#"{"User":"00"}"#, "", "00", Some(true)),
            (r#"{"User":"999:0"}"#, "", "999:0", Some(false)),
            (r#"{"User":"nginx"}"#, "", "nginx", None),
            (r#"{"User":""}"#, "toor", "toor", None),
        ] {
            let asset = asset(json, image);
            assert_eq!(asset.value(fact::USER).unwrap().as_str(), Some(user));
            let is_root = asset
                .value(fact::USER_ROOT)
                .map(|root| root.as_bool().unwrap());
            assert_eq!(is_root, root, "{json}");
        }
    }

    #[test]
    fn who_it_runs_as_by_an_image_that_was_not_seen_is_unknown() {
        let config: Config = serde_json::from_str(r#"{"User":""}"#).unwrap();
        let mut asset = Asset::new(AssetId::of("container", &["c"]), "container", "c");
        claim(&mut asset, &site(), Some(&config), None);
        for name in [fact::USER, fact::USER_ROOT] {
            let why = asset.get(name).unwrap();
            assert_eq!(
                (why.value(), why.basis()),
                (None, Some(&**basis::IMAGE_UNSEEN))
            );
        }
    }

    #[test]
    fn a_health_check_that_is_switched_off_is_none() {
        let checked = |json: &str| {
            asset(json, "")
                .value(fact::HEALTH_CHECKED)
                .unwrap()
                .as_bool()
        };
        assert_eq!(checked("{}"), Some(false));
        assert_eq!(checked(r#"{"Healthcheck":{"Test":["NONE"]}}"#), Some(false));
        assert_eq!(
            checked(r#"{"Healthcheck":{"Test":["CMD","true"]}}"#),
            Some(true)
        );
    }

    #[test]
    fn what_ends_by_itself_was_wanted_by_nobody() {
        let wanted = |state: &str, policy: &str| {
            let json = format!(
                r#"{{"State":{{"Status":{state}}},"RestartCount":3,"HostConfig":{{"RestartPolicy":{policy}}}}}"#
            );
            let seen: Inspect = serde_json::from_str(&json).unwrap();
            let claim = super::wanted(&site(), &seen);
            claim.value().map(ToString::to_string)
        };
        let no = r#"{"Name":"no"}"#;
        let always = r#"{"Name":"always"}"#;
        let failing = r#"{"Name":"on-failure"}"#;
        let three = r#"{"Name":"on-failure","MaximumRetryCount":3}"#;
        for (state, policy, expected) in [
            (r#""running""#, no, Some("running")),
            (r#""restarting""#, always, Some("running")),
            (r#""paused""#, no, Some("paused")),
            // A job that is done, and one that was stopped: nobody can tell.
            (r#""exited","ExitCode":0"#, no, None),
            (r#""exited","ExitCode":143"#, no, None),
            (r#""created""#, always, None),
            (r#""dead""#, always, None),
            // The engine would have started it again.
            (r#""exited","ExitCode":0"#, always, Some("stopped")),
            (
                r#""exited","ExitCode":1"#,
                r#"{"Name":"unless-stopped"}"#,
                Some("stopped"),
            ),
            (r#""exited","ExitCode":137"#, failing, Some("stopped")),
            (r#""exited","ExitCode":0"#, failing, None),
            (r#""exited","ExitCode":1"#, three, None),
            // It could not be started: a port was taken.
            (r#""exited","ExitCode":128,"Error":"taken""#, always, None),
        ] {
            assert_eq!(
                wanted(state, policy).as_deref(),
                expected,
                "{state} {policy}"
            );
        }
    }

    #[test]
    fn an_unknown_state_is_not_guessed() {
        assert_eq!(
            state_claim(Some(&"hibernating".into()), &basis::STATE).value(),
            None
        );
        assert_eq!(state_claim(None, &basis::STATE).value(), None);
        assert_eq!(state("exited"), Some("stopped"));
    }
}
