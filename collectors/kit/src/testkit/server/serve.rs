//! The fake server's loop.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::oneshot;

use super::reply::After;
use super::{Reply, Request, Shared, lock};
use crate::testkit::MARKER;

const PROBE: &str = "/.are-you-there";

pub(super) enum Listener {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener),
}

pub(super) fn run(listener: Listener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime for the fake server");
    runtime.block_on(async {
        tokio::select! {
            () = accept(listener, shared) => {}
            _ = stopped => {}
        }
    });
    // Dropping the runtime drops every connection, also those held at a gate.
}

async fn accept(listener: Listener, shared: Arc<Shared>) {
    match listener {
        Listener::Tcp(listener) => {
            listener
                .set_nonblocking(true)
                .expect("a listener that does not block");
            let listener = TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                lock(&shared.heard).connections += 1;
                tokio::spawn(talk(stream, Arc::clone(&shared)));
            }
        }
        Listener::Unix(listener) => {
            listener
                .set_nonblocking(true)
                .expect("a listener that does not block");
            let listener = UnixListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                lock(&shared.heard).connections += 1;
                tokio::spawn(talk(stream, Arc::clone(&shared)));
            }
        }
    }
}

/// A connection that can be torn down without a farewell.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn reset(&self) {}
}

impl Stream for TcpStream {
    fn reset(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Stream for UnixStream {}

async fn talk(mut stream: impl Stream, shared: Arc<Shared>) {
    while let Some(request) = Request::read(&mut stream).await {
        if request.path == PROBE {
            lock(&shared.heard).probes += 1;
            let _ = Reply::status(200).send(&mut stream, false).await;
            return;
        }
        let head_only = request.method == "HEAD";
        let last = request.header("connection") == Some("close");
        let reply = answer(&shared, request);
        match reply.send(&mut stream, head_only).await {
            Ok(After::Keep) if last => return,
            Ok(After::Keep) => {}
            Ok(After::Reset) => return stream.reset(),
            Ok(After::Close) => {
                if reply.is_endless() {
                    lock(&shared.heard).overran = true;
                }
                return;
            }
            Err(_) => return,
        }
    }
}

fn answer(shared: &Shared, request: Request) -> Reply {
    let reply = lock(&shared.routes).answer(&request);
    let reply = reply.unwrap_or_else(|| {
        let message = format!(
            "the fake server has no route for {} {}",
            request.method, request.path
        );
        Reply::json(serde_json::json!({ "message": message }).to_string()).with_status(404)
    });
    let reply = match &mut *lock(&shared.alter) {
        Some(alter) => reply.altered(|answer| alter(&request, answer)),
        None => reply,
    };
    let mut heard = lock(&shared.heard);
    heard.marked |= reply.contains(MARKER);
    heard.requests.push(request);
    reply
}

/// Makes a connection and waits for its answer.
pub(super) fn probe(url: &str, socket: &Path) {
    let ask = format!("GET {PROBE} HTTP/1.1\r\nHost: fake\r\n\r\n");
    let talk = |mut stream: Box<dyn ReadWrite>| {
        stream.write_all(ask.as_bytes())?;
        stream.read_to_end(&mut Vec::new())
    };
    let answered = match url.strip_prefix("http://") {
        Some(address) => std::net::TcpStream::connect(address).and_then(|s| talk(Box::new(s))),
        None => std::os::unix::net::UnixStream::connect(socket).and_then(|s| talk(Box::new(s))),
    };
    answered.expect("the fake server answers its own probe");
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}
