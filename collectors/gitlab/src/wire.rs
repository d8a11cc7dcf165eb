//! The API's shapes: tolerant, so that an unknown word or a field of another type costs one item and no list.

use plimsoll_model::Text;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

/// The items of a list that make sense, and how many do not; none where it is no list.
pub(crate) fn items<T: DeserializeOwned>(body: &[u8]) -> Option<(Vec<T>, usize)> {
    let raw: Vec<&RawValue> = plimsoll_kit::json::read(body).ok()?;
    let mut items = Vec::with_capacity(raw.len());
    let mut broken = 0;
    for one in raw {
        match serde_json::from_str(one.get()) {
            Ok(item) => items.push(item),
            Err(_) => broken += 1,
        }
    }
    Some((items, broken))
}

/// How many items a list has; none where it is no list.
pub(crate) fn count(body: &[u8]) -> Option<usize> {
    let items: Vec<serde::de::IgnoredAny> = plimsoll_kit::json::read(body).ok()?;
    Some(items.len())
}

/// A list that may be null.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}

/// A number or a text, as external trackers have it.
fn number_or_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Text>, D::Error> {
    Ok(match Option::<serde_json::Value>::deserialize(from)? {
        Some(serde_json::Value::Number(number)) => Some(number.to_string().into()),
        Some(serde_json::Value::String(text)) => Some(text.into()),
        _ => None,
    })
}

/// A user.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: Option<i64>,
    pub(crate) username: Option<Text>,
    pub(crate) bot: Option<bool>,
}

/// A project.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: i64,
    pub(crate) web_url: Option<String>,
    pub(crate) path_with_namespace: Option<Text>,
    pub(crate) default_branch: Option<Text>,
    pub(crate) visibility: Option<Text>,
    pub(crate) archived: Option<bool>,
    pub(crate) merge_method: Option<Text>,
    pub(crate) squash_option: Option<Text>,
    pub(crate) only_allow_merge_if_pipeline_succeeds: Option<bool>,
    pub(crate) only_allow_merge_if_all_discussions_are_resolved: Option<bool>,
}

/// A merge request.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MergeRequest {
    pub(crate) iid: i64,
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<String>,
    pub(crate) state: Option<Text>,
    pub(crate) author: Option<User>,
    pub(crate) merge_user: Option<User>,
    pub(crate) merged_by: Option<User>,
    pub(crate) merged_at: Option<Text>,
    pub(crate) created_at: Option<Text>,
    pub(crate) updated_at: Option<Text>,
    pub(crate) target_branch: Option<Text>,
    pub(crate) source_branch: Option<Text>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) labels: Vec<Text>,
    pub(crate) sha: Option<Text>,
    pub(crate) merge_commit_sha: Option<Text>,
    pub(crate) squash_commit_sha: Option<Text>,
    pub(crate) web_url: Option<Text>,
    /// How many notes of people it has.
    pub(crate) user_notes_count: Option<i64>,
}

/// Who approves a merge request now.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Approvals {
    /// None where it is not told, which is another thing than nobody.
    pub(crate) approved_by: Option<Vec<Approved>>,
}

/// One approval that stands now.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Approved {
    pub(crate) user: Option<User>,
    pub(crate) approved_at: Option<Text>,
}

/// The approval rules of a merge request, and who fulfils them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ApprovalState {
    #[serde(default, deserialize_with = "list")]
    pub(crate) rules: Vec<RuleState>,
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RuleState {
    pub(crate) name: Option<Text>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) approved_by: Vec<User>,
}

/// A note, of a person or of the server itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) body: Option<String>,
    pub(crate) author: Option<User>,
    pub(crate) created_at: Option<Text>,
    pub(crate) system: Option<bool>,
}

/// A state that something went into.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StateEvent {
    pub(crate) id: Option<i64>,
    pub(crate) user: Option<User>,
    pub(crate) created_at: Option<Text>,
    pub(crate) state: Option<Text>,
}

/// A label that was put on or taken off.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LabelEvent {
    pub(crate) id: Option<i64>,
    pub(crate) user: Option<User>,
    pub(crate) created_at: Option<Text>,
    pub(crate) label: Option<Label>,
    pub(crate) action: Option<Text>,
}

