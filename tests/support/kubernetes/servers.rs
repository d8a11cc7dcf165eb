//! etcd and the API server as processes.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::certificates::Authority;

/// How long a server may take to end, once it is told to.
const LIMIT: Duration = Duration::from_secs(30);
/// Ports below those that the kernel hands out by itself, so that none of them is taken between the look and the use.
const PORTS: std::ops::Range<u16> = 18_000..30_000;
static COUNT: AtomicU16 = AtomicU16::new(0);

/// A port on loopback that nothing listens on, another one at each call.
pub(super) fn free_port() -> u16 {
    let length = PORTS.end - PORTS.start;
    // Test programs that run at once begin at different places.
    let start = u16::try_from(std::process::id() * 61 % u32::from(length)).unwrap();
    for _ in 0..length {
        let step = COUNT.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + (start.wrapping_add(step) % length);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port from {PORTS:?} is free on loopback");
}

/// A server that ends when this does, and when the test program ends in any way.
pub(super) struct Server {
    name: &'static str,
    log: PathBuf,
    pid: Pid,
    /// Says when it has ended.
    ended: Mutex<mpsc::Receiver<()>>,
}

impl Server {
    fn start(name: &'static str, program: &Path, arguments: &[String], folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).unwrap();
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL"])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output);
        let (started, start) = mpsc::channel();
        let (ends, ended) = mpsc::channel();
        // The kernel ends the server with the thread that started it, so that thread waits for the server.
        std::thread::spawn(move || {
            let child = command.spawn();
            let mut child: Child = match child {
                Ok(child) => child,
                Err(error) => {
                    let _ = started.send(Err(error));
                    return;
                }
            };
            let _ = started.send(Ok(Pid::from_child(&child)));
            let _ = child.wait();
            let _ = ends.send(());
        });
        let pid = start
            .recv()
            .unwrap()
            .unwrap_or_else(|error| panic!("setpriv: {error}: run this test with `tests/run`"));
        Self {
            name,
            log,
            pid,
            ended: Mutex::new(ended),
        }
    }

    fn runs(&self) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.try_recv() == Err(mpsc::TryRecvError::Empty)
    }

    /// Panics with its last words, if it has ended.
    pub(super) fn assert_running(&self) {
        assert!(self.runs(), "{} ended: {}", self.name, self.last_words());
    }

    /// The end of its log.
    pub(super) fn last_words(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let tail = log.len().saturating_sub(4_000);
        String::from_utf8_lossy(&log[tail..]).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.runs() {
            let _ = kill_process(self.pid, Signal::KILL);
            let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
            let _ = ended.recv_timeout(LIMIT);
        }
    }
}

/// etcd with its data in `folder`, on loopback; also gives the URL where it listens.
pub(super) fn etcd(program: &Path, folder: &Path) -> (Server, String) {
    let [client, peer] = [(); 2].map(|()| format!("http://127.0.0.1:{}", free_port()));
    let data = folder.join("etcd");
    let arguments = [
        format!("--data-dir={}", data.display()),
        "--name=test".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=test={peer}"),
    ];
    (Server::start("etcd", program, &arguments, folder), client)
}

/// An API server over `store`, with RBAC and an audit log; also gives its port.
pub(super) fn api_server(
    program: &Path,
    folder: &Path,
    store: &str,
    authority: &Authority,
) -> (Server, u16) {
    let port = free_port();
    let server = authority.server();
    // Any key does for the tokens of service accounts.
    let accounts = authority.client("service-accounts", &[]);
    let policy = folder.join("audit-policy.yaml");
    let rules = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n";
    std::fs::write(&policy, rules).unwrap();
    let arguments = [
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        // Its own address would be announced, and a loopback address must not be.
        "--endpoint-reconciler-type=none".to_owned(),
        format!("--secure-port={port}"),
        format!("--etcd-servers={store}"),
        format!("--client-ca-file={}", authority.certificate().display()),
        format!("--tls-cert-file={}", server.certificate.display()),
        format!("--tls-private-key-file={}", server.key.display()),
        "--authorization-mode=RBAC".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!(
            "--service-account-key-file={}",
            accounts.certificate.display()
        ),
        format!(
            "--service-account-signing-key-file={}",
            accounts.key.display()
        ),
        "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
        "--allow-privileged=true".to_owned(),
        "--profiling=false".to_owned(),
        format!("--audit-policy-file={}", policy.display()),
        format!("--audit-log-path={}", folder.join("audit.log").display()),
        "--audit-log-mode=blocking-strict".to_owned(),
    ];
    let server = Server::start("kube-apiserver", program, &arguments, folder);
    (server, port)
}
