//! The vendor's mark-up as the plain text that a person sees.

/// Every reference to a person in a text: the ids of `<@U0NORA>` and `<@U0NORA|nora>`.
pub(crate) fn persons(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for part in text.split("<@").skip(1) {
        let id = part.split(['>', '|']).next().unwrap_or_default();
        if is_person(id) && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// Whether a text is the id of a person's account, or of an app's that acts as one.
pub(crate) fn is_person(id: &str) -> bool {
    is_id(id, &['U', 'W'])
}

/// Whether a text is an id that begins with one of some letters.
pub(crate) fn is_id(id: &str, letters: &[char]) -> bool {
    let rest = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    id.len() >= 2 && id.len() <= 32 && id.starts_with(letters) && id.bytes().all(rest)
}

/// A text without its mark-up: links as what they show and where they lead, names of channels and groups, no references to
/// persons, nothing that is struck out.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inner, after)) = after.split_once('>') else {
            rest = after;
            break;
        };
        reference(inner, &mut out);
        rest = after;
    }
    out.push_str(rest);
    let struck: Vec<String> = out.lines().map(without_struck).collect();
    entities(&struck.join("\n"))
}

/// What stands between `<` and `>`.
fn reference(inner: &str, out: &mut String) {
    let (target, label) = inner.split_once('|').unwrap_or((inner, ""));
    match target.chars().next() {
        Some('@') => {}
        // A channel, a group, a date: as it is shown.
        Some('#' | '!') => out.push_str(label),
        _ => {
            let bare = target
                .strip_prefix("https://")
                .or_else(|| target.strip_prefix("http://"))
                .or_else(|| target.strip_prefix("mailto:"));
            // A name that was made a link by itself is the name.
            if label.is_empty() || bare != Some(label) {
                out.push_str(target);
            }
            if !label.is_empty() {
                if bare != Some(label) {
                    out.push(' ');
                }
                out.push_str(label);
            }
        }
    }
}

/// A line without what stands between two `~` at the edges of words.
fn without_struck(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = edge(rest, true) {
        let (before, after) = rest.split_at(open);
        let inner = after.get(1..).unwrap_or_default();
        let Some(close) = edge(inner, false) else {
            break;
        };
        out.push_str(before);
        rest = inner.get(close + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Where a `~` stands that opens, or closes, what is struck out.
fn edge(text: &str, opens: bool) -> Option<usize> {
    let mut before: Option<char> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let after = chars.peek().map(|(_, next)| *next);
        if char == '~' {
            let (outside, inside) = if opens {
                (before, after)
            } else {
                (after, before)
            };
            let free = outside.is_none_or(|char| !char.is_alphanumeric());
            if free && inside.is_some_and(|char| !char.is_whitespace() && char != '~') {
                return Some(at);
            }
        }
        before = Some(char);
    }
    None
}

/// The three characters that the vendor writes as entities.
pub(crate) fn entities(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// A text on one line, for people to see: without control characters, without what URLs may hold in secret, and bounded.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let words = text.split_whitespace().map(bare_url);
    let mut out = String::new();
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().filter(|char| !char.is_control()));
        if out.len() > most * 4 {
            break;
        }
    }
    if out.chars().count() > most {
        out = out.chars().take(most).collect();
        out.push('…');
    }
    out
}

/// A URL without user, query and fragment; another word as it is.
fn bare_url(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_up_becomes_what_is_seen() {
        for (text, want) in [
            (
                "System: <http://api.example.com|api.example.com>",
                "System: api.example.com",
            ),
            (
                "see <https://github.com/acme/infra/pull/42>",
                "see https://github.com/acme/infra/pull/42",
            ),
            (
                "see <https://x.test/a|the plan>",
                "see https://x.test/a the plan",
            ),
            ("<@U0NORA> in <#C0CHG|changes> <!here>", " in changes "),
            ("a &lt;b&gt; &amp;lt;", "a <b> &lt;"),
            ("~System: old~ System: new", " System: new"),
            ("a~b ~c", "a~b ~c"),
            ("from ~1 to 2~", "from "),
            ("open < and", "open  and"),
            ("~~", "~~"),
        ] {
            assert_eq!(plain(text), want, "{text}");
        }
    }

    #[test]
    fn persons_are_found_by_their_ids() {
        assert_eq!(
            persons("<@U0NORA> <@W0RAJ|raj> <@nobody> <@U0NORA> <@U1"),
            ["U0NORA", "W0RAJ", "U1"]
        );
        assert!(!is_person("u0nora") && !is_person("U") && !is_person("B0"));
    }

    #[test]
    fn what_is_shown_is_short_and_holds_no_query() {
        assert_eq!(
            shown("a\tb\u{7} https://joe:pw@x.test/p?token=1#f é", 60),
            "a b https://x.test/p é"
        );
        assert_eq!(shown("ééééé", 3), "ééé…");
        assert_eq!(shown(&"a".repeat(10_000_000), 3), "aaa…");
    }

    #[test]
    fn no_input_makes_it_panic() {
        let odd = "<@U|é>~a~<!x|~é~><a|b>&lt;~~é~ <";
        for from in 0..odd.len() {
            for to in from..=odd.len() {
                if let Some(text) = odd.get(from..to) {
                    plain(text);
                    persons(text);
                    shown(text, 2);
                }
            }
        }
    }
}
