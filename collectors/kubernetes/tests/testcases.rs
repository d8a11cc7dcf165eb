//! Recorded answers and what they mean.

#[test]
fn every_case_is_as_expected() {
    plimsoll_kit::testkit::run_cases(
        env!("CARGO_MANIFEST_DIR"),
        &plimsoll_kubernetes::REGISTRATION,
    );
}
