//! Microsoft Teams: an Adaptive Card to the address of a workflow.

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::Serialize;

use super::http::{Http, Letter, Sealed, plain};
use super::{Found, Post, Sender, Sent};
use crate::inert::{Address, Card, Inert, Plain};
use crate::notify::plan::{Message, Tone};

/// Teams takes messages of 28 KB; kept well below, since it counts in its own encoding.
const MOST: usize = 16_000;

/// What a workflow takes: a message with one card. What does not fit is left out, the last first.
pub fn card(message: &Message) -> CardLetter {
    let mut most = 1_200;
    loop {
        let made = CardLetter::new(card_of(message, most));
        if Sealed::new(&made).body().len() <= MOST || most < 40 {
            return made;
        }
        most /= 2;
    }
}

/// A text of a card.
type Shown = Inert<Card>;

/// A message with one card.
#[derive(Debug, Serialize)]
pub struct CardLetter {
    r#type: &'static str,
    attachments: [Attachment; 1],
}

impl CardLetter {
    fn new(content: Content) -> Self {
        Self {
            r#type: "message",
            attachments: [Attachment {
                content_type: "application/vnd.microsoft.card.adaptive",
                content_url: None,
                content,
            }],
        }
    }
}

impl Letter for CardLetter {
    // Without a charset it is counted in two bytes a character.
    const KIND: &'static str = "application/json; charset=utf-8";
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: &'static str,
    content_url: Option<&'static str>,
    content: Content,
}

#[derive(Debug, Serialize)]
struct Content {
    #[serde(rename = "$schema")]
    schema: &'static str,
    r#type: &'static str,
    version: &'static str,
    body: Vec<Element>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type")]
enum Element {
    TextBlock {
        text: Shown,
        wrap: bool,
        #[serde(flatten)]
        look: Look,
    },
    FactSet {
        facts: Vec<Fact>,
    },
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Look {
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_subtle: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Fact {
    title: Shown,
    value: Shown,
}

#[derive(Debug, Serialize)]
struct Action {
    r#type: &'static str,
    title: Inert<Plain>,
    url: Inert<Address>,
}

fn block(text: Shown, look: Look) -> Element {
    Element::TextBlock {
        text,
        wrap: true,
        look,
    }
}

fn card_of(message: &Message, most: usize) -> Content {
    let colour = match message.tone {
        Tone::Bad => "Attention",
        Tone::Good => "Good",
        Tone::Plain => "Default",
    };
    let look = Look {
        size: Some("Large"),
        weight: Some("Bolder"),
        color: Some(colour),
        ..Look::default()
    };
    let mut body = vec![
        block(Shown::line(&message.title, 400), look),
        block(Shown::line(&message.headline, 600), Look::default()),
    ];
    if !message.fields.is_empty() {
        let facts = message.fields.iter().take(10).map(|(name, value)| Fact {
            title: Shown::line(name, 200),
            value: Shown::line(value, 300),
        });
        body.push(Element::FactSet {
            facts: facts.collect(),
        });
    }
    for part in message.parts.iter().take(20) {
        if !part.heading.is_empty() {
            let look = Look {
                weight: Some("Bolder"),
                ..Look::default()
            };
            body.push(block(Shown::line(&part.heading, 200), look));
        }
        let mut lines = Vec::new();
        let mut room = most;
        for line in &part.lines {
            if room < 2 {
                lines.push(Shown::own("…"));
                break;
            }
            let line = Shown::line(line, room);
            room = room.saturating_sub(line.len() + 2);
            lines.push(line);
        }
        // A card keeps a line break only as an empty line.
        body.push(block(Shown::join(&lines, "\n\n"), Look::default()));
    }
    for one in message.lines.iter().take(30) {
        let text = Shown::line(&one.text, most.min(300));
        let text = if one.mark.is_empty() {
            text
        } else {
            let mark = Shown::line(&one.mark, 100);
            mark.and_own(": ").and(&text)
        };
        body.push(block(text, Look::default()));
    }
    if !message.footer.is_empty() {
        let look = Look {
            size: Some("Small"),
            is_subtle: Some(true),
            ..Look::default()
        };
        body.push(block(Shown::line(&message.footer, 300), look));
    }
    let link = message.link.as_ref();
    let actions = link.map(|(name, url)| Action {
        r#type: "Action.OpenUrl",
        title: Inert::line(name, 200),
        url: Inert::line(url, 2_000),
    });
    Content {
        schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        r#type: "AdaptiveCard",
        version: "1.4",
        body,
        actions: actions.into_iter().collect(),
    }
}

/// A workflow's address.
pub(super) struct Teams {
    pub(super) http: Http,
    pub(super) url: Url,
}

#[async_trait]
impl Sender for Teams {
    async fn send(&self, post: &Post<'_>) -> Sent {
        let letter = Sealed::new(&card(post.message));
        plain(self.http.post(&self.url, HeaderMap::new(), letter).await)
    }

    async fn find(&self, _: &Post<'_>, _: Timestamp) -> Found {
        Found::NoTelling("it may be there twice: a workflow cannot be asked")
    }
}
