//! What the fake server answers, and how it can go wrong.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::testkit::Gate;

/// An endless answer ends here all the same, so that a reader without a cap fails its test and not the machine.
const ENDLESS: usize = 64 << 20;

/// An answer, with its faults.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    gate: Option<Gate>,
    fault: Fault,
}

#[derive(Clone, Debug)]
enum Fault {
    None,
    /// Promises the whole body and closes after so many bytes.
    Truncated(usize),
    /// Sends so many bytes of the body and then waits at the gate.
    Stalled(usize, Gate),
    /// Repeats the body for ever.
    Endless,
    /// Sends the body alone, without status and headers.
    Garbage,
    /// Closes the connection without an answer.
    Reset,
}

/// What becomes of the connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    Keep,
    Close,
    Reset,
}

impl Reply {
    /// An answer of 200 with a body and its type.
    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.into(),
            gate: None,
            fault: Fault::None,
        }
    }

    /// An answer of 200 with a JSON text.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new("application/json", body)
    }

    /// An answer of a status without a body.
    pub fn status(status: u16) -> Self {
        Self {
            headers: Vec::new(),
            ..Self::json("").with_status(status)
        }
    }

    /// The same with another status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same without a header, as if something in between had taken it away.
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers
            .retain(|(have, _)| !have.eq_ignore_ascii_case(name));
        self
    }

    /// The same with one header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, sent only when the gate is open.
    pub fn held(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// The same, of which only the first bytes of the body come before the connection closes.
    pub fn truncated(mut self, bytes: usize) -> Self {
        self.fault = Fault::Truncated(bytes);
        self
    }

    /// The same, of which the first bytes of the body come and the rest only when the gate is open.
    pub fn stalled(mut self, bytes: usize, gate: &Gate) -> Self {
        self.fault = Fault::Stalled(bytes, gate.clone());
        self
    }

    /// The same, with the body repeated without end.
    pub fn endless(mut self) -> Self {
        self.fault = Fault::Endless;
        self
    }

    /// Bytes that are no HTTP.
    pub fn garbage(bytes: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::json(bytes);
        reply.fault = Fault::Garbage;
        reply
    }

    /// No answer: the connection is reset.
    pub fn reset() -> Self {
        let mut reply = Self::json("");
        reply.fault = Fault::Reset;
        reply
    }

    /// The same with something done to its JSON; as it is where it is none, or another status than 200.
    pub(super) fn altered(mut self, alter: impl FnOnce(&mut serde_json::Value)) -> Self {
        if self.status == 200
            && let Ok(mut answer) = serde_json::from_slice(&self.body)
        {
            let before = serde_json::Value::clone(&answer);
            alter(&mut answer);
            if before != answer {
                self.body = answer.to_string().into_bytes();
            }
        }
        self
    }

    pub(super) fn is_endless(&self) -> bool {
        matches!(self.fault, Fault::Endless)
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        let text = text.as_bytes();
        self.body.windows(text.len()).any(|bytes| bytes == text)
    }

    pub(super) async fn send(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        head_only: bool,
    ) -> io::Result<After> {
        if let Some(gate) = &self.gate {
            gate.pass().await;
        }
        match &self.fault {
            Fault::Reset => return Ok(After::Reset),
            Fault::Garbage => {
                stream.write_all(&self.body).await?;
                stream.flush().await?;
                return Ok(After::Close);
            }
            _ => stream.write_all(self.head().as_bytes()).await?,
        }
        if head_only {
            stream.flush().await?;
            return Ok(After::Keep);
        }
        match &self.fault {
            Fault::Truncated(bytes) => {
                let (first, _) = self.body.split_at(self.body.len().min(*bytes));
                stream.write_all(first).await?;
                stream.flush().await?;
                Ok(After::Close)
            }
            Fault::Stalled(bytes, gate) => {
                let (first, rest) = self.body.split_at(self.body.len().min(*bytes));
                stream.write_all(first).await?;
                stream.flush().await?;
                gate.pass().await;
                stream.write_all(rest).await?;
                stream.flush().await?;
                Ok(After::Keep)
            }
            Fault::Endless => {
                let chunk = self.body.repeat((64 << 10) / self.body.len().max(1) + 1);
                let mut sent = 0;
                while sent < ENDLESS && !chunk.is_empty() {
                    stream.write_all(&chunk).await?;
                    sent += chunk.len();
                }
                Ok(After::Close)
            }
            _ => {
                stream.write_all(&self.body).await?;
                stream.flush().await?;
                Ok(After::Keep)
            }
        }
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Fake\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.fault {
            // Without a length, the body ends where the connection does.
            Fault::Endless => head.push_str("Connection: close\r\n"),
            _ if self.status == 204 || self.status == 304 => {}
            _ => head.push_str(&format!("Content-Length: {}\r\n", self.body.len())),
        }
        head + "\r\n"
    }
}
