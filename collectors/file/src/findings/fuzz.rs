//! What a fuzzer calls: the reading of findings, on one thread.

use plimsoll_kit::{Harvester, KEY_BYTES, Limits, Redactor};

use super::chunks::{Chunk, Chunks};
use super::part::{Part, Rules};
use super::{MAX_LINE, SCOPE, header};

/// Reads bytes as findings, from their header to the harvest.
pub fn read(bytes: &[u8]) {
    let limits = Limits::default();
    let mut chunks = Chunks::new(bytes, MAX_LINE, 1 << 20);
    let mut rules = Rules {
        scope: SCOPE.into(),
        redactor: Redactor::new([7; KEY_BYTES], "fuzz"),
        line_cap: MAX_LINE,
    };
    match header::read(&mut chunks, "findings") {
        Ok(scope) if !scope.is_empty() => rules.scope = scope,
        Ok(_) => {}
        Err(_) => return,
    }
    let mut harvest = Harvester::new(limits);
    let mut buffer = Vec::new();
    while let Some(chunk) = chunks.next(&mut buffer) {
        let part = match chunk {
            Chunk::Lines(_) => Part::parse(&buffer, &rules),
            Chunk::TooLong(_) => Part::too_long(rules.line_cap),
        };
        for asset in part.assets {
            let scope = asset.scope.clone();
            harvest.asset(&scope, asset);
        }
        for relation in part.relations {
            let scope = relation.scope.clone();
            harvest.relation(&scope, relation);
        }
    }
    let _ = harvest.finish();
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("findings", super::read);
    }
}
