//! The report as one self-contained HTML file: no script, no request to anywhere.

mod accesses;
mod changes;
mod drifts;
mod view;

use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};

use super::value::Report;
use view::Page;

const TEMPLATES: [(&str, &str); 10] = [
    (
        "report.html",
        include_str!("../../../reports/templates/report.html"),
    ),
    (
        "report.css",
        include_str!("../../../reports/templates/report.css"),
    ),
    (
        "parts.html",
        include_str!("../../../reports/templates/parts.html"),
    ),
    (
        "controls.html",
        include_str!("../../../reports/templates/controls.html"),
    ),
    (
        "drifts.html",
        include_str!("../../../reports/templates/drifts.html"),
    ),
    (
        "changes.html",
        include_str!("../../../reports/templates/changes.html"),
    ),
    (
        "accesses.html",
        include_str!("../../../reports/templates/accesses.html"),
    ),
    (
        "map.html",
        include_str!("../../../reports/templates/map.html"),
    ),
    (
        "coverage.html",
        include_str!("../../../reports/templates/coverage.html"),
    ),
    (
        "systems.html",
        include_str!("../../../reports/templates/systems.html"),
    ),
];

/// Writes the report as one HTML file that prints well. Very long lists are cut, with a word on how many more there
/// are: the JSON has them all.
///
/// # Errors
/// What `out` gives.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.map_err(io::Error::other)?);
    environment.set_auto_escape_callback(|name| match name {
        "report.css" => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    for (name, source) in TEMPLATES {
        environment
            .add_template(name, source)
            .map_err(io::Error::other)?;
    }
    let page = environment
        .get_template("report.html")
        .and_then(|template| template.render(Serde(Page::new(report))))
        .map_err(io::Error::other)?;
    out.write_all(page.as_bytes())?;
    out.write_all(b"\n")
}
