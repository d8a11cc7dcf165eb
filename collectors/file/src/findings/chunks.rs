//! Cuts a stream into chunks of whole lines.

use std::io::{self, Read};

/// How much is read at a time: small enough for a processor's cache, large enough that handing over costs nothing.
const CHUNK: usize = 512 << 10;

/// A stream being cut into chunks of whole lines.
pub(crate) struct Chunks<R> {
    source: R,
    /// What was read after the last chunk's last line end.
    carry: Vec<u8>,
    next: usize,
    line_cap: usize,
    left: u64,
    ended: bool,
    cut: Option<Cut>,
}

/// Why a stream was left before its end.
#[derive(Debug)]
pub(crate) enum Cut {
    /// It has more bytes than it may.
    TooMuch,
    /// Reading failed.
    Failed(io::Error),
}

/// What a buffer holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// Whole lines; the last one of the stream perhaps without its end.
    Lines(usize),
    /// Nothing: in this place stood a line that is too long.
    TooLong(usize),
}

impl<R: Read> Chunks<R> {
    /// A stream of at most `max_bytes` in lines of at most `line_cap` bytes.
    pub(crate) fn new(source: R, line_cap: usize, max_bytes: u64) -> Self {
        Self {
            source,
            carry: Vec::new(),
            next: 0,
            line_cap,
            left: max_bytes,
            ended: false,
            cut: None,
        }
    }

    /// Reads the next chunk into `buffer`; none at the end. Chunks count from 0.
    pub(crate) fn next(&mut self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        buffer.clear();
        // A buffer that had to hold one long line would keep its size for good.
        buffer.shrink_to(2 * CHUNK);
        buffer.append(&mut self.carry);
        let mut searched = 0;
        loop {
            let line_end = memchr::memrchr(b'\n', &buffer[searched..]).map(|at| searched + at + 1);
            if let Some(end) = line_end
                && (self.ended || buffer.len() >= CHUNK)
            {
                self.carry.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                break;
            }
            if line_end.is_none() && buffer.len() > self.line_cap {
                self.skip_line(buffer);
                return Some(Chunk::TooLong(self.count()));
            }
            if self.ended {
                // What was cut off in the middle of a line is no line.
                if buffer.is_empty() || self.cut.is_some() {
                    return None;
                }
                break;
            }
            searched = if line_end.is_some() {
                searched
            } else {
                buffer.len()
            };
            self.fill(buffer, CHUNK);
        }
        Some(Chunk::Lines(self.count()))
    }

    /// Takes the first line out of the first chunk, without its end; what follows stays for the next chunk.
    /// None where there is no line or it is too long.
    pub(crate) fn first_line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let chunk = self.next(&mut line);
        self.next = 0;
        if !matches!(chunk, Some(Chunk::Lines(_))) {
            return None;
        }
        if let Some(end) = memchr::memchr(b'\n', &line) {
            let mut rest = line.split_off(end + 1);
            rest.append(&mut self.carry);
            self.carry = rest;
            line.truncate(end);
        }
        Some(line)
    }

    /// Why the stream was left before its end, if it was.
    pub(crate) fn cut(&self) -> Option<&Cut> {
        self.cut.as_ref()
    }

    fn count(&mut self) -> usize {
        let at = self.next;
        self.next += 1;
        at
    }

    /// Drops the rest of the line that `buffer` has the start of.
    fn skip_line(&mut self, buffer: &mut Vec<u8>) {
        loop {
            buffer.clear();
            self.fill(buffer, CHUNK);
            if let Some(end) = memchr::memchr(b'\n', buffer) {
                self.carry.extend_from_slice(&buffer[end + 1..]);
                break;
            }
            if self.ended {
                break;
            }
        }
        buffer.clear();
    }

    /// Appends up to `want` bytes, and notes the end.
    fn fill(&mut self, buffer: &mut Vec<u8>, want: usize) {
        let want = u64::try_from(want).unwrap_or(u64::MAX);
        let most = want.min(self.left);
        match self.source.by_ref().take(most).read_to_end(buffer) {
            Ok(got) => {
                let got = u64::try_from(got).unwrap_or(u64::MAX);
                self.left = self.left.saturating_sub(got);
                self.ended = got < most;
            }
            Err(error) => {
                self.ended = true;
                self.cut = Some(Cut::Failed(error));
            }
        }
        if self.left == 0 && !self.ended {
            self.ended = true;
            // Whether it ends just here shows only by asking for one byte more.
            match self.source.by_ref().take(1).read_to_end(&mut Vec::new()) {
                Ok(0) => {}
                Ok(_) => self.cut = Some(Cut::TooMuch),
                Err(error) => self.cut = Some(Cut::Failed(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], line_cap: usize, max_bytes: u64) -> (Vec<(Chunk, Vec<u8>)>, bool) {
        let mut chunks = Chunks::new(text, line_cap, max_bytes);
        let mut got = Vec::new();
        let mut buffer = Vec::new();
        while let Some(chunk) = chunks.next(&mut buffer) {
            got.push((chunk, buffer.clone()));
        }
        (got, chunks.cut().is_some())
    }

    #[test]
    fn chunks_hold_whole_lines_and_lose_nothing() {
        let text: Vec<u8> = (0..200_000)
            .flat_map(|n| format!("line {n}\n").into_bytes())
            .collect();
        let (chunks, cut) = all(&text, 100, u64::MAX);
        assert!(chunks.len() > 2 && !cut);
        assert!(chunks.iter().all(|(_, lines)| lines.ends_with(b"\n")));
        assert_eq!(
            chunks
                .into_iter()
                .flat_map(|(_, lines)| lines)
                .collect::<Vec<_>>(),
            text
        );
    }

    #[test]
    fn a_long_line_is_skipped_and_its_neighbours_stay() {
        let mut text = b"a\n".to_vec();
        text.extend(vec![b'x'; 3 * CHUNK]);
        text.extend(b"\nb\n");
        let (chunks, _) = all(&text, 1000, u64::MAX);
        let kinds: Vec<_> = chunks
            .iter()
            .map(|(chunk, lines)| (chunk, lines.as_slice()))
            .collect();
        assert_eq!(
            kinds,
            [
                (&Chunk::Lines(0), b"a\n".as_slice()),
                (&Chunk::TooLong(1), b"".as_slice()),
                (&Chunk::Lines(2), b"b\n".as_slice())
            ]
        );
    }

    #[test]
    fn a_cut_stream_says_so_and_gives_no_half_line() {
        let (chunks, cut) = all(b"aaaa\nbbbb\n", 100, 7);
        assert_eq!((chunks.len(), cut), (1, true));
        assert_eq!(chunks[0].1, b"aaaa\n");
        let (chunks, cut) = all(b"aaaa\nbb", 100, 7);
        assert_eq!((chunks.len(), cut), (2, false));
    }

    #[test]
    fn an_endless_line_ends() {
        let mut chunks = Chunks::new(io::repeat(0), 1000, 10 << 20);
        let mut buffer = Vec::new();
        assert_eq!(chunks.next(&mut buffer), Some(Chunk::TooLong(0)));
        assert_eq!(chunks.next(&mut buffer), None);
        assert!(matches!(chunks.cut(), Some(Cut::TooMuch)));
    }

    #[test]
    fn the_first_line_leaves_the_rest() {
        let mut chunks = Chunks::new(b"head\none\ntwo".as_slice(), 100, 100);
        assert_eq!(chunks.first_line().unwrap(), b"head");
        let mut buffer = Vec::new();
        assert_eq!(chunks.next(&mut buffer), Some(Chunk::Lines(0)));
        assert_eq!(buffer, b"one\n");
    }
}
