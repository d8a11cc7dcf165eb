//! `plimsoll changes evidence`: everything that the verdict on one change rests on, with the hash of every part.

use anyhow::Context as _;
use plimsoll_model::Text;
use serde_json::{Value, json};

use super::args_changes::EvidenceFormat;
use super::door::{Door, Out};
use super::exit::Exit;
use crate::inert::{html, json};
use crate::scan::stored_row;

/// The schema's name and version.
const SCHEMA: &str = "plimsoll/evidence/v1";

pub(super) fn run(
    door: &Door,
    id: i64,
    format: EvidenceFormat,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    let (store, _) = door.inventory(None)?;
    let stored = store.change(id)?;
    let stored = stored
        .with_context(|| format!("no change has the number {id}: `plimsoll changes` lists them"))?;
    let history = store.rulings_of(id)?;
    let row = stored_row(&stored);
    let judged = row.judged.as_ref();
    let taken: Vec<&Text> = judged.map_or(Vec::new(), |judged| judged.requests.iter().collect());
    let requests: Vec<Value> = store
        .requests()?
        .iter()
        .filter(|(_, request)| taken.contains(&&request.id))
        .map(|(source, request)| json!({ "source": source, "request": request }))
        .collect();
    let past: Vec<Value> = history
        .iter()
        .map(|(scan, at, ruling)| json!({ "scan": scan, "at": at, "ruling": ruling }))
        .collect();
    let text = serde_json::to_string(&row.paths)?;
    let mut seen = store.staging_runs()?;
    seen.retain(|(artefact, _)| text.contains(artefact.as_str()));
    seen.sort_by(|a, b| (&a.0, &a.1.asset, a.1.from).cmp(&(&b.0, &b.1.asset, b.1.from)));
    let seen: Vec<Value> = seen
        .iter()
        .map(|(artefact, run)| {
            json!({ "artefact": artefact, "asset": run.asset, "first_seen": run.from, "last_seen": run.until })
        })
        .collect();
    let parts = [
        (
            "change",
            json!({ "id": row.id, "asset": row.asset, "kind": row.kind.as_str(), "observed": row.observed, "scan": stored.scan }),
        ),
        ("before and after", json!(row.paths)),
        ("actor", json!(row.attribution)),
        (
            "verdict",
            json!({ "verdict": row.verdict, "judged": judged, "reasons": row.reasons }),
        ),
        ("requests, approvals, reviews and checks", json!(requests)),
        ("staging", json!(seen)),
        ("history of the verdict", json!(past)),
    ];
    let parts = parts.map(|(name, content)| {
        // Compact, with the keys in one order, as serde_json writes it.
        let bytes = content.to_string();
        let hash = blake3::hash(bytes.as_bytes()).to_hex().to_string();
        (name, hash, content)
    });
    let mut whole = blake3::Hasher::new();
    for (name, hash, _) in &parts {
        whole.update(format!("{name} {hash}\n").as_bytes());
    }
    let whole = whole.finalize().to_hex().to_string();
    out.write(|out| match format {
        EvidenceFormat::Json => {
            let listed: Vec<Value> = parts
                .iter()
                .map(|(name, hash, content)| json!({ "name": name, "blake3": hash, "content": content }))
                .collect();
            let page = json!({ "schema": SCHEMA, "change": id, "blake3": whole, "parts": listed });
            crate::inert::json::write_pretty(out, &page)?;
            writeln!(out)
        }
        EvidenceFormat::Markdown => {
            writeln!(out, "# Evidence of change {id}: {}\n", row.verdict.as_str())?;
            writeln!(out, "BLAKE3 of all parts' names and hashes: `{whole}`")?;
            for (name, hash, content) in &parts {
                let text = json::pretty(content)?;
                // A fence that nothing inside can close.
                let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
                let fence = "`".repeat(longest.max(2) + 1);
                writeln!(out, "\n## {name}\n\nBLAKE3 `{hash}`\n\n{fence}json\n{text}\n{fence}")?;
            }
            Ok(())
        }
        EvidenceFormat::Html => {
            let title = format!("Evidence of change {id}: {}", row.verdict.as_str());
            writeln!(out, "{}<h1>{}</h1>", head(&title), html::line(&title))?;
            writeln!(out, "<p>BLAKE3 of all parts' names and hashes: <code>{whole}</code></p>")?;
            for (name, hash, content) in &parts {
                let text = html::block(&json::pretty(content)?);
                writeln!(out, "<h2>{}</h2>\n<p>BLAKE3 <code>{hash}</code></p>\n<pre>{text}</pre>", html::line(name))?;
            }
            writeln!(out, "</body></html>")
        }
    })?;
    Ok(Exit::Clean)
}

/// The start of a page that needs nothing from elsewhere.
pub(super) fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\n<style>body{{font:16px/1.5 sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}}pre{{background:#f4f4f4;overflow:auto;padding:1rem}}table{{border-collapse:collapse}}td,th{{border:1px solid #bbb;padding:.2rem .5rem;text-align:left;vertical-align:top}}</style></head><body>\n",
        html::line(title)
    )
}
