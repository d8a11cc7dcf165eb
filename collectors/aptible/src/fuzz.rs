//! What a fuzzer calls: every answer of the platform.

use plimsoll_kit::json;

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let _ = page::<Account>(bytes, "items");
    let _ = json::read::<Account>(bytes);
    let _ = page::<Stack>(bytes, "items");
    let _ = json::read::<Stack>(bytes);
    let _ = page::<App>(bytes, "items");
    let _ = json::read::<App>(bytes);
    let _ = page::<Image>(bytes, "items");
    let _ = json::read::<Image>(bytes);
    let _ = page::<Service>(bytes, "items");
    let _ = json::read::<Service>(bytes);
    let _ = page::<SizingPolicy>(bytes, "items");
    let _ = json::read::<SizingPolicy>(bytes);
    let _ = page::<Attachment>(bytes, "items");
    let _ = json::read::<Attachment>(bytes);
    let _ = page::<Backup>(bytes, "items");
    let _ = json::read::<Backup>(bytes);
    let _ = page::<Database>(bytes, "items");
    let _ = json::read::<Database>(bytes);
    let _ = page::<Disk>(bytes, "items");
    let _ = json::read::<Disk>(bytes);
    let _ = page::<PersistentDisk>(bytes, "items");
    let _ = json::read::<PersistentDisk>(bytes);
    let _ = page::<Retention>(bytes, "items");
    let _ = json::read::<Retention>(bytes);
    let _ = page::<Certificate>(bytes, "items");
    let _ = json::read::<Certificate>(bytes);
    let _ = page::<LogDrain>(bytes, "items");
    let _ = json::read::<LogDrain>(bytes);
    let _ = page::<Setting>(bytes, "items");
    let _ = json::read::<Setting>(bytes);
    let _ = page::<Vhost>(bytes, "items");
    let _ = json::read::<Vhost>(bytes);
    let _ = page::<Operation>(bytes, "items");
    let _ = json::read::<Operation>(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = page_number(&text, "/accounts/21/services");
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("aptible", super::read);
    }
}
