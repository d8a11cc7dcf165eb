//! Documents to baselines and back.

use super::*;

fn with(documents: &[(&str, &str)]) -> Result<Baselines, String> {
    let mut all = Baselines::shipped();
    let own = documents
        .iter()
        .map(|(name, text)| Document::new(*name, *text));
    all.extend(own);
    Baselines::load(&all).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn the_shipped_baselines_load() {
    let names: Vec<&str> = SHIPPED
        .roles()
        .iter()
        .map(|role| role.name.as_str())
        .collect();
    let want = [
        "aptible-app",
        "aptible-database",
        "base",
        "cache",
        "database",
        "deploying-branch",
        "edge-proxy",
        "fly-app",
        "host",
        "ingress",
        "kubernetes-node",
        "kubernetes-workload",
        "protected-data",
        "web-service",
        "worker",
    ];
    assert_eq!(names, want);
    let controls = SHIPPED.controls();
    for group in [ControlGroup::Change, ControlGroup::State] {
        assert!(controls.iter().any(|control| control.group == group));
    }
    assert!(
        controls
            .iter()
            .all(|control| !control.references.is_empty())
    );
}

#[test]
fn all_mistakes_come_at_once() {
    let own = "titel = 'x'\nextends = 'base'\n[[match]]\nkinds = ['container']\nnames = ['[']\n\
        [[expect]]\ncontrol = 'ports-alowed'\nallowed = [80]\n\
        [[expect]]\ncontrol = 'ports-allowed'\nallowed = [99999]\nseverity = 'hi'\n\
        [[expect]]\nid = 'r'\ntype = 'cel'\ncontrol = 'logs-shipped'\nrule = 'asset.facts.x =='\n\
        [[expect]]\nid = 's'\ntype = 'cel'\ncontrol = 'logs-shipped'\nrule = 'asset.fact.x && foo(role)'\n\
        [[expect]]\nid = 's'\ncontrol = 'branch-protected'\n";
    let mistakes = load(own).unwrap_err();
    for part in [
        "own.toml:1:1: unknown key `titel`",
        "own.toml:5:9: `names`: \"[\" is no pattern",
        "own.toml:7:11: there is no control \"ports-alowed\" (did you mean \"ports-allowed\"?)",
        "own.toml:11:11: `allowed` holds what is no port",
        "own.toml:12:12: `severity`: \"hi\" is none of",
        "own.toml:17:8: `rule` is no CEL",
        "own.toml:22:8: `rule`: `asset` has no `fact` (did you mean `facts`?)",
        "`rule`: there is no function `foo`",
        "`rule`: there is no variable `role` (write `asset.role`)",
        "two expectations are called \"s\"",
        "none is called \"branch-protected\" like the control",
    ] {
        assert!(mistakes.contains(part), "{part} is not in\n{mistakes}");
    }
}

#[test]
fn baselines_extend_and_override() {
    let shop = "extends = 'web-service'\n\
        [[expect]]\ncontrol = 'image-current'\noff = true\nreason = 'built by others'\n\
        [[expect]]\ncontrol = 'ports-allowed'\nallowed = [8443]\n";
    let web =
        "extends = 'web-service'\n[[expect]]\ncontrol = 'least-privilege'\nseverity = 'low'\n";
    let both = with(&[("/etc/b/shop.toml", shop), ("/etc/b/web-service.toml", web)]).unwrap();
    let role = both.role("shop").unwrap();
    assert_eq!(role.extends, ["web-service", "web-service", "base"]);
    assert_eq!(role.side, Some(Side::Frontend));
    let of = |id: &str| role.expectations.iter().find(|one| one.id == id).unwrap();
    assert_eq!(of("image-current").off.as_deref(), Some("built by others"));
    assert_eq!(of("ports-allowed").expected, "no public port but 8443/tcp");
    assert_eq!(of("least-privilege").severity, Severity::Low);
    let labels = [("plimsoll.role", "shop")];
    let one = snapshot(vec![asset("container:a", &labels, "")], &[]);
    assert_eq!(
        outcome(&both, &one, "container:a", "image-current"),
        "off: built by others"
    );
    let judgement = judge(&one, &both, &[], &[], now());
    let image = &judgement.tally["image-current"];
    assert_eq!((image.fail, image.unknown, image.pass), (0, 0, 0));
    assert!(judgement.tally.contains_key("branch-protected"));
}

#[test]
fn what_cannot_be_extended_is_a_mistake() {
    let off = "extends = 'base'\n[[expect]]\nid = 'image-curent'\noff = true\nreason = 'x'\n";
    let circle = with(&[("a.toml", "extends = 'b'"), ("b.toml", "extends = 'a'")]).unwrap_err();
    assert!(
        circle.contains("a.toml:1:11: b, a extend one another in a circle"),
        "{circle}"
    );
    for (name, text, want) in [
        (
            "a.toml",
            "extends = 'web-servise'",
            "did you mean \"web-service\"?",
        ),
        ("a.toml", "extends = 'a'", "extends itself"),
        ("a.toml", off, "did you mean \"image-current\"?"),
        ("A b.toml", "", "the role's name"),
    ] {
        let mistakes = with(&[(name, text)]).unwrap_err();
        assert!(mistakes.contains(want), "{mistakes}");
    }
}

#[test]
fn a_recorded_baseline_loads_and_allows_what_is_live() {
    let facts = r#"{"image":"shop/api","image.digests":["shop/api@sha256:abababababababababababababababababababababababababababababababab"],"privileged":true,"namespaces.host":[],
        "capabilities.added":["SYS_NICE"],"ports":{"p":{"port":8443,"protocol":"tcp","reach":"public"}}}"#;
    let id = "container:a\"b";
    let one = snapshot(vec![asset(id, &[("plimsoll.role", "worker")], facts)], &[]);
    assert_eq!(SHIPPED.record(&one, "cache", &[]), None);
    let text = SHIPPED.record(&one, "worker", &[]).unwrap();
    let recorded = with(&[("worker.toml", &text)]).unwrap_or_else(|why| panic!("{why}\n{text}"));
    assert!(outcome(&SHIPPED, &one, id, "ports-allowed").starts_with("fail"));
    assert_eq!(
        outcome(&recorded, &one, id, "ports-allowed"),
        "pass (reported)"
    );
    assert_eq!(
        outcome(&recorded, &one, id, "image-pinned"),
        "pass (reported)"
    );
    assert_eq!(
        outcome(&recorded, &one, id, "least-privilege"),
        "fail: privileged"
    );
    assert!(
        text.contains("# Not proposed, though live: privileged"),
        "{text}"
    );
}
