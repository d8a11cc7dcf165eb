//! `plimsoll scan --via-daemon`.

use super::args::{Format, ScanArgs};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::daemon::{self, Form, Rendering};

pub(super) fn run(door: &Door, args: &ScanArgs, out: &mut Out) -> anyhow::Result<Exit> {
    let sources = [args.source.as_slice(), &args.named].concat();
    let rendering = Rendering {
        form: match args.format {
            Format::Text => Form::Text,
            Format::Json => Form::Json,
            Format::Markdown => Form::Markdown,
            Format::Html => Form::Html,
            Format::Csv => Form::Csv,
        },
        explain: args.explain,
        coloured: out.coloured(),
        width: out.width(),
    };
    let reply = daemon::ask(&door.config.serve.socket, &sources, rendering)?;
    out.write(|out| out.write_all(&reply.page))?;
    Ok(reply.outcome.into())
}
