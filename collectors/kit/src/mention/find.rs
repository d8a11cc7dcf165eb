//! Commits, digests and keys of other requests, anywhere in a text.

use super::Mentions;

/// Finds them. The time it takes grows with the text and not faster.
pub(super) fn keys(text: &str, found: &mut Mentions) {
    let ends = |char: char| {
        char.is_whitespace()
            || matches!(
                char,
                ',' | ';'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | '<'
                    | '>'
                    | '"'
                    | '\''
                    | '`'
                    | '|'
                    | '*'
            )
    };
    // The two words before, as `This reverts commit …` is no word for that commit.
    let mut before = ["", ""];
    for token in text.split(ends) {
        let token = token.trim_end_matches(['.', ':', '!', '?']);
        let reverted = before.iter().any(|word| is_revert(word));
        if !token.is_empty() {
            before = [before[1], token];
        }
        if token.len() < 3 || token.len() > 1024 {
            continue;
        }
        if let Some(image) = image(token) {
            Mentions::note(&mut found.images, image, &mut found.cut);
            continue;
        }
        if let Some(key) = pull_request(token) {
            Mentions::note(&mut found.requests, key, &mut found.cut);
            continue;
        }
        for part in
            token.split(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '-' | '_')))
        {
            if is_commit(part) && reverted {
                continue;
            }
            if is_commit(part) {
                Mentions::note(
                    &mut found.commits,
                    part.to_ascii_lowercase(),
                    &mut found.cut,
                );
            } else if let Some(key) = ticket(part) {
                Mentions::note(&mut found.requests, key, &mut found.cut);
            }
        }
    }
}

/// Whether a word says that what comes next is taken back.
fn is_revert(word: &str) -> bool {
    let words = ["revert", "reverts", "reverted", "reverting"];
    words.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// A whole hash, of SHA-1 or SHA-256.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `sha256:…`, with what stands before it as its name.
fn image(token: &str) -> Option<String> {
    let (name, hash) = token.split_once("sha256:")?;
    let right = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let named = name.is_empty() || name.strip_suffix('@').is_some_and(|name| !name.is_empty());
    (right && named).then(|| format!("{name}sha256:{}", hash.to_ascii_lowercase()))
}

/// `owner/repo#42` or, of a merge request, `group/project!42`.
fn pull_request(token: &str) -> Option<String> {
    let (place, number) = token.split_once(['#', '!'])?;
    let name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let right = place.contains('/') && place.split('/').all(name) && is_number(number);
    right.then(|| token.to_owned())
}

/// A key as Jira and YouTrack write it: `OPS-17`, also where a branch goes on after it (`OPS-17-open-the-port`).
fn ticket(part: &str) -> Option<String> {
    let (project, rest) = part.split_once('-')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(digits);
    let right = project.len() >= 2
        && project.len() <= 64
        && project.starts_with(|char: char| char.is_ascii_uppercase())
        && project
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && is_number(number)
        && (after.is_empty() || after.starts_with(['-', '_']));
    right.then(|| format!("{project}-{number}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 12
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}
