//! What a fuzzer calls: every answer of the tracker.

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = rows::<Issue>(bytes);
    let _ = rows::<Event>(bytes);
    let _ = rows::<Quiet>(bytes);
    let _ = rows::<User>(bytes);
    let _ = rows::<Vcs>(bytes);
    let _ = rows::<ProjectField>(bytes);
    let _ = one::<Issue>(bytes);
    let _ = one::<User>(bytes);
    let _ = one::<Project>(bytes);
    if let Ok(value) = one::<serde_json::Value>(bytes) {
        let _ = parts(&value);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("youtrack", super::read);
    }
}
