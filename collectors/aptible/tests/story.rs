//! What is done on the platform shows in the next harvest, and who did it.

use plimsoll_aptible::REGISTRATION;
use plimsoll_aptible::testkit::FakeAptible;
use plimsoll_kit::Harvest;
use plimsoll_kit::testkit::{build, context, harvest, run};

fn read(fake: &FakeAptible) -> Harvest {
    let collector = build(&REGISTRATION, &fake.settings()).unwrap();
    run(harvest(&*collector, &context("aptible")))
}

#[test]
fn dump() {
    let (fake, _) = FakeAptible::clinic();
    println!("{}", plimsoll_kit::testkit::render(&read(&fake)));
    println!("{:#?}", fake.requests());
}
