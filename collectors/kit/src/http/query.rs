//! What a GraphQL query is, told from what is none.
//!
//! The language has three kinds of operation, and two of them are not for us: a mutation changes something, and a subscription
//! keeps listening. The text is taken apart into tokens as the language's specification has them, so
//! that neither a comment nor a string can hide a second operation.

/// The text of one GraphQL query, with the fragments that it uses: it reads, and does nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(String);

/// Why a text is no query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoQuery {
    /// It holds something else than a query: a mutation, a subscription, a definition of a schema.
    #[error("the text holds an operation that is no query")]
    Other,
    /// It does not hold exactly one query.
    #[error("the text holds no query, or more than one")]
    Count,
    /// It is not GraphQL: a bracket, a string or a sign is out of place.
    #[error("the text is no GraphQL")]
    Syntax,
    /// The client knows no path that takes queries.
    #[error("this client has no path for queries: name one when it is built")]
    Path,
}

impl Query {
    /// A query from its text.
    ///
    /// # Errors
    /// When it is anything but one query with its fragments.
    pub fn new(text: &str) -> Result<Self, NoQuery> {
        let mut queries = 0;
        let mut open: Vec<char> = Vec::new();
        // None between definitions; else whether what stands before its selection has ended.
        let mut definition: Option<bool> = None;
        let mut rest = text;
        while let Some((token, after)) = next(rest)? {
            rest = after;
            let Some(ended) = &mut definition else {
                queries += match token {
                    Token::Open('{') | Token::Name("query") => 1,
                    Token::Name("fragment") => 0,
                    Token::Name(_) => return Err(NoQuery::Other),
                    _ => return Err(NoQuery::Syntax),
                };
                definition = Some(token == Token::Open('{'));
                open.extend((token == Token::Open('{')).then_some('}'));
                continue;
            };
            match token {
                Token::Open(bracket) => {
                    *ended |= open.is_empty() && bracket == '{';
                    open.push(closing(bracket));
                }
                Token::Close(bracket) if open.pop() == Some(bracket) => {
                    if open.is_empty() && *ended {
                        definition = None;
                    }
                }
                Token::Close(_) => return Err(NoQuery::Syntax),
                Token::Name(_) | Token::Other => {}
            }
        }
        match (definition, queries) {
            (Some(_), _) => Err(NoQuery::Syntax),
            (None, 1) => Ok(Self(text.to_owned())),
            (None, _) => Err(NoQuery::Count),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a word is one of the query's own.
    pub(super) fn names(&self, word: &str) -> bool {
        let mut rest = self.0.as_str();
        while let Ok(Some((token, after))) = next(rest) {
            if token == Token::Name(word) {
                return true;
            }
            rest = after;
        }
        false
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Open(char),
    Close(char),
    /// Numbers, strings, punctuation.
    Other,
}

fn closing(bracket: char) -> char {
    match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// The next token and what follows it; none at the end.
fn next(text: &str) -> Result<Option<(Token<'_>, &str)>, NoQuery> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r', ',']);
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.trim_start_matches(|c| c != '\n' && c != '\r'),
            None => break,
        }
    }
    let Some(first) = rest.chars().next() else {
        return Ok(None);
    };
    let (token, length) = match first {
        '{' | '(' | '[' => (Token::Open(first), 1),
        '}' | ')' | ']' => (Token::Close(first), 1),
        '"' => (Token::Other, string(rest)?),
        '!' | '$' | '&' | '.' | ':' | '=' | '@' | '|' | '-' | '+' => (Token::Other, 1),
        '_' | 'a'..='z' | 'A'..='Z' => {
            let word = |c: char| c == '_' || c.is_ascii_alphanumeric();
            let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
            (Token::Name(rest.get(..length).unwrap_or_default()), length)
        }
        '0'..='9' => (Token::Other, 1),
        _ => return Err(NoQuery::Syntax),
    };
    Ok(Some((token, rest.get(length..).unwrap_or_default())))
}

/// The length of the string that a text begins with.
fn string(text: &str) -> Result<usize, NoQuery> {
    let (mark, block) = if text.starts_with("\"\"\"") {
        ("\"\"\"", true)
    } else {
        ("\"", false)
    };
    let mut at = mark.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += if block && rest.starts_with("\\\"\"\"") {
            4
        } else if !block && rest.starts_with('\\') {
            // Whatever is escaped, a quote above all, is a part of the string.
            1 + rest.chars().nth(1).map_or(0, char::len_utf8)
        } else if rest.starts_with(mark) {
            return Ok(at + mark.len());
        } else if !block && rest.starts_with(['\n', '\r']) {
            break;
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
    }
    Err(NoQuery::Syntax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_queries() {
        for text in [
            "{ a }",
            "query { a }",
            "query Named($a: In = {b: [1, -2.5]}, $c: String!) @d(e: \"}\") { a(b: $a) { ...F ... on G { h } } }",
            "query mutation { mutation subscription }",
            "# mutation M { a }\nquery { a } fragment F on G { b }",
            "query { a(b: \"mutation { c }\") }",
            "query { a(b: \"\"\"x \\\"\"\" } mutation M { c }\"\"\") }",
            "\u{feff}query,{,a,}",
            "query { a(b: \"é\\\"}\") }",
        ] {
            assert!(Query::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn refuses_all_else() {
        for (text, why) in [
            ("mutation { a }", NoQuery::Other),
            ("mutation M { a }", NoQuery::Other),
            ("subscription { a }", NoQuery::Other),
            ("query { a } mutation { b }", NoQuery::Other),
            ("{ a }\nmutation { b }", NoQuery::Other),
            ("query { a } # x\rmutation { b }", NoQuery::Other),
            (
                "query { a(b: \"\\\\\") } mutation { c(d: \"\") }",
                NoQuery::Other,
            ),
            ("fragment F on G { a } mutation { b }", NoQuery::Other),
            ("type A { b: C }", NoQuery::Other),
            ("Query { a }", NoQuery::Other),
            ("query { a } query { b }", NoQuery::Count),
            ("fragment F on G { a }", NoQuery::Count),
            ("", NoQuery::Count),
            ("query { a", NoQuery::Syntax),
            ("query { a ) }", NoQuery::Syntax),
            ("query { a } }", NoQuery::Syntax),
            ("query A", NoQuery::Syntax),
            ("query { a(b: \"x\n\") }", NoQuery::Syntax),
            ("query { a(b: \"\"\"x\") }", NoQuery::Syntax),
            ("query { a; b }", NoQuery::Syntax),
            ("\"mutation\" { a }", NoQuery::Syntax),
            ("query { a } é", NoQuery::Syntax),
        ] {
            assert_eq!(Query::new(text), Err(why), "{text}");
        }
    }

    #[test]
    fn no_input_makes_it_panic() {
        let odd = "query($a:[I]={b:\"\\é\"}){c#\n...\"\"\"\\\"\"\"d\"\"\"}";
        for from in 0..odd.len() {
            for to in from..=odd.len() {
                if let Some(text) = odd.get(from..to) {
                    let _ = Query::new(text);
                }
            }
        }
    }

    #[test]
    fn knows_its_own_words() {
        let query = Query::new("query A($after: String) { app(a: $after) { name } } # b").unwrap();
        assert!(query.names("app") && query.names("name") && !query.names("b"));
    }
}
