//! Microsoft Teams: an Adaptive Card to the address of a workflow.

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::http::{Http, plain};
use super::text::{line, lines};
use super::{Found, Post, Sender, Sent};
use crate::notify::plan::{Message, Tone};

/// Teams takes messages of 28 KB; kept well below, since it counts in its own encoding.
const MOST: usize = 16_000;

/// What a workflow takes: a message with one card. What does not fit is left out, the last first.
pub fn card(message: &Message) -> Value {
    let mut most = 1_200;
    loop {
        let made = card_of(message, most);
        if made.to_string().len() <= MOST || most < 40 {
            return made;
        }
        most /= 2;
    }
}

fn card_of(message: &Message, most: usize) -> Value {
    let block = |text: String| json!({"type": "TextBlock", "text": escape(&text), "wrap": true});
    let colour = match message.tone {
        Tone::Bad => "Attention",
        Tone::Good => "Good",
        Tone::Plain => "Default",
    };
    let title = escape(&line(&message.title, 200));
    let mut body = vec![
        json!({"type": "TextBlock", "text": title, "wrap": true, "size": "Large", "weight": "Bolder", "color": colour}),
        block(line(&message.headline, 300)),
    ];
    if !message.fields.is_empty() {
        let facts: Vec<Value> = message
            .fields
            .iter()
            .take(10)
            .map(|(name, value)| json!({"title": name, "value": escape(&line(value, 300))}))
            .collect();
        body.push(json!({"type": "FactSet", "facts": facts}));
    }
    for (heading, text) in message.parts.iter().take(20) {
        if !heading.is_empty() {
            let heading = escape(&line(heading, 200));
            body.push(
                json!({"type": "TextBlock", "text": heading, "wrap": true, "weight": "Bolder"}),
            );
        }
        // A card keeps a line break only as an empty line.
        body.push(block(lines(text, most).replace('\n', "\n\n")));
    }
    for one in message.lines.iter().take(30) {
        let mark = if one.mark.is_empty() {
            String::new()
        } else {
            format!("{}: ", one.mark)
        };
        body.push(block(format!("{mark}{}", line(&one.text, most.min(300)))));
    }
    if !message.footer.is_empty() {
        let footer = escape(&line(&message.footer, 300));
        body.push(json!({"type": "TextBlock", "text": footer, "wrap": true, "isSubtle": true, "size": "Small"}));
    }
    let mut content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    });
    if let Some((name, url)) = &message.link {
        content["actions"] = json!([{"type": "Action.OpenUrl", "title": name, "url": url}]);
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": content,
        }],
    })
}

/// A card's text is Markdown, and knows mentions as `<at>`: neither is to come from outside.
fn escape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '&' => made.push_str("&amp;"),
            '*' | '_' | '[' | ']' | '(' | ')' | '`' | '\\' => {
                made.push('\\');
                made.push(c);
            }
            c => made.push(c),
        }
    }
    made
}

/// A workflow's address.
pub(super) struct Teams {
    pub(super) http: Http,
    pub(super) url: Url,
}

#[async_trait]
impl Sender for Teams {
    async fn send(&self, post: &Post<'_>) -> Sent {
        let mut headers = HeaderMap::new();
        // Without a charset it is counted in two bytes a character.
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, kind);
        let body = card(post.message).to_string().into_bytes();
        plain(self.http.post(&self.url, headers, body).await)
    }

    async fn find(&self, _: &Post<'_>, _: Timestamp) -> Found {
        Found::NoTelling("it may be there twice: a workflow cannot be asked")
    }
}
