//! What a fuzzer calls: every answer of the platform.

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = items::<User>(bytes);
    let _ = items::<MergeRequest>(bytes);
    let _ = items::<Note>(bytes);
    let _ = items::<StateEvent>(bytes);
    let _ = items::<LabelEvent>(bytes);
    let _ = items::<Version>(bytes);
    let _ = items::<Commit>(bytes);
    let _ = items::<Closes>(bytes);
    let _ = items::<Reviewer>(bytes);
    let _ = items::<Pipeline>(bytes);
    let _ = items::<ProtectedBranch>(bytes);
    let _ = items::<ApprovalRule>(bytes);
    let _ = items::<Issue>(bytes);
    let _ = count(bytes);
    let _ = plimsoll_kit::json::read::<Project>(bytes);
    let _ = plimsoll_kit::json::read::<MergeRequest>(bytes);
    let _ = plimsoll_kit::json::read::<Approvals>(bytes);
    let _ = plimsoll_kit::json::read::<ApprovalState>(bytes);
    let _ = plimsoll_kit::json::read::<ApprovalSettings>(bytes);
    let _ = plimsoll_kit::json::read::<Issue>(bytes);
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("gitlab", super::read);
    }
}
