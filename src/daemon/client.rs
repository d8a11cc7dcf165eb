//! Asking a daemon for a scan, on its socket.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use super::control::{OUTCOME, ScanRequest, word};
use super::render::Rendering;
use crate::report::Outcome;

/// What a daemon sent.
#[derive(Debug)]
pub struct Reply {
    /// What the report comes to.
    pub outcome: Outcome,
    /// The report in the form that was asked for.
    pub page: Bytes,
}

/// Why a daemon sent none.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody is there.
    #[error(
        "no `plimsoll serve` answers on {path}: {why}; is it running, and as this user or are you root?"
    )]
    Nobody {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Somebody else could be there in its place.
    #[error("{path} is not trusted: {why}")]
    Stranger {
        /// The socket.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// It refused, and said why.
    #[error("{0}")]
    Refused(String),
    /// It went away, or is no such daemon.
    #[error("the daemon's answer broke off: {0}")]
    Broken(String),
}

/// Asks for a scan of some sources, or of all where none is named, and waits for its report.
///
/// # Errors
/// When there is no daemon, it refuses, or it goes away.
pub fn ask(socket: &Path, sources: &[String], rendering: Rendering) -> Result<Reply, Refusal> {
    let nobody = |error: std::io::Error| Refusal::Nobody {
        path: socket.into(),
        why: error.to_string(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(nobody)?;
    runtime.block_on(async {
        let stream = UnixStream::connect(socket).await.map_err(nobody)?;
        trust(socket, &stream).map_err(|why| Refusal::Stranger {
            path: socket.into(),
            why,
        })?;
        let wanted = ScanRequest {
            sources: sources.to_vec(),
            rendering,
        };
        send(stream, &wanted).await
    })
}

/// Holds that it is the daemon that answers: this user's, root's, or whose folder it is, in a folder that nobody else writes to.
/// What it says is a report, and the exit code comes of it.
fn trust(socket: &Path, stream: &UnixStream) -> Result<(), String> {
    plimsoll_kit::file::check_folder(socket).map_err(|error| error.to_string())?;
    let peer = stream.peer_cred().map_err(|error| error.to_string())?;
    if plimsoll_kit::file::is_ours(socket, peer.uid()) {
        return Ok(());
    }
    Err(format!(
        "the user with the number {} answers there, who is neither this one, nor root, nor the owner of the folder; \
         end what listens there",
        peer.uid()
    ))
}

async fn send(stream: UnixStream, wanted: &ScanRequest) -> Result<Reply, Refusal> {
    let broken = |error: &dyn std::error::Error| Refusal::Broken(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    let connection = tokio::spawn(connection);
    let body = serde_json::to_vec(wanted).map_err(|error| broken(&error))?;
    let request = Request::post("/scan")
        .header("host", "plimsoll")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| broken(&error))?;
    let response = sender
        .send_request(request)
        .await
        .map_err(|error| broken(&error))?;
    let (head, body) = response.into_parts();
    let page = body.collect().await.map_err(|error| broken(&error))?;
    let page = page.to_bytes();
    connection.abort();
    if head.status != StatusCode::OK {
        let said = String::from_utf8_lossy(&page);
        return Err(Refusal::Refused(said.trim().to_owned()));
    }
    let outcomes = [Outcome::Clean, Outcome::Drift, Outcome::Incomplete];
    let said = head.headers.get(OUTCOME);
    let outcome = outcomes
        .into_iter()
        .find(|one| said.is_some_and(|said| said == word(*one)))
        .ok_or_else(|| Refusal::Broken("it does not say what the report comes to".to_owned()))?;
    Ok(Reply { outcome, page })
}
