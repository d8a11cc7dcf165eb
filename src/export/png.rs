//! A picture of dots, made of the one that scales. Letters come from the fonts in `font/`, so that every machine draws
//! the same.

use std::sync::Arc;

use resvg::{tiny_skia, usvg};

use super::letters::is_drawable;

/// Regular, with Latin, Greek, Cyrillic, Hebrew and Arabic letters: [`is_drawable`] knows which.
const REGULAR: &[u8] = include_bytes!("font/DejaVuSans.ttf.zst");
/// Bold, with the same.
const BOLD: &[u8] = include_bytes!("font/DejaVuSans-Bold.ttf.zst");
/// Neither is larger unpacked.
const FONT: usize = 512 << 10;

/// Why there is no picture of dots.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The picture could not be read.
    #[error("the picture cannot be drawn: {0}; `--format svg` needs no drawing")]
    Picture(String),
    /// There is no memory for it.
    #[error(
        "the picture is too large to be drawn ({0} × {1}): narrow it with --environment, --role, --around or --limit"
    )]
    Size(u32, u32),
}

/// Twice the size of the picture that scales, for sharp letters.
const SCALE: f32 = 2.0;
/// No side is longer, and no picture has more dots.
const LONGEST: f32 = 16_000.0;
const MOST: f32 = 90_000_000.0;

/// Draws an SVG as a PNG. A very large one comes out smaller.
pub(super) fn rasterise(svg: &str) -> Result<Vec<u8>, PngError> {
    let mut fonts = usvg::fontdb::Database::new();
    for packed in [REGULAR, BOLD] {
        let font = zstd::bulk::decompress(packed, FONT);
        let font = font.map_err(|error| PngError::Picture(format!("its font: {error}")))?;
        fonts.load_font_data(font);
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = usvg::Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..usvg::Options::default()
    };
    // What the fonts lack would vanish: it shows as what cannot be shown.
    let shown: String = svg
        .chars()
        .map(|c| if is_drawable(c) { c } else { '\u{fffd}' })
        .collect();
    let tree = usvg::Tree::from_str(&shown, &options)
        .map_err(|error| PngError::Picture(error.to_string()))?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = SCALE
        .min(LONGEST / width.max(height))
        .min((MOST / (width * height)).sqrt());
    let [w, h] = [width, height].map(|side| ((side * scale).ceil() as u32).max(1));
    let mut dots = tiny_skia::Pixmap::new(w, h).ok_or(PngError::Size(w, h))?;
    resvg::render(
        &tree,
        tiny_skia::Transform::from_scale(scale, scale),
        &mut dots.as_mut(),
    );
    dots.encode_png()
        .map_err(|error| PngError::Picture(error.to_string()))
}
