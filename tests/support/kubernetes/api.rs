//! The API server's interface, spoken by hand: what writes as a kubelet or a controller does, and what fetches raw.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use super::certificates::{Authority, Identity};

/// No answer takes this long.
const LIMIT: Duration = Duration::from_secs(60);
/// A connection that was idle for longer may have been ended at the other side.
const IDLE: Duration = Duration::from_secs(20);

type Stream = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// A user's connection to an API server, kept open between calls.
pub(crate) struct Api {
    port: u16,
    config: Arc<ClientConfig>,
    stream: Option<(Stream, Instant)>,
    /// In which form answers are wanted.
    pub(crate) accept: &'static str,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON, when the status is one of success; panics with what it says otherwise.
    pub(crate) fn json(self, what: &str) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert!(
            (200..300).contains(&self.status),
            "{what}: {} {text}",
            self.status
        );
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{what}: {error}: {text}"))
    }
}

impl Api {
    pub(super) fn new(port: u16, authority: &Authority, identity: &Identity) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        let own = CertificateDer::from_pem_file(authority.certificate()).unwrap();
        roots.add(own).unwrap();
        let certificate = CertificateDer::from_pem_file(&identity.certificate).unwrap();
        let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate], key)
            .unwrap();
        Self {
            port,
            config: Arc::new(config),
            stream: None,
            accept: "application/json",
        }
    }

    /// Another connection of the same user.
    pub(crate) fn another(&self) -> Self {
        Self {
            port: self.port,
            config: Arc::clone(&self.config),
            stream: None,
            accept: "application/json",
        }
    }

    /// What the object at `path` is.
    pub(crate) fn get(&mut self, path: &str) -> Value {
        self.send("GET", path, None).json(path)
    }

    /// The items of a list that fits one page.
    pub(crate) fn list(&mut self, path: &str) -> Vec<Value> {
        let mut list = self.get(path);
        match list["items"].take() {
            Value::Array(items) => items,
            _ => panic!("{path}: no list"),
        }
    }

    /// Makes an object in the collection at `path`, and gives it as the server has it.
    pub(crate) fn create(&mut self, path: &str, object: &Value) -> Value {
        self.send("POST", path, Some(object)).json(path)
    }

    /// Puts an object in the place of the one at `path`.
    pub(crate) fn replace(&mut self, path: &str, object: &Value) -> Value {
        self.send("PUT", path, Some(object)).json(path)
    }

    /// Changes the object at `path` by a merge patch.
    pub(crate) fn patch(&mut self, path: &str, patch: &Value) -> Value {
        self.send("PATCH", path, Some(patch)).json(path)
    }

    /// Removes the object at `path` at once.
    pub(crate) fn delete(&mut self, path: &str) {
        let now = serde_json::json!({"gracePeriodSeconds": 0, "propagationPolicy": "Background"});
        self.send("DELETE", path, Some(&now)).json(path);
    }

    /// One call; the answer is whatever it is.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_send(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same where nobody may listen yet.
    pub(super) fn try_send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some((stream, used)) if used.elapsed() < IDLE => stream,
            _ => self.connect()?,
        };
        let body = body.map(Value::to_string).unwrap_or_default();
        let kind = if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            self.accept,
            body.len()
        );
        stream.get_mut().write_all(request.as_bytes())?;
        stream.get_mut().flush()?;
        let answer = read(&mut stream)?;
        self.stream = Some((stream, Instant::now()));
        Ok(answer)
    }

    fn connect(&self) -> std::io::Result<Stream> {
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        tcp.set_read_timeout(Some(LIMIT))?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.config), name).unwrap();
        Ok(BufReader::with_capacity(
            64 << 10,
            StreamOwned::new(connection, tcp),
        ))
    }
}

/// One answer, by its length or in chunks.
fn read(stream: &mut Stream) -> std::io::Result<Answer> {
    let status = line(stream)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("no HTTP status"))?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
        chunked |= header.starts_with("transfer-encoding:") && header.ends_with("chunked");
    }
    let mut body = vec![0; length];
    if !chunked {
        stream.read_exact(&mut body)?;
        return Ok(Answer { status, body });
    }
    loop {
        let size = usize::from_str_radix(&line(stream)?, 16).map_err(std::io::Error::other)?;
        let start = body.len();
        body.resize(start + size + 2, 0);
        stream.read_exact(&mut body[start..])?;
        body.truncate(start + size);
        if size == 0 {
            return Ok(Answer { status, body });
        }
    }
}

fn line(stream: &mut Stream) -> std::io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
