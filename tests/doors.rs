//! The daemon's doors under somebody who means harm.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use support::{Findings, Plimsoll, until};

const HOST: &str =
    "{\"asset\":{\"id\":\"host:shop/web-1\",\"kind\":\"host\",\"name\":\"web-1\"}}\n";

fn status(address: SocketAddr, path: &str, host: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1).map(str::to_owned)
}

#[test]
fn whoever_holds_connections_keeps_nobody_out_and_a_strange_name_reads_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let findings = Findings::of(HOST);
    let source = findings.source();
    let plimsoll = Plimsoll::new(&format!("[serve]\nlisten = \"{address}\"\n{source}"));
    let _running = plimsoll.start(&["serve"]);
    until("the daemon answers", Duration::from_secs(60), || {
        status(address, "/healthz", "localhost").filter(|status| status == "200")
    });
    // More than there are places, some with half of a request.
    let mut idle = Vec::new();
    for at in 0..100 {
        let mut stream = TcpStream::connect(address).unwrap();
        if at % 2 == 0 {
            // Who was dropped meanwhile cannot be written to.
            let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: ");
        }
        idle.push(stream);
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        let said = status(address, path, "127.0.0.1");
        assert!(
            said.as_deref()
                .is_some_and(|said| said == "200" || said == "503"),
            "{path} {said:?}"
        );
    }
    for path in ["/readyz", "/metrics"] {
        assert_eq!(
            status(address, path, "evil.example").as_deref(),
            Some("421"),
            "{path}"
        );
    }
    assert_eq!(
        status(address, "/healthz", "evil.example").as_deref(),
        Some("200")
    );
}

/// Takes the place of a daemon, and says that all is well.
fn impostor(listener: UnixListener) -> std::thread::JoinHandle<usize> {
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let mut asked = 0;
        // By then the one who asks has come and gone.
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            stream.set_nonblocking(true).unwrap();
            asked += stream.read(&mut [0; 1024]).unwrap_or(0);
        }
        asked
    })
}

#[test]
fn an_answer_from_a_folder_that_everybody_writes_to_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("plimsoll.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let findings = Findings::of(HOST);
    let (source, path) = (findings.source(), socket.display());
    let plimsoll = Plimsoll::new(&format!("[serve]\nsocket = \"{path}\"\n{source}"));
    let chmod = |mode| {
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
    };
    chmod(0o777);
    let refused = plimsoll.run(&["scan", "--via-daemon"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("is not trusted"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        impostor(listener).join().unwrap(),
        0,
        "it was told something"
    );
}

/// A listener of somebody else's, in a folder of ours.
#[test]
fn an_answer_of_another_user_is_not_believed() {
    if !rustix::process::geteuid().is_root() {
        // Nobody else can be played.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o1777)).unwrap();
    let socket = folder.path().join("plimsoll.sock");
    let script = "import os, socket, sys\nos.setgid(4711)\nos.setuid(4711)\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\nprint('there', flush=True)\nsys.stdin.read()\n";
    let mut other = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(&socket)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut word = [0; 5];
    other
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut word)
        .unwrap();
    let findings = Findings::of(HOST);
    let (source, path) = (findings.source(), socket.display());
    let plimsoll = Plimsoll::new(&format!("[serve]\nsocket = \"{path}\"\n{source}"));
    let refused = plimsoll.run(&["scan", "--via-daemon"]);
    drop(other.stdin.take());
    other.wait().unwrap();
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("4711"), "{}", refused.stderr);
}
