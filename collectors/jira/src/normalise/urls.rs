//! Requests that are named by their addresses.

use plimsoll_model::Text;

/// How many of one text are taken.
const MOST: usize = 256;

/// The pull and merge requests to which addresses in a text lead, as `owner/repo#42` and `group/project!7`.
pub(crate) fn requests(text: &str) -> Vec<Text> {
    let cut = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '"' | '\''
            )
    };
    let mut all: Vec<Text> = Vec::new();
    for word in text.split(cut).filter(|word| word.starts_with("http")) {
        if all.len() >= MOST {
            break;
        }
        if let Some(request) = request(word)
            && !all.contains(&request)
        {
            all.push(request);
        }
    }
    all
}

fn request(url: &str) -> Option<Text> {
    let rest = url
        .strip_prefix("https://")
        .or(url.strip_prefix("http://"))?;
    let path = rest.split(['?', '#']).next()?;
    let parts: Vec<&str> = path
        .split('/')
        .skip(1)
        .filter(|part| !part.is_empty())
        .collect();
    let name = |part: &&str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        part.len() <= 100 && part.bytes().all(fits)
    };
    let number = |text: &str| {
        let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        (digits && !text.is_empty() && !text.starts_with('0')).then(|| text.to_owned())
    };
    match parts[..] {
        [owner, repo, "pull", at, ..] if name(&owner) && name(&repo) => {
            Some(format!("{owner}/{repo}#{}", number(at)?).into())
        }
        _ => {
            let at = parts.iter().position(|part| *part == "merge_requests")?;
            let place = parts.get(..at)?;
            let place = place.strip_suffix(&["-"]).unwrap_or(place);
            let right = place.len() >= 2 && place.len() <= 20 && place.iter().all(name);
            let number = number(parts.get(at + 1)?)?;
            right.then(|| format!("{}!{number}", place.join("/")).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pull_and_merge_requests() {
        let found = requests(
            "see https://github.com/acme/infra/pull/42/files?w=1 and [MR|https://git.example/group/sub/project/-/merge_requests/7], not https://github.com/acme/infra/pull/x \
             nor https://github.com/acme/infra/issues/4 nor https://h/a%20b/c/pull/1",
        );
        assert_eq!(found, ["acme/infra#42", "group/sub/project!7"]);
    }
}
