//! Draws the message of `docs/pictures/notice.json`, which a test holds to what is really sent, about as Slack shows it.
//!
//! `cargo run --example notice_picture > docs/pictures/notice.png`

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;

use resvg::{tiny_skia, usvg};
use serde_json::Value;

const MESSAGE: &str = include_str!("../docs/pictures/notice.json");
const REGULAR: &[u8] = include_bytes!("../src/export/font/DejaVuSans.ttf.zst");
const BOLD: &[u8] = include_bytes!("../src/export/font/DejaVuSans-Bold.ttf.zst");
const WIDTH: usize = 760;
/// Letters of a line.
const LINE: usize = 84;

fn main() -> Result<(), Box<dyn Error>> {
    let blocks: Vec<Value> = serde_json::from_str(MESSAGE)?;
    let svg = draw(&blocks);
    let mut fonts = usvg::fontdb::Database::new();
    for packed in [REGULAR, BOLD] {
        fonts.load_font_data(zstd::bulk::decompress(packed, 1 << 20)?);
    }
    let options = usvg::Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(&svg, &options)?;
    let (width, height) = (tree.size().width() * 2.0, tree.size().height() * 2.0);
    let mut dots = tiny_skia::Pixmap::new(width as u32, height as u32).ok_or("no memory")?;
    let twice = tiny_skia::Transform::from_scale(2.0, 2.0);
    resvg::render(&tree, twice, &mut dots.as_mut());
    std::io::stdout().write_all(&dots.encode_png()?)?;
    Ok(())
}

/// What is drawn so far, and how far down.
struct Page {
    made: String,
    y: usize,
}

impl Page {
    fn line(&mut self, x: usize, text: &str, style: &str) {
        let text = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        self.made += &format!("<text x=\"{x}\" y=\"{}\" {style}>{text}</text>", self.y);
    }

    /// A text with its mark-up: bold headings, a circle for how things stand, links by their names.
    fn text(&mut self, x: usize, text: &str, small: bool) {
        for line in text.lines() {
            let size = if small { 11 } else { 14 };
            let grey = if small { "#616061" } else { "#1d1c1d" };
            if let Some(rest) = line.strip_prefix(":red_circle: ") {
                self.made += &format!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"6\" fill=\"#e01e5a\"/>",
                    x + 7,
                    self.y - 5
                );
                self.line(
                    x + 20,
                    rest,
                    &format!("font-size=\"{size}\" fill=\"{grey}\""),
                );
            } else if let Some(bold) = line
                .strip_prefix('*')
                .and_then(|rest| rest.strip_suffix('*'))
            {
                self.line(
                    x,
                    bold,
                    &format!("font-size=\"{size}\" font-weight=\"bold\" fill=\"{grey}\""),
                );
            } else if let Some((_, name)) =
                line.strip_prefix('<').and_then(|link| link.split_once('|'))
            {
                let name = name.trim_end_matches('>');
                self.line(x, name, &format!("font-size=\"{size}\" fill=\"#1264a3\""));
            } else {
                for part in wrapped(&unescaped(line)) {
                    self.line(x, &part, &format!("font-size=\"{size}\" fill=\"{grey}\""));
                    self.y += 20;
                }
                continue;
            }
            self.y += 20;
        }
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn wrapped(line: &str) -> Vec<String> {
    let mut made = vec![String::new()];
    for word in line.split(' ') {
        let last = made.last().map_or(0, |last| last.chars().count());
        if last + word.chars().count() + 1 > LINE {
            made.push(String::new());
        }
        if let Some(last) = made.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    made
}

fn draw(blocks: &[Value]) -> String {
    let text = |value: &Value| value["text"].as_str().unwrap_or_default().to_owned();
    let mut page = Page {
        made: String::new(),
        y: 34,
    };
    page.made += "<rect x=\"20\" y=\"16\" width=\"38\" height=\"38\" rx=\"6\" fill=\"#1f3a5f\"/>\
        <circle cx=\"39\" cy=\"35\" r=\"10\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2.5\"/>\
        <path d=\"M25 35h28\" stroke=\"#fff\" stroke-width=\"2.5\"/>";
    let x = 74;
    page.line(
        x,
        "Plimsoll",
        "font-size=\"14\" font-weight=\"bold\" fill=\"#1d1c1d\"",
    );
    page.made += &format!(
        "<rect x=\"{}\" y=\"{}\" width=\"34\" height=\"15\" rx=\"3\" fill=\"#e8e8e8\"/>",
        x + 74,
        page.y - 12
    );
    page.line(x + 80, "APP", "font-size=\"9\" fill=\"#616061\"");
    page.y += 30;
    for block in blocks {
        if block["type"] == "header" {
            page.line(
                x,
                &text(&block["text"]),
                "font-size=\"17\" font-weight=\"bold\" fill=\"#1d1c1d\"",
            );
            page.y += 28;
        } else if let Some(fields) = block["fields"].as_array() {
            for pair in fields.chunks(2) {
                let top = page.y;
                for (at, field) in pair.iter().enumerate() {
                    page.y = top;
                    page.text(x + at * 330, &text(field), false);
                }
                page.y += 6;
            }
        } else if let Some(elements) = block["elements"].as_array() {
            for element in elements {
                page.text(x, &text(element), true);
            }
        } else {
            page.text(x, &text(&block["text"]), false);
            page.y += 8;
        }
    }
    let height = page.y;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"DejaVu Sans\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>{}</svg>",
        page.made
    )
}
