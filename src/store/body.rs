//! An asset's body in the database: JSON, compressed with a dictionary of other bodies.

use plimsoll_model::{Asset, Facts};
use rusqlite::{OptionalExtension as _, Transaction};

/// The fastest level: the dictionary does most of the work.
const LEVEL: i32 = 1;
/// A dictionary of raw bodies of this size catches what assets of one kind share.
const DICTIONARY_BYTES: usize = 16 << 10;
/// No body is larger; what claims to be is not ours.
const MAX_BODY: usize = 64 << 20;

/// Compresses bodies.
pub(super) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
    json: Vec<u8>,
}

impl Packer {
    pub(super) fn new(dictionary: &[u8]) -> std::io::Result<Self> {
        let mut compressor = zstd::bulk::Compressor::with_dictionary(LEVEL, dictionary)?;
        // One flipped bit shows, and is not taken for another value.
        compressor.include_checksum(true)?;
        Ok(Self {
            compressor,
            json: Vec::new(),
        })
    }

    pub(super) fn pack(&mut self, asset: &Asset) -> std::io::Result<Vec<u8>> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, asset)?;
        self.compressor.compress(&self.json)
    }
}

/// Restores bodies.
pub(super) struct Unpacker {
    decompressors: Vec<(i64, zstd::bulk::Decompressor<'static>)>,
    /// Used again and again: a body is short, and there are many.
    json: Vec<u8>,
}

impl Unpacker {
    pub(super) fn new() -> Self {
        Self {
            decompressors: Vec::new(),
            json: Vec::new(),
        }
    }

    /// Restores a body that was packed with the dictionary of the given number, which `load` fetches.
    pub(super) fn unpack<T: serde::de::DeserializeOwned>(
        &mut self,
        dictionary: i64,
        packed: &[u8],
        load: impl FnOnce() -> rusqlite::Result<Vec<u8>>,
    ) -> rusqlite::Result<Result<T, String>> {
        let at = match self
            .decompressors
            .iter()
            .position(|(id, _)| *id == dictionary)
        {
            Some(at) => at,
            None => {
                let made = zstd::bulk::Decompressor::with_dictionary(&load()?);
                match made {
                    Ok(made) => self.decompressors.push((dictionary, made)),
                    Err(error) => return Ok(Err(error.to_string())),
                }
                self.decompressors.len() - 1
            }
        };
        self.json.clear();
        self.json.reserve(size(packed));
        let decompressor = &mut self.decompressors[at].1;
        if let Err(error) = decompressor.decompress_to_buffer(packed, &mut self.json) {
            return Ok(Err(error.to_string()));
        }
        Ok(plimsoll_kit::json::read(&self.json).map_err(|error| error.to_string()))
    }
}

/// How large what is packed says that it is; what says nothing, or too much, gets the most there is.
fn size(packed: &[u8]) -> usize {
    let said = zstd::zstd_safe::get_frame_content_size(packed)
        .ok()
        .flatten();
    said.and_then(|size| usize::try_from(size).ok())
        .map_or(MAX_BODY, |size| size.min(MAX_BODY))
}

/// Measurements by the numbers of their assets, as they are stored.
pub(super) fn pack_readings(readings: &[(i64, &Facts)]) -> std::io::Result<Vec<u8>> {
    let json = serde_json::to_vec(readings)?;
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    compressor.compress(&json)
}

/// What [`pack_readings`] made.
pub(super) fn unpack_readings(
    packed: &[u8],
) -> rusqlite::Result<Result<Vec<(i64, Facts)>, String>> {
    let json = zstd::bulk::decompress(packed, size(packed)).map_err(|error| error.to_string());
    Ok(json.and_then(|json| plimsoll_kit::json::read(&json).map_err(|error| error.to_string())))
}

/// The newest dictionary, or one made from the given assets and stored.
pub(super) fn dictionary(
    transaction: &Transaction<'_>,
    assets: &[&Asset],
) -> rusqlite::Result<(i64, Vec<u8>)> {
    let newest = transaction
        .query_row(
            "SELECT id, bytes FROM dictionary ORDER BY id DESC LIMIT 1",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)),
        )
        .optional()?;
    // A dictionary from a handful of assets is poor: the first larger batch makes a better one.
    match newest {
        Some((id, bytes)) if bytes.len() >= DICTIONARY_BYTES || assets.len() < 200 => {
            Ok((id, bytes))
        }
        _ => {
            let bytes = sample(assets);
            transaction.execute("INSERT INTO dictionary (bytes) VALUES (?1)", [&bytes])?;
            Ok((transaction.last_insert_rowid(), bytes))
        }
    }
}

/// Bodies from all over the batch, one after another.
fn sample(assets: &[&Asset]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(DICTIONARY_BYTES);
    let step = (assets.len() / 24).max(1);
    for asset in assets.iter().step_by(step) {
        let Ok(json) = serde_json::to_vec(asset) else {
            continue;
        };
        bytes.extend(json.iter().take(DICTIONARY_BYTES - bytes.len()));
        if bytes.len() >= DICTIONARY_BYTES {
            break;
        }
    }
    bytes
}
