//! Who somebody is.

use plimsoll_model::{Party, Text};

use super::word;
use crate::settings::AccountBy;
use crate::wire::{Editor, Signature, User};

/// What the vendor shows in place of an account that is gone. Nobody can have it.
const GHOST: &str = "ghost";
/// The account under which the vendor itself commits what is done in a browser.
const WEB_FLOW: i64 = 19_864_447;
/// What stands behind the at sign where an address is kept private.
const PRIVATE: &str = "users.noreply.github.com";

/// An account; that of nobody where it is gone.
pub(super) fn party(user: Option<&User>, by: AccountBy) -> Party {
    let Some(user) = user else {
        return Party::new(GHOST);
    };
    made(user.id, user.login.as_deref(), user.kind.as_deref(), by)
}

/// Who edited a text.
pub(super) fn party_of_editor(editor: &Editor, by: AccountBy) -> Party {
    let login = editor.login.as_deref();
    made(editor.database_id, login, editor.kind.as_deref(), by)
}

fn made(id: Option<i64>, login: Option<&str>, kind: Option<&str>, by: AccountBy) -> Party {
    let login = login.filter(|login| !login.is_empty());
    let account = match (by, id, login) {
        (AccountBy::Id, Some(id), _) => Text::from(id.to_string()),
        (AccountBy::Login, _, Some(login)) => word(login),
        // Marked as what it is: a login may look like a number.
        (AccountBy::Id, None, Some(login)) => Text::from(format!("login:{}", word(login))),
        (AccountBy::Login, Some(id), None) => Text::from(format!("id:{id}")),
        (_, None, None) => Text::const_new(GHOST),
    };
    let bot = kind == Some("Bot") || login.is_some_and(|login| login.ends_with("[bot]"));
    Party {
        account,
        name: login.map(word),
        bot,
    }
}

/// Whether an account is the vendor's own, which stands in for whoever used a browser.
pub(super) fn is_web_flow(user: &User) -> bool {
    user.id == Some(WEB_FLOW) || user.login.as_deref() == Some("web-flow")
}

/// Whether a commit names the vendor itself as who committed it.
pub(super) fn is_vendor(signature: &Signature) -> bool {
    let email = signature.email.as_deref().unwrap_or_default();
    let name = signature.name.as_deref().unwrap_or_default();
    email == "noreply@github.com"
        || (email.starts_with("noreply@") && matches!(name, "GitHub" | "GitHub Enterprise"))
}

/// Somebody by their address in a commit: nobody has checked it. A private address names its account.
pub(super) fn of_signature(signature: &Signature, by: AccountBy) -> Party {
    let email = signature.email.as_deref().unwrap_or_default().trim();
    let name = signature.name.as_deref().filter(|name| !name.is_empty());
    let private = email.to_ascii_lowercase();
    if let Some(local) = private
        .strip_suffix(PRIVATE)
        .and_then(|rest| rest.strip_suffix('@'))
    {
        let (id, login) = match local.split_once('+') {
            Some((id, login)) => (id.parse().ok(), login),
            None => (None, local),
        };
        return made(id, Some(login), None, by);
    }
    let account = match (email.is_empty(), name) {
        (false, _) => word(email),
        (true, Some(name)) => Text::from(format!("name:{}", word(name))),
        (true, None) => Text::const_new(GHOST),
    };
    Party {
        account,
        name: name.map(word),
        bot: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(login: &str, id: Option<i64>, kind: &str) -> User {
        User {
            login: Some(login.into()),
            id,
            kind: Some(kind.into()),
        }
    }

    #[test]
    fn an_account_is_its_number() {
        let nora = user("nora", Some(12), "User");
        assert_eq!(party(Some(&nora), AccountBy::Id).account, "12");
        assert_eq!(party(Some(&nora), AccountBy::Login).account, "nora");
        assert_eq!(party(None, AccountBy::Login).account, "ghost");
        // A login of digits is not taken for somebody's number.
        let odd = user("12", None, "User");
        assert_eq!(party(Some(&odd), AccountBy::Id).account, "login:12");
        assert!(party(Some(&user("x[bot]", Some(5), "User")), AccountBy::Id).bot);
        assert!(party(Some(&user("x", Some(5), "Bot")), AccountBy::Id).bot);
    }

    #[test]
    fn a_private_address_names_its_account() {
        let of = |email: &str| {
            let signature = Signature {
                email: Some(email.into()),
                ..Signature::default()
            };
            of_signature(&signature, AccountBy::Id).account
        };
        assert_eq!(of("12+nora@users.noreply.github.com"), "12");
        assert_eq!(of("nora@users.noreply.github.com"), "login:nora");
        assert_eq!(of("nora@example.com"), "nora@example.com");
        assert_eq!(
            of("nora@fakeusers.noreply.github.com"),
            "nora@fakeusers.noreply.github.com"
        );
        assert_eq!(of(" "), "ghost");
    }
}
