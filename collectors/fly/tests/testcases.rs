//! Every folder of `testcases/`.

use plimsoll_kit::testkit::{build, run_cases_with};

#[test]
fn testcases() {
    // A file in the repository is open to everyone, and a token's must not be.
    let folder = tempfile::tempdir().expect("a folder");
    let token = plimsoll_fly::testkit::token_settings(folder.path());
    run_cases_with(
        env!("CARGO_MANIFEST_DIR"),
        &plimsoll_fly::REGISTRATION,
        |settings, _| {
            let settings = format!("{token}{settings}");
            build(&plimsoll_fly::REGISTRATION, &settings).map_err(|mistakes| mistakes.to_string())
        },
    );
}

#[test]
fn what_the_readme_says_of_doubts_is_tested() {
    plimsoll_kit::testkit::check_doubts(env!("CARGO_MANIFEST_DIR"));
}
