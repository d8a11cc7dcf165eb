//! What the first message of a thread says: who asks for what.

use plimsoll_kit::mention::{LONGEST, Mentions, mentions};
use plimsoll_model::{Edit, Party, Text};

use super::{Made, TITLE, sender, shown};
use crate::settings::Settings;
use crate::text::{is_person, persons, plain, shown as one_line};
use crate::time;
use crate::wire::{Edited, Message};

/// The text of a message, in the vendor's mark-up.
///
/// What an app shows in blocks is the app's own word. Of a person's message all that is shown counts, without what it quotes and what
/// a link leads to, which others wrote: blocks where there is no text, and what is attached below.
pub(super) fn text(message: &Message) -> String {
    if message.is_program() {
        let mut text = message.text.clone();
        shown::add(message, &mut text);
        return text;
    }
    let mut text = own(&message.text);
    if text.trim().is_empty() {
        text = own(&shown::in_blocks(message));
    }
    let below = own(&shown::in_attachments(message));
    if !below.trim().is_empty() {
        text.push('\n');
        text.push_str(&below);
    }
    text
}

/// A text without what it quotes.
fn own(text: &str) -> String {
    let quoted = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("&gt;") || line.starts_with('>')
    };
    let own = text.lines().filter(|line| !quoted(line));
    own.collect::<Vec<_>>().join("\n")
}

/// What a text asks for, and of whom.
fn asked(text: &str, settings: &Settings) -> (Mentions, [(Vec<Party>, bool); 2]) {
    let mut found = mentions(&plain(start(text)), &settings.words);
    // In words for a person, and the same for much else.
    found.oddities.clear();
    let people = [&settings.requester, &settings.implementer];
    (found, people.map(|keys| named(text, keys)))
}

/// Holds what a person's message shows in one place against what it shows in another.
fn compare(made: &mut Made, message: &Message, settings: &Settings) {
    let (text, blocks) = (own(&message.text), own(&shown::in_blocks(message)));
    let both = !text.trim().is_empty() && !blocks.trim().is_empty();
    if both && asked(&text, settings) != asked(&blocks, settings) {
        made.doubt(
            "its text asks for something else than its blocks, which people see in its place",
        );
    }
    let (mut titles, people) = asked(&shown::in_files(message), settings);
    // That a picture is called after a ticket or a release says nothing yet.
    titles.requests.clear();
    titles.releases.clear();
    if (titles, people) != asked("", settings) {
        made.doubt(
            "the title of a file says what is asked for, and it can be altered with no mark",
        );
    }
}

/// The first line with something in it.
pub(super) fn title(text: &str) -> Text {
    // Looked for in the beginning alone: a text may be long.
    let start = text.get(..text.floor_char_boundary(4096)).unwrap_or(text);
    let start = plain(start);
    let mut lines = start
        .lines()
        .map(|line| one_line(&without_emphasis(line), TITLE));
    let line = lines.find(|line| line.chars().any(char::is_alphanumeric));
    line.unwrap_or_else(|| "(no text)".to_owned()).into()
}

/// A line without the stars around what is bold in it. One alone is a star.
fn without_emphasis(line: &str) -> String {
    match line.matches('*').count() % 2 {
        0 => line.replace('*', ""),
        _ => line.to_owned(),
    }
}

/// Reads it into the request.
pub(super) fn read(made: &mut Made, message: &Message, text: &str, settings: &Settings) {
    let mut found = mentions(&plain(start(text)), &settings.words);
    if start(text).len() < text.len() && !found.cut {
        found.cut = true;
        let what = format!("its text is longer than {LONGEST} bytes: the rest was not read");
        found.oddities.push(what);
    }
    let oddities = found.add_to(&mut made.request);
    oddities.iter().for_each(|oddity| made.remark(oddity));
    if !message.is_program() {
        compare(made, message, settings);
    }
    requester(made, message, text, settings);
    let (implementers, unclear) = named(text, &settings.implementer);
    made.request.implementers = implementers;
    if unclear {
        made.doubt(
            "it names who carries it out, and not by a mention (@name): who that is stays unknown",
        );
    }
    if message.is_program() && !settings.apps_stay {
        made.doubt(
            "an app can alter its message and leave no mark: see `apps_stay` in the settings",
        );
    }
    if let Some(edited) = &message.edited {
        made.request.edits.push(edit(edited));
    }
}

fn requester(made: &mut Made, message: &Message, text: &str, settings: &Settings) {
    let (named, unclear) = named(text, &settings.requester);
    if unclear {
        made.doubt(
            "it names who asks for it, and not by a mention (@name): who that is stays unknown",
        );
    }
    let mut named = named.into_iter();
    made.request.requester = match message.is_program() {
        // A program asks in somebody's name, or nobody knows in whose.
        true => named.next(),
        false => sender(message),
    };
    // All others that are named had a part in it too.
    made.request.authors = named.collect();
    if made.request.requester.is_none() {
        made.doubt("nobody says who asked for it, so that whoever approved it may have");
    }
}

/// As much of a text as is read.
pub(super) fn start(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST))
        .unwrap_or(text)
}

/// The accounts that lines of some keys name, and whether such a line names somebody in another way.
fn named(text: &str, keys: &[String]) -> (Vec<Party>, bool) {
    let (mut found, mut unclear) = (Vec::<Party>::new(), false);
    for line in start(text).lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        if key.len() > 96 {
            continue;
        }
        let around = |char: char| !char.is_alphanumeric();
        let key = key.trim_matches(around).to_lowercase();
        if !keys.contains(&key) {
            continue;
        }
        let ids = persons(value);
        let rest = plain(value);
        let mut rest = rest.split(|char: char| !char.is_alphanumeric());
        unclear |= ids.is_empty() || rest.any(|word| !["", "and"].contains(&word));
        for id in ids {
            if !found.iter().any(|party| party.account == id) {
                found.push(Party::new(id));
            }
        }
    }
    (found, unclear)
}

/// An edit of a message.
///
/// The interface shows when the last one was, and not what it altered: the text holds title, scope, window and
/// emergency alike, so that it may have been any of them.
fn edit(edited: &Edited) -> Edit {
    let by = edited.user.as_ref().filter(|id| is_person(id));
    Edit {
        at: edited.ts.as_deref().and_then(time::edited),
        by: by.map(|id| Party::new(id.clone())),
        field: Text::default(),
    }
}
