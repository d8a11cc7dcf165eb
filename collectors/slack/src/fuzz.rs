//! What a fuzzer calls: every answer of the platform.

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = messages(bytes);
    let _ = one::<Head>(bytes);
    let _ = one::<Auth>(bytes);
    let _ = one::<Reacted>(bytes);
    let _ = one::<Account>(bytes);
    if let Ok(next) = one::<Next>(bytes) {
        let _ = (next.cursor().len(), next.ends());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("slack", super::read);
    }
}
