//! What a fuzzer calls: what is read of texts that anybody may write.

use crate::http::Url;
use crate::mention::{Words, mentions};

/// Reads bytes as a text in which somebody mentions commits, tickets and images.
pub fn mentioned(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = mentions(&text, &Words::default());
    let _ = crate::coauthors(&text);
    let _ = crate::image::without_credentials(&text);
    let _ = crate::class_of(bytes);
}

/// Reads bytes as a `Link` header, and as what stands beside it.
pub fn linked(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = crate::http::next_in(&text);
    let _ = text.parse::<Url>();
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        crate::testkit::replay("mentions", super::mentioned);
        crate::testkit::replay("links", super::linked);
    }
}
