//! What the server itself wrote into a merge request's or an issue's notes.
//!
//! These notes are the one place that says when somebody approved and took it back. Their words are the server's own, in English
//! whatever the user's language; a person's note with the same words is none of them.

/// What a system note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Approved,
    Unapproved,
    /// The approvals of these were taken away by a push; of all where it names none.
    Reset(Vec<String>),
    ChangesRequested,
    Pushed,
    Title,
    Description,
    TargetBranch,
    /// Nothing that matters, or what another list tells with more.
    Quiet,
    /// Something that nobody here knows.
    Unknown,
}

/// How notes begin that matter to no approval, or whose events have a list of their own.
const QUIET: &[&str] = &[
    "aborted automatic",
    "aborted the automatic",
    "added to epic",
    "added this merge request to the merge train",
    "added to the merge train",
    "allowed merge",
    "assigned to",
    "canceled the automatic",
    "changed due date",
    "changed epic",
    "changed health status",
    "changed iteration",
    "changed milestone",
    "changed start date",
    "changed the status",
    "changed this line in",
    "changed time estimate",
    "changed weight",
    "changed type",
    "closed",
    "created #",
    "created branch",
    "created merge request",
    "deleted the",
    "enabled an automatic",
    "enabled automatic",
    "left review comments",
    "locked this",
    "locked the",
    "made the issue",
    "marked the checklist item",
    "marked the task",
    "marked this issue as related",
    "marked this issue as blocked",
    "marked this issue as blocking",
    "mentioned in",
    "merged",
    "milestone changed",
    "milestone removed",
    "promoted to",
    "reassigned",
    "removed ~",
    "removed assignee",
    "removed due date",
    "removed from epic",
    "removed iteration",
    "removed milestone",
    "removed review request",
    "removed the relation",
    "removed the weight",
    "removed this merge request from the merge train",
    "removed time",
    "reopened",
    "requested review",
    "resolved all",
    "restored source branch",
    "restored the",
    "set due date",
    "set health status",
    "set parent",
    "set status",
    "set the iteration",
    "set weight",
    "started a merge train",
    "status changed to",
    "subtracted",
    "unassigned",
    "unlocked this",
    "unlocked the",
];

/// What a system note says.
pub(super) fn said(body: &str) -> Said {
    let body = body.trim();
    match body {
        "approved this merge request" => return Said::Approved,
        "unapproved this merge request" => return Said::Unapproved,
        _ => {}
    }
    let starts = |start: &str| body.starts_with(start);
    if starts("reset approvals") || starts("removed approvals") || starts("removed all approvals") {
        return Said::Reset(names(body));
    }
    if starts("requested changes") {
        return Said::ChangesRequested;
    }
    if let Some(rest) = body.strip_prefix("added ") {
        return added(rest);
    }
    if starts("changed title") || starts("title changed") {
        return Said::Title;
    }
    // The draft is a part of the title.
    if [
        "marked this merge request as",
        "marked as a **work",
        "unmarked",
    ]
    .iter()
    .any(|start| starts(start))
    {
        return Said::Title;
    }
    if starts("changed the description") {
        return Said::Description;
    }
    if starts("changed target branch")
        || starts("changed source branch")
        || starts("changed automatically target")
    {
        return Said::TargetBranch;
    }
    match QUIET.iter().any(|start| starts(start)) {
        true => Said::Quiet,
        false => Said::Unknown,
    }
}

/// `1 commit`, `2 new commits:`; or a label, a relation, time spent.
fn added(rest: &str) -> Said {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let after = rest.get(digits..).unwrap_or_default().trim_start();
    let after = after.strip_prefix("new ").unwrap_or(after);
    if digits > 0 && after.starts_with("commit") {
        return Said::Pushed;
    }
    let first = rest.lines().next().unwrap_or_default();
    let quiet = first.contains(" of time spent")
        || first.starts_with('~')
        || first.starts_with("to epic")
        || first.starts_with("to the merge train")
        || first.starts_with("this merge request to the merge train");
    if quiet { Said::Quiet } else { Said::Unknown }
}

/// The user names in `reset approvals from @kim and @lee.moss by pushing to the branch`.
fn names(body: &str) -> Vec<String> {
    let words = body.split(|c: char| c.is_whitespace() || c == ',');
    let names = words.filter_map(|word| word.strip_prefix('@'));
    let names = names.map(|name| name.trim_end_matches('.').to_lowercase());
    names.filter(|name| !name.is_empty()).take(1000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says() {
        for (body, wanted) in [
            ("approved this merge request", Said::Approved),
            ("unapproved this merge request", Said::Unapproved),
            ("requested changes", Said::ChangesRequested),
            (
                "added 1 commit\n\n<ul><li>93b5cbba - feat</li></ul>",
                Said::Pushed,
            ),
            ("added 3 commits", Said::Pushed),
            ("added 2 new commits:\n\n* 93b5cbba - feat", Said::Pushed),
            ("added 2h of time spent", Said::Quiet),
            ("added ~17 label", Said::Quiet),
            ("changed title from **{-a-}** to **{+b+}**", Said::Title),
            ("marked this merge request as **draft**", Said::Title),
            ("changed the description", Said::Description),
            (
                "changed target branch from `main` to `prod`",
                Said::TargetBranch,
            ),
            ("assigned to @kim", Said::Quiet),
            (
                "enabled an automatic merge when the pipeline for 12 succeeds",
                Said::Quiet,
            ),
            ("blessed this merge request", Said::Unknown),
            ("", Said::Unknown),
        ] {
            assert_eq!(said(body), wanted, "{body}");
        }
        let reset =
            said("reset approvals from @kim, @lee.moss, and @Bo_2 by pushing to the branch");
        assert_eq!(
            reset,
            Said::Reset(vec!["kim".into(), "lee.moss".into(), "bo_2".into()])
        );
        // Only these very words.
        assert_ne!(said("approved this merge request!"), Said::Approved);
        assert_ne!(said("I approved this merge request"), Said::Approved);
    }
}
