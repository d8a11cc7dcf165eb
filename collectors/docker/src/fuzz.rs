//! What a fuzzer calls: every answer of the engine.

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = one::<Inspect>(bytes);
    let _ = one::<Info>(bytes);
    let _ = one::<Version>(bytes);
    let _ = one::<ImageInspect>(bytes);
    let _ = one::<Volumes<'_>>(bytes);
    let _ = list::<Listed>(bytes);
    let _ = list::<ImageListed>(bytes);
    let _ = list::<Network>(bytes);
    let _ = list::<Volume>(bytes);
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("docker", super::read);
    }
}
