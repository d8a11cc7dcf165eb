//! Every folder of `testcases/` gives the harvest in its `expected.txt`.

use plimsoll_kit::testkit::run_cases;

#[test]
fn testcases() {
    run_cases(env!("CARGO_MANIFEST_DIR"), &plimsoll_exec::REGISTRATION);
}
