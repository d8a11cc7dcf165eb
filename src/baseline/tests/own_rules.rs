//! Rules in CEL.

use super::*;

fn of(rule: &str) -> String {
    seen(None, rule)
}

fn seen(partial: Option<&str>, rule: &str) -> String {
    let head = "[[match]]\nkinds = ['container']\n[[expect]]\nid = 'own'\ncontrol = 'logs-shipped'\ntype = 'cel'\n";
    let own = load(&format!("{head}{rule}")).unwrap();
    let facts = r#"{"!log.driver":"syslog","user.root":false,"hidden":"?denied","list":["a"],
        "ports":{"p":{"port":80}}}"#;
    let mut one = asset("container:a", &[("team", "x")], facts);
    one.partial = partial.map(Text::from);
    let one = snapshot(vec![one], &[]);
    outcome(&own, &one, "container:a", "own")
}

#[test]
fn a_rule_knows_no_more_than_the_facts() {
    for (rule, want) in [
        (
            r#"asset.facts["log.driver"] == "syslog""#,
            "pass (measured)",
        ),
        (
            r#"asset.facts["log.driver"] == "none""#,
            "fail: log.driver: syslog",
        ),
        (
            r#"asset.facts["log.driver"] == "syslog" && !asset.facts["user.root"]"#,
            "pass (reported)",
        ),
        (
            r#"asset.labels.team == "x" && asset.role == "own""#,
            "pass (reported)",
        ),
        (
            "asset.facts.ports.all(p, asset.facts.ports[p].port < 1024)",
            "pass (reported)",
        ),
        (
            r#""a" in asset.facts.list && size(asset.facts.list) == 1"#,
            "pass (reported)",
        ),
        (
            r#"asset.facts["log.driver"].matches("^sys")"#,
            "pass (measured)",
        ),
        (
            "asset.facts.nothing == 1",
            "unknown: no source says `nothing`",
        ),
        (
            "asset.facts.hidden == 1",
            "unknown: `hidden` is unknown: denied",
        ),
        ("!has(asset.facts.nothing)", "pass (reported)"),
        (
            "!has(asset.facts.hidden)",
            "unknown: `hidden` is unknown: denied",
        ),
        (
            r#"!("hidden" in asset.facts)"#,
            "unknown: `hidden` is unknown: denied",
        ),
        (
            r#"asset.environment != "production""#,
            "unknown: it has no environment",
        ),
        (
            "asset.name",
            "unknown: the rule gives a string and no boolean",
        ),
    ] {
        assert_eq!(of(&format!("rule = '{rule}'")), want, "{rule}");
    }
    for rule in [
        "asset.facts.list > 3",
        "asset.facts.all(f, true)",
        "1 / 0 == 1",
    ] {
        let have = of(&format!("rule = '{rule}'"));
        assert!(have.starts_with("unknown: "), "{rule}: {have}");
    }
}

#[test]
fn a_guard_keeps_a_rule_away() {
    let of = |when: &str| of(&format!("rule = 'true'\nwhen = '{when}'"));
    assert_eq!(of(r#"asset.kind == "host""#), "n/a");
    assert_eq!(of(r#"asset.kind == "container""#), "pass (reported)");
    assert_eq!(
        of("asset.facts.hidden"),
        "unknown: `when`: `hidden` is unknown: denied"
    );
}

#[test]
fn a_label_that_may_not_have_been_read_is_not_absent() {
    let missing = "unknown: label `x` was not read: denied";
    for (rule, whole, part) in [
        (r#"!("x" in asset.labels)"#, "pass (reported)", missing),
        ("!has(asset.labels.x)", "pass (reported)", missing),
        (
            r#"asset.labels.x == "y""#,
            "unknown: no source says `x`",
            missing,
        ),
        (
            r#"asset.labels["team"] == "x""#,
            "pass (reported)",
            "pass (reported)",
        ),
    ] {
        let rule_line = format!("rule = '{rule}'");
        assert_eq!(seen(None, &rule_line), whole, "{rule}");
        assert_eq!(seen(Some("denied"), &rule_line), part, "{rule}");
    }
    for rule in ["size(asset.labels) == 1", "asset.labels.all(l, true)"] {
        let rule_line = format!("rule = '{rule}'");
        assert!(seen(None, &rule_line).starts_with("pass"), "{rule}");
        let have = seen(Some("denied"), &rule_line);
        assert!(have.starts_with("unknown: "), "{rule}: {have}");
    }
}
