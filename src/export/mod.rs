//! The inventory as diagrams and tables. Pure: what is drawn is handed in, and what comes out is bytes.
//!
//! A [`Diagram`] is what every diagram format renders; the pictures are laid out by [`layout`](mod@layout). The same
//! snapshot gives the same bytes.

mod build;
mod changed;
mod collapse;
mod d2;
mod diagram;
mod dot;
mod drawio;
mod families;
mod graphml;
mod homes;
mod label;
pub mod layout;
mod letters;
mod mermaid;
mod overlay;
mod png;
mod select;
mod svg;
pub mod table;
#[cfg(test)]
mod tests;
mod title;

pub use build::{Picture, draw};
pub use changed::{Strip, changed};
pub use diagram::{Diagram, Edge, End, Group, Mark, Node, Sensitive, Title};
pub use overlay::{Overlay, overlay};
pub use png::PngError;
pub use select::{Selection, Wanted, select};
pub use title::{Heading, title};

use std::io::{self, Write};

/// How a diagram is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
    /// D2.
    D2,
    /// draw.io, which is diagrams.net.
    Drawio,
    /// GraphML.
    Graphml,
    /// A picture that scales.
    Svg,
    /// A picture of dots.
    Png,
}

/// Writes a diagram.
///
/// # Errors
/// What `out` gives; and where a picture of dots cannot be made.
pub fn write(diagram: &Diagram, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Dot => out.write_all(dot::render(diagram).as_bytes()),
        Format::Mermaid => out.write_all(mermaid::render(diagram).as_bytes()),
        Format::D2 => out.write_all(d2::render(diagram).as_bytes()),
        Format::Drawio => out.write_all(drawio::render(diagram).as_bytes()),
        Format::Graphml => out.write_all(graphml::render(diagram).as_bytes()),
        Format::Svg => out.write_all(svg::render(diagram, svg::Part::Whole).as_bytes()),
        Format::Png => {
            let picture = svg::render(diagram, svg::Part::Whole);
            out.write_all(&png::rasterise(&picture).map_err(io::Error::other)?)
        }
    }
}

/// The diagram as an SVG element for a page: without title block and XML head.
pub fn inline_svg(diagram: &Diagram) -> String {
    svg::render(diagram, svg::Part::Inline)
}

/// A name from outside for a title block: on one line, and not too wide.
pub fn shown(text: &str) -> String {
    label::name(text)
}
