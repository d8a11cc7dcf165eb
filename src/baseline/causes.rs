//! One cause, one finding: what follows from another finding is told under that.

use plimsoll_model::Text;

use super::estate::Estate;
use super::expect::NO_ENVIRONMENT;
use super::types::{Finding, Status};

/// How many steps a cause may lie away.
const STEPS: usize = 8;

/// Settles from which findings others follow: from one that is there, at the beginning of all that led to it. What follows from what is ignored
/// or holds stands for itself. The findings come in order of place and control.
pub(super) fn settle(findings: &mut [Finding], estate: &Estate<'_>) {
    let by_place: Vec<(usize, (u32, Text))> = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.follows.is_none())
        .filter_map(|(place, finding)| {
            let cause = of_host(findings, finding, estate);
            Some((
                place,
                cause.or_else(|| untagged(findings, finding, estate))?,
            ))
        })
        .collect();
    for (place, cause) in by_place {
        if let Some(finding) = findings.get_mut(place) {
            finding.follows = Some(cause);
        }
    }
    let roots: Vec<(usize, Option<(u32, Text)>)> = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.follows.is_some())
        .map(|(place, finding)| (place, root(findings, finding)))
        .collect();
    for (place, root) in roots {
        if let Some(finding) = findings.get_mut(place) {
            finding.follows = root;
        }
    }
}

/// What is the host's and judged with what runs on it too: its disks.
const OF_HOST: &str = "encrypted-at-rest";

const TAGGED: &str = "environment-tagged";

/// What cannot be known of a system for the very reason for which it cannot be known of its host, whose finding tells it.
fn of_host(findings: &[Finding], finding: &Finding, estate: &Estate<'_>) -> Option<(u32, Text)> {
    // That no source says something of either is no reason that both have in common.
    if finding.status != Status::Unknown
        || finding.control != OF_HOST
        || reason(finding).starts_with("no source says")
    {
        return None;
    }
    let host = estate.host(finding.at).filter(|host| *host != finding.at)?;
    let of_host = find(findings, host, &finding.control)?;
    let same = of_host.status == Status::Unknown && reason(of_host) == reason(finding);
    same.then(|| (host, finding.control.clone()))
}

/// That a system has no environment where nobody gave its host one either: a word there is a word for all of it.
fn untagged(findings: &[Finding], finding: &Finding, estate: &Estate<'_>) -> Option<(u32, Text)> {
    if finding.control != TAGGED || finding.actual != NO_ENVIRONMENT {
        return None;
    }
    let host = estate.host(finding.at).filter(|host| *host != finding.at)?;
    let of_host = find(findings, host, TAGGED)?;
    (of_host.actual == NO_ENVIRONMENT).then(|| (host, finding.control.clone()))
}

/// Why something is not known, without the thing of which it is not: `shop_data: why`.
fn reason(finding: &Finding) -> &str {
    let text = finding.actual.as_str();
    text.split_once(": ").map_or(text, |(_, reason)| reason)
}

/// The first finding of a system's control.
fn find<'f>(findings: &'f [Finding], at: u32, control: &str) -> Option<&'f Finding> {
    let key = |finding: &Finding| (finding.at, finding.control.as_str()) < (at, control);
    let place = findings.partition_point(key);
    findings
        .get(place)
        .filter(|found| found.at == at && found.control == control)
}

/// The finding at the beginning of what led to one; none where a step of the way is no finding, or it goes in a circle.
fn root(findings: &[Finding], finding: &Finding) -> Option<(u32, Text)> {
    let mut cause = finding.follows.clone()?;
    for _ in 0..STEPS {
        let found = find(findings, cause.0, &cause.1)?;
        match &found.follows {
            None => return Some(cause),
            Some(further) => cause = further.clone(),
        }
    }
    None
}
