//! The metrics, in the text format of Prometheus 0.0.4.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::book::{BUCKETS, Book};
use crate::schedule::Plan;

/// Every metric: its name, its type, and what it is. In the order in which they are written.
pub const METRICS: &[(&str, &str, &str)] = &[
    ("plimsoll_build_info", "gauge", "The version that runs."),
    (
        "plimsoll_scans_total",
        "counter",
        "Scans of a source by what they came to: complete, incomplete, failed, panicked, skipped, stopped or hung.",
    ),
    (
        "plimsoll_scan_duration_seconds",
        "histogram",
        "How long scans took, from start to stored.",
    ),
    (
        "plimsoll_scan_running",
        "gauge",
        "1 while the source is being scanned.",
    ),
    (
        "plimsoll_scan_hangs",
        "gauge",
        "1 while a scan of the source goes on beyond its deadline.",
    ),
    (
        "plimsoll_source_last_complete_age_seconds",
        "gauge",
        "How long ago all scopes of the source were read completely.",
    ),
    (
        "plimsoll_source_last_complete_timestamp_seconds",
        "gauge",
        "When all scopes of the source were last read completely.",
    ),
    (
        "plimsoll_source_stale",
        "gauge",
        "1 while the source has not been read completely for longer than its limit.",
    ),
    (
        "plimsoll_source_next_scan_timestamp_seconds",
        "gauge",
        "When the source is due next.",
    ),
    (
        "plimsoll_scope_last_complete_age_seconds",
        "gauge",
        "How long ago the scope was read completely.",
    ),
    (
        "plimsoll_scopes_not_shown",
        "gauge",
        "Scopes of the source that are too many to be shown one by one.",
    ),
    (
        "plimsoll_requests_total",
        "counter",
        "HTTP requests to the source's API.",
    ),
    (
        "plimsoll_request_retries_total",
        "counter",
        "Those of them that were sent again.",
    ),
    (
        "plimsoll_request_wait_seconds_total",
        "counter",
        "How long requests waited because of rate limits.",
    ),
    (
        "plimsoll_drifts",
        "gauge",
        "Open drifts as of the last scan, without those that follow from another.",
    ),
    (
        "plimsoll_changes_total",
        "counter",
        "Changes that scans saw, by the first verdict on them.",
    ),
    (
        "plimsoll_refused_approvals_total",
        "counter",
        "Approvals that were called unproven because the checker refused their proof, by its rule: mistakes of Plimsoll's own.",
    ),
    (
        "plimsoll_store_failures_total",
        "counter",
        "Scans that could not be stored.",
    ),
    (
        "plimsoll_config_reloads_total",
        "counter",
        "Reloads of the configuration.",
    ),
    (
        "plimsoll_config_in_force",
        "gauge",
        "1 while the configuration in force is that of the last reload.",
    ),
    (
        "plimsoll_outbox_depth",
        "gauge",
        "Notices that wait for their turn, by channel.",
    ),
    (
        "plimsoll_deliveries_total",
        "counter",
        "Attempts to deliver notices by what they came to.",
    ),
    (
        "process_resident_memory_bytes",
        "gauge",
        "Memory that is in use.",
    ),
    (
        "process_start_time_seconds",
        "gauge",
        "When the daemon was started.",
    ),
];

