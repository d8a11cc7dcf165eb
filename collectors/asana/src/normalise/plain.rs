//! A task's text, which Asana gives as HTML, without what is quoted or struck out in it: that is not said.

/// Elements whose text is not the author's own word, or is so no more.
const SILENT: [&str; 4] = ["s", "del", "strike", "blockquote"];
/// Elements that go on in the same line.
const INLINE: [&str; 9] = ["a", "b", "code", "em", "i", "s", "span", "strong", "u"];

/// The text that a reader takes for the author's own words.
pub(super) fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut silent: usize = 0;
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        let Some((tag, after)) = after.split_once('>') else {
            break;
        };
        if silent == 0 {
            entities(text, &mut out);
        }
        let closes = tag.starts_with('/');
        let name = tag
            .trim_start_matches('/')
            .split(|char: char| !char.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if SILENT.contains(&name.as_str()) && !tag.ends_with('/') {
            silent = match closes {
                true => silent.saturating_sub(1),
                false => silent + 1,
            };
        }
        if !INLINE.contains(&name.as_str()) && !out.ends_with('\n') {
            out.push('\n');
        }
        rest = after;
    }
    if silent == 0 {
        entities(rest, &mut out);
    }
    out
}

/// Adds a text, with what stands for a character in place of it.
fn entities(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let short = after.get(..10).unwrap_or(after);
        let known = short.split_once(';').and_then(|(name, _)| {
            let char = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "nbsp" => ' ',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let number = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(number)?
                }
            };
            Some((char, name.len() + 1))
        });
        match known.and_then(|(char, length)| Some((char, after.get(length..)?))) {
            Some((char, after)) => {
                out.push(char);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_or_struck_out_is_not_said() {
        for (html, text) in [
            (
                "<body>System: api\nWindow: a&amp;b</body>",
                "\nSystem: api\nWindow: a&b\n",
            ),
            (
                "<body><ul><li><strong>System:</strong> api</li><li>x</li></ul></body>",
                "\nSystem: api\nx\n",
            ),
            ("a<s>System: api</s>b", "ab"),
            ("<blockquote>System: <b>api</b></blockquote>c", "\nc"),
            ("<s>never closed", ""),
            ("1 < 2", "1 < 2"),
            ("&lt;s&gt; &#39;&#x41; &nope; & &", "<s> 'A &nope; & &"),
            ("<a href=\"https://x/?a=1\">acme/app#44</a>", "acme/app#44"),
            ("<s/>x</s>y", "xy"),
            ("é&é<é>", "é&é\n"),
        ] {
            assert_eq!(plain(html), text, "{html}");
        }
    }
}
