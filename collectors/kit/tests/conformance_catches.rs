//! Every rule of the conformance suite catches a collector that breaks it.

use async_trait::async_trait;
use plimsoll_kit::model::{Asset, AssetId, Claim};
use plimsoll_kit::testkit::conformance::{self, Subject};
use plimsoll_kit::testkit::{FakeServer, Gate, Held, Input, Reply};
use plimsoll_kit::{Access, Collector, Context, Harvester, Registration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// In what way the collector is sloppy.
#[derive(Clone, Copy, PartialEq)]
enum Sloppy {
    NoFinish,
    EagerToConnect,
    Talkative,
    OneForAll,
    Silent,
    Late,
    Writing,
    Asking,
    Mutating,
    Posting,
    Unsorted,
    Greedy,
    Rash,
}

/// A collector that reads lines `NAME VALUE` from a server by hand, in the most careless way.
struct Careless {
    address: String,
    how: Sloppy,
}

impl Careless {
    async fn ask(&self, method: &str, most: usize) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).await.ok()?;
        let body = match self.how {
            Sloppy::Asking => r#"{"query":"query List { list }","variables":{}}"#,
            Sloppy::Mutating => r#"{"query":"query List { list } mutation Mend { mend }"}"#,
            Sloppy::Posting => r#"{"list":true}"#,
            _ => "",
        };
        let length = body.len();
        let ask = format!(
            "{method} /list HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(ask.as_bytes()).await.ok()?;
        let mut bytes = Vec::new();
        if self.how == Sloppy::Greedy {
            tokio::io::copy(&mut stream, &mut tokio::io::sink())
                .await
                .ok()?;
        }
        while !complete(&bytes) && stream.read_buf(&mut bytes).await.ok()? > 0 {
            if bytes.len() > most {
                return None;
            }
        }
        let text = String::from_utf8(bytes).ok()?;
        Some(text.split_once("\r\n\r\n")?.1.to_owned())
    }

    fn line(&self, at: usize, line: &str) -> Result<Asset, String> {
        let Some((name, value)) = line.split_once(' ') else {
            return Err(match self.how {
                Sloppy::Talkative => format!("no value in {line}"),
                _ => "no value".to_owned(),
            });
        };
        let mut asset = Asset::new(AssetId::of("x", &[name]), "x", name);
        let shown = match self.how {
            Sloppy::Unsorted => at.to_string(),
            _ => value.len().to_string(),
        };
        asset.claim("length", Claim::reported(shown));
        Ok(asset)
    }
}

fn complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let length = text
        .split("Content-Length: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next());
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
    length
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| body >= Some(length))
}

#[async_trait]
impl Collector for Careless {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        if self.how == Sloppy::Rash {
            harvest.complete("all");
        }
        if self.how != Sloppy::Late {
            harvest.open("all");
        }
        let method = match self.how {
            Sloppy::Writing => "PUT",
            Sloppy::Asking | Sloppy::Mutating | Sloppy::Posting => "POST",
            _ => "GET",
        };
        let Some(text) = self.ask(method, context.limits.bytes).await else {
            match self.how {
                Sloppy::Silent => harvest.complete("all"),
                _ => harvest.trouble("all", "no answer"),
            }
            return;
        };
        for (at, line) in text.lines().enumerate() {
            match self.line(at, line) {
                Ok(asset) => harvest.asset("all", asset),
                Err(what) if self.how == Sloppy::OneForAll => return harvest.trouble("all", what),
                Err(what) => harvest.trouble("all", what),
            }
        }
        harvest.complete("all");
    }

    async fn check(&self, _context: &Context) -> Vec<Access> {
        Vec::new()
    }
}

struct With(Sloppy);

impl With {
    fn input(&self, reply: Reply) -> Input {
        let server = FakeServer::on_loopback();
        server.route("GET", "/list", reply.clone());
        server.route("POST", "/list", reply.clone());
        server.route("PUT", "/list", reply);
        let address = server.url().trim_start_matches("http://");
        Input::new(format!("address = {address:?}")).with_server(server)
    }
}

