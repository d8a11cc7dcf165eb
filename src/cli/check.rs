//! `plimsoll check`: the configuration, and what each source may read.

use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_kit::{Access, Context, Limits, NoProgress, Redactor, Right};

use super::args::CheckArgs;
use super::door::{Door, Out};
use super::exit::Exit;
use crate::store::Store;

pub(super) fn run(door: &Door, args: &CheckArgs, out: &mut Out) -> anyhow::Result<Exit> {
    let config = &door.config;
    let place = config.path.as_ref().map_or_else(
        || "no file: what is found here, with the defaults".to_owned(),
        |path| path.display().to_string(),
    );
    out.write(|out| {
        writeln!(out, "configuration  {place}: no mistakes")?;
        writeln!(out, "baselines      {} roles", door.baselines.roles().len())?;
        writeln!(out, "inventory      {}", config.store.path.display())
    })?;
    super::outlook::write(door, out)?;
    // Without a policy nobody asks who may approve.
    if config.approval.policy.is_some() {
        let gaps = super::people::gaps(door)?;
        out.write(|out| {
            let mut title = "approvals      ";
            for gap in &gaps {
                writeln!(out, "{title}{}", crate::report::tame(gap, 300))?;
                title = "               ";
            }
            Ok(())
        })?;
    }
    if args.database {
        let store = Store::open_existing(&config.store.path, config.store.busy_timeout)?;
        store.verify()?;
        out.write(|out| writeln!(out, "               read whole, no damage"))?;
    }
    if args.offline {
        return Ok(Exit::Clean);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut readable = true;
    for source in &config.sources {
        // Nothing is stored, so any key will do.
        let context = Context {
            redactor: Redactor::new([0; plimsoll_kit::KEY_BYTES], &source.name),
            clock: Arc::new(Timestamp::now),
            limits: Limits::default(),
            cursors: Arc::default(),
            progress: Arc::new(NoProgress),
        };
        // Inside the runtime: a timer cannot be made outside of one.
        let checking =
            async { tokio::time::timeout(source.deadline, source.collector.check(&context)).await };
        let accesses = runtime.block_on(checking).unwrap_or_else(|_| {
            vec![Access {
                what: "everything".to_owned(),
                right: Right::Unreachable,
                detail: format!("no answer within its deadline of {:?}", source.deadline),
            }]
        });
        readable &= accesses.iter().all(|access| access.right == Right::Granted);
        out.write(|out| {
            writeln!(out, "\nsource {} ({})", source.name, source.collector_name)?;
            for access in &accesses {
                let right = match access.right {
                    Right::Granted => "can read   ",
                    Right::Denied => "MAY NOT    ",
                    Right::Unreachable => "UNREACHABLE",
                };
                writeln!(out, "  {right}  {:<24} {}", access.what, access.detail)?;
            }
            Ok(())
        })?;
    }
    runtime.shutdown_background();
    let channels = config.notify.iter().flat_map(|notify| &notify.channels);
    for channel in channels {
        // Sending is tried by `notify test`: nobody is told anything by a check.
        let opened = crate::notify::send::open(channel);
        readable &= opened.is_ok();
        out.write(|out| {
            writeln!(
                out,
                "\nchannel {} ({})",
                channel.name,
                channel.kind.as_str()
            )?;
            match opened {
                Ok(_) => writeln!(
                    out,
                    "  can be set up; `plimsoll notify test {}` sends a sample",
                    channel.name
                ),
                Err(error) => writeln!(out, "  CANNOT BE SENT TO  {}", error.why),
            }
        })?;
    }
    Ok(if readable {
        Exit::Clean
    } else {
        Exit::Incomplete
    })
}
