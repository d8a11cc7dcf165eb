//! How the branches are protected whose code is deployed.

use super::*;

fn outcomes(facts: &str) -> [String; 4] {
    let all = snapshot(
        vec![asset("branch:github/acme/infra/main", &[], facts)],
        &[],
    );
    [
        "protected",
        "force-push-refused",
        "review-required",
        "tests-required",
    ]
    .map(|expectation| outcome(&SHIPPED, &all, "branch:github/acme/infra/main", expectation))
}

#[test]
fn a_branch_that_deploys_is_protected() {
    let good = r#"{"branch.protected":true,"branch.force-push-refused":true,"branch.approvals-required":1,"branch.checks-required":["ci"]}"#;
    assert_eq!(outcomes(good), ["pass (reported)"; 4]);
    let bare = r#"{"branch.protected":false,"branch.force-push-refused":false,"branch.approvals-required":0,"branch.checks-required":[]}"#;
    for outcome in outcomes(bare) {
        assert!(outcome.starts_with("fail"), "{outcome}");
    }
    // What may not be looked at is not known, and who has no list of tests is not asked for one.
    let hidden = r#"{"branch.protected":"?refused (403)","branch.force-push-refused":"?refused (403)","branch.approvals-required":"?refused (403)"}"#;
    let [protected, rewritten, reviewed, tested] = outcomes(hidden);
    for outcome in [protected, rewritten, reviewed] {
        assert!(outcome.starts_with("unknown"), "{outcome}");
    }
    assert_eq!(tested, "n/a");
}
