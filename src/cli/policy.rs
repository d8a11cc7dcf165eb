//! `plimsoll policy`.

use std::io::Write;

use anyhow::bail;

use super::args_changes::{PolicyArgs, PolicyCommand};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::approval::{EffectiveKey, Policy, effective_keys, effective_lists, exempt_keys};
use crate::report::tame;

pub(super) fn run(door: &Door, args: &PolicyArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        PolicyCommand::Show {
            template: Some(tracker),
            ..
        } => {
            out.write(|out| out.write_all(tracker.template().as_bytes()))?;
            Ok(Exit::Clean)
        }
        PolicyCommand::Show { name, .. } => show(door, name.as_deref(), out),
        PolicyCommand::Test(args) => super::policy_test::run(door, args, out),
    }
}

/// The policy as it is in force: every rule with every key, defaults too, and where each comes from.
fn show(door: &Door, name: Option<&str>, out: &mut Out) -> anyhow::Result<Exit> {
    let approval = &door.config.approval;
    let policy: &Policy = match name {
        Some(name) => match approval.policies.get(name) {
            Some(policy) => policy,
            None => bail!(
                "no approval policy is called {name:?} ({})",
                approval.policies.suggest(name)
            ),
        },
        None => match &approval.policy {
            Some(policy) => policy,
            None => bail!(
                "no approval policy is chosen: set `policy` in [approval], or name one of {}",
                approval.policies.names().collect::<Vec<_>>().join(", ")
            ),
        },
    };
    out.write(|out| {
        writeln!(out, "# {}", tame(&policy.title, 200))?;
        writeln!(out, "# the policy {}", policy.name)?;
        for base in &policy.extends {
            writeln!(out, "#   extends {base}")?;
        }
        for key in effective_lists(policy) {
            write_key(out, &key)?;
        }
        for exempt in &policy.exempt {
            let (id, reason) = (exempt.id.as_str(), tame(&exempt.reason, 300));
            writeln!(
                out,
                "\n[[exempt]]  # no approval is needed, as {} says",
                exempt.origin
            )?;
            writeln!(out, "id = {id:?}\nreason = {reason:?}")?;
            for (key, value) in exempt_keys(exempt) {
                writeln!(out, "{key} = {value}")?;
            }
        }
        for (rule, given) in policy.rules.iter().zip(&policy.given) {
            writeln!(out, "\n[[rule]]\nid = {:?}", rule.id.as_str())?;
            for key in effective_keys(rule, given) {
                write_key(out, &key)?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}

/// A key with its value, and the policy that gives it.
fn write_key(out: &mut dyn Write, key: &EffectiveKey) -> std::io::Result<()> {
    let origin = key.origin.as_deref().unwrap_or("default");
    let line = format!("{} = {}", key.key, key.value);
    writeln!(out, "{line:<60}  # {origin}")
}
