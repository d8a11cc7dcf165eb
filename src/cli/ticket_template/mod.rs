//! Texts for a tracker's own templates, with the lines by which a request covers a change.

use clap::ValueEnum;

/// A tracker, by the name of its collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tracker {
    /// The description of a task
    Asana,
    /// The text of a pull request
    Github,
    /// The text of a merge request
    Gitlab,
    /// The description of an issue
    Jira,
    /// A message in the channel
    Slack,
    /// The description of an issue
    Youtrack,
}

impl Tracker {
    /// What to put into the tracker's template. Systems, times and keys in it are examples.
    pub const fn template(self) -> &'static str {
        match self {
            Self::Asana => include_str!("asana.txt"),
            Self::Github => include_str!("github.txt"),
            Self::Gitlab => include_str!("gitlab.txt"),
            Self::Jira => include_str!("jira.txt"),
            Self::Slack => include_str!("slack.txt"),
            Self::Youtrack => include_str!("youtrack.txt"),
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_kit::mention::{Words, mentions};

    use super::*;

    #[test]
    fn every_template_links_a_request_and_leaves_no_doubt() {
        for tracker in Tracker::value_variants() {
            let found = mentions(tracker.template(), &Words::default());
            assert!(found.oddities.is_empty(), "{tracker:?}: {found:?}");
            match tracker {
                Tracker::Github | Tracker::Gitlab => {
                    assert_eq!(found.requests, ["OPS-17"], "{tracker:?}");
                    // Lines of their own would leave every edit of the text in doubt.
                    assert!(found.names.is_empty() && found.window.is_none());
                }
                _ => {
                    assert_eq!(found.names, ["api"], "{tracker:?}");
                    assert_eq!(found.environments, ["production"], "{tracker:?}");
                    assert!(found.window.is_some(), "{tracker:?}");
                }
            }
        }
    }

    #[test]
    fn the_guide_shows_every_template() {
        let guide = include_str!("../../../docs/guides/ticket-templates.md");
        for tracker in Tracker::value_variants() {
            assert!(guide.contains(tracker.template()), "{tracker:?}");
        }
    }
}
