//! What is found in texts, and what is not.

use plimsoll_settings::Document;

use super::*;

fn read(text: &str) -> Mentions {
    mentions(text, &Words::default())
}

#[test]
fn lines_say_what_is_to_change_where_and_when() {
    let found = read(
        "Please open the port.\n\n- **System:** api, `worker`\n*Environment*: production\nAsset: container:web-1/shop\n\
         FACTS: ports; replicas\r\nWindow: 2026-01-31T20:00+01:00/2026-01-31T22:00Z\nProvision: yes\nEmergency: No.\nRelease: shop@v12\nOperation: aptible:77\n",
    );
    assert_eq!(found.names, ["api", "worker"]);
    assert_eq!(found.environments, ["production"]);
    assert_eq!(
        found.assets,
        [AssetId::new("container:web-1/shop").unwrap()]
    );
    assert_eq!(found.facts, ["ports", "replicas"]);
    let window = found.window.unwrap();
    assert_eq!(window.0.to_string(), "2026-01-31T19:00:00Z");
    assert_eq!(window.1.to_string(), "2026-01-31T22:00:00Z");
    assert!(found.provisions && !found.emergency && !found.cut);
    assert_eq!(
        (found.releases, found.operations),
        (vec!["shop@v12".into()], vec!["aptible:77".into()])
    );
    assert!(found.oddities.is_empty(), "{:?}", found.oddities);
}

#[test]
fn keys_are_found_anywhere() {
    let commit = "ABCDEF0123456789abcdef0123456789abcdef01";
    let hash = "0".repeat(64);
    let found = read(&format!(
        "feature/OPS-17-open-the-port (see OPS-18, acme/infra#42; and group/sub/project!7). Commit {commit} as registry.example/api@sha256:{hash}, \
         also sha256:{hash}; https://tracker.example/browse/SEC_2-9?focus=1"
    ));
    assert_eq!(
        found.requests,
        [
            "OPS-17",
            "OPS-18",
            "acme/infra#42",
            "group/sub/project!7",
            "SEC_2-9"
        ]
    );
    assert_eq!(found.commits, [commit.to_lowercase()]);
    assert_eq!(
        found.images,
        [
            format!("registry.example/api@sha256:{hash}"),
            format!("sha256:{hash}")
        ]
    );
}

#[test]
fn what_is_none_is_not_taken_for_one() {
    let found = read(
        "utf-8 sha-1 A-1 OPS-0 OPS-017 x-OPS ops-17 deadbeef 12345 #4 a#4 systems fail: never sha256:abc COVID",
    );
    assert_eq!(found, Mentions::default());
}

#[test]
fn what_cannot_be_understood_is_said_and_leaves_doubt() {
    for (text, word) in [
        ("Window: tomorrow night", "window"),
        ("Window: 2026-01-31T20:00/2026-01-31T22:00", "zone"),
        ("Window: 2026-01-31T22:00Z/2026-01-31T20:00Z", "end after"),
        (
            "Window: 2026-01-31T20:00Z/2026-01-31T22:00Z\nWindow: 2026-02-01T20:00Z/2026-02-01T22:00Z",
            "two windows",
        ),
        ("Emergency: perhaps", "emergency"),
        ("Asset: the big one", "no id"),
    ] {
        let mut request = ChangeRequest::new("OPS-1", "x", Timestamp::UNIX_EPOCH);
        let oddities = read(text).add_to(&mut request);
        assert!(
            oddities.len() == 1 && oddities[0].contains(word),
            "{text}: {oddities:?}"
        );
        assert_eq!(request.whole_history, Some(false), "{text}");
    }
}

#[test]
fn a_request_is_not_linked_with_itself_and_nothing_is_doubled() {
    let mut request = ChangeRequest::new("OPS-1", "x", Timestamp::UNIX_EPOCH);
    request.names.push("api".into());
    let oddities = read("OPS-1 OPS-2 OPS-2\nSystem: api").add_to(&mut request);
    assert!(oddities.is_empty());
    assert_eq!(request.links.requests, ["OPS-2"]);
    assert_eq!(request.names, ["api"]);
    assert_eq!(request.whole_history, None);
}

#[test]
fn a_long_text_is_cut_and_said_to_be() {
    let mut text = "é".repeat(LONGEST);
    text.push_str("\nEnvironment: staging");
    let found = read(&text);
    assert!(found.cut && found.environments.is_empty() && found.oddities.len() == 1);
    let many: String = (1..=MOST + 1)
        .map(|number| format!("OPS-{number} "))
        .collect();
    let found = read(&many);
    assert!(found.cut && found.requests.len() == MOST);
}

#[test]
fn a_company_has_its_own_words() {
    let document = Document::new(
        "c.toml",
        "system = [\"Betroffenes System\"]\nemergency = []",
    );
    let words = document.read(Words::read).unwrap().unwrap();
    let found = mentions(
        "Betroffenes System: api\nSystem: other\nEmergency: yes",
        &words,
    );
    assert_eq!(found.names, ["api"]);
    assert!(!found.emergency);
    for wrong in ["system = 5", "system = [\"a:b\"]", "colour = []"] {
        assert!(
            Document::new("c.toml", wrong).read(Words::read).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn a_commit_that_is_taken_back_and_one_that_code_names_are_not_its_own() {
    let hash = "0123456789012345678901234567890123456789";
    let of = |text: &str| mentions(text, &Words::default()).commits.len();
    assert_eq!(of(&format!("This reverts commit {hash}.")), 0);
    assert_eq!(of(&format!("Revert {hash}")), 0);
    assert_eq!(of(&format!("After the revert was done, deploy {hash}")), 1);
    let mut request = ChangeRequest::new("a/b#1", "x", jiff::Timestamp::UNIX_EPOCH);
    request.kind = plimsoll_model::request_kind::PULL_REQUEST.into();
    mentions(hash, &Words::default()).add_to(&mut request);
    assert!(request.links.commits.is_empty());
    request.kind = plimsoll_model::request_kind::TICKET.into();
    mentions(hash, &Words::default()).add_to(&mut request);
    assert_eq!(request.links.commits, [hash]);
}
