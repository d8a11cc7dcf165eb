//! One chunk of lines as the model's types.

use std::collections::HashSet;

use plimsoll_kit::Redactor;
use plimsoll_model::{Action, Asset, AssetId, ChangeRequest, Relation, Text};

use super::{MAX_SCOPE_NAME, MAX_SCOPES, said};
use crate::normalise;
use crate::wire::{AnyLine, Line};

/// What is wrong with a scope's name.
pub(super) const BAD_SCOPE: &str =
    "the name of a scope is too long or holds control characters; give a short one";

/// The most line troubles that one part keeps; more are counted.
const MAX_TROUBLES: usize = 200;

/// What all parts are parsed with.
#[derive(Clone)]
pub(super) struct Rules {
    /// The scope of lines that name none.
    pub(super) scope: Text,
    pub(super) redactor: Redactor,
    /// The longest line, in bytes.
    pub(super) line_cap: usize,
}

/// What a chunk of lines holds. Lines count from 0.
#[derive(Default)]
pub(super) struct Part {
    pub(super) lines: u64,
    pub(super) scopes: Vec<Seen>,
    pub(super) assets: Vec<Asset>,
    pub(super) relations: Vec<Relation>,
    pub(super) requests: Vec<ChangeRequest>,
    pub(super) actions: Vec<Action>,
    pub(super) troubles: Vec<LineTrouble>,
    /// Lines with a trouble that is not in `troubles`.
    pub(super) untold: u64,
}

/// What lines say of one scope.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) name: Text,
    /// The last line that belongs to it.
    pub(super) last: Option<u64>,
    /// The last line that closes it, and whether all of them say that it is complete.
    pub(super) closed: Option<(u64, bool)>,
    /// How many line troubles the harvest has of it; counted when parts are put together.
    pub(super) told: usize,
    /// How many more there were.
    pub(super) untold: u64,
}

/// What is wrong on a line.
pub(super) struct LineTrouble {
    pub(super) line: u64,
    /// The scope it belongs to; none where that cannot be known.
    pub(super) scope: Option<Text>,
    pub(super) what: Trouble,
    pub(super) asset: Option<AssetId>,
}

/// Who says what is wrong.
pub(super) enum Trouble {
    /// We do.
    Found(String),
    /// The findings do.
    Told(Text),
}

/// Whether a text can name a scope.
pub(super) fn is_scope(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_SCOPE_NAME && !name.chars().any(char::is_control)
}

impl Part {
    /// A part that stands for one line that is too long.
    pub(super) fn too_long(line_cap: usize) -> Self {
        let mut part = Self {
            lines: 1,
            ..Self::default()
        };
        part.found(0, None, longer_than(line_cap));
        part
    }

    /// What the lines hold.
    pub(super) fn parse(bytes: &[u8], rules: &Rules) -> Self {
        let mut part = Self::default();
        // One check of the whole is quicker than one of each text in it.
        let text = std::str::from_utf8(bytes).ok();
        let mut start = 0;
        while start < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let line = &bytes[start..end];
            if line.len() > rules.line_cap {
                part.found(part.lines, None, longer_than(rules.line_cap));
            } else if !line.trim_ascii().is_empty() {
                let read = match text.and_then(|text| text.get(start..end)) {
                    Some(line) => serde_json::from_str(line),
                    None => plimsoll_kit::json::read(line),
                };
                match read {
                    Ok(line) => part.take(line, rules),
                    Err(error) => part.broken(line, &error),
                }
            }
            part.lines += 1;
            start = end + 1;
        }
        part
    }

    /// Leaves out what belongs to scopes that are not taken.
    pub(super) fn leave_out(&mut self, scopes: &HashSet<Text>) {
        self.assets.retain(|asset| !scopes.contains(&asset.scope));
        self.relations
            .retain(|relation| !scopes.contains(&relation.scope));
        self.requests
            .retain(|request| !scopes.contains(&request.scope));
        self.actions
            .retain(|action| !scopes.contains(&action.scope));
        for trouble in &mut self.troubles {
            trouble.scope.take_if(|scope| scopes.contains(scope));
        }
    }

    fn take(&mut self, line: Line, rules: &Rules) {
        match line {
            Line::Asset(mut line) => {
                if line.kind.trim().is_empty() {
                    let what = "`kind` must not be empty".to_owned();
                    self.found(self.lines, None, what);
                } else if self.belongs(&mut line.scope, rules) {
                    self.assets.push(normalise::asset(line, &rules.redactor));
                }
            }
            Line::Relation(mut relation) => {
                if self.belongs(&mut relation.scope, rules) {
                    self.relations.push(relation);
                }
            }
            Line::Action(mut action) => {
                if self.belongs(&mut action.scope, rules) {
                    self.actions.push(action);
                }
            }
            Line::Request(mut request) => {
                if self.belongs(&mut request.scope, rules) {
                    self.requests.push(*request);
                }
            }
            Line::Trouble(mut trouble) => {
                if self.belongs(&mut trouble.scope, rules) {
                    self.trouble(LineTrouble {
                        line: self.lines,
                        scope: Some(trouble.scope),
                        what: Trouble::Told(normalise::said(&trouble.what)),
                        asset: trouble.asset,
                    });
                }
            }
            Line::Scope(mut scope) => {
                let line = self.lines;
                if let Some(seen) = self.seen(&mut scope.name, rules) {
                    let all = seen.closed.is_none_or(|(_, complete)| complete);
                    seen.closed = Some((line, all && scope.complete));
                }
            }
        }
    }

    /// Fills an empty scope and notes that this line belongs to it. No for a name that cannot be.
    fn belongs(&mut self, scope: &mut Text, rules: &Rules) -> bool {
        let line = self.lines;
        match self.seen(scope, rules) {
            Some(seen) => {
                seen.last = Some(line);
                true
            }
            None => false,
        }
    }

    fn seen(&mut self, scope: &mut Text, rules: &Rules) -> Option<&mut Seen> {
        if scope.is_empty() {
            scope.clone_from(&rules.scope);
        }
        // Mostly the last one: findings come scope by scope.
        let at = match self.scopes.iter().rposition(|seen| seen.name == *scope) {
            Some(at) => at,
            None if self.scopes.len() >= MAX_SCOPES => {
                let what =
                    format!("more than {MAX_SCOPES} scopes; split them over several sources");
                self.found(self.lines, None, what);
                return None;
            }
            None if is_scope(scope) => {
                self.scopes.push(Seen {
                    name: scope.clone(),
                    ..Seen::default()
                });
                self.scopes.len() - 1
            }
            None => {
                self.found(self.lines, None, BAD_SCOPE.to_owned());
                return None;
            }
        };
        self.scopes.get_mut(at)
    }

    fn broken(&mut self, line: &[u8], error: &serde_json::Error) {
        // Only a scope that the line names is sure: the mistake may be in the very word `scope`.
        let named = plimsoll_kit::json::read::<AnyLine>(line)
            .ok()
            .and_then(AnyLine::scope);
        let scope = named.filter(|scope| is_scope(scope));
        self.found(self.lines, scope, said::json(error));
    }

    fn found(&mut self, line: u64, scope: Option<Text>, what: String) {
        self.trouble(LineTrouble {
            line,
            scope,
            what: Trouble::Found(what),
            asset: None,
        });
    }

    fn trouble(&mut self, trouble: LineTrouble) {
        if self.troubles.len() < MAX_TROUBLES {
            self.troubles.push(trouble);
        } else {
            self.untold += 1;
        }
    }
}

fn longer_than(line_cap: usize) -> String {
    format!("longer than {line_cap} bytes and left out; split what it says over several lines")
}
