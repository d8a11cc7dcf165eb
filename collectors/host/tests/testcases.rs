//! Every folder of `testcases/`: settings and a machine's file tree in, the harvest as text out.

use plimsoll_host::REGISTRATION;
use plimsoll_kit::testkit::run_cases;

#[test]
fn every_case_gives_what_is_expected() {
    run_cases(env!("CARGO_MANIFEST_DIR"), &REGISTRATION);
}
