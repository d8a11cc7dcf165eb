//! A socket in front of an engine's that counts requests, so that a test can act in the middle of a scan.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A socket in front of an engine's. It hands everything on, and lives as long as the test program.
pub(crate) struct Relay {
    folder: tempfile::TempDir,
    requests: Arc<AtomicUsize>,
}

impl Relay {
    /// Calls `at` with the number of every request, counted from 1, before that request is handed on.
    pub(crate) fn before(engine: &Path, at: impl Fn(usize) + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("docker.sock")).unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, engine, at) = (Arc::clone(&requests), engine.to_owned(), Arc::new(at));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (count, engine, at) = (Arc::clone(&count), engine.clone(), Arc::clone(&at));
                thread::spawn(move || serve(client, &engine, &count, at.as_ref()));
            }
        });
        Self { folder, requests }
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// How many requests came so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }
}

/// Hands one connection on, in both directions, until either side ends it.
fn serve(mut client: UnixStream, engine: &Path, count: &AtomicUsize, at: &dyn Fn(usize)) {
    let mut upstream: Option<UnixStream> = None;
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        let chunk = &buffer[..length];
        // A reading client's request fits one packet: its method is what a chunk begins with.
        if [b"GET ".as_slice(), b"HEAD "]
            .iter()
            .any(|method| chunk.starts_with(method))
        {
            at(count.fetch_add(1, Ordering::SeqCst) + 1);
        }
        if upstream.is_none() {
            let Ok(connection) = UnixStream::connect(engine) else {
                break;
            };
            let (from, to) = (connection.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || copy(from, to));
            upstream = Some(connection);
        }
        let sent = upstream
            .as_mut()
            .is_some_and(|stream| stream.write_all(chunk).is_ok());
        if !sent {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    if let Some(stream) = upstream {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn copy(mut from: UnixStream, mut to: UnixStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}
