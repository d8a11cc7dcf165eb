//! What a fuzzer calls: every answer of the platform.

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = items::<Listed>(bytes, None);
    let _ = items::<Review>(bytes, None);
    let _ = items::<Event>(bytes, None);
    let _ = items::<Commit>(bytes, None);
    let _ = items::<Activity>(bytes, None);
    let _ = items::<Issue>(bytes, None);
    let _ = items::<Suite>(bytes, None);
    let _ = items::<Rule>(bytes, None);
    let _ = items::<User>(bytes, None);
    let _ = items::<CheckRun>(bytes, Some("check_runs"));
    let _ = items::<Status>(bytes, Some("statuses"));
    let _ = plimsoll_kit::json::read::<Nodes>(bytes);
    let _ = plimsoll_kit::json::read::<Pull>(bytes);
    let _ = plimsoll_kit::json::read::<Branch>(bytes);
    let _ = plimsoll_kit::json::read::<Repository>(bytes);
    let _ = plimsoll_kit::json::read::<Ruleset>(bytes);
    let _ = plimsoll_kit::json::read::<Protection>(bytes);
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("github", super::read);
    }
}
