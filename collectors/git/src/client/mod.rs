//! I/O and nothing else: what `git` is asked of a repository, and how it is kept from doing more than reading.

pub(crate) mod process;
pub(crate) mod shadow;
mod signature;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(crate) use process::Failed;
use process::{Output, Program};
use shadow::Shadow;
pub(crate) use signature::{Signature, Verifier};

use crate::settings::Settings;
use crate::wire;

/// What is set for every run, also where a repository cannot be read without its own configuration: nothing in that runs a program, opens a connection, writes, or has a part in
/// what is read. What has many values (`trailer.*`, aliases) cannot be set back here: commits and tags are read as they are stored, and
/// nothing is asked of `git` that such keys have to do with. The README lists the keys of each call.
const FORCED: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.sshCommand=false",
    "core.gitProxy=false",
    "core.attributesFile=/dev/null",
    // Its files say again what commits say, and anybody who can write there can make them say something else.
    "core.commitGraph=false",
    "core.warnAmbiguousRefs=false",
    "color.ui=false",
    "credential.helper=",
    // Before 2.45 there is no word against fetching what a partial clone has not: then nothing may be fetched by any way. A
    // way that the configuration allows by its name would count for more than the word for all.
    "protocol.allow=never",
    "protocol.file.allow=never",
    "protocol.git.allow=never",
    "protocol.ssh.allow=never",
    "protocol.http.allow=never",
    "protocol.https.allow=never",
    "protocol.ext.allow=never",
    "core.alternateRefsCommand=:",
    "core.askPass=true",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "uploadpack.packObjectsHook=",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "diff.external=",
    "core.pager=cat",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showSignature=false",
    "log.mailmap=false",
    "i18n.logOutputEncoding=UTF-8",
    "pack.useBitmaps=false",
];

/// One repository on this machine.
pub(crate) struct Git<'s> {
    settings: &'s Settings,
    folder: PathBuf,
    /// What stands for it; none where it is no repository, or nothing could be made to stand for it.
    shadow: Option<Shadow>,
    most: usize,
}

/// A branch that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    /// Its name, without `refs/heads/` and the like.
    pub(crate) name: String,
    /// Its last commit.
    pub(crate) head: String,
}

impl<'s> Git<'s> {
    /// The repository in a folder. A link in its path is followed, as `git` asks for the real one.
    pub(crate) fn at(settings: &'s Settings, folder: &Path, most: usize) -> Self {
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        Self {
            settings,
            shadow: Shadow::of(&folder),
            folder,
            most: most.min(settings.max_bytes),
        }
    }

