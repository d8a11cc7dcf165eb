//! Slack's form of a message: Block Kit within its caps, and nothing in it that Slack would take for mark-up.

use serde_json::{Value, json};

use super::text::{cut, line, lines};
use crate::notify::plan::{Message, Since, Tone};

/// Characters of one word on how things stand.
const LAST: usize = 200;

/// Block Kit's caps, <https://docs.slack.dev/reference/block-kit/blocks>, and what is kept of them.
mod cap {
    /// Characters of a header: 150.
    pub(super) const HEADER: usize = 150;
    /// Characters of a section: 3,000; kept smaller, since all blocks together have a cap that nobody documents.
    pub(super) const SECTION: usize = 1_500;
    /// Fields of a section: 10, of 2,000 characters each.
    pub(super) const FIELDS: usize = 10;
    pub(super) const FIELD: usize = 300;
    /// Characters of all blocks together: about 13,000 are reported to be refused.
    pub(super) const ALL: usize = 10_000;
    /// Blocks of a message: 50.
    pub(super) const BLOCKS: usize = 48;
    /// Characters of the text beside the blocks: 4,000 are advised.
    pub(super) const TEXT: usize = 3_000;
}

/// A text that Slack shows as it is: `&`, `<` and `>` are all that begins a mention, a link or an entity. What makes bold or
/// code stays: it can mislead nobody about who says what.
pub fn escape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            c => made.push(c),
        }
    }
    made
}

/// Escaped, and at most so many characters after that.
fn fit(text: &str, most: usize) -> String {
    let tamed = lines(text, most);
    let mut room = most;
    for (keep, c) in tamed.chars().enumerate() {
        let long = match c {
            '&' => 5,
            '<' | '>' => 4,
            _ => 1,
        };
        if long > room {
            // One character less makes room for the mark, and an entity is never cut.
            return format!("{}…", escape(&cut_to(&tamed, keep.max(1) - 1)));
        }
        room -= long;
    }
    escape(&tamed)
}

/// The first so many characters.
fn cut_to(text: &str, many: usize) -> String {
    text.chars().take(many).collect()
}

/// The text beside the blocks: what a notification, and a reader that shows no blocks, says.
pub fn fallback(message: &Message) -> String {
    let title = line(&message.title, 300);
    let headline = line(&message.headline, 300);
    cut(&escape(&format!("{title} ({headline})")), cap::TEXT)
}

/// The whole message without blocks, where Slack refuses those.
pub fn plain(message: &Message) -> String {
    let mut text = fallback(message);
    for (heading, part) in &message.parts {
        text.push_str(&format!("\n{}: {}", escape(heading), fit(part, 500)));
    }
    for (name, value) in &message.fields {
        text.push_str(&format!("\n{}: {}", escape(name), fit(value, 200)));
    }
    if let Some((name, url)) = &message.link {
        text.push_str(&format!("\n<{}|{}>", link(url), escape(name)));
    }
    for one in &message.lines {
        text.push_str(&format!("\n- {}", fit(&one.text, 300)));
    }
    cut(&text, cap::TEXT)
}

/// The blocks.
pub fn blocks(message: &Message) -> Value {
    let mut blocks = Blocks::default();
    // Plain text has no mark-up, and nothing to escape.
    let title = line(&message.title, cap::HEADER);
    blocks.put(
        json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": false}}),
    );
    blocks.section(&standing(message));
    let fields: Vec<Value> = message
        .fields
        .iter()
        .take(cap::FIELDS)
        .map(|(name, value)| {
            let text = format!("*{}*\n{}", escape(name), fit(value, cap::FIELD));
            json!({"type": "mrkdwn", "text": text, "verbatim": true})
        })
        .collect();
    if !fields.is_empty() {
        blocks.put(json!({"type": "section", "fields": fields}));
    }
    for (heading, text) in &message.parts {
        let text = fit(text, cap::SECTION);
        if heading.is_empty() {
            blocks.section(&text);
        } else {
            blocks.section(&format!("*{}*\n{text}", escape(&line(heading, 200))));
        }
    }
    let list: Vec<String> = message
        .lines
        .iter()
        .map(|one| {
            let text = fit(&one.text, 300);
            if one.mark.is_empty() {
                format!("• {text}")
            } else {
                format!("• {}: {text}", escape(&one.mark))
            }
        })
        .collect();
    for part in in_sections(&list) {
        blocks.section(&part);
    }
    let mut small = Vec::new();
    if let Some((name, url)) = &message.link {
        small.push(format!("<{}|{}>", link(url), escape(name)));
    }
    if !message.footer.is_empty() {
        small.push(fit(&message.footer, 500));
    }
    if !small.is_empty() {
        let elements: Vec<Value> = small
            .into_iter()
            .map(|text| json!({"type": "mrkdwn", "text": text, "verbatim": true}))
            .collect();
        blocks.last(json!({"type": "context", "elements": elements}));
    }
    Value::Array(blocks.made)
}

