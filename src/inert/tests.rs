use proptest::prelude::*;

use super::*;

/// What forges in one format or another.
const HOSTILE: [&str; 18] = [
    "no\n*Verdict*\n:large_green_circle: *approved*\n~unapproved~",
    "`code` ```block``` _it_ __b__ ~~s~~",
    "> quoted",
    ">>> quoted to the end",
    "<!channel> <@U1> <#C1> <https://evil.example|ok>",
    "&lt;!channel&gt;",
    "[x](https://evil.example) ![y](https://evil.example/p.png)",
    "# heading",
    "- list",
    "1. list",
    "    code",
    "{{DATE(2017-02-14T06:00:00Z,SHORT)}} ${x}",
    "<at>all</at>",
    "=?utf-8?q?approved_=E2=9C=93?=",
    "\u{202e}devorppa\u{2066}\u{200b}\u{feff}",
    "x\u{2028}y\u{85}z\u{b}\u{c}\r\n",
    "\u{1b}[31mred\u{9b}0m",
    ":white_check_mark: :+1: :x:",
];

#[test]
fn slack_sees_no_mark_up() {
    let emoji = regex::Regex::new(r":[a-z0-9_+'-]+:").unwrap();
    let italic = regex::Regex::new(r"(^|[^[:alnum:]])_|_($|[^[:alnum:]])").unwrap();
    for text in HOSTILE {
        let made = Inert::<Mrkdwn>::line(text, 1_000);
        let made = made.as_str();
        assert!(!made.contains(['*', '~', '`', '<', '>', '\n']), "{made}");
        assert!(!made.starts_with("&gt;"), "{made}");
        assert!(!emoji.is_match(made), "{made}");
        assert!(!italic.is_match(made), "{made}");
    }
    // What people read every day stays as it is.
    for text in [
        "backup_job: no → yes",
        "ports[0.0.0.0:22/tcp]: (none) → {container: 22/tcp}",
        "container:web-1/shop/api",
    ] {
        assert_eq!(Inert::<Mrkdwn>::line(text, 1_000).as_str(), text);
    }
}

#[test]
fn a_card_sees_no_markdown_and_no_date() {
    for text in HOSTILE {
        let made = Inert::<Card>::line(text, 1_000);
        let made = made.as_str();
        assert!(!made.contains(['<', '>', '\n']), "{made}");
        assert!(!made.contains("{{") && !made.contains("]("), "{made}");
        assert!(!made.starts_with(['#', '-', '+', ' ', '>']), "{made}");
        assert!(!made.starts_with("1. "), "{made}");
    }
}

#[test]
fn a_subject_has_no_encoded_word() {
    for text in HOSTILE {
        let made = Inert::<Subject>::line(text, 1_000);
        assert!(!made.as_str().contains("=?"), "{made:?}");
    }
    assert_eq!(Inert::<Subject>::line("a=b? =", 99).as_str(), "a=b? =");
}

#[test]
fn an_address_ends_where_it_ends() {
    let made = Inert::<Mrkdwn>::link(
        "https://a.example/x|y> <!here> é\n",
        &Inert::<Mrkdwn>::line("*n*", 9),
    );
    assert_eq!(
        made.as_str(),
        "<https://a.example/x%7Cy%3E%20%3C!here%3E%20%C3%A9%5Cn|∗n∗>"
    );
}

#[test]
fn a_cut_splits_no_entity() {
    assert_eq!(Inert::<Mrkdwn>::line("&&&&", 12).as_str(), "&amp;&amp;…");
    assert_eq!(Inert::<Mrkdwn>::line("&&", 10).as_str(), "&amp;&amp;");
    assert_eq!(Inert::<Plain>::line("abcdef", 4).as_str(), "abc…");
}

#[test]
fn no_cell_is_a_formula() {
    for text in [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1",
    ] {
        assert!(Cell::line(text).as_str().starts_with('\''), "{text:?}");
    }
    for (text, made) in [
        (";=1+1", ";'=1+1"),
        ("a; \"=1", "a;' \"=1"),
        ("a;b;@x", "a;b;'@x"),
        ("a=1;b=2", "a=1;b=2"),
        ("\u{1b}[2J", "\\u{1b}[2J"),
    ] {
        assert_eq!(Cell::line(text).as_str(), made);
    }
}

#[test]
fn json_says_the_same_and_shows_nothing_that_turns() {
    let value = serde_json::json!({"a\u{202e}": ["x\u{200b}y\u{e0041}\u{9b}\u{7f}\n", "é日👩‍🚀"]});
    for text in [json::pretty(&value).unwrap(), {
        let mut made = Vec::new();
        json::write(&mut made, &value).unwrap();
        String::from_utf8(made).unwrap()
    }] {
        assert!(
            !text
                .chars()
                .any(|c| c != '\n' && crate::report::is_unruly(c))
        );
        assert!(text.contains("é日👩‍🚀") && text.contains("\\u202e"));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, value);
    }
    let calm = serde_json::to_value(json::Inert::of(&value)).unwrap();
    assert_eq!(
        calm["a\\u{202e}"][0],
        "x\\u{200b}y\\u{e0041}\\u{9b}\\u{7f}\\n"
    );
}

proptest! {
    #[test]
    fn whatever_comes_is_one_short_line(text in any::<String>(), most in 1usize..80) {
        let all = [
            Inert::<Plain>::line(&text, most).as_str().to_owned(),
            Inert::<Mrkdwn>::line(&text, most).as_str().to_owned(),
            Inert::<Card>::line(&text, most).as_str().to_owned(),
            Inert::<Subject>::line(&text, most).as_str().to_owned(),
            Inert::<Address>::line(&text, most).as_str().to_owned(),
        ];
        for made in all {
            prop_assert!(made.chars().count() <= most, "{}", made);
            prop_assert!(!made.chars().any(crate::report::is_unruly), "{:?}", made);
        }
        let mut table = Vec::new();
        {
            let mut writer = Table::begin(&["a", "b"], &mut table).unwrap();
            writer.put(&Cell::own("x")).unwrap();
            writer.put(&Cell::line(&text)).unwrap();
            writer.end_row().unwrap();
            writer.finish().unwrap();
        }
        // Read with either separator no cell of it is a formula.
        for separator in [b',', b';'] {
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(separator).flexible(true).has_headers(false).from_reader(table.as_slice());
            for row in reader.records() {
                for cell in row.unwrap().iter() {
                    prop_assert!(!cell.trim_start().starts_with(cell::SIGNS), "{:?}", cell);
                }
            }
        }
    }
}
