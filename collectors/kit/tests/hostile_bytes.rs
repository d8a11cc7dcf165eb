//! Texts that anybody may write, in every state of damage.

use plimsoll_kit::image::without_credentials;
use plimsoll_kit::mention::{Words, mentions};
use proptest::prelude::*;

/// Texts that say something, to be damaged.
const TEXTS: [&str; 8] = [
    "System: api\nEnvironment: production\nFact: ports[0.0.0.0:22/tcp]",
    "Window: 2026-03-13 16:00 to 18:00 Europe/Berlin",
    "Window: 2026-03-13T16:00:00Z/2026-03-13T18:00:00+01:00",
    "Asset: container:web-1/shop/api\r\n\r\nRelease: v1.2.3\nOperation: 4711",
    "Emergency: yes\nProvision: `api`, \"worker\" and [db](https://example.org)",
    "see OPS-16, shop/infra#12, https://example.org/browse/OPS-17 and sha256:0123456789abcdef0123456789abcdef",
    "| System | api |\n| --- | --- |\n* Environment: *production*",
    "\u{202e}metsyS: \u{200b}api\u{0}\u{feff}",
];

fn damaged() -> impl Strategy<Value = String> {
    let seed = prop::sample::select(TEXTS.to_vec());
    let piece = prop_oneof![
        any::<String>(),
        prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned)
    ];
    (
        seed,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        piece,
    )
        .prop_map(|(seed, from, to, piece)| {
            let chars: Vec<char> = seed.chars().collect();
            let (from, to) = (from.index(chars.len()), to.index(chars.len()));
            let (from, to) = (from.min(to), from.max(to));
            let head: String = chars[..from].iter().collect();
            let tail: String = chars[to..].iter().collect();
            head + &piece + &tail
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_mentions_panic(text in damaged()) {
        let _ = mentions(&text, &Words::default());
    }

    #[test]
    fn no_name_of_an_image_keeps_what_stands_before_its_name(name in "[a-z0-9:@/._-]{0,60}", password in "[a-zA-Z0-9]{8,20}") {
        let whole = format!("user:{password}@{name}");
        let bare = without_credentials(&whole);
        // What is left is an end of it; of `user:…@sha256:…` nothing before the digest is a name.
        prop_assert!(whole.ends_with(bare));
        prop_assert!(name.starts_with("sha") || !bare.contains(&password), "{bare}");
        let _ = without_credentials(&name);
    }
}

#[test]
fn a_text_of_a_megabyte_of_anything_is_read_in_its_length() {
    for piece in [
        "System: a\n",
        "OPS-1 ",
        "[",
        "`",
        "Window: ",
        "((((",
        "\\",
        "|",
        "\u{301}",
        "https://",
        "*_",
    ] {
        let _ = mentions(&piece.repeat((1 << 20) / piece.len()), &Words::default());
    }
}
