//! Every folder of `testcases/`.

use std::os::unix::fs::PermissionsExt;

use plimsoll_aptible::REGISTRATION;
use plimsoll_kit::testkit::{build, run_cases_with};

#[test]
fn testcases() {
    // A token's file must be its owner's alone, which a checkout does not keep.
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "token-of-the-test-cases").unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    let token = format!("token_file = {token:?}\n");
    run_cases_with(env!("CARGO_MANIFEST_DIR"), &REGISTRATION, |settings, _| {
        let settings = format!("{token}{settings}");
        build(&REGISTRATION, &settings).map_err(|mistakes| mistakes.to_string())
    });
}

#[test]
fn what_the_readme_says_of_doubts_is_tested() {
    plimsoll_kit::testkit::check_doubts(env!("CARGO_MANIFEST_DIR"));
}
