//! What holds and what does not in the estate as it was made.

use crate::shop::shop;
use crate::story::{golden, open, standing};
use crate::support::{Engine, Plimsoll};

/// Every drift there is, and none besides: a new false alarm, or one that is missed from now on, shows here.
#[test]
fn the_drifts_of_a_well_kept_estate_are_exactly_these() {
    let engine = Engine::required();
    let estate = shop(&engine, "token");
    let plimsoll = Plimsoll::docker(&engine.endpoint);

    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    assert_eq!(first.output.code, Some(10));
    assert_eq!(first.assets("container"), 12);
    // Said by a label, told by the image, told by the image.
    assert_eq!(first.role(&estate.service("web")), Some("edge-proxy"));
    assert_eq!(first.role(&estate.service("db")), Some("database"));
    assert_eq!(first.role(&estate.service("cache")), Some("cache"));
    golden("drifts.txt", &open(&estate, &first));

    let second = plimsoll.scan();
    second.assert_changes(&[]);
    assert_eq!(standing(&second), standing(&first));
    assert_eq!(second.list("resolved").count(), 0);
    assert!(second.list("drifts").all(|row| row["state"] == "open"));
    assert_eq!(second.json["summary"]["new"], 0);
}