/// A label; none in its event once it is deleted.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Label {
    pub(crate) name: Option<Text>,
}

/// What a merge request proposed from a time on.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: i64,
    pub(crate) head_commit_sha: Option<Text>,
    pub(crate) created_at: Option<Text>,
}

/// A commit.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Commit {
    pub(crate) id: Option<Text>,
    pub(crate) message: Option<String>,
    pub(crate) author_name: Option<Text>,
    pub(crate) author_email: Option<Text>,
    pub(crate) committer_name: Option<Text>,
    pub(crate) committer_email: Option<Text>,
    /// One, or several where it joins branches.
    #[serde(default, deserialize_with = "list")]
    pub(crate) parent_ids: Vec<Text>,
}

/// An issue that a merge request closes; of another tracker where its id is no number.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Closes {
    #[serde(default, deserialize_with = "number_or_text")]
    pub(crate) id: Option<Text>,
    pub(crate) iid: Option<i64>,
    pub(crate) project_id: Option<i64>,
    pub(crate) references: Option<References>,
    pub(crate) web_url: Option<Text>,
}

/// What an issue is called.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct References {
    pub(crate) full: Option<Text>,
}

/// Somebody who was asked for a review.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Reviewer {
    pub(crate) user: Option<User>,
    pub(crate) state: Option<Text>,
}

/// A pipeline.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pipeline {
    pub(crate) id: i64,
    pub(crate) sha: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) source: Option<Text>,
    pub(crate) finished_at: Option<Text>,
}

/// A branch, or a pattern of branches, that is protected.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ProtectedBranch {
    pub(crate) name: Text,
    #[serde(default, deserialize_with = "list")]
    pub(crate) push_access_levels: Vec<AccessLevel>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) merge_access_levels: Vec<AccessLevel>,
    pub(crate) allow_force_push: Option<bool>,
    pub(crate) code_owner_approval_required: Option<bool>,
}

/// Who may do something.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AccessLevel {
    pub(crate) access_level: Option<i64>,
    pub(crate) user_id: Option<i64>,
    pub(crate) group_id: Option<i64>,
    pub(crate) deploy_key_id: Option<i64>,
}

/// How a project treats approvals.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ApprovalSettings {
    pub(crate) reset_approvals_on_push: Option<bool>,
    pub(crate) merge_requests_author_approval: Option<bool>,
    pub(crate) merge_requests_disable_committers_approval: Option<bool>,
    pub(crate) disable_overriding_approvers_per_merge_request: Option<bool>,
}

/// A rule of a project that asks for approvals.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ApprovalRule {
    pub(crate) approvals_required: Option<i64>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) protected_branches: Vec<BranchName>,
    pub(crate) applies_to_all_protected_branches: Option<bool>,
}

/// A branch by its name.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BranchName {
    pub(crate) name: Option<Text>,
}

/// An issue.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Issue {
    pub(crate) iid: i64,
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<String>,
    pub(crate) author: Option<User>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) assignees: Vec<User>,
    pub(crate) created_at: Option<Text>,
    pub(crate) updated_at: Option<Text>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) labels: Vec<Text>,
    pub(crate) web_url: Option<Text>,
    pub(crate) service_desk_reply_to: Option<Text>,
    pub(crate) state: Option<Text>,
    pub(crate) user_notes_count: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_item_costs_itself_alone() {
        let (items, broken) =
            items::<Note>(br#"[{"id":1},{"id":"x"},null,{"id":2,"body":7},{"id":3,"more":1}]"#)
                .unwrap();
        assert_eq!((items.len(), broken), (2, 3));
        // Nothing is no list, not even an empty one.
        assert!(super::items::<Note>(b"null").is_none());
        assert!(super::items::<Note>(br#"{"message":"404"}"#).is_none());
    }

    #[test]
    fn an_issue_of_another_tracker_has_a_text_for_its_id() {
        let closes: Closes = serde_json::from_str(r#"{"id":"OPS-17","title":"x"}"#).unwrap();
        assert_eq!(closes.id.as_deref(), Some("OPS-17"));
        let closes: Closes = serde_json::from_str(r#"{"id":5,"iid":1}"#).unwrap();
        assert_eq!(closes.id.as_deref(), Some("5"));
    }
}
