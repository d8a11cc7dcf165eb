//! Which answer a request gets.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Reply, Request, graphql};

type Handler = Box<dyn Fn(&Request) -> Option<Reply> + Send>;

/// Handlers first, the latest before the earlier ones; then the routes by their names.
#[derive(Default)]
pub(super) struct Routes {
    handlers: Vec<Handler>,
    named: BTreeMap<String, Reply>,
}

impl Routes {
    pub(super) fn handle(&mut self, handler: Handler) {
        self.handlers.push(handler);
    }

    pub(super) fn set(&mut self, method: &str, target: &str, reply: Reply) {
        self.named.insert(name(method, target), reply);
    }

    pub(super) fn answer(&self, request: &Request) -> Option<Reply> {
        let handlers = self.handlers.iter().rev();
        if let Some(reply) = handlers.filter_map(|handler| handler(request)).next() {
            return Some(reply);
        }
        let method = match request.method.as_str() {
            "HEAD" => "GET",
            other => other,
        };
        let short = without_version(&request.path);
        let mut queries = vec![request.query.clone()];
        if let Some(asked) = graphql::asked(request) {
            queries = asked.routes();
        }
        let named = |path: &str| {
            let long = queries.iter().map(|query| format!("{path}?{query}"));
            long.chain([path.to_owned()]).collect::<Vec<_>>()
        };
        [Some(request.path.as_str()), short]
            .into_iter()
            .flatten()
            .flat_map(named)
            .find_map(|target| self.named.get(&name(method, &target)))
            .cloned()
    }

    /// Reads a folder of answers: see [`FakeServer::folder`](super::FakeServer::folder).
    pub(super) fn load(&mut self, folder: &Path, url: &str) {
        let entries = fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("read {}: {error}", folder.display()));
        for entry in entries.flatten() {
            let path = entry.path();
            let file = entry.file_name().to_string_lossy().into_owned();
            let Some((stem, ending)) = file.rsplit_once('.') else {
                panic!("{} has no ending, such as .json", path.display());
            };
            if ending == "headers" {
                continue;
            }
            let content_type = match ending {
                "json" => "application/json",
                "txt" => "text/plain",
                "xml" => "application/xml",
                other => panic!("{}: what type is .{other}?", path.display()),
            };
            let mut reply = Reply::new(content_type, read(&path, url));
            let (route, status) = stem.split_once('!').unwrap_or((stem, "200"));
            reply = reply.with_status(
                status
                    .parse()
                    .unwrap_or_else(|_| panic!("{}: {status:?} is no status", path.display())),
            );
            let headers = folder.join(format!("{stem}.headers"));
            if headers.exists() {
                for line in read(&headers, url).lines() {
                    if let Some((name, value)) = line.split_once(':') {
                        reply = reply.header(name.trim(), value.trim());
                    }
                }
            }
            self.named.insert(route.to_owned(), reply);
        }
    }
}

fn read(path: &Path, url: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
        .replace("{{url}}", url)
}

/// `GET /containers/json?all=1` is `GET_containers_json@all=1`.
fn name(method: &str, target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut name = format!("{method}_{}", decode(path.trim_start_matches('/')));
    if !query.is_empty() {
        name = format!("{name}@{}", decode(query));
    }
    name.replace('/', "_")
}

/// The path without a version in front of it, as `/v1.41`, if there is one.
fn without_version(path: &str) -> Option<&str> {
    let (version, _) = path.strip_prefix("/v")?.split_once('/')?;
    let digits = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    (!version.is_empty() && version.bytes().all(digits)).then(|| &path[version.len() + 2..])
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = text.get(at + 1..at + 3);
        let code = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match code.filter(|_| *byte == b'%') {
            Some(code) => {
                decoded.push(code);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_routes() {
        assert_eq!(name("GET", "/containers/json"), "GET_containers_json");
        assert_eq!(name("GET", "/a/b%2Fc?x=1%2F2"), "GET_a_b_c@x=1_2");
        assert_eq!(without_version("/v1.41/info"), Some("/info"));
        assert_eq!(without_version("/volumes"), None);
        assert_eq!(without_version("/vm/1"), None);
    }
}