/// Writes the metrics as of now.
pub(super) fn write(book: &Book, plan: &Plan, now: Timestamp) -> String {
    let mut page = Page {
        out: String::with_capacity(16 << 10),
        at: 0,
    };
    page.family("plimsoll_build_info");
    page.value(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    sources(&mut page, book, plan, now);
    page.family("plimsoll_drifts");
    for ([control, environment, status, severity], count) in &book.drifts {
        let labels = [
            ("control", control.as_str()),
            ("environment", environment),
            ("status", status),
            ("severity", severity),
        ];
        page.value(&labels, *count as f64);
    }
    page.family("plimsoll_changes_total");
    for (verdict, count) in &book.changes {
        page.value(&[("verdict", verdict)], *count as f64);
    }
    page.family("plimsoll_refused_approvals_total");
    for (rule, count) in &book.refused {
        page.value(&[("rule", rule)], *count as f64);
    }
    page.single("plimsoll_store_failures_total", book.failures as f64);
    page.family("plimsoll_config_reloads_total");
    page.value(&[("result", "taken")], book.reloads as f64);
    page.value(&[("result", "refused")], book.bad_reloads as f64);
    page.single("plimsoll_config_in_force", yes(book.in_force));
    page.family("plimsoll_outbox_depth");
    for (channel, waiting) in &book.delivered.waiting {
        page.value(&[("channel", channel)], *waiting as f64);
    }
    page.family("plimsoll_deliveries_total");
    page.value(&[("result", "sent")], book.delivered.sent as f64);
    page.value(&[("result", "failed")], book.delivered.failed as f64);
    page.value(&[("result", "given_up")], book.delivered.given_up as f64);
    page.family("process_resident_memory_bytes");
    if let Some(bytes) = resident() {
        page.value(&[], bytes as f64);
    }
    page.single("process_start_time_seconds", seconds(book.started));
    page.out
}

fn sources(page: &mut Page, book: &Book, plan: &Plan, now: Timestamp) {
    let age = |at: Timestamp| now.duration_since(at).as_secs_f64().max(0.0);
    let all = || {
        book.sources
            .iter()
            .map(|(name, of)| ([("source", name.as_str())], name, of))
    };
    page.family("plimsoll_scans_total");
    for (source, _, of) in all() {
        for (result, count) in &of.results {
            page.value(&[source[0], ("result", result)], *count as f64);
        }
    }
    page.family("plimsoll_scan_duration_seconds");
    for (source, _, of) in all() {
        for (bucket, most) in of.buckets.iter().zip(BUCKETS) {
            let labels = [source[0], ("le", &most.to_string())];
            page.part("_bucket", &labels, *bucket as f64);
        }
        page.part("_bucket", &[source[0], ("le", "+Inf")], of.scans as f64);
        page.part("_sum", &source, of.seconds);
        page.part("_count", &source, of.scans as f64);
    }
    page.family("plimsoll_scan_running");
    for (source, name, _) in all() {
        page.value(&source, yes(plan.is_running(name)));
    }
    page.family("plimsoll_scan_hangs");
    for (source, _, of) in all() {
        page.value(&source, yes(of.hangs));
    }
    page.family("plimsoll_source_last_complete_age_seconds");
    for (source, _, of) in all() {
        page.known(&source, of.complete.map(age));
    }
    page.family("plimsoll_source_last_complete_timestamp_seconds");
    for (source, _, of) in all() {
        page.known(&source, of.complete.map(seconds));
    }
    page.family("plimsoll_source_stale");
    for (source, name, of) in all() {
        let since = of.complete.unwrap_or(book.started);
        let stale_at = plan.timing(name).and_then(|timing| timing.stale_at(since));
        page.value(&source, yes(stale_at.is_some_and(|at| at <= now)));
    }
    page.family("plimsoll_source_next_scan_timestamp_seconds");
    for (source, name, _) in all() {
        page.known(&source, plan.next(name).map(seconds));
    }
    page.family("plimsoll_scope_last_complete_age_seconds");
    for (source, _, of) in all() {
        for (scope, at) in &of.scopes {
            page.known(&[source[0], ("scope", scope)], at.map(age));
        }
    }
    page.family("plimsoll_scopes_not_shown");
    for (source, _, of) in all() {
        page.value(&source, of.more_scopes as f64);
    }
    page.family("plimsoll_requests_total");
    for (source, _, of) in all() {
        page.value(&source, of.calls.requests as f64);
    }
    page.family("plimsoll_request_retries_total");
    for (source, _, of) in all() {
        page.value(&source, of.calls.retries as f64);
    }
    page.family("plimsoll_request_wait_seconds_total");
    for (source, _, of) in all() {
        page.value(&source, of.calls.waited.as_secs_f64());
    }
}

/// What is being written, and which metric is.
struct Page {
    out: String,
    at: usize,
}

impl Page {
    fn family(&mut self, name: &str) {
        self.at = METRICS
            .iter()
            .position(|(known, ..)| *known == name)
            .unwrap_or(0);
        let (name, kind, help) = METRICS[self.at];
        // A text takes whatever is written to it.
        let _ = write!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn single(&mut self, name: &str, value: f64) {
        self.family(name);
        self.value(&[], value);
    }

    fn known(&mut self, labels: &[(&str, &str)], value: Option<f64>) {
        if let Some(value) = value {
            self.value(labels, value);
        }
    }

    fn value(&mut self, labels: &[(&str, &str)], value: f64) {
        self.part("", labels, value);
    }

    fn part(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        self.out.push_str(METRICS[self.at].0);
        self.out.push_str(suffix);
        for (number, (name, value)) in labels.iter().enumerate() {
            self.out.push(if number == 0 { '{' } else { ',' });
            let _ = write!(self.out, "{name}=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
        if !labels.is_empty() {
            self.out.push('}');
        }
        let _ = writeln!(self.out, " {value}");
    }
}

/// A label's value: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
fn escape(value: &str, out: &mut String) {
    for char in value.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            char => out.push(char),
        }
    }
}

fn yes(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1_000.0
}

/// How much memory this process has, as the kernel counts it.
pub(super) fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_approvals_are_counted_by_rule() {
        let mut book = Book::new(Timestamp::UNIX_EPOCH);
        book.refused.insert("vote-late".into(), 2);
        let plan = Plan::new(std::iter::empty());
        let page = write(&book, &plan, Timestamp::UNIX_EPOCH);
        let line = "plimsoll_refused_approvals_total{rule=\"vote-late\"} 2";
        assert!(page.lines().any(|one| one == line), "{page}");
    }
}
