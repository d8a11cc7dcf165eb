//! A workspace, and what can be done in it.

use std::collections::BTreeMap;

use serde_json::Value;

/// A workspace with its people, and channels with all that was ever said in them and not deleted.
pub struct Workspace {
    /// The time, in seconds since 1970.
    pub now: i64,
    /// How many messages a page has at most.
    pub page: usize,
    /// How many people a reaction names at most, however many there are.
    pub named: usize,
    /// Whether lists without an order come the other way round.
    pub shuffled: bool,
    /// The accounts, by id.
    pub users: BTreeMap<String, User>,
    /// The channels that the app is in, by id.
    pub channels: BTreeMap<String, Vec<Message>>,
    said: u32,
}

/// An account.
#[derive(Clone, Debug)]
pub struct User {
    /// What it is called.
    pub name: String,
    /// Whether it is an app's.
    pub bot: bool,
    /// Whether it was deactivated.
    pub gone: bool,
}

/// A message, of the channel or of a thread.
#[derive(Clone, Debug)]
pub struct Message {
    /// When it was sent, and its id.
    pub ts: String,
    /// The first message of its thread, for a reply.
    pub thread: Option<String>,
    /// Whose account it is of, where it is one's.
    pub user: Option<String>,
    /// The app that sent it, and the app's bot.
    pub app: Option<(String, String)>,
    /// What it says.
    pub text: String,
    /// When it was edited, and by whom.
    pub edited: Option<(String, String)>,
    /// The emoji, each with who set it.
    pub reactions: Vec<(String, Vec<String>)>,
    /// Whether a reply was sent to the channel too.
    pub broadcast: bool,
    /// Whether it was deleted and stands for its thread.
    pub tombstone: bool,
    /// Fields that take the place of those above.
    pub more: Value,
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self {
            now: 1_768_420_000,
            page: 100,
            named: 50,
            shuffled: false,
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            said: 0,
        }
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: i64) {
        self.now += seconds;
    }

    /// Opens an account for somebody.
    pub fn hire(&mut self, id: &str, name: &str) {
        let user = User {
            name: name.to_owned(),
            bot: false,
            gone: false,
        };
        self.users.insert(id.to_owned(), user);
    }

    /// Installs an app, with an account of its own.
    pub fn install(&mut self, id: &str, name: &str) {
        self.hire(id, name);
        if let Some(user) = self.users.get_mut(id) {
            user.bot = true;
        }
    }

    /// Invites the app into a channel.
    pub fn join(&mut self, channel: &str) {
        self.channels.entry(channel.to_owned()).or_default();
    }

    /// Somebody says something in a channel. Gives the message's time, which is its id.
    pub fn say(&mut self, channel: &str, user: &str, text: &str) -> String {
        self.send(channel, None, Some(user), None, text)
    }

    /// An app says something in a channel.
    pub fn announce(&mut self, channel: &str, app: (&str, &str), text: &str) -> String {
        self.send(channel, None, None, Some(app), text)
    }

    /// Somebody replies in a message's thread.
    pub fn reply(&mut self, channel: &str, ts: &str, user: &str, text: &str) -> String {
        self.send(channel, Some(ts), Some(user), None, text)
    }

    /// An app replies, in a person's name where one is given.
    pub fn reply_by_app(
        &mut self,
        channel: &str,
        ts: &str,
        user: Option<&str>,
        app: (&str, &str),
        text: &str,
    ) -> String {
        self.send(channel, Some(ts), user, Some(app), text)
    }

    fn send(
        &mut self,
        channel: &str,
        thread: Option<&str>,
        user: Option<&str>,
        app: Option<(&str, &str)>,
        text: &str,
    ) -> String {
        self.now += 1;
        self.said += 1;
        let ts = format!("{}.{:06}", self.now, self.said * 100 % 1_000_000);
        let message = Message {
            ts: ts.clone(),
            thread: thread.map(str::to_owned),
            user: user.map(str::to_owned),
            app: app.map(|(app, bot)| (app.to_owned(), bot.to_owned())),
            text: text.to_owned(),
            edited: None,
            reactions: Vec::new(),
            broadcast: false,
            tombstone: false,
            more: Value::Null,
        };
        self.channels
            .entry(channel.to_owned())
            .or_default()
            .push(message);
        ts
    }

    /// A message, to be altered by hand.
    ///
    /// # Panics
    /// When there is none.
    pub fn message(&mut self, channel: &str, ts: &str) -> &mut Message {
        let messages = self.channels.get_mut(channel).expect("a channel");
        let mut messages = messages.iter_mut();
        messages.find(|one| one.ts == ts).expect("a message")
    }

    /// Whoever wrote a message edits it.
    pub fn edit(&mut self, channel: &str, ts: &str, text: &str) {
        self.now += 1;
        let at = format!("{}.000000", self.now);
        let message = self.message(channel, ts);
        let by = message.user.clone().or_else(|| {
            let (_, bot) = message.app.clone()?;
            Some(bot)
        });
        message.text = text.to_owned();
        message.edited = Some((by.unwrap_or_default(), at));
    }

    /// A message is deleted. One with replies leaves a mark, and one without leaves nothing.
    pub fn delete(&mut self, channel: &str, ts: &str) {
        let messages = self.channels.entry(channel.to_owned()).or_default();
        if messages.iter().any(|one| one.thread.as_deref() == Some(ts)) {
            let message = self.message(channel, ts);
            message.tombstone = true;
            message.text = "This message was deleted.".to_owned();
            message.user = Some("USLACKBOT".to_owned());
            (message.app, message.edited) = (None, None);
            message.reactions.clear();
        } else {
            messages.retain(|one| one.ts != ts);
        }
    }

    /// Somebody sets an emoji below a message.
    pub fn react(&mut self, channel: &str, ts: &str, user: &str, name: &str) {
        let reactions = &mut self.message(channel, ts).reactions;
        match reactions.iter_mut().find(|(have, _)| have == name) {
            Some((_, users)) => users.push(user.to_owned()),
            None => reactions.push((name.to_owned(), vec![user.to_owned()])),
        }
    }

    /// Somebody takes an emoji away.
    pub fn unreact(&mut self, channel: &str, ts: &str, user: &str, name: &str) {
        let reactions = &mut self.message(channel, ts).reactions;
        for (have, users) in reactions.iter_mut() {
            users.retain(|one| have != name || one != user);
        }
        reactions.retain(|(_, users)| !users.is_empty());
    }
}
