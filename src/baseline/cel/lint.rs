//! What an expression refers to, and what of that there is not.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, LiteralValue};
use plimsoll_settings::nearest;

use super::VARIABLE;
use super::view::FIELDS;

/// What a rule may call, beside the operators.
const FUNCTIONS: &[&str] = &[
    "all",
    "bool",
    "bytes",
    "contains",
    "double",
    "dyn",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "has",
    "hasValue",
    "int",
    "map",
    "matches",
    "max",
    "min",
    "none",
    "of",
    "ofNonZeroValue",
    "or",
    "orValue",
    "size",
    "startsWith",
    "string",
    "type",
    "uint",
    "value",
];

/// What was seen on a walk over an expression.
#[derive(Default)]
pub(super) struct Seen {
    /// The facts and readings that are named.
    pub(super) facts: Vec<String>,
    /// What is wrong, with suggestions.
    pub(super) mistakes: Vec<(String, Option<String>)>,
    /// Variables of the macros around the place, the innermost last.
    bound: Vec<String>,
}

/// Walks over an expression.
pub(super) fn walk(expression: &IdedExpr) -> Seen {
    let mut seen = Seen::default();
    seen.look(&expression.expr);
    seen.facts.sort();
    seen.facts.dedup();
    seen
}

impl Seen {
    fn look(&mut self, expr: &Expr) {
        match expr {
            Expr::Unspecified | Expr::Literal(_) => {}
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => {
                self.field(&select.operand.expr, &select.field);
                self.look(&select.operand.expr);
            }
            Expr::Call(call) => {
                let args = call.args.iter().map(|arg| &arg.expr);
                match call.func_name.as_str() {
                    // `asset.facts["x"]` and `"x" in asset.facts`
                    "_[_]" | "_[?_]" | "@in" => {
                        let pair: Vec<&Expr> = args.clone().collect();
                        if let [Expr::Literal(LiteralValue::String(name)), whole]
                        | [whole, Expr::Literal(LiteralValue::String(name))] = pair.as_slice()
                        {
                            self.field(whole, name.inner());
                        }
                    }
                    name => self.function(name),
                }
                call.target
                    .iter()
                    .for_each(|target| self.look(&target.expr));
                args.for_each(|arg| self.look(arg));
            }
            Expr::Comprehension(all) => {
                self.look(&all.iter_range.expr);
                self.look(&all.accu_init.expr);
                let before = self.bound.len();
                self.bound.push(all.iter_var.clone());
                self.bound.extend(all.iter_var2.clone());
                self.bound.push(all.accu_var.clone());
                for part in [&all.loop_cond, &all.loop_step, &all.result] {
                    self.look(&part.expr);
                }
                self.bound.truncate(before);
            }
            Expr::List(list) => list.elements.iter().for_each(|item| self.look(&item.expr)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.look(&entry.key.expr);
                        self.look(&entry.value.expr);
                    }
                }
            }
            Expr::Struct(made) => {
                let message = format!("there is no type {:?} to make", made.type_name);
                self.mistakes.push((message, None));
            }
        }
    }

    fn variable(&mut self, name: &str) {
        const TYPES: &[&str] = &[
            "bool",
            "bytes",
            "double",
            "int",
            "list",
            "map",
            "null_type",
            "string",
            "type",
            "uint",
            "optional",
        ];
        let bound = self.bound.iter().any(|bound| bound == name);
        if name != VARIABLE && !bound && !name.starts_with('@') && !TYPES.contains(&name) {
            let hint = if FIELDS.contains(&name) {
                format!("write `{VARIABLE}.{name}`")
            } else {
                format!("the one variable is `{VARIABLE}`")
            };
            self.mistakes
                .push((format!("there is no variable `{name}`"), Some(hint)));
        }
    }

    fn function(&mut self, name: &str) {
        let operator =
            name.starts_with('@') || !name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !operator && !FUNCTIONS.contains(&name) {
            let near = nearest(name, FUNCTIONS.iter().copied());
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            self.mistakes
                .push((format!("there is no function `{name}`"), hint));
        }
    }

    /// A field of `asset`, or of its facts and readings.
    fn field(&mut self, whole: &Expr, field: &str) {
        match whole {
            Expr::Ident(name) if name == VARIABLE && !FIELDS.contains(&field) => {
                let near = nearest(field, FIELDS.iter().copied());
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", FIELDS.join(", ")),
                };
                self.mistakes
                    .push((format!("`{VARIABLE}` has no `{field}`"), Some(hint)));
            }
            Expr::Select(select) if ["facts", "readings"].contains(&select.field.as_str()) => {
                if matches!(&select.operand.expr, Expr::Ident(name) if name == VARIABLE) {
                    self.facts.push(field.to_owned());
                }
            }
            _ => {}
        }
    }
}
