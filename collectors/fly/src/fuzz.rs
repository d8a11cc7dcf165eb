//! What a fuzzer calls: every answer of the platform.

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = one::<App>(bytes);
    let _ = one::<CertificateClosely>(bytes);
    let _ = one::<Machine>(bytes);
    let _ = one::<Organisation>(bytes);
    let _ = one::<Attribution>(bytes);
    let _ = one::<Token>(bytes);
    let _ = list::<Address>(bytes);
    let _ = list::<Certificate>(bytes);
    let _ = list::<Machine>(bytes);
    let _ = list::<MachineRow>(bytes);
    let _ = list::<Release>(bytes);
    let _ = list::<Secret>(bytes);
    let _ = list::<Snapshot>(bytes);
    let _ = list::<Volume>(bytes);
    let _ = list::<Region>(bytes);
    let _ = list::<Event>(bytes);
    let _ = list_in::<MachineRow>(bytes, "machines");
    let _ = (next_cursor(bytes), total_count(bytes), error_regions(bytes));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("fly", super::read);
    }
}
