//! From an account in Jira to a party.

use plimsoll_model::{Party, Text};

use super::said;
use crate::wire::Person;

/// What an account is called of which Jira says no more than that there was one.
pub(crate) const UNKNOWN: &str = "unknown";
/// The longest name that is kept.
const NAME: usize = 100;

/// The party of an account; none where there is no account, or it was deleted and nothing tells it from other deleted ones.
pub(crate) fn party(person: Option<&Person>, bots: &[String]) -> Option<Party> {
    let person = person?;
    let sound = |id: &&str| !id.is_empty() && *id != UNKNOWN;
    let ids = [&person.account_id, &person.key];
    let mut ids = ids.into_iter().flatten().map(|id| id.trim());
    // A data centre's keys stay when a user is renamed; its names do not, and one's name may be another's key.
    let name = || person.name.as_deref().map(str::trim).filter(sound);
    let account = match ids.find(sound) {
        Some(id) => said(id, NAME * 2),
        None => said(&format!("name:{}", name()?), NAME * 2),
    };
    // By what an account cannot give itself: anybody may call themselves as a program is called.
    let ids = [&person.account_id, &person.key, &person.name];
    let listed = bots
        .iter()
        .any(|bot| ids.iter().copied().flatten().any(|id| id == bot));
    let name = person.display_name.as_deref().map(|name| said(name, NAME));
    Some(Party {
        account,
        name: name.filter(|name| !name.is_empty()),
        bot: listed || person.account_type.as_deref() == Some("app"),
    })
}

/// A party by its id alone, as a history names who was put into a field.
pub(crate) fn by_id(id: &str, name: &str, bots: &[String]) -> Option<Party> {
    party(
        Some(&Person {
            account_id: Some(id.to_owned()),
            key: None,
            name: None,
            display_name: Some(name.to_owned()),
            account_type: None,
        }),
        bots,
    )
}

/// Who did something of which nobody is named.
pub(crate) fn or_unknown(party: Option<Party>) -> Party {
    party.unwrap_or_else(|| Party::new(Text::const_new(UNKNOWN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(json: &str) -> Option<Party> {
        let person: Person = serde_json::from_str(json).unwrap();
        party(Some(&person), &["JIRAUSER7".to_owned()])
    }

    #[test]
    fn the_id_that_stays_is_the_account() {
        let cloud = person(r#"{"accountId":"5f0a","displayName":"Kim","accountType":"atlassian"}"#);
        let cloud = cloud.unwrap();
        assert_eq!((cloud.account.as_str(), cloud.bot), ("5f0a", false));
        let own = person(r#"{"key":"JIRAUSER7","name":"robot","displayName":"Robot"}"#).unwrap();
        assert_eq!((own.account.as_str(), own.bot), ("JIRAUSER7", true));
        let app = person(r#"{"accountId":"557058:1","accountType":"app"}"#).unwrap();
        assert!(app.bot && app.name.is_none());
    }

    #[test]
    fn a_name_is_told_from_a_key() {
        let bare = person(r#"{"name":"kim","displayName":"Kim"}"#).unwrap();
        assert_eq!(bare.account, "name:kim");
        let old = person(r#"{"key":"kim","name":"kim.doe"}"#).unwrap();
        assert_eq!(old.account, "kim");
    }

    #[test]
    fn the_deleted_are_nobody() {
        for json in [
            r#"{"accountId":"unknown","displayName":"Former user"}"#,
            r#"{"accountId":"","displayName":"Former user"}"#,
            r#"{"accountId":null}"#,
            "{}",
        ] {
            assert_eq!(person(json), None, "{json}");
        }
        assert_eq!(party(None, &[]), None);
    }
}
