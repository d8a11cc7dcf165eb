//! Who somebody is.

use plimsoll_kit::coauthors;
use plimsoll_model::{Party, Text};

use super::word;
use crate::settings::{AccountBy, Settings};
use crate::wire::User;

/// The account that the server puts in the place of one that is gone. Nobody can have it.
const GHOST: &str = "ghost";
/// What the host begins with where an address is kept private: `17-kim@users.noreply.gitlab.com`.
const PRIVATE: &str = "users.noreply.";

/// An account; that of nobody where it is gone.
pub(super) fn party(user: Option<&User>, settings: &Settings) -> Party {
    let Some(user) = user else {
        return Party::new(GHOST);
    };
    let name = user.username.as_ref().map(|name| word(name));
    let name = name.filter(|name| !name.is_empty());
    let account = match (settings.account, user.id, &name) {
        (AccountBy::Id, Some(id), _) => Text::from(id.to_string()),
        (AccountBy::Username, _, Some(name)) => name.clone(),
        // Marked as what it is: a name may look like a number.
        (AccountBy::Id, None, Some(name)) => Text::from(format!("username:{name}")),
        (AccountBy::Username, Some(id), None) => Text::from(format!("id:{id}")),
        (_, None, None) => Text::const_new(GHOST),
    };
    let bot = user.bot == Some(true) || name.as_deref().is_some_and(|name| is_bot(name, settings));
    Party { account, name, bot }
}

/// Whether a user name is one that the server gives to programs, or that the settings call one.
fn is_bot(name: &str, settings: &Settings) -> bool {
    let lower = name.to_lowercase();
    // `project_3_bot_0123456789abcdef`, `group_3_bot`: the accounts of tokens.
    let of_token = ["project_", "group_"].iter().any(|start| {
        let number = lower.strip_prefix(start);
        number.is_some_and(|rest| {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            after.len() < rest.len() && after.starts_with("_bot")
        })
    });
    of_token || settings.bots.contains(&lower)
}

/// Somebody by their address in a commit, which nobody has checked; none where there is neither address nor name. A private
/// address names its account.
pub(super) fn of_address(
    name: Option<&str>,
    mail: Option<&str>,
    settings: &Settings,
) -> Option<Party> {
    let name = name.map(word).filter(|name| !name.is_empty());
    let mail = mail
        .map(|mail| word(&mail.to_lowercase()))
        .unwrap_or_default();
    if let Some((local, host)) = mail.split_once('@')
        && host.starts_with(PRIVATE)
        && let Some((id, username)) = local.split_once('-')
        && let Ok(id) = id.parse()
    {
        let user = User {
            id: Some(id),
            username: Some(username.into()),
            bot: None,
        };
        let mut party = party(Some(&user), settings);
        // Anybody can type an address: that a program wrote it would lift a doubt.
        party.bot = false;
        return Some(party);
    }
    let account = match mail.is_empty() {
        false => mail,
        true => name.clone()?,
    };
    let bot = false;
    Some(Party { account, name, bot })
}

/// The people whom a message names as having written it along, and whether there are more.
pub(super) fn with(message: &str, settings: &Settings) -> (Vec<Party>, bool) {
    let named = coauthors(message);
    let people = named.people.iter();
    let people = people.filter_map(|(name, mail)| of_address(Some(name), Some(mail), settings));
    (people.collect(), named.cut)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    pub(crate) fn settings(more: &str) -> Settings {
        let document = Document::new("s.toml", format!("projects = ['acme/infra']\n{more}"));
        document.read(Settings::read).unwrap().unwrap()
    }

    fn user(id: Option<i64>, name: &str) -> User {
        User {
            id,
            username: Some(name.into()).filter(|name: &Text| !name.is_empty()),
            bot: None,
        }
    }

    #[test]
    fn an_account_is_its_number_unless_the_house_wants_names() {
        let (ids, names) = (
            settings("bots = ['Renovate']"),
            settings("accounts = 'username'"),
        );
        assert_eq!(party(Some(&user(Some(12), "nora")), &ids).account, "12");
        assert_eq!(party(Some(&user(Some(12), "nora")), &names).account, "nora");
        assert_eq!(party(Some(&user(None, "12")), &ids).account, "username:12");
        assert_eq!(party(Some(&user(Some(12), "")), &names).account, "id:12");
        assert_eq!(party(None, &ids).account, "ghost");
        let bots = ["project_3_bot_0a1b", "group_114_bot2", "renovate"];
        assert!(
            bots.iter()
                .all(|name| party(Some(&user(Some(1), name)), &ids).bot)
        );
        let people = ["project_bot", "project_x_bot", "nora", "my_project_3_bot"];
        assert!(
            people
                .iter()
                .all(|name| !party(Some(&user(Some(1), name)), &ids).bot)
        );
    }

    #[test]
    fn an_address_is_what_somebody_typed() {
        let settings = settings("");
        let of = |mail: &str| {
            of_address(Some("Kim"), Some(mail), &settings)
                .unwrap()
                .account
        };
        assert_eq!(of("Kim@Example.com"), "kim@example.com");
        assert_eq!(of("17-kim@users.noreply.gitlab.com"), "17");
        assert_eq!(
            of("kim@users.noreply.gitlab.com"),
            "kim@users.noreply.gitlab.com"
        );
        assert_eq!(of(""), "Kim");
        assert_eq!(of_address(None, Some(""), &settings), None);
        let (found, _) = with(
            "Fix\n\nCo-authored-by: Bo <bo@example.com>\nco-authored-BY: <di@example.com>\né",
            &settings,
        );
        let found: Vec<_> = found.iter().map(|party| party.account.as_str()).collect();
        assert_eq!(found, ["bo@example.com", "di@example.com"]);
    }
}
