//! The formats of the channels, each with what it takes for more than text.

use std::fmt::Write as _;

use super::Format;

/// Text without mark-up: a mail's body, PagerDuty, a program, Slack's `plain_text`.
#[derive(Clone, Copy, Debug)]
pub enum Plain {}

impl Format for Plain {
    fn put(_: &str, c: char, _: &str, made: &mut String) {
        made.push(c);
    }
}

/// Slack's mark-up, <https://docs.slack.dev/messaging/formatting-message-text>.
///
/// `&`, `<` and `>` begin mentions, links and entities, and are escaped. Of bold, italic, struck out, code, quotations and emoji
/// Slack knows no escape: their marks become signs that look like them, where Slack would take them for marks.
#[derive(Clone, Copy, Debug)]
pub enum Mrkdwn {}

impl Format for Mrkdwn {
    fn put(before: &str, c: char, after: &str, made: &mut String) {
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            // At the beginning of a line it quotes, escaped or not.
            '>' if before.trim_matches([' ', '>']).is_empty() => made.push('›'),
            '>' => made.push_str("&gt;"),
            '*' => made.push('∗'),
            '~' => made.push('∼'),
            '`' => made.push('ˋ'),
            '_' if word(before.chars().next_back()) && word(after.chars().next()) => made.push('_'),
            '_' => made.push('＿'),
            ':' if begins_emoji(after) => made.push('∶'),
            c => made.push(c),
        }
    }
}

/// Whether what follows a colon makes a name of an emoji of it, as `white_check_mark:`.
fn begins_emoji(after: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || "_+-'".contains(c);
    after
        .split_once(':')
        .is_some_and(|(inner, _)| !inner.is_empty() && inner.chars().all(name))
}

/// The text of an Adaptive Card: Markdown, mentions as `<at>`, and dates as `{{DATE(…)}}`,
/// <https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features>.
#[derive(Clone, Copy, Debug)]
pub enum Card {}

impl Format for Card {
    fn put(before: &str, c: char, _: &str, made: &mut String) {
        // A number and a point at the beginning of a line make a list.
        let numbered =
            !before.is_empty() && before.trim_start().bytes().all(|b| b.is_ascii_digit());
        match c {
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '&' => made.push_str("&amp;"),
            '*' | '_' | '[' | ']' | '(' | ')' | '{' | '}' | '`' | '\\' | '~' | '#' | '!' | '|'
            | '$' => {
                made.push('\\');
                made.push(c);
            }
            '-' | '+' | '=' if before.trim().is_empty() => {
                made.push('\\');
                made.push(c);
            }
            // Four spaces make code of a line, and two make a line break of its end.
            ' ' if before.is_empty() || before.ends_with(' ') => made.push('\u{a0}'),
            '.' if numbered => made.push_str("\\."),
            c => made.push(c),
        }
    }
}

/// A mail's subject: an encoded word of RFC 2047 in it would be decoded by whoever reads it.
#[derive(Clone, Copy, Debug)]
pub enum Subject {}

impl Format for Subject {
    fn put(before: &str, c: char, _: &str, made: &mut String) {
        if c == '?' && before.ends_with('=') {
            made.push('\\');
        }
        made.push(c);
    }
}

/// An address: whatever has no place in one is written as RFC 3986 has it.
#[derive(Clone, Copy, Debug)]
pub enum Address {}

impl Format for Address {
    fn put(_: &str, c: char, _: &str, made: &mut String) {
        if c.is_ascii_graphic() && !"<>|\"\\^`{}*".contains(c) {
            made.push(c);
            return;
        }
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            let _ = write!(made, "%{byte:02X}");
        }
    }
}
