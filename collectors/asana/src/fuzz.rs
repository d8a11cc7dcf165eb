//! What a fuzzer calls: every answer of the tracker.

use crate::wire::{CustomField, Gid, Named, Story, Task, one, rows};

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = rows::<Task>(bytes);
    let _ = rows::<Story>(bytes);
    let _ = rows::<Named>(bytes);
    let _ = rows::<CustomField>(bytes);
    let _ = rows::<Gid>(bytes);
    let _ = one::<Task>(bytes);
    let _ = one::<Story>(bytes);
    let _ = one::<Named>(bytes);
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("asana", super::read);
    }
}
