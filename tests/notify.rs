//! Notices through the doors: from a scan to Slack, to a mail server and to others; once, whatever happens on the way.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "notify/clock.rs"]
mod clock;
#[path = "notify/disk.rs"]
mod disk;
#[path = "notify/house.rs"]
mod house;
#[path = "notify/kill.rs"]
mod kill;
#[path = "notify/mail.rs"]
mod mail;
#[path = "notify/others.rs"]
mod others;
#[path = "notify/outage.rs"]
mod outage;
#[path = "notify/second_opinion.rs"]
mod second_opinion;
#[path = "support/slack.rs"]
mod slack;
#[path = "notify/story.rs"]
mod story;
mod support;
