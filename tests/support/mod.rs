//! What the whole-program tests share: the binary under test, its reports, a Docker Engine, and how to wait.
//!
//! A test takes the engine with [`Engine::required`] and makes its containers through an [`Estate`], which takes them
//! away again. It runs the program through [`Plimsoll`], and asks the [`Report`] that comes out.

// Every test program has a copy of this module, and none of them uses all of it.
#![allow(dead_code, unused_imports)]
// A panic is how a test says what is wrong.
#![allow(clippy::unwrap_used)]

mod engine;
mod estate;
mod findings;
mod namespace;
mod own_engine;
mod plimsoll;
mod podman;
mod program;
mod relay;
mod report;
mod wait;

pub(crate) use engine::Engine;
pub(crate) use estate::Estate;
pub(crate) use findings::Findings;
pub(crate) use namespace::{has_own_mounts, mount_small};
pub(crate) use own_engine::OwnEngine;
pub(crate) use plimsoll::Plimsoll;
pub(crate) use podman::Podman;
pub(crate) use program::{Output, Program, Running};
pub(crate) use relay::Relay;
pub(crate) use report::{Report, Seen, added, changed, removed};
pub(crate) use wait::until;
