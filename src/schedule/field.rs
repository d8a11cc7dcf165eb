//! One field of a cron expression, as the numbers that it allows.

use std::collections::BTreeSet;

/// What a field counts.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    /// What it is called in mistakes.
    pub(super) name: &'static str,
    pub(super) min: u8,
    pub(super) max: u8,
    /// Names for `min`, `min + 1` and so on.
    pub(super) names: &'static [&'static str],
}

pub(super) const MINUTE: Unit = Unit {
    name: "minute",
    min: 0,
    max: 59,
    names: &[],
};
pub(super) const HOUR: Unit = Unit {
    name: "hour",
    min: 0,
    max: 23,
    names: &[],
};
pub(super) const DAY: Unit = Unit {
    name: "day of the month",
    min: 1,
    max: 31,
    names: &[],
};
pub(super) const MONTH: Unit = Unit {
    name: "month",
    min: 1,
    max: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
/// Sunday is 0, and 7 too.
pub(super) const WEEKDAY: Unit = Unit {
    name: "day of the week",
    min: 0,
    max: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

/// The numbers that a field allows: `*`, `5`, `1-5`, `*/15`, `10-40/10`, and lists of these.
pub(super) fn numbers(text: &str, unit: Unit) -> Result<BTreeSet<u8>, String> {
    let mut all = BTreeSet::new();
    for part in text.split(',') {
        all.extend(range(part, unit)?);
    }
    Ok(all)
}

fn range(part: &str, unit: Unit) -> Result<impl Iterator<Item = u8>, String> {
    let (span, step) = match part.split_once('/') {
        None => (part, None),
        Some((span, step)) => (span, Some(step)),
    };
    let step = match step.map(str::parse::<usize>) {
        None => 1,
        Some(Ok(step @ 1..=59)) => step,
        Some(_) => return Err(format!("{part:?}: a step is a number from 1 to 59")),
    };
    let (from, to) = match span.split_once('-') {
        _ if span == "*" => (unit.min, unit.max),
        Some((from, to)) => (number(from, unit)?, number(to, unit)?),
        None if part.contains('/') => {
            return Err(format!(
                "{part:?}: a step needs a range before it, as */{step} or {span}-{}/{step}",
                unit.max
            ));
        }
        None => (number(span, unit)?, number(span, unit)?),
    };
    if from > to {
        return Err(format!(
            "{part:?}: a range goes from the lower to the higher"
        ));
    }
    Ok((from..=to).step_by(step))
}

fn number(text: &str, unit: Unit) -> Result<u8, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = match text.parse() {
        Ok(number) if digits => Some(number),
        _ => (unit.min..=unit.max)
            .zip(unit.names)
            .find_map(|(number, name)| text.eq_ignore_ascii_case(name).then_some(number)),
    };
    number
        .filter(|number| (unit.min..=unit.max).contains(number))
        .ok_or_else(|| {
            let Unit { name, min, max, .. } = unit;
            format!("{text:?} is no {name} ({min} to {max})")
        })
}
