//! From messages to requests. Pure.

mod asked;
mod history;
mod shown;

use plimsoll_model::{ChangeRequest, Party, Text, request_kind, request_state};
use plimsoll_model::{Edit, Transition};

use crate::settings::Settings;
use crate::text::{is_id, is_person, shown as one_line};
use crate::time;
use crate::wire::Message;

/// The longest title, in characters.
const TITLE: usize = 120;

/// A message and its thread.
pub(crate) struct Thread {
    pub(crate) first: Message,
    /// The replies, in order of time.
    pub(crate) replies: Vec<Message>,
    /// Why there may be more replies than these.
    pub(crate) cut: Option<String>,
}

/// A request, and what is worth saying of it.
pub(crate) struct Made {
    pub(crate) request: ChangeRequest,
    pub(crate) remarks: Vec<String>,
}

/// Where messages are found: the workspace's own address, where it is one of the vendor's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) workspace: Option<Text>,
}

impl Place {
    /// The place that an address names.
    pub(crate) fn of(url: Option<&str>) -> Self {
        let host = url.and_then(|url| {
            let host = url.strip_prefix("https://")?.trim_end_matches('/');
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
            let ours = host.ends_with(".slack.com") || host.ends_with(".slack-gov.com");
            (ours && host.bytes().all(plain)).then_some(host)
        });
        Self {
            workspace: host.map(Text::from),
        }
    }

    /// Where a person finds a message.
    fn link(&self, channel: &str, ts: &str) -> Option<Text> {
        let host = self.workspace.as_ref()?;
        let digits = ts.replace('.', "");
        Some(format!("https://{host}/archives/{channel}/p{digits}").into())
    }
}

/// The id of the request that a message is.
pub(crate) fn id(channel: &str, ts: &str) -> String {
    format!("{channel}-{ts}")
}

/// Whether a message at the top of a channel asks for a change, by the settings.
pub(crate) fn is_request(message: &Message, settings: &Settings) -> bool {
    if message.is_tombstone() {
        return true;
    }
    if message.is_reply() || !message.says_something() {
        return false;
    }
    if message.is_program() && !is_named(message, settings) {
        return false;
    }
    if settings.requests_begin.is_empty() {
        return true;
    }
    let text = asked::text(message).to_lowercase();
    let text = text.trim_start_matches(|char: char| !char.is_alphanumeric() && char != '[');
    let mut begins = settings.requests_begin.iter();
    begins.any(|begin| text.starts_with(begin.as_str()))
}

/// Whether a message is of an app whose messages are requests.
fn is_named(message: &Message, settings: &Settings) -> bool {
    let ids = [
        &message.bot_id,
        &message.app_id,
        &message.bot_profile.app_id,
    ];
    let mut ids = ids.into_iter().flatten();
    ids.any(|id| settings.apps.iter().any(|app| id == app.as_str()))
}

/// Whoever sent a message; none where it does not say.
fn sender(message: &Message) -> Option<Party> {
    let user = message.user.as_ref().filter(|id| is_person(id));
    let program = [&message.bot_id, &message.app_id];
    let mut program = program.into_iter().flatten();
    let program = program.find(|id| is_id(id, &['A', 'B']));
    let mut party = Party::new(user.or(program)?.clone());
    party.bot = message.is_program();
    if party.bot {
        let name = message.bot_profile.name.as_ref();
        let name = name.or(message.username.as_ref());
        party.name = name.map(|name| one_line(name, 80).into());
    }
    Some(party)
}

/// The request that a thread is.
///
/// # Errors
/// When its first message has no time, which would be its id.
pub(crate) fn request(
    channel: &str,
    thread: Thread,
    settings: &Settings,
    place: &Place,
) -> Result<Made, String> {
    let first = &thread.first;
    let opened = time::parse(&first.ts).ok_or("a message has a time that cannot be understood")?;
    let text = asked::text(first);
    let mut request = ChangeRequest::new(id(channel, &first.ts), asked::title(&text), opened);
    request.kind = Text::const_new(request_kind::MESSAGE);
    request.url = place.link(channel, &first.ts);
    let mut made = Made {
        request,
        remarks: Vec::new(),
    };
    if first.is_tombstone() {
        made.deleted();
        return Ok(made);
    }
    asked::read(&mut made, first, &text, settings);
    history::read(&mut made, &thread, settings);
    if let Some(why) = &thread.cut {
        made.doubt(why);
    }
    if !settings.replies_stay && !made.request.approvals.is_empty() {
        // Somebody may have taken back what they said and deleted that. That nobody said yes needs no such doubt: a yes that was
        // deleted is none any more.
        made.request.whole_history = Some(false);
    }
    Ok(made)
}

impl Made {
    /// Notes something that leaves it open what was approved.
    fn doubt(&mut self, why: &str) {
        self.request.whole_history = Some(false);
        self.request.doubt(why);
        self.remark(why);
    }

    fn remark(&mut self, what: &str) {
        let id = self.request.id.as_str();
        self.remarks.push(format!("{id}: {what}"));
    }

    /// What stays of a message that was deleted: that it is no request any more, and nobody says since when.
    fn deleted(&mut self) {
        self.request.title = Text::const_new("(deleted)");
        self.request.whole_history = Some(false);
        self.request.edits.push(Edit {
            at: None,
            by: None,
            field: Text::default(),
        });
        self.request.transitions.push(Transition {
            at: None,
            by: None,
            to: Text::const_new(request_state::CANCELLED),
            word: Text::const_new("deleted"),
        });
    }
}

#[cfg(test)]
mod tests;
