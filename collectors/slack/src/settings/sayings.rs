//! Which words mean what.

use plimsoll_kit::settings::Section;
use plimsoll_model::{Text, request_state, sign_off_kind};

use crate::said::{Meaning, Phrase, Sayings};

const APPROVE: &[&str] = &[
    "approved",
    "i approve",
    "lgtm",
    ":white_check_mark:",
    ":heavy_check_mark:",
];
const WITHDRAW: &[&str] = &[
    "withdrawn",
    "revoked",
    "approval withdrawn",
    "approval revoked",
    "i withdraw",
    "i revoke",
    "unapproved",
];
/// The states that a reply can bring about, with the words for each.
const STATES: &[(&str, &[&str])] = &[
    (
        request_state::REJECTED,
        &[
            "rejected",
            "declined",
            "denied",
            "disapproved",
            "not approved",
            ":x:",
            ":negative_squared_cross_mark:",
            ":no_entry:",
            ":no_entry_sign:",
            ":octagonal_sign:",
            ":-1:",
            ":thumbsdown:",
        ],
    ),
    (request_state::CANCELLED, &["cancelled", "canceled"]),
    (request_state::REOPENED, &["reopened", "on hold"]),
    (request_state::IMPLEMENTED, &["implemented", "done"]),
    (request_state::CLOSED, &["closed"]),
];
/// What can be confirmed, likewise.
const SIGN_OFFS: &[(&str, &[&str])] = &[
    (sign_off_kind::DOCUMENTED, &["documented"]),
    (sign_off_kind::REVIEWED, &["reviewed"]),
    (sign_off_kind::SIGNED_OFF, &["signed off", "signed-off"]),
    (sign_off_kind::QA, &["qa passed"]),
    (sign_off_kind::INSPECTED, &["inspected"]),
    (sign_off_kind::RECONCILED, &["reconciled"]),
];

/// Reads the words. Mistakes are noted on the section; none when there is one.
pub(super) fn read(section: &Section<'_>) -> Option<Sayings> {
    let mut right = true;
    let mut phrases = Vec::new();
    let mut add = |section: &Section<'_>, key: &str, default: &[&str], meaning: Meaning| match texts(
        section, key, default,
    ) {
        Some(texts) => {
            let made = texts
                .iter()
                .filter_map(|text| Phrase::new(text, meaning.clone()));
            phrases.extend(made);
        }
        None => right = false,
    };
    let whole = Meaning::Approve(Text::default());
    add(section, "approve", APPROVE, whole);
    let kinds = section.table_or_empty("kinds");
    for kind in kinds.keys() {
        add(&kinds, &kind, &[], Meaning::Approve(kind.as_str().into()));
    }
    kinds.finish();
    add(section, "withdraw", WITHDRAW, Meaning::Withdraw);
    let states = section.table_or_empty("states");
    for (state, default) in STATES {
        add(&states, state, default, Meaning::State(state));
    }
    states.finish();
    let sign_offs = section.table_or_empty("sign_offs");
    for (kind, default) in SIGN_OFFS {
        add(&sign_offs, kind, default, Meaning::SignOff(kind));
    }
    sign_offs.finish();
    let root_cause = texts(section, "root_cause", &["root cause"]);
    let reply = section.choice("reply", &[("whole", false), ("line-start", true)]);
    right &= reply.is_some() || !section.has("reply");
    let root_cause = root_cause?;
    right.then_some(Sayings {
        phrases,
        line_start: reply.unwrap_or(false),
        root_cause: root_cause.iter().map(|key| key.to_lowercase()).collect(),
    })
}

fn texts(section: &Section<'_>, key: &str, default: &[&str]) -> Option<Vec<String>> {
    let Some(found) = section.texts(key) else {
        let default = default.iter().map(|text| (*text).to_owned());
        return (!section.has(key)).then(|| default.collect());
    };
    if found
        .iter()
        .any(|text| Phrase::new(text, Meaning::Withdraw).is_none())
    {
        section.mistake_at(key, format!("`{key}` holds a text without a word"));
        return None;
    }
    Some(found)
}
