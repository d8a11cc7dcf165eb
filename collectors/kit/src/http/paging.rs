//! Lists that come page by page.

use std::collections::HashSet;

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

impl Client {
    /// The pages of a list whose answers name the next page in a `Link` header (RFC 8288).
    pub fn pages(&self, first: &str) -> Pages<'_, fn(&Answer) -> Option<String>> {
        self.pages_by(first, next_link)
    }

    /// The pages of a list in which `find` gets the next page's target out of an answer; none ends it.
    pub fn pages_by<F: FnMut(&Answer) -> Option<String>>(
        &self,
        first: &str,
        find: F,
    ) -> Pages<'_, F> {
        Pages {
            client: self,
            next: Some(first.to_owned()),
            seen: HashSet::new(),
            find,
        }
    }
}

impl<F: FnMut(&Answer) -> Option<String>> Pages<'_, F> {
    /// The next page; none after the last one.
    ///
    /// # Errors
    /// As [`Client::get`], and when a page leads back to one that was read or the list does not end. After an error there are no more
    /// pages: what was read is not the whole list.
    pub async fn next(&mut self) -> Result<Option<Answer>, Error> {
        let Some(target) = self.next.take() else {
            return Ok(None);
        };
        let url = self.client.url(&target)?;
        self.seen.insert(url.to_string());
        let answer = self.client.get_url(url).await?;
        if let Some(next) = (self.find)(&answer) {
            let fail = |what: String| {
                Err(Error::Paging {
                    call: answer.call(),
                    what,
                })
            };
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

/// The target that an answer's `Link` header gives for `rel=next`.
pub fn next_link(answer: &Answer) -> Option<String> {
    let headers = answer.headers.get_all("link").iter();
    let next = headers
        .filter_map(|value| next_in(value.to_str().ok()?))
        .next()?;
    // Against the page's own URL, as relative links are.
    answer.url.join(next).ok().map(String::from)
}

/// The target of `rel=next` in one header: `<https://host/apps?page=2>; rel="next", <…>; rel="last"`.
fn next_in(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        // Its parameters end where the next target begins.
        let (parameters, following) = after.split_at(after.find('<').unwrap_or(after.len()));
        let mut parameters = parameters
            .split([';', ','])
            .filter_map(|part| part.split_once('='));
        let next = parameters.any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_whitespace()
                    .any(|word| word.eq_ignore_ascii_case("next"))
        });
        if next {
            return Some(target);
        }
        rest = following;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_next_page() {
        let two = r#"<https://a/x?page=1>; rel="prev", <https://a/x?a=1,2;3&page=3>; title="n"; rel="last next""#;
        assert_eq!(next_in(two), Some("https://a/x?a=1,2;3&page=3"));
        assert_eq!(next_in("</x?page=2>; rel=next"), Some("/x?page=2"));
        assert_eq!(next_in(r#"<https://a/x>; rel="last""#), None);
        assert_eq!(next_in("<https://a/x"), None);
        assert_eq!(next_in(""), None);
    }
}
