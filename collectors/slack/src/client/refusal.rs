//! What the vendor refuses in an answer that is otherwise a success: `{"ok": false, "error": "not_in_channel"}`.

use std::fmt;

use plimsoll_kit::Right;

use crate::wire::Head;

/// A refusal, in words that are known here: what an answer says goes nowhere as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) word: &'static str,
    what: &'static str,
    pub(crate) right: Right,
    needed: Option<&'static str>,
}

/// The vendor's words, what they mean and what to do.
const WORDS: &[(&str, Right, &str)] = &[
    ("not_authed", Right::Denied, "no token came with it"),
    (
        "invalid_auth",
        Right::Denied,
        "the token is wrong: take it anew from the app's settings",
    ),
    (
        "account_inactive",
        Right::Denied,
        "the token's account or app was removed: install the app again",
    ),
    (
        "token_revoked",
        Right::Denied,
        "the token was revoked: install the app again",
    ),
    (
        "token_expired",
        Right::Denied,
        "the token has expired: turn rotation of tokens off, or renew it",
    ),
    (
        "not_allowed_token_type",
        Right::Denied,
        "this kind of token may not ask: use a bot's (xoxb-)",
    ),
    ("missing_scope", Right::Denied, "the token lacks a scope"),
    (
        "no_permission",
        Right::Denied,
        "the token's account may not ask for this",
    ),
    (
        "access_denied",
        Right::Denied,
        "the token's account may not ask for this",
    ),
    (
        "org_login_required",
        Right::Denied,
        "the workspace is being moved: try later",
    ),
    (
        "enterprise_is_restricted",
        Right::Denied,
        "the organisation does not let this method be called",
    ),
    (
        "ekm_access_denied",
        Right::Denied,
        "the administrators have suspended access",
    ),
    (
        "team_access_not_granted",
        Right::Denied,
        "the token is not for this workspace",
    ),
    (
        "not_in_channel",
        Right::Denied,
        "the app is not in the channel: invite it there (/invite)",
    ),
    (
        "channel_not_found",
        Right::Denied,
        "there is no such channel, or it is private and the app is not in it: invite it there (/invite)",
    ),
    ("is_archived", Right::Unreachable, "the channel is archived"),
    (
        "thread_not_found",
        Right::Unreachable,
        "the message is gone",
    ),
    (
        "message_not_found",
        Right::Unreachable,
        "the message is gone",
    ),
    (
        "user_not_found",
        Right::Unreachable,
        "there is no such account",
    ),
    (
        "user_not_visible",
        Right::Unreachable,
        "the account is not to be seen from here",
    ),
    (
        "users_not_found",
        Right::Unreachable,
        "there is no such account",
    ),
    (
        "invalid_cursor",
        Right::Unreachable,
        "the list changed while it was read: try again",
    ),
    (
        "invalid_ts_oldest",
        Right::Unreachable,
        "it does not take the time from which on was asked",
    ),
    (
        "invalid_ts_latest",
        Right::Unreachable,
        "it does not take the time until which was asked",
    ),
    (
        "ratelimited",
        Right::Unreachable,
        "too many calls: scan this source less often",
    ),
    (
        "rate_limited",
        Right::Unreachable,
        "too many calls: scan this source less often",
    ),
    (
        "request_timeout",
        Right::Unreachable,
        "the service was too slow: try later",
    ),
    (
        "service_unavailable",
        Right::Unreachable,
        "the service fails: try later",
    ),
    (
        "team_added_to_org",
        Right::Unreachable,
        "the workspace is being moved: try later",
    ),
    (
        "internal_error",
        Right::Unreachable,
        "the service fails: try later",
    ),
    (
        "fatal_error",
        Right::Unreachable,
        "the service fails: try later",
    ),
];

/// The scopes that may be missing.
const SCOPES: &[&str] = &[
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
    "channels:read",
    "groups:read",
    "reactions:read",
    "users:read",
];

impl Refusal {
    /// The refusal of an answer that is not `ok`.
    pub(crate) fn of(head: &Head) -> Self {
        let said = head.error.as_deref().unwrap_or_default();
        let known = WORDS.iter().find(|(word, ..)| *word == said);
        let (word, right, what) = known.copied().unwrap_or((
            "refused",
            Right::Unreachable,
            "with an error that is not known here",
        ));
        let needed = head.needed.as_deref().unwrap_or_default();
        // Several come with commas; the first is enough to name.
        let needed = needed.split(',').next().unwrap_or_default().trim();
        Self {
            word,
            what,
            right,
            needed: SCOPES.iter().find(|scope| **scope == needed).copied(),
        }
    }

    /// Whether what was asked for is not there any more.
    pub(crate) fn is_gone(&self) -> bool {
        ["thread_not_found", "message_not_found"].contains(&self.word)
    }

    /// Whether an account is not there, or not to be seen.
    pub(crate) fn is_nobody(&self) -> bool {
        ["user_not_found", "user_not_visible", "users_not_found"].contains(&self.word)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.word, self.what)?;
        match self.needed {
            Some(scope) => write!(f, " ({scope}): add it to the app and install it again"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> String {
        Refusal::of(&serde_json::from_str(json).unwrap()).to_string()
    }

    #[test]
    fn only_known_words_are_said() {
        assert_eq!(
            of(
                r#"{"ok":false,"error":"missing_scope","needed":"groups:history,im:history","provided":"x"}"#
            ),
            "missing_scope: the token lacks a scope (groups:history): add it to the app and install it again"
        );
        assert_eq!(
            of(r#"{"ok":false,"error":"hunter2","needed":"hunter2"}"#),
            "refused: with an error that is not known here"
        );
        assert!(of("{}").starts_with("refused"));
    }
}
