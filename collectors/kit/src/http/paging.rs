//! Lists that come page by page.

use std::collections::HashSet;

use reqwest::Url;

use super::{Answer, Client, Error};

/// The most pages of one list.
const MOST: usize = 100_000;

/// The pages of a list, one after the other: `while let Some(page) = pages.next().await? { … }`.
pub struct Pages<'c, F> {
    client: &'c Client,
    next: Option<String>,
    seen: HashSet<String>,
    find: F,
}

type Next = Result<Option<String>, String>;

impl Client {
    /// The pages of a list whose answers name the next page in a `Link` header (RFC 8288).
    pub fn pages(&self, first: &str) -> Pages<'_, fn(&Answer) -> Next> {
        self.pages_by(first, |answer| Ok(next_link(answer)?.map(String::from)))
    }

    /// The pages of a list in which `find` gets the next page's target out of an answer; none ends it, and an error says why
    /// it is not known whether it ends there.
    pub fn pages_by<F: FnMut(&Answer) -> Next>(&self, first: &str, find: F) -> Pages<'_, F> {
        Pages {
            client: self,
            next: Some(first.to_owned()),
            seen: HashSet::new(),
            find,
        }
    }
}

impl<F: FnMut(&Answer) -> Next> Pages<'_, F> {
    /// The next page; none after the last one.
    ///
    /// # Errors
    /// As [`Client::get`], and when a page leads back to one that was read, the list does not end, or it cannot be read whether it
    /// does. After an error there are no more pages: what was read is not the whole list.
    pub async fn next(&mut self) -> Result<Option<Answer>, Error> {
        let Some(target) = self.next.take() else {
            return Ok(None);
        };
        let url = self.client.url(&target)?;
        self.seen.insert(url.to_string());
        let answer = self.client.get_url(url).await?;
        let fail = |what: String| {
            Err(Error::Paging {
                call: answer.call(),
                what,
            })
        };
        let next = match (self.find)(&answer) {
            Ok(next) => next,
            Err(what) => return fail(what),
        };
        if let Some(next) = next {
            if self.seen.contains(self.client.url(&next)?.as_str()) {
                return fail("its next page is one that was read already".to_owned());
            }
            if self.seen.len() >= MOST {
                return fail(format!("the list has more than {MOST} pages"));
            }
            self.next = Some(next);
        }
        Ok(Some(answer))
    }
}

/// The target that an answer's `Link` header gives for `rel=next`, against the page's own URL, as relative links are.
///
/// # Errors
/// When the header cannot be read to its end, so that it may well name a next page. An end that is not proven is none.
pub fn next_link(answer: &Answer) -> Result<Option<Url>, String> {
    let mut found: Option<Url> = None;
    for value in &answer.headers.get_all("link") {
        let text = value.to_str().map_err(|_| UNREADABLE)?;
        for target in next_in(text)? {
            let target = answer.url.join(target).map_err(|_| UNREADABLE)?;
            if found.as_ref().is_some_and(|other| *other != target) {
                return Err("its `Link` header names two next pages".to_owned());
            }
            found = Some(target);
        }
    }
    Ok(found)
}

const UNREADABLE: &str = "its `Link` header cannot be read, so it is not known whether the list goes on; see what lies between \
                          here and the server";

/// The targets of `rel=next` in one header: `<https://host/apps?page=2>; rel="next", <…>; rel="last"`.
pub(crate) fn next_in(header: &str) -> Result<Vec<&str>, &'static str> {
    let mut found = Vec::new();
    let mut rest = header.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (target, after) = rest
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .ok_or(UNREADABLE)?;
        let (relations, after) = parameters(after)?;
        // A link without a relation is none, and one that is the beginning of the word was cut off.
        let relations = relations.filter(|all| !all.trim().is_empty());
        let relations = relations.ok_or(UNREADABLE)?;
        for word in relations.split_ascii_whitespace() {
            if word.eq_ignore_ascii_case("next") {
                found.push(target);
            } else if "next".starts_with(&word.to_ascii_lowercase()) {
                return Err(UNREADABLE);
            }
        }
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    Ok(found)
}

/// The value of `rel` among a link's parameters, and what comes after the link.
fn parameters(text: &str) -> Result<(Option<&str>, &str), &'static str> {
    let mut relation = None;
    let mut rest = text.trim_start_matches([' ', '\t']);
    while let Some(parameter) = rest.strip_prefix(';') {
        let parameter = parameter.trim_start_matches([' ', '\t']);
        let end = parameter.find(['=', ';', ',']).unwrap_or(parameter.len());
        let (name, after) = parameter.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => value(after.trim_start_matches([' ', '\t']))?,
            None => ("", after),
        };
        // The first one counts.
        if name.trim().eq_ignore_ascii_case("rel") && relation.is_none() {
            relation = Some(value);
        }
        rest = after.trim_start_matches([' ', '\t']);
    }
    if rest.is_empty() || rest.starts_with(',') {
        Ok((relation, rest))
    } else {
        Err(UNREADABLE)
    }
}

/// A parameter's value, with or without quotes, and what comes after it.
fn value(text: &str) -> Result<(&str, &str), &'static str> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return Ok((value.trim(), after));
    };
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let value = quoted.get(..at).unwrap_or_default();
                return Ok((value, quoted.get(at + 1..).unwrap_or_default()));
            }
            _ => {}
        }
    }
    Err(UNREADABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_next_page() {
        let one = |header| next_in(header).unwrap();
        let two = r#"<https://a/x?page=1>; rel="prev", <https://a/x?a=1,2;3&page=3>; title="n, \"<m>; rel=x"; rel="last next""#;
        assert_eq!(one(two), ["https://a/x?a=1,2;3&page=3"]);
        assert_eq!(one("</x?page=2>; rel=next"), ["/x?page=2"]);
        assert_eq!(one("</x?page=2>;Rel = NEXT ;title=t,"), ["/x?page=2"]);
        assert!(one(r#"<https://a/x>; rel="last""#).is_empty());
        assert!(one("").is_empty());
    }

    /// Wherever a header is cut off, the list does not end there.
    #[test]
    fn a_header_that_is_cut_off_is_no_end() {
        let whole = [
            r#"<https://a/x?page=2>; rel="next""#,
            "<https://a/x?page=2>;rel=next",
            r#"<https://a/x?page=2>; title="a, \"b"; rel="last next""#,
        ];
        for header in whole {
            assert_eq!(next_in(header).unwrap().len(), 1, "{header}");
            for end in 1..header.len() {
                let cut = &header[..end];
                assert!(next_in(cut).is_err(), "{cut}");
            }
        }
    }

    #[test]
    fn an_end_that_cannot_be_read_is_none() {
        for header in [
            "<https://a/x",
            "https://a/x; rel=next",
            "<https://a/x>",
            r#"<https://a/x>; rel="nex"#,
            r#"<https://a/x>; rel="next"#,
            "<https://a/x>; rel=ne",
            r#"<https://a/x>; rel="prev", <https://a/y"#,
            r#"<https://a/x>; rel="prev" <https://a/y>; rel="next""#,
            "next",
            "\u{fffd}",
        ] {
            assert!(next_in(header).is_err(), "{header}");
        }
    }
}
