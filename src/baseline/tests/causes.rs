//! One cause, one finding.

use super::*;

/// What follows from what, as `control on asset < control on asset`, and what stands for itself.
fn told(estate: &Snapshot, rules: &[Rule], ignores: &[Ignore]) -> (Vec<String>, Vec<String>) {
    let judgement = judge(estate, &SHIPPED, rules, ignores, now());
    let (mut follow, mut own) = (Vec::new(), Vec::new());
    for finding in &judgement.findings {
        let named = |at: u32, control: &str| format!("{control} on {}", estate.asset(at).name);
        let name = named(finding.at, &finding.control);
        match &finding.follows {
            Some((at, control)) => follow.push(format!("{name} < {}", named(*at, control))),
            None => own.push(name),
        }
    }
    (follow, own)
}

fn estate(environment: &[(&str, &str)]) -> Snapshot {
    let role = [("plimsoll.role", "worker")];
    let labels = [&role[..], environment].concat();
    let volume = asset("volume:data", &[], r#"{"mountpoint":"/srv/data"}"#);
    let disk = r#"{"mountpoint":"/","filesystem.type":"ext4","encryption.at-rest":"?no dm-crypt, and the provider may encrypt"}"#;
    snapshot(
        vec![
            asset("host:h", environment, "{}"),
            asset("container:a", &labels, r#"{"mounts":{}}"#),
            asset("filesystem:root", &[], disk),
            volume,
        ],
        &[
            ("container:a", RelationKind::RunsOn, "host:h"),
            ("host:h", RelationKind::Contains, "filesystem:root"),
            ("container:a", RelationKind::StoresOn, "volume:data"),
            ("volume:data", RelationKind::StoresOn, "filesystem:root"),
        ],
    )
}

#[test]
fn what_follows_from_a_missing_environment_is_under_it() {
    let (follow, own) = told(&estate(&[]), &[], &[]);
    // A word at the host is a word for all that runs there.
    let cause = "environment-tagged on h";
    assert!(own.contains(&cause.to_owned()), "{own:?}");
    for what in [
        "environment-tagged on a",
        "environments-separated on a",
        "environments-separated on h",
        "staging-mirrors-production on a",
    ] {
        let under = format!("{what} < {cause}");
        assert!(follow.contains(&under), "{under}: {follow:?}");
    }
}

/// A word that nobody understands is the system's own, and so is one that lacks where its host has one.
#[test]
fn an_environment_of_its_own_that_is_none_stands_for_itself() {
    let odd = asset(
        "container:a",
        &[("plimsoll.environment", "qa"), ("plimsoll.role", "worker")],
        "{}",
    );
    let runs = [("container:a", RelationKind::RunsOn, "host:h")];
    let estate = snapshot(vec![asset("host:h", &[], "{}"), odd], &runs);
    let (_, own) = told(&estate, &[], &[]);
    for name in ["a", "h"] {
        assert!(
            own.contains(&format!("environment-tagged on {name}")),
            "{own:?}"
        );
    }
}

/// What is left out does not tell of what follows from it.
#[test]
fn what_follows_from_what_is_ignored_stands_for_itself() {
    let text = "control = 'environment-tagged'\nreason = 'x'\nuntil = 2027-01-01";
    let ignore = Document::new("c.toml", text).read(Ignore::read);
    let (follow, own) = told(&estate(&[]), &[], &[ignore.unwrap().unwrap()]);
    assert!(
        follow.iter().all(|one| !one.contains("environment-tagged")),
        "{follow:?}"
    );
    assert!(
        own.contains(&"environments-separated on a".to_owned()),
        "{own:?}"
    );
}

/// A disk of which nobody knows whether it is encrypted is told with its host, and not with all that lies on it.
#[test]
fn what_is_unknown_of_a_host_for_the_same_reason_is_told_there() {
    let (follow, own) = told(&estate(&[("plimsoll.environment", "production")]), &[], &[]);
    assert!(
        own.contains(&"encrypted-at-rest on h".to_owned()),
        "{own:?}"
    );
    let lies = "encrypted-at-rest on a < encrypted-at-rest on h".to_owned();
    assert!(follow.contains(&lies), "{follow:?} {own:?}");
}
