//! Who a commit's message names as having written it along with its author.

/// The keys that say so, in lower case. The first is what every forge understands, the other is the Linux kernel's.
const KEYS: [&str; 2] = ["co-authored-by", "co-developed-by"];
/// How much of a message is looked through, in bytes.
const LONGEST: usize = 1 << 20;
/// The most people of one message.
const MOST: usize = 200;

/// The people whom a message names, as it has them: nobody has checked it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coauthors {
    /// Each with a name and an address, of which one may be empty.
    pub people: Vec<(String, String)>,
    /// Whether there are more than are taken, or the message is longer than is read: then somebody may be missing.
    pub cut: bool,
}

/// Reads a message. A line counts wherever it stands, in whatever case and behind the marks of a list: who is wrongly taken for an
/// author can approve nothing, and who is missed could approve their own work.
pub fn coauthors(message: &str) -> Coauthors {
    let end = message.floor_char_boundary(LONGEST);
    let mut found = Coauthors {
        people: Vec::new(),
        cut: end < message.len(),
    };
    let text = message.get(..end).unwrap_or_default();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = value(line) else { continue };
        let mut whole = first.to_owned();
        // What is too long goes on in a line that begins with a space.
        while let Some(more) =
            lines.next_if(|next| next.starts_with([' ', '\t']) && value(next).is_none())
        {
            whole.push(' ');
            whole.push_str(more.trim());
        }
        people(&whole, &mut found);
    }
    found
}

/// What stands behind one of the keys.
fn value(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "*->#•".contains(c));
    let (key, value) = line.split_once(':')?;
    let key = key.trim();
    let own = KEYS.iter().any(|one| key.eq_ignore_ascii_case(one));
    own.then_some(value)
}

/// `Kim Doe <kim@example.com>`, one or more of them; an address or a name alone where there is no more.
fn people(value: &str, found: &mut Coauthors) {
    let mut note = |name: &str, mail: &str| {
        let bare = |text: &str| text.trim_matches([' ', '\t', ',', ';']).to_owned();
        let one = (bare(name), bare(mail));
        if (one.0.is_empty() && one.1.is_empty()) || found.people.contains(&one) {
            return;
        }
        if found.people.len() >= MOST {
            found.cut = true;
        } else {
            found.people.push(one);
        }
    };
    let mut rest = value;
    let mut any = false;
    while let Some((name, after)) = rest.split_once('<') {
        let (mail, after) = after.split_once('>').unwrap_or((after, ""));
        note(name, mail);
        any = true;
        rest = after;
    }
    if !any {
        let value = value.trim();
        match value.contains('@') {
            true => note("", value),
            false => note(value, ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &str) -> Vec<(String, String)> {
        coauthors(message).people
    }

    #[test]
    fn everybody_named_counts_wherever_the_line_stands() {
        let message = "Fix\n\nCo-authored-by: Kim Doe <kim@example.com>\r\n  * co-AUTHORED-by : <di@example.com>\n\nMore text\n\
            Co-authored-by: Bo\n <bo@example.com>\nCo-developed-by: al@example.com\nCo-authored-by: Ed\n\
            Co-authored-by: A <a@x>, B <b@x>\nSigned-off-by: No <no@example.com>\nCo-authored-by:\né";
        let wanted = [
            ("Kim Doe", "kim@example.com"),
            ("", "di@example.com"),
            ("Bo", "bo@example.com"),
            ("", "al@example.com"),
            ("Ed", ""),
            ("A", "a@x"),
            ("B", "b@x"),
        ];
        let wanted: Vec<(String, String)> = wanted.map(|(a, b)| (a.into(), b.into())).into();
        assert_eq!(of(message), wanted);
    }

    #[test]
    fn what_is_cut_is_told() {
        assert!(!coauthors("Fix").cut);
        let many: String = (0..MOST + 1)
            .map(|at| format!("Co-authored-by: {at} <{at}@x>\n"))
            .collect();
        assert!(coauthors(&many).cut);
        assert!(coauthors(&"x".repeat(LONGEST + 1)).cut);
    }
}
