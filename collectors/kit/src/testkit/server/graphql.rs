//! What a request asks for when it speaks GraphQL.
//!
//! Read in a way of its own, and stricter than the client that sends it: what is wrong in one shows in the other.

use super::Request;

/// A GraphQL operation as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its text.
    pub text: String,
    /// Its name; empty where it has none.
    pub operation: String,
    /// Its variables.
    pub variables: serde_json::Map<String, serde_json::Value>,
    /// Whether the body holds anything besides.
    more: bool,
}

impl Asked {
    /// Whether it is a query and nothing else: the words for other operations stand nowhere outside strings and comments.
    pub fn only_reads(&self) -> bool {
        let bare = bare(&self.text);
        let mut words = bare.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        let starts = bare.trim_start();
        !self.more
            && (starts.starts_with("query") || starts.starts_with('{'))
            && !words.any(|word| matches!(word, "mutation" | "subscription"))
    }

    /// A variable that is a text.
    pub fn text_of(&self, variable: &str) -> Option<&str> {
        self.variables.get(variable)?.as_str()
    }

    /// The queries of a route that it may have, the most particular first.
    pub(super) fn routes(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for (name, value) in &self.variables {
            texts.extend(value.as_str().map(|value| format!("{name}={value}")));
        }
        texts.sort();
        let one_each = texts
            .iter()
            .map(|text| format!("{}&{text}", self.operation));
        let mut routes = vec![format!("{}&{}", self.operation, texts.join("&"))];
        routes.extend(one_each);
        routes.push(self.operation.clone());
        routes
    }
}

/// What a request asks for; none where it is no `POST` with a GraphQL operation.
pub(super) fn asked(request: &Request) -> Option<Asked> {
    if request.method != "POST" {
        return None;
    }
    let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
    let body = body.as_object()?;
    let text = body.get("query")?.as_str()?.to_owned();
    let variables = body.get("variables").and_then(serde_json::Value::as_object);
    let known = ["query", "variables"];
    Some(Asked {
        operation: operation(&text),
        variables: variables.cloned().unwrap_or_default(),
        more: body.keys().any(|key| !known.contains(&key.as_str())),
        text,
    })
}

/// The second word of `query Apps($after: String) {`.
fn operation(text: &str) -> String {
    let bare = bare(text);
    let head = bare.split(['{', '(']).next().unwrap_or_default();
    head.split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned()
}

/// A text without its comments and the contents of its strings.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let (mut string, mut comment, mut escaped) = (false, false, false);
    for c in text.replace("\"\"\"", "\"").chars() {
        if comment {
            comment = !matches!(c, '\n' | '\r');
        } else if string {
            string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c == '"' {
            string = true;
        } else if c == '#' {
            comment = true;
            bare.push(' ');
        } else {
            bare.push(c);
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/graphql".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    #[test]
    fn tells_a_query_from_all_else() {
        for (body, reads) in [
            (r#"{"query":"{ a }"}"#, true),
            (
                r#"{"query":"query A { a(b: \"mutation\") } # mutation","variables":{}}"#,
                true,
            ),
            (r#"{"query":"mutation { a }"}"#, false),
            (r#"{"query":"query A { a } mutation B { b }"}"#, false),
            (
                r#"{"query":"query A { a } #\nsubscription B { b }"}"#,
                false,
            ),
            (r#"{"query":"{ a }","operationName":"B"}"#, false),
        ] {
            assert_eq!(asked(&post(body)).unwrap().only_reads(), reads, "{body}");
        }
        for body in ["", "[]", r#"{"mutation":"{ a }"}"#, r#"{"query":1}"#] {
            assert_eq!(asked(&post(body)), None, "{body}");
        }
    }

    #[test]
    fn routes_go_from_particular_to_general() {
        let body = r#"{"query":"query Apps($s: String) { a }","variables":{"slug":"x","after":"c1","first":5}}"#;
        let asked = asked(&post(body)).unwrap();
        assert_eq!(asked.operation, "Apps");
        assert_eq!(asked.text_of("after"), Some("c1"));
        let routes = asked.routes();
        assert_eq!(
            routes,
            [
                "Apps&after=c1&slug=x",
                "Apps&after=c1",
                "Apps&slug=x",
                "Apps"
            ]
        );
    }
}
