//! What a baseline judges is a security control to an approval policy, or there is a reason why not.

use std::collections::BTreeSet;

use plimsoll_model::fact;

use super::*;

/// Facts that expectations look at and whose change is none of a security control.
const OTHER: &[(&[&str], &str)] = &[
    (
        &[
            fact::IMAGE,
            fact::IMAGE_ID,
            fact::IMAGE_CREATED,
            fact::IMAGE_DIGESTS,
            fact::IMAGES,
            fact::VERSION,
            fact::END_OF_LIFE,
        ],
        "what runs is deployed every day, and has reviews and tests of its own",
    ),
    (
        &[
            fact::PLATFORM,
            fact::PLATFORM_KIND,
            fact::ARCHITECTURE,
            fact::MOUNTPOINT,
            fact::MOUNTPOINTS,
            fact::INSTANCES_HOSTS,
            fact::INSTANCES_DIFFER,
            fact::ENVIRONMENT,
        ],
        "where it is; a change of environment is judged by both",
    ),
    (
        &[fact::RESTART_POLICY, fact::HEALTH_CHECKED],
        "how it is kept running",
    ),
    (
        &[fact::ENV],
        "settings of the program, known by fingerprints; its secrets are `secrets`",
    ),
    (
        &[
            fact::CLOCK_SYNCHRONISED,
            fact::CLOCK_MAX_ERROR_US,
            fact::CLOCK_SKEW_MS,
            fact::CLOCK_SKEW_BOUND_MS,
            fact::BACKUP_LATEST,
            fact::CERTIFICATE_EXPIRES,
        ],
        "comes and goes by itself, or is renewed",
    ),
    (
        &["relations", "labels"],
        "no fact: a relation is no part of a change, a label is its own path",
    ),
];

#[test]
fn facts_of_expectations_are_security_controls_or_have_a_reason() {
    let baselines = Baselines::load(&Baselines::shipped()).unwrap();
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for role in baselines.roles() {
        for expectation in &role.expectations {
            asked.extend(expectation.facts.iter().map(ToString::to_string));
        }
    }
    // Also of types that no shipped baseline has, as far as they need no key.
    for (_, read) in crate::baseline::expect::TYPES {
        let mut check = None;
        let _ = Document::new("type.toml", "").read(|root| check = read(root));
        asked.extend(
            check
                .iter()
                .flat_map(|check| check.facts())
                .map(str::to_owned),
        );
    }
    let named = |fact: &str| {
        OTHER
            .iter()
            .any(|(facts, reason)| !reason.is_empty() && facts.contains(&fact))
    };
    let missing: Vec<&String> = asked
        .iter()
        .filter(|one| !fact::SECURITY.contains(&one.as_str()) && !named(one))
        .collect();
    assert!(
        missing.is_empty(),
        "baselines judge {missing:?}: each belongs in fact::SECURITY, or here with a reason"
    );
    for (facts, _) in OTHER {
        for one in *facts {
            assert!(!fact::SECURITY.contains(one), "{one} is in both");
            assert!(asked.contains(*one), "no expectation looks at {one}");
        }
    }
}
