//! What the house states where no source says it.

use super::*;

fn read(text: &str) -> Result<Attest, String> {
    let read = Document::new("config.toml", text).read(|section| Attest::read(section, 1));
    read.map_err(|mistakes| mistakes.to_string())
        .map(|read| read.unwrap())
}

fn stated(asset: &str, fact: &str, value: &str) -> Attest {
    let text = format!(
        "asset = '{asset}'\nfact = '{fact}'\nvalue = {value}\nreference = 'OPS-77'\nuntil = 2027-01-01"
    );
    read(&text).unwrap()
}

/// How the claims of an asset are known after a statement, and what is wrong with that.
fn after(facts: &str, attest_: Attest) -> (Option<Claim>, Vec<Text>) {
    let fact = attest_.what();
    let fact = fact.split(['[', ' ']).next().unwrap().to_owned();
    let estate = snapshot(vec![asset("volume:a", &[], facts)], &[]);
    let (estate, wrong) = attest(estate, &[attest_], now());
    (estate.asset(0).get(&fact).cloned(), wrong)
}

#[test]
fn a_statement_fills_what_no_source_says_and_never_stands_over_one() {
    let yes = || stated("volume:*", "encryption.at-rest", "true");
    for unknown in ["{}", r#"{"encryption.at-rest":"?no right"}"#] {
        let (claim, wrong) = after(unknown, yes());
        let claim = claim.unwrap();
        assert_eq!(claim.value(), Some(&Value::Bool(true)), "{unknown}");
        assert_eq!(claim.how(), plimsoll_model::How::Attested);
        let basis = claim.basis().unwrap();
        assert!(
            basis.contains("OPS-77") && basis.contains("2027-01-01"),
            "{basis}"
        );
        assert!(wrong.is_empty());
    }
    for (known, how) in [
        (
            r#"{"encryption.at-rest":false}"#,
            plimsoll_model::How::Reported,
        ),
        (
            r#"{"!encryption.at-rest":false}"#,
            plimsoll_model::How::Measured,
        ),
    ] {
        let (claim, wrong) = after(known, yes());
        let claim = claim.unwrap();
        assert_eq!(
            (claim.value(), claim.how()),
            (Some(&Value::Bool(false)), how)
        );
        assert_eq!(wrong.len(), 1);
        assert!(
            wrong[0].contains("the sources say otherwise"),
            "{}",
            wrong[0]
        );
    }
    let (claim, wrong) = after(r#"{"!encryption.at-rest":true}"#, yes());
    assert_eq!(claim.unwrap().how(), plimsoll_model::How::Measured);
    assert!(wrong.is_empty(), "who says the same contradicts nobody");
    // What was seen last says otherwise until it is seen again.
    let mut dim = asset("volume:a", &[], "{}");
    let lost = Claim::unknown("lost").remembering(Some(&Value::Bool(false)));
    dim.claim("encryption.at-rest", lost);
    let (estate, wrong) = attest(snapshot(vec![dim], &[]), &[yes()], now());
    assert_eq!(estate.asset(0).value("encryption.at-rest"), None);
    assert_eq!(wrong.len(), 1);
}

#[test]
fn one_field_of_the_entries_whose_name_meets_the_pattern() {
    let ports = r#"{"ports":{"0.0.0.0:443/tcp":{"port":443,"reach":"public"},"0.0.0.0:80/tcp":{"port":80,"reach":"public"}}}"#;
    let (claim, wrong) = after(ports, stated("volume:*", "ports[*:443/tcp].tls", "'1.2'"));
    let claim = claim.unwrap();
    let tls = |port: &str| {
        let ports = claim.value().unwrap().as_table().unwrap();
        ports
            .get(port)
            .unwrap()
            .as_table()
            .unwrap()
            .get("tls")
            .cloned()
    };
    assert_eq!(tls("0.0.0.0:443/tcp"), Some(Value::from("1.2")));
    assert_eq!(tls("0.0.0.0:80/tcp"), None);
    assert_eq!(claim.how(), plimsoll_model::How::Attested);
    assert!(wrong.is_empty());
    let measured = r#"{"ports":{"0.0.0.0:443/tcp":{"port":443,"tls":"1.0"}}}"#;
    let (claim, wrong) = after(measured, stated("volume:*", "ports[*].tls", "'1.2'"));
    assert_eq!(claim.unwrap().how(), plimsoll_model::How::Reported);
    assert_eq!(wrong.len(), 1);
}

#[test]
fn what_fits_nothing_or_has_ended_is_told() {
    let (claim, wrong) = after("{}", stated("volume:b*", "encryption.at-rest", "true"));
    assert_eq!(claim, None);
    assert!(wrong[0].contains("fits no asset"), "{}", wrong[0]);
    let ended = read(
        "asset = 'volume:*'\nfact = 'encryption.at-rest'\nvalue = true\nreference = 'x'\nuntil = 2026-06-01",
    );
    let ended = ended.unwrap();
    assert!(ended.expired(now()));
    let (claim, wrong) = after("{}", ended);
    assert_eq!((claim, wrong.len()), (None, 0));
}

#[test]
fn what_is_written_wrongly_is_a_mistake() {
    let mistakes = read("fact = 'x'").unwrap_err();
    for key in ["asset", "value", "reference", "until"] {
        assert!(
            mistakes.contains(&format!("`{key}` is missing")),
            "{mistakes}"
        );
    }
    let rest = "asset = '*'\nvalue = 1\nreference = 'x'\nuntil = 2027-01-01\n";
    for fact in ["ports[x", "ports[x]", "ports[[].tls"] {
        assert!(read(&format!("{rest}fact = '{fact}'")).is_err(), "{fact}");
    }
    let wrong = [
        stated("*", "encryption.at_rest", "true"),
        stated("*", "encryption.at-rest", "true"),
        stated("*", "platform", "'aws'"),
    ];
    let mistakes = SHIPPED.check_attests(&wrong);
    assert_eq!(mistakes.len(), 1);
    let text = mistakes[0].to_string();
    assert!(text.contains("encryption.at-rest"), "{text}");
}

/// An attested fact is judged, and the finding says how it is known.
#[test]
fn a_statement_is_judged_as_attested() {
    let estate = || snapshot(vec![asset("database:a", &[], "{}")], &[]);
    let at_rest = |estate: &Snapshot| {
        let at = estate.find("database:a").unwrap();
        let (_, all) = SHIPPED.explain(estate, at, &[], now()).unwrap();
        let one = all
            .into_iter()
            .find(|one| one.control == "encrypted-at-rest");
        one.unwrap().result
    };
    assert!(matches!(at_rest(&estate()), Explanation::Unknown(_)));
    let yes = stated("database:*", "encryption.at-rest", "true");
    let (estate, _) = attest(estate(), &[yes], now());
    let Explanation::Pass { how, basis } = at_rest(&estate) else {
        panic!("{:?}", at_rest(&estate));
    };
    assert_eq!(how, plimsoll_model::How::Attested);
    assert!(basis.contains("OPS-77"), "{basis}");
}
