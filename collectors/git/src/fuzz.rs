//! What a fuzzer calls: what `git` writes, and what lies in a repository.

use crate::wire;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = (wire::tags(bytes), wire::hashes(bytes), wire::line(bytes));
    for object in wire::objects(bytes) {
        let _ = format!("{object:?}");
    }
    let _ = wire::commit("0123456789012345678901234567890123456789", bytes);
    let _ = wire::tag(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = wire::gpg_signer(&text);
    let _ = wire::is_shared(&text, "ann@example.com");
    let _ = crate::client::shadow::neutral(bytes);
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("git", super::read);
    }
}