impl Subject for With {
    fn registration(&self) -> Registration {
        Registration {
            name: "careless",
            summary: "",
            sample: "address = \"127.0.0.1:1\"\n",
            build: match self.0 {
                Sloppy::NoFinish => |section| build(section, Sloppy::NoFinish),
                Sloppy::EagerToConnect => |section| {
                    let address = section.required_text("address", "")?;
                    std::net::TcpStream::connect(address).ok();
                    build(section, Sloppy::EagerToConnect)
                },
                _ => |section| build(section, Sloppy::Silent),
            },
            discover: |_| Vec::new(),
        }
    }

    fn build(&self, input: &Input) -> Box<dyn Collector> {
        if self.0 == Sloppy::EagerToConnect {
            let built = plimsoll_kit::testkit::build(&self.registration(), input.settings());
            return built.expect("settings that are right");
        }
        let address = input.settings().split('"').nth(1).unwrap_or_default();
        Box::new(Careless {
            address: address.to_owned(),
            how: self.0,
        })
    }

    fn healthy(&self) -> Input {
        self.input(Reply::json("a PLIMSOLL-MARKER\nb long\nc longer"))
    }

    fn shuffled(&self) -> Input {
        self.input(Reply::json("c longer\na PLIMSOLL-MARKER\nb long"))
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let input = self.input(Reply::json("PLIMSOLL-MARKER\nb long\nc longer"));
        (input, vec!["x:a".to_owned()])
    }

    fn hanging(&self) -> Option<Held> {
        let gate = Gate::new();
        let input = self.input(Reply::json("a b").held(&gate));
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        self.input(Reply::json("a b\n").endless())
    }

    fn absent(&self) -> Input {
        Input::new("address = \"127.0.0.1:1\"")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec!["", "address = 1"]
    }
}

fn build(section: &plimsoll_kit::settings::Section<'_>, how: Sloppy) -> Option<Box<dyn Collector>> {
    let address = section.required_text("address", "")?;
    if how != Sloppy::NoFinish {
        section.finish();
    }
    Some(Box::new(Careless { address, how }))
}

#[test]
#[should_panic(expected = "an unknown key is taken")]
fn a_key_that_nobody_knows() {
    conformance::settings_are_checked_offline(&With(Sloppy::NoFinish));
}

#[test]
#[should_panic(expected = "connected to its server")]
fn a_connection_before_its_time() {
    conformance::settings_are_checked_offline(&With(Sloppy::EagerToConnect));
}

#[test]
#[should_panic(expected = "a secret of the broken item is in the harvest")]
fn a_secret_in_a_trouble() {
    conformance::leaks_no_secret(&With(Sloppy::Talkative));
}

#[test]
#[should_panic(expected = "x:b is lost")]
fn a_list_lost_to_one_item() {
    conformance::broken_item_keeps_the_rest(&With(Sloppy::OneForAll));
}

#[test]
#[should_panic(expected = "nothing says so")]
fn an_absence_without_a_word() {
    conformance::absence_is_a_trouble(&With(Sloppy::Silent));
}

#[test]
#[should_panic(expected = "open scopes before")]
fn a_scope_opened_too_late() {
    conformance::timeout_marks_scope_incomplete(&With(Sloppy::Late));
}

#[test]
#[should_panic(expected = "is called complete and is not")]
fn a_scope_completed_too_early() {
    conformance::a_cut_anywhere_is_honest(&With(Sloppy::Rash));
}

#[test]
#[should_panic(expected = "PUT /list was sent")]
fn a_method_that_writes() {
    conformance::only_reads(&With(Sloppy::Writing));
}

#[test]
fn a_query_by_post_is_a_read() {
    conformance::only_reads(&With(Sloppy::Asking));
}

#[test]
#[should_panic(expected = "POST /list with a GraphQL operation that is no query was sent")]
fn a_mutation_behind_a_query() {
    conformance::only_reads(&With(Sloppy::Mutating));
}

#[test]
#[should_panic(expected = "POST /list was sent")]
fn a_post_that_is_no_query() {
    conformance::only_reads(&With(Sloppy::Posting));
}

#[test]
#[should_panic(expected = "order of the input shows")]
fn an_order_that_shows() {
    conformance::same_harvest_twice(&With(Sloppy::Unsorted));
}

#[test]
#[should_panic(expected = "reads an endless answer")]
fn a_reader_without_a_cap() {
    conformance::unbounded_input_meets_a_cap(&With(Sloppy::Greedy));
}