    async fn run<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        stdin: Vec<u8>,
    ) -> Result<Output, Failed> {
        let mut all: Vec<OsString> =
            vec!["--no-pager".into(), "-C".into(), self.folder.clone().into()];
        let mut safe = OsString::from("safe.directory=");
        safe.push(&self.folder);
        for forced in FORCED.iter().map(OsString::from).chain([safe]) {
            all.extend(["-c".into(), forced]);
        }
        all.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        let above = self.folder.parent().unwrap_or(&self.folder);
        let env = [
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_SYSTEM", "/dev/null".into()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
            ("GIT_TERMINAL_PROMPT", "0".into()),
            ("GIT_OPTIONAL_LOCKS", "0".into()),
            ("GIT_NO_LAZY_FETCH", "1".into()),
            // None is allowed, whatever the version and whatever a configuration says.
            ("GIT_ALLOW_PROTOCOL", "".into()),
            ("GIT_PROTOCOL_FROM_USER", "0".into()),
            ("GIT_ASKPASS", "true".into()),
            ("GIT_SSH_COMMAND", "false".into()),
            ("GIT_NO_REPLACE_OBJECTS", "1".into()),
            ("GIT_GRAFT_FILE", "/dev/null".into()),
            // A folder that is no repository is not looked for in those above it.
            ("GIT_CEILING_DIRECTORIES", above.as_os_str().to_owned()),
            ("LC_ALL", "C".into()),
            ("TZ", "UTC".into()),
        ];
        let mut env = Vec::from(env);
        if let Some(shadow) = &self.shadow {
            env.push(("GIT_DIR", shadow.path().into()));
        }
        let program = Program {
            path: &self.settings.git,
            args: all,
            env,
            stdin,
            most: self.most,
            timeout: self.settings.timeout,
        };
        program.run().await
    }

    /// What a call wrote that has to end well.
    async fn ask(&self, args: &[&str], stdin: Vec<u8>) -> Result<Vec<u8>, Failed> {
        let output = self.run(args, stdin).await?;
        let call = || format!("git {}", args.first().unwrap_or(&""));
        match output.code {
            Some(0) => Ok(output.stdout),
            Some(code) => Err(Failed::Status(call(), code)),
            None => Err(Failed::Signal(call())),
        }
    }

    /// The program's version.
    pub(crate) async fn version(&self) -> Result<String, Failed> {
        Ok(wire::line(&self.ask(&["version"], Vec::new()).await?))
    }

    /// Whether its history is cut off somewhere, as a shallow clone's is.
    pub(crate) async fn is_shallow(&self) -> Result<bool, Failed> {
        let said = self.ask(&["rev-parse", "--is-shallow-repository"], Vec::new());
        Ok(wire::line(&said.await?) != "false")
    }

    /// When it was last fetched; none where it never was.
    pub(crate) async fn fetched(&self) -> Result<Option<SystemTime>, Failed> {
        let path = self.place("FETCH_HEAD").await?;
        let about = std::fs::metadata(path).ok();
        Ok(about.and_then(|about| about.modified().ok()))
    }

    /// Where a file of the repository lies.
    async fn place(&self, name: &str) -> Result<PathBuf, Failed> {
        match &self.shadow {
            Some(shadow) if name == "FETCH_HEAD" => Ok(shadow.own.join(name)),
            Some(shadow) => Ok(shadow.common.join(name)),
            None => {
                let args = ["rev-parse", "--git-path", name];
                let said = self.ask(&args, Vec::new()).await?;
                Ok(self.folder.join(wire::line(&said)))
            }
        }
    }

    /// The branch that a clone's remote has by default, or that a mirror's `HEAD` names.
    pub(crate) async fn default_branch(&self) -> Result<Option<String>, Failed> {
        for place in ["refs/remotes/origin/HEAD", "HEAD"] {
            let said = self
                .run(["symbolic-ref", "--quiet", place], Vec::new())
                .await?;
            let name = wire::line(&said.stdout);
            let name = name
                .strip_prefix("refs/remotes/origin/")
                .or(name.strip_prefix("refs/heads/"));
            if let Some(name) = name.filter(|_| said.code == Some(0)) {
                return Ok(Some(name.to_owned()));
            }
        }
        Ok(None)
    }

    /// Whether it has no working tree, as a mirror: by what is there, and not by what its configuration says.
    pub(crate) fn is_bare(&self) -> bool {
        !self.folder.ends_with(".git") && !self.folder.join(".git").exists()
    }

    /// A branch by its name: of a clone as the remote had it at the last fetch, and of a mirror its own, since whoever may
    /// push may push anything that only looks like a remote's.
    pub(crate) async fn branch(&self, name: &str, bare: bool) -> Result<Option<Branch>, Failed> {
        let own = format!("refs/heads/{name}");
        let places = match bare {
            true => vec![own],
            false => vec![format!("refs/remotes/origin/{name}"), own],
        };
        for place in places {
            let commit = format!("{place}^{{commit}}");
            let args = [
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &commit,
            ];
            let said = self.run(args, Vec::new()).await?;
            let head = wire::line(&said.stdout);
            if said.code == Some(0) && wire::is_hash(&head) {
                let name = name.to_owned();
                return Ok(Some(Branch { name, head }));
            }
        }
        Ok(None)
    }

    /// The commits that a branch went through: newest first, from a time on and no more than so many.
    pub(crate) async fn commits(
        &self,
        head: &str,
        since: i64,
        most: usize,
    ) -> Result<Vec<u8>, Failed> {
        // The filter does not stop at the first that is older: a commit says of its time what its author likes.
        let since = (since > 0).then(|| format!("--since-as-filter=@{since}"));
        let most = format!("--max-count={most}");
        let mut args = vec!["rev-list", "--first-parent", &most];
        args.extend(since.as_deref());
        args.extend([head, "--"]);
        self.ask(&args, Vec::new()).await
    }

    /// The commits that one has and others have not, and no more than so many.
    pub(crate) async fn between(
        &self,
        commit: &str,
        without: &[&str],
        most: usize,
    ) -> Result<Vec<u8>, Failed> {
        let most = format!("--max-count={most}");
        let mut stdin = format!("{commit}\n");
        for one in without {
            stdin.push_str(&format!("^{one}\n"));
        }
        self.ask(&["rev-list", &most, "--stdin"], stdin.into_bytes())
            .await
    }

    /// The tags with the objects that they are, the newest first.
    pub(crate) async fn tags(&self) -> Result<Vec<u8>, Failed> {
        let format = "--format=%(refname)%00%(objecttype)%00%(objectname)%00";
        let args = ["for-each-ref", "--sort=-creatordate", format, "refs/tags"];
        self.ask(&args, Vec::new()).await
    }

    /// Since when a tag is known to lie here as it does: when its file was last written, or the one into which all are packed. None where
    /// neither can be looked at. The clock is this machine's, and no one who only pushes can set it.
    pub(crate) async fn tag_since(&self, name: &str) -> Result<Option<SystemTime>, Failed> {
        for place in [format!("refs/tags/{name}"), "packed-refs".to_owned()] {
            let path = self.place(&place).await?;
            let about = std::fs::symlink_metadata(path).ok();
            if let Some(about) = about.filter(std::fs::Metadata::is_file) {
                return Ok(about.modified().ok());
            }
        }
        Ok(None)
    }

    /// Objects as they are stored, one after the other.
    pub(crate) async fn objects(&self, ids: &[&str]) -> Result<Vec<u8>, Failed> {
        let mut stdin = ids.join("\n");
        stdin.push('\n');
        self.ask(&["cat-file", "--batch", "--buffer"], stdin.into_bytes())
            .await
    }
}
