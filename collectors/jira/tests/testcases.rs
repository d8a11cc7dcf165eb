//! Every folder of `testcases/`.

use std::os::unix::fs::PermissionsExt;

use plimsoll_jira::REGISTRATION;
use plimsoll_kit::testkit::{build, run_cases_with};

#[test]
fn testcases() {
    run_cases_with(
        env!("CARGO_MANIFEST_DIR"),
        &REGISTRATION,
        |settings, case| {
            // A file keeps no mode in version control.
            let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
            let token = folder.path().join("token");
            std::fs::write(&token, "PLIMSOLL-MARKER-token\n").map_err(|error| error.to_string())?;
            let mode = PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&token, mode).map_err(|error| error.to_string())?;
            let settings = settings.replace("{{token}}", &token.display().to_string());
            // The folder has to stay as long as the run.
            std::mem::forget(folder);
            build(&REGISTRATION, &settings).map_err(|all| format!("{}: {all}", case.display()))
        },
    );
}
