//! Rules that users write in CEL, the Common Expression Language.

mod budget;
mod lint;
mod view;

use std::sync::{Arc, LazyLock};

use cel::{Context, Env, ExecutionError, IdedExpr};
use plimsoll_settings::Section;

pub(crate) use view::AssetView;

/// The standard functions; building it costs more than any rule.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    budget::add_functions(&mut env);
    Arc::new(env)
});

/// The one variable that there is.
pub(crate) const VARIABLE: &str = "asset";

/// An expression, compiled and checked once.
#[derive(Debug)]
pub(crate) struct Expression {
    /// With all that it costs counted.
    rule: IdedExpr,
    /// The facts and readings that it names.
    pub(crate) facts: Vec<String>,
}

impl Expression {
    /// Compiles the expression under a key. What is wrong with it is noted on the section.
    pub(crate) fn read(section: &Section<'_>, key: &str) -> Option<Self> {
        let source = section.text(key)?;
        let program = match ENV.compile(&source) {
            Ok(program) => program,
            Err(errors) => {
                for error in &errors.errors {
                    let (line, column) = error.pos;
                    let place = format!("line {line}, column {column} of the expression");
                    section.mistake_at(key, format!("`{key}` is no CEL: {} ({place})", error.msg));
                }
                return None;
            }
        };
        let seen = lint::walk(program.expression());
        let place = section.place_of(key);
        for (message, hint) in &seen.mistakes {
            section.mistake(place, format!("`{key}`: {message}"), hint.clone());
        }
        Some(Self {
            rule: budget::counted(program.expression()),
            facts: seen.facts,
        })
    }

    /// What it says of an asset.
    ///
    /// # Errors
    /// Why it says neither yes nor no: a fact is missing or unknown, types do not fit, the result is no boolean, or it takes too
    /// many steps.
    pub(crate) fn ask(&self, asset: &AssetView<'_>) -> Result<bool, String> {
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.set_variable_resolver(asset);
        match budget::within(|| cel::Value::resolve(&self.rule, &context))? {
            Ok(cel::Value::Bool(yes)) => Ok(yes),
            Ok(other) => Err(format!(
                "the rule gives a {} and no boolean",
                other.type_of()
            )),
            Err(error) => Err(explain(&error)),
        }
    }
}

fn explain(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("no source says `{key}`"),
        ExecutionError::FunctionError { function, message } if function == view::FACTS => {
            message.clone()
        }
        other => {
            // What CEL says may hold a whole value.
            let text: String = other.to_string().chars().take(200).collect();
            format!("the rule cannot be evaluated: {text}")
        }
    }
}