/// How things stand: the last word on it, and what was before struck out; then what became of the drifts that came with it.
fn standing(message: &Message) -> String {
    let circle = |tone: Tone| match tone {
        Tone::Bad => ":red_circle:",
        Tone::Good => ":large_green_circle:",
        Tone::Plain => ":white_circle:",
    };
    let word = |since: &Since| circle(if since.good { Tone::Good } else { Tone::Plain });
    let subject = message.occurrence.as_ref().map(|one| &one.subject);
    let (own, others): (Vec<&Since>, Vec<&Since>) = message
        .since
        .iter()
        .partition(|since| subject.is_none_or(|subject| *subject == since.subject));
    let headline = fit(&message.headline, LAST);
    let mut text = match own.split_last() {
        None => format!("{} {headline}", circle(message.tone)),
        Some((last, earlier)) => {
            let mut text = format!("{} *{}*", word(last), fit(&last.standing, LAST));
            let earlier = earlier[earlier.len().saturating_sub(3)..].iter();
            let earlier = earlier.map(|since| fit(&since.standing, LAST));
            for line in std::iter::once(headline).chain(earlier) {
                text.push_str(&format!("\n~{}~", line.replace('~', "-")));
            }
            text
        }
    };
    // Of each the last word counts. What became of a drift says nothing of the change that brought it.
    let mut told: Vec<&Since> = Vec::new();
    for since in others {
        told.retain(|other| other.subject != since.subject);
        told.push(since);
    }
    for since in &told[told.len().saturating_sub(5)..] {
        let (name, standing) = (fit(&since.name, 100), fit(&since.standing, LAST));
        text.push_str(&format!("\n{} {name}: {standing}", word(since)));
    }
    text
}

/// Lines in texts that each fit into a section.
fn in_sections(lines: &[String]) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    for line in lines {
        match made.last_mut() {
            Some(last) if last.chars().count() + line.chars().count() < cap::SECTION => {
                last.push('\n');
                last.push_str(line);
            }
            _ => made.push(line.clone()),
        }
    }
    made
}

/// An address inside `<…|…>`: it comes from the configuration and from numbers, and is escaped all the same.
fn link(url: &str) -> String {
    escape(url).replace('|', "%7C")
}

#[derive(Default)]
struct Blocks {
    made: Vec<Value>,
    used: usize,
    full: bool,
}

impl Blocks {
    fn section(&mut self, text: &str) {
        self.put(
            json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}}),
        );
    }

    /// Puts a block where there is room for it, and after the first for which there is none says so instead.
    fn put(&mut self, block: Value) {
        let long = block.to_string().chars().count();
        if self.full {
            return;
        }
        if self.made.len() + 2 > cap::BLOCKS || self.used + long > cap::ALL {
            self.full = true;
            self.made.push(json!({"type": "section",
                "text": {"type": "mrkdwn", "text": "… and more than fits here", "verbatim": true}}));
            return;
        }
        self.used += long;
        self.made.push(block);
    }

    /// Puts the last block, for which there is always room.
    fn last(&mut self, block: Value) {
        self.made.push(block);
    }
}
