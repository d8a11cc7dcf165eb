//! Slack's form of a message: Block Kit within its caps, and nothing in it that Slack would take for mark-up.

use serde::Serialize;

use super::http::Letter;
use crate::inert::{Inert, Mrkdwn, Plain};
use crate::notify::plan::{Message, Part, Since, Tone};

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

/// A text beside others in Slack's mark-up.
type Marked = Inert<Mrkdwn>;

/// A part's text: its lines, as far as there is room.
fn text_of(part: &Part, most: usize) -> Marked {
    Marked::lines(
        part.lines.iter().map(|line| Marked::line(line, most - 4)),
        most,
    )
}

/// The text beside the blocks: what a notification, and a reader that shows no blocks, says.
pub fn fallback(message: &Message) -> Marked {
    Marked::line(&message.title, 1_000)
        .and_own(" (")
        .and(&Marked::line(&message.headline, 1_000))
        .and_own(")")
}

/// The whole message without blocks, where Slack refuses those.
pub fn plain(message: &Message) -> Marked {
    let named = |name: &str, value: &Marked| {
        let name = Marked::line(name, 200);
        name.and_own(": ").and(value)
    };
    let mut lines = vec![fallback(message)];
    for part in &message.parts {
        lines.push(named(&part.heading, &text_of(part, 500)));
    }
    for (name, value) in &message.fields {
        lines.push(named(name, &Marked::line(value, 200)));
    }
    if let Some((name, url)) = &message.link {
        lines.push(Marked::link(url, &Marked::line(name, 200)));
    }
    for one in &message.lines {
        lines.push(Marked::own("- ").and(&Marked::line(&one.text, 300)));
    }
    Marked::lines(lines, cap::TEXT)
}

/// The blocks of a message.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Blocks(Vec<Block>);

impl Letter for Blocks {}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Block {
    Header {
        text: Words,
    },
    Section {
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Words>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<Words>,
    },
    Context {
        elements: Vec<Words>,
    },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Words {
    /// Without mark-up, and so with nothing to escape.
    PlainText { text: Inert<Plain>, emoji: bool },
    /// With Slack's, and without what Slack would make links of by itself.
    Mrkdwn { text: Marked, verbatim: bool },
}

impl From<Marked> for Words {
    fn from(text: Marked) -> Self {
        Words::Mrkdwn {
            text,
            verbatim: true,
        }
    }
}

/// The blocks.
pub fn blocks(message: &Message) -> Blocks {
    let mut blocks = Filling::default();
    blocks.put(Block::Header {
        text: Words::PlainText {
            text: Inert::line(&message.title, cap::HEADER),
            emoji: false,
        },
    });
    blocks.section(standing(message));
    let bold = |name: &str| {
        let name = Marked::line(name, 200);
        Marked::own("*").and(&name).and_own("*\n")
    };
    let fields = message.fields.iter().take(cap::FIELDS);
    let fields: Vec<Words> = fields
        .map(|(name, value)| bold(name).and(&Marked::line(value, cap::FIELD)).into())
        .collect();
    if !fields.is_empty() {
        blocks.put(Block::Section { text: None, fields });
    }
    for part in &message.parts {
        let text = text_of(part, cap::SECTION);
        blocks.section(if part.heading.is_empty() {
            text
        } else {
            bold(&part.heading).and(&text)
        });
    }
    let list = message.lines.iter().map(|one| {
        let text = Marked::line(&one.text, 300);
        if one.mark.is_empty() {
            Marked::own("• ").and(&text)
        } else {
            let mark = Marked::line(&one.mark, 100);
            Marked::own("• ").and(&mark).and_own(": ").and(&text)
        }
    });
    for part in in_sections(list) {
        blocks.section(part);
    }
    let mut small: Vec<Words> = Vec::new();
    if let Some((name, url)) = &message.link {
        small.push(Marked::link(url, &Marked::line(name, 200)).into());
    }
    if !message.footer.is_empty() {
        small.push(Marked::line(&message.footer, 500).into());
    }
    if !small.is_empty() {
        blocks.last(Block::Context { elements: small });
    }
    Blocks(blocks.made)
}

/// How things stand: the last word on it, and what was before struck out; then what became of the drifts that came with it.
fn standing(message: &Message) -> Marked {
    let circle = |tone: Tone| {
        Marked::own(match tone {
            Tone::Bad => ":red_circle: ",
            Tone::Good => ":large_green_circle: ",
            Tone::Plain => ":white_circle: ",
        })
    };
    let word = |since: &Since| circle(if since.good { Tone::Good } else { Tone::Plain });
    let subject = message.occurrence.as_ref().map(|one| &one.subject);
    let (own, others): (Vec<&Since>, Vec<&Since>) = message
        .since
        .iter()
        .partition(|since| subject.is_none_or(|subject| *subject == since.subject));
    let headline = Marked::line(&message.headline, LAST);
    let mut text = match own.split_last() {
        None => circle(message.tone).and(&headline),
        Some((last, earlier)) => {
            let mut text = word(last)
                .and_own("*")
                .and(&Marked::line(&last.standing, LAST))
                .and_own("*");
            let earlier = earlier[earlier.len().saturating_sub(3)..].iter();
            let earlier = earlier.map(|since| Marked::line(&since.standing, LAST));
            for line in std::iter::once(headline).chain(earlier) {
                text = text.and_own("\n~").and(&line).and_own("~");
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
        text = text
            .and_own("\n")
            .and(&word(since))
            .and(&Marked::line(&since.name, 100))
            .and_own(": ")
            .and(&Marked::line(&since.standing, LAST));
    }
    text
}

/// Lines in texts that each fit into a section.
fn in_sections(lines: impl IntoIterator<Item = Marked>) -> Vec<Marked> {
    let mut made: Vec<Marked> = Vec::new();
    for line in lines {
        match made.last_mut() {
            Some(last) if last.len() + line.len() < cap::SECTION => {
                *last = last.clone().and_own("\n").and(&line);
            }
            _ => made.push(line),
        }
    }
    made
}

#[derive(Default)]
struct Filling {
    made: Vec<Block>,
    used: usize,
    full: bool,
}

impl Filling {
    fn section(&mut self, text: Marked) {
        self.put(Block::Section {
            text: Some(text.into()),
            fields: Vec::new(),
        });
    }

    /// Puts a block where there is room for it, and after the first for which there is none says so instead.
    fn put(&mut self, block: Block) {
        if self.full {
            return;
        }
        let long = serde_json::to_string(&block).map_or(cap::ALL, |json| json.chars().count());
        if self.made.len() + 2 > cap::BLOCKS || self.used + long > cap::ALL {
            self.full = true;
            self.made.push(Block::Section {
                text: Some(Marked::own("… and more than fits here").into()),
                fields: Vec::new(),
            });
            return;
        }
        self.used += long;
        self.made.push(block);
    }

    /// Puts the last block, for which there is always room.
    fn last(&mut self, block: Block) {
        self.made.push(block);
    }
}
