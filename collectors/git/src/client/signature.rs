//! Whether a signature is by somebody whom the settings name.
//!
//! Done here with the programs that `git` itself would call, and not through `git`: what a repository's own configuration says of
//! programs and keys has no part in it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plimsoll_kit::file;

use super::process::{Failed, Output, Program};
use crate::settings::Settings;
use crate::wire::{self, Kind, Signed};

/// The most bytes that a program that verifies writes.
const MOST: usize = 64 << 10;
/// How much of a file of allowed signers is read.
const NAMES: usize = 16 << 20;

/// Who signed, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// One of those whom the settings name, under this name alone.
    Good {
        /// The account: the principal of a file of allowed signers, or the fingerprint of a key in a keyring.
        signer: String,
        /// What a keyring calls the key's owner.
        name: Option<String>,
        /// When it was made, where the signature itself says so: none of SSH does.
        at: Option<Timestamp>,
    },
    /// It counts for nothing, and why.
    Not(&'static str),
}

/// Verifies signatures.
pub(crate) struct Verifier<'s> {
    settings: &'s Settings,
}

impl<'s> Verifier<'s> {
    /// By what the settings name.
    pub(crate) fn new(settings: &'s Settings) -> Self {
        Self { settings }
    }

    /// Looks at one signature. `at` is the time that the signed text says of itself, at which the key has to have been allowed.
    pub(crate) async fn verify(&self, signed: &Signed, at: Timestamp) -> Result<Signature, Failed> {
        match signed.kind {
            Kind::Ssh => match &self.settings.allowed_signers {
                Some(signers) => self.ssh(signers, signed, at).await,
                None => Ok(Signature::Not("no `allowed_signers` are set")),
            },
            Kind::Gpg => match &self.settings.keyring {
                Some(keyring) => self.gpg(keyring, signed).await,
                None => Ok(Signature::Not("no `keyring` is set")),
            },
            Kind::Other => Ok(Signature::Not(
                "signatures of their kind are not verified here",
            )),
        }
    }

    async fn ssh(
        &self,
        signers: &Path,
        signed: &Signed,
        at: Timestamp,
    ) -> Result<Signature, Failed> {
        // Read before a program waits for what is no file. Why it cannot be read was said by then.
        let Ok(named) = file::read(signers, NAMES) else {
            return Ok(Signature::Not("their key is none of `allowed_signers`"));
        };
        let named = String::from_utf8_lossy(&named);
        let file = written(&signed.signature)?;
        let time = at.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%S");
        let time = OsString::from(format!("-Overify-time={time}"));
        let common = |first: &[&str]| {
            let mut args: Vec<OsString> = first.iter().map(OsString::from).collect();
            args.extend(["-f".into(), signers.into(), "-s".into(), file.path().into()]);
            args.push(time.clone());
            args
        };
        let find = self.run(
            &self.settings.ssh_keygen,
            common(&["-Y", "find-principals"]),
            &[],
        );
        let found = find.await?;
        let text = String::from_utf8_lossy(&found.stdout).into_owned();
        let mut names = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let principal = match (found.code, names.next(), names.next()) {
            (Some(0), Some(one), None) => one,
            (Some(0), Some(_), Some(_)) => {
                return Ok(Signature::Not(
                    "their key is of several of `allowed_signers`",
                ));
            }
            _ => return Ok(Signature::Not("their key is none of `allowed_signers`")),
        };
        // A pattern or a list is nobody in particular, and a dash would be an option.
        if principal.contains(['*', '?', '!', ',', ' ', '"']) || principal.starts_with('-') {
            return Ok(Signature::Not(
                "their key is of several of `allowed_signers`: give each its own line and one name",
            ));
        }
        // It names the first line with the key, and there may be more.
        if wire::is_shared(&named, principal) {
            return Ok(Signature::Not(
                "their key is of several of `allowed_signers`",
            ));
        }
        let mut args = common(&["-Y", "verify", "-n", "git"]);
        args.extend(["-I".into(), principal.into()]);
        let verified = self.run(&self.settings.ssh_keygen, args, &signed.payload);
        Ok(match verified.await?.code {
            Some(0) => Signature::Good {
                signer: principal.to_lowercase(),
                name: None,
                at: None,
            },
            _ => Signature::Not(
                "their signature does not fit what is signed, or their key was not allowed then",
            ),
        })
    }

    async fn gpg(&self, keyring: &Path, signed: &Signed) -> Result<Signature, Failed> {
        if file::check(keyring).is_err() {
            return Ok(Signature::Not(
                "their key is not in `keyring`, or their signature does not fit what is signed",
            ));
        }
        let file = written(&signed.signature)?;
        // A home of its own, so that no other keyring and no options of a user's count.
        let home = tempfile::tempdir()
            .map_err(|error| Failed::Lost("a temporary folder".to_owned(), error))?;
        let mut args: Vec<OsString> = ["--status-fd", "1", "--homedir"].map(OsString::from).into();
        args.push(home.path().into());
        // A name without a folder would be looked for in that home.
        let keyring = std::path::absolute(keyring).unwrap_or_else(|_| keyring.to_owned());
        args.extend([
            "--keyring".into(),
            keyring.into(),
            file.path().into(),
            "-".into(),
        ]);
        let verified = self.run(&self.settings.gpgv, args, &signed.payload).await?;
        let status = String::from_utf8_lossy(&verified.stdout).into_owned();
        if verified.code != Some(0) {
            return Ok(Signature::Not(
                "their key is not in `keyring`, or their signature does not fit what is signed",
            ));
        }
        Ok(match wire::gpg_signer(&status) {
            Some(signer) => Signature::Good {
                signer: signer.key,
                name: signer.name,
                at: Some(signer.at),
            },
            None => Signature::Not("their key or signature has expired or was revoked"),
        })
    }

    async fn run(
        &self,
        program: &Path,
        args: Vec<OsString>,
        stdin: &[u8],
    ) -> Result<Output, Failed> {
        let program = Program {
            path: program,
            args,
            env: vec![("LC_ALL", "C".into()), ("TZ", "UTC".into())],
            stdin: stdin.to_vec(),
            most: MOST,
            timeout: self.settings.timeout,
        };
        program.run().await
    }
}

/// A signature in a file of its own, as the programs take it.
fn written(signature: &[u8]) -> Result<tempfile::NamedTempFile, Failed> {
    let write = || {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(signature)?;
        Ok(file)
    };
    write().map_err(|error| Failed::Lost("a temporary file".to_owned(), error))
}
