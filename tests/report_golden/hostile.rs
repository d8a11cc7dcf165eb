//! Reports whose every text comes from someone who means harm.

use jiff::Timestamp;
use plimsoll::baseline::{Counts, Drift, DriftState, Follows, Ignored, Judgement, System};
use plimsoll::change::{Attribution, ChangeKind, Evidence, PathChange, Record, Witness};
use plimsoll::inventory::{Coverage, Node, Snapshot};
use plimsoll::report::{
    AccessRow, ChangeRow, ControlInfo, Input, Observed, RejudgedRow, Remarks, Report, ScanRow,
    Uncompared, UnjudgedRow, Verdict, build,
};
use plimsoll_model::{Asset, AssetId, How, Text, Trouble, Value};

use crate::shop;

/// Texts that break a format that trusts them.
pub(crate) fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</style><script>1</script>",
        "{{ 7 * 7 }}{% raw %}",
        "a|b`c``d|e\\|f\\",
        "[x](javascript:alert(1)) ![y](https://evil.example/z.png)",
        "@everyone #1 https://evil.example www.evil.example",
        "=HYPERLINK(\"https://evil.example\")",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\u{1b}[2J\u{1b}]0;title\u{7}red\u{9b}31m",
        "abc\u{202e}gpj.exe\u{2066}\u{200f}\u{200b}",
        "one\ntwo\r\nthree\u{2028}four\u{85}five",
        "\n\n# Heading\n\n- list\n```\nfence\n````",
        "\0",
        "",
        " ",
        "日本語 مرحبا 👩‍🚀 é\u{301}\u{301}",
    ]
    .map(String::from)
    .into();
    texts.push("x".repeat(10_000));
    texts.push("字".repeat(10_000));
    texts.push("`".repeat(10_000));
    texts.push("\u{301}".repeat(10_000));
    texts
}

/// A report with one text wherever a text can stand.
pub(crate) fn report(text: &str, verdict: Verdict) -> Report {
    let asset = AssetId::of("container", &[text]);
    let word = Text::from(text);
    let now: Timestamp = shop::now();
    let snapshot = Snapshot::new(
        vec![Node {
            asset: Asset::new(asset.clone(), word.clone(), word.clone()),
            sources: [word.clone()].into(),
        }],
        Vec::new(),
        vec![Coverage {
            source: word.clone(),
            scope: word.clone(),
            complete: false,
            as_of: now,
            fresh: true,
            troubles: vec![Trouble {
                what: word.clone(),
                asset: Some(asset.clone()),
            }],
        }],
    );
    let drift = |state, how| Drift {
        asset: asset.clone(),
        kind: word.clone(),
        environment: Some(word.clone()),
        control: word.clone(),
        expectation: word.clone(),
        status: if how == How::Unknown {
            plimsoll::baseline::Status::Unknown
        } else {
            plimsoll::baseline::Status::Fail
        },
        expected: word.clone(),
        actual: word.clone(),
        basis: word.clone(),
        how,
        state,
        change: Some(1),
        ..shop::drift("container:x", text, text)
    };
    let judgement = Judgement {
        twins: Default::default(),
        systems: vec![System {
            at: 0,
            role: word.clone(),
            role_by: word.clone(),
            environment: Some(word.clone()),
            environment_by: Some(word.clone()),
            sensitive: None,
        }],
        findings: Vec::new(),
        tally: [(word.clone(), Counts::default())].into(),
        ignored: vec![Ignored {
            finding: plimsoll::baseline::Finding {
                at: 0,
                control: word.clone(),
                expectation: word.clone(),
                status: plimsoll::baseline::Status::Fail,
                severity: plimsoll::baseline::Severity::Low,
                expected: word.clone(),
                actual: word.clone(),
                how: How::Measured,
                basis: word.clone(),
                facts: [].into(),
                follows: None,
            },
            reason: word.clone(),
            until: now,
        }],
    };
    let record = Record {
        fields: Vec::new(),
        source: word.clone(),
        action: word.clone(),
        asset: asset.clone(),
        what: word.clone(),
        at: now,
        account: Some(word.clone()),
        name: Some(word.clone()),
        details: [
            ("release", word.clone()),
            ("commit", word.clone()),
            (text, word.clone()),
        ]
        .into_iter()
        .collect(),
    };
    let attribution = Attribution {
        how: Witness::PlatformRecord,
        evidence: Evidence::Time,
        exact: false,
        record: record.clone(),
        candidates: vec![record],
        more: 1,
    };
    let access = AccessRow {
        source: word.clone(),
        action: word.clone(),
        asset: asset.clone(),
        kind: word.clone(),
        name: word.clone(),
        environment: Some(word.clone()),
        what: word.clone(),
        opens: word.clone(),
        at: now,
        actor: Some(word.clone()),
        actor_name: Some(word.clone()),
        details: [(text, word.clone())].into_iter().collect(),
    };
    let paths = [
        (
            Some(Value::from(text)),
            Some(Value::from(format!("{text}{text}\n{text}"))),
        ),
        (None, Some(Value::texts([text, "b"]))),
        (Some(Value::texts([text])), Some(Value::texts(["c"]))),
    ];
    let change = ChangeRow {
        id: 1,
        asset: asset.clone(),
        asset_kind: word.clone(),
        name: word.clone(),
        kind: ChangeKind::Modified,
        paths: paths
            .into_iter()
            .map(|(from, to)| PathChange {
                path: word.clone(),
                from,
                to,
            })
            .collect(),
        observed: Observed {
            after: None,
            before: now,
            at: None,
        },
        actor: Some(word.clone()),
        attribution: Some(attribution),
        verdict,
        request: Some(word.clone()),
        reasons: vec![word.clone()],
        judged: None,
    };
    let rejudged = RejudgedRow {
        change: ChangeRow {
            id: 2,
            ..change.clone()
        },
        verdict_before: Verdict::NotRequired,
    };
    let unjudged = UnjudgedRow {
        asset: asset.clone(),
        kind: word.clone(),
        name: word.clone(),
        role: word.clone(),
    };
    let follower = Drift {
        control: Text::from(format!("{text} too")),
        follows: Some(Follows {
            asset: asset.clone(),
            control: word.clone(),
        }),
        ..drift(DriftState::Open, How::Unknown)
    };
    build(Input {
        scan: ScanRow {
            id: 1,
            started: now,
            finished: now,
        },
        snapshot: &snapshot,
        judgement: &judgement,
        drifts: &[
            drift(DriftState::New, How::Measured),
            drift(DriftState::Open, How::Unknown),
            follower,
        ],
        resolved: &[
            drift(DriftState::Resolved, How::Attested),
            drift(DriftState::Unasked, How::Measured),
        ],
        changes: vec![change],
        remarks: Remarks {
            unjudged: vec![unjudged],
            uncompared: Uncompared {
                values: 3,
                assets: 1,
            },
            misattested: vec![word.clone()],
        },
        rejudged: vec![rejudged],
        earlier: &[],
        accesses: vec![access],
        controls: &[ControlInfo {
            id: word.clone(),
            title: word.clone(),
            references: vec![word],
        }],
    })
}
