//! What a rule may cost: steps and values, for each rule and asset.
//!
//! The interpreter has no bounds of its own. So a rule is rewritten once: what a macro goes over is counted before it does, and what
//! a value is made of is counted before it is made. Over the budget both are errors, and the rule's answer is unknown, whatever the
//! rest of it says.

use std::cell::Cell;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::common::types::{CelBytes, CelInt, CelList, CelMap, CelString, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{Env, ExecutionError};

/// Steps and parts of values. A rule over every port of a busy host takes some thousands.
pub(super) const MOST: u64 = 1_000_000;

/// Counts what a macro goes over, and gives it back.
const WALK: &str = "@walk";
/// Counts what a value is made of, and gives it back.
const TAKE: &str = "@take";
/// The same of a pattern that has to be compiled.
const PATTERN: &str = "@pattern";

/// What compiling a pattern costs that a rule has in full.
const WRITTEN: i64 = 200;
/// And what one costs that comes from outside.
const GIVEN: i64 = 20_000;

thread_local! {
    /// What is left of the rule that this thread evaluates; none where nothing is any more.
    static LEFT: Cell<Option<u64>> = const { Cell::new(Some(MOST)) };
}

/// Evaluates a rule under a fresh budget.
///
/// # Errors
/// When it was not enough, whatever came of the rule.
pub(super) fn within<T>(evaluate: impl FnOnce() -> T) -> Result<T, String> {
    LEFT.set(Some(MOST));
    let made = evaluate();
    match LEFT.get() {
        Some(_) => Ok(made),
        None => Err(format!(
            "the rule takes more than {MOST} steps on this asset, and was stopped: have it look at less"
        )),
    }
}

/// Counts so many steps or parts.
///
/// # Errors
/// When there are not so many left.
pub(super) fn spend(cost: u64) -> Result<(), ExecutionError> {
    let left = LEFT.get().and_then(|left| left.checked_sub(cost));
    LEFT.set(left);
    match left {
        Some(_) => Ok(()),
        None => Err(ExecutionError::function_error("rule", "too many steps")),
    }
}

/// Adds what the rewritten rules call.
pub(super) fn add_functions(env: &mut Env) {
    let functions: [(&str, cel::common::functions::Function); 3] =
        [(WALK, walk), (TAKE, take), (PATTERN, pattern)];
    for (name, function) in functions {
        let types = match name {
            TAKE => vec![DYN_TYPE],
            _ => vec![DYN_TYPE, DYN_TYPE],
        };
        // No other function has such a name: none can be written in CEL.
        let _ = env.add_overload(name, name, types, function);
    }
}

fn number(args: &mut Vec<CowVal<'_, '_>>) -> u64 {
    let number = args.pop();
    let number = number.as_ref().and_then(|one| one.downcast_ref::<CelInt>());
    number.map_or(0, |one| u64::try_from(*one.inner()).unwrap_or(0))
}

fn last<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let none = || ExecutionError::function_error("rule", "nothing was given");
    args.pop().ok_or_else(none)
}

fn walk<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let each = number(&mut args);
    let range = last(args)?;
    let items = range.as_sizer().map_or(0, |range| *range.size().inner());
    let items = u64::try_from(items).unwrap_or(0);
    spend(items.saturating_mul(each))?;
    Ok(range)
}

fn take<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = last(args)?;
    weigh(value.as_ref())?;
    Ok(value)
}

fn pattern<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    spend(number(&mut args))?;
    take(args)
}

/// Counts the parts of a value, a text by its length.
fn weigh(value: &dyn Val) -> Result<(), ExecutionError> {
    let long = |bytes: usize| 1 + u64::try_from(bytes / 64).unwrap_or(u64::MAX);
    if let Some(text) = value.downcast_ref::<CelString>() {
        return spend(long(text.inner().len()));
    }
    if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        return spend(long(bytes.inner().len()));
    }
    spend(1)?;
    if let Some(list) = value.downcast_ref::<CelList>() {
        list.inner()
            .iter()
            .try_for_each(|item| weigh(item.as_ref()))?;
    } else if let Some(map) = value.downcast_ref::<CelMap>() {
        for (key, part) in map.inner() {
            weigh(key.inner())?;
            weigh(part.as_ref())?;
        }
    }
    Ok(())
}

/// The rule with everything counted.
pub(super) fn counted(rule: &IdedExpr) -> IdedExpr {
    let mut rule = rule.clone();
    count(&mut rule);
    rule
}

/// Rewrites an expression; gives how many steps it takes, what is inside of macros left out.
fn count(whole: &mut IdedExpr) -> i64 {
    match &mut whole.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => 1,
        Expr::Select(select) => 1 + count(&mut select.operand),
        Expr::Call(call) => count_call(call),
        Expr::List(list) => {
            let mut steps = 1;
            for item in &mut list.elements {
                steps += count(item);
                wrap(item);
            }
            steps
        }
        Expr::Map(map) => {
            let mut steps = 1;
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    steps += count(&mut entry.key) + count(&mut entry.value);
                    wrap(&mut entry.value);
                }
            }
            steps
        }
        // There is none: the rule would have been refused.
        Expr::Struct(_) => 1,
        Expr::Comprehension(all) => {
            let each = count(&mut all.loop_cond) + count(&mut all.loop_step) + 1;
            let steps = count(&mut all.iter_range) + count(&mut all.result) + 1;
            let range = std::mem::take(&mut all.iter_range);
            all.iter_range = called(WALK, range, Some(each));
            steps
        }
    }
}

fn count_call(call: &mut CallExpr) -> i64 {
    let mut steps = 1;
    for arg in call.args.iter_mut().chain(call.target.as_deref_mut()) {
        steps += count(arg);
    }
    let name = call.func_name.as_str();
    // These hand on one of what they are given, or a part of it, and make nothing.
    const HANDED_ON: [&str; 8] = [
        operators::CONDITIONAL,
        operators::LOGICAL_AND,
        operators::LOGICAL_OR,
        operators::LOGICAL_NOT,
        operators::NOT_STRICTLY_FALSE,
        operators::INDEX,
        operators::OPT_INDEX,
        operators::OPT_SELECT,
    ];
    if HANDED_ON.contains(&name) {
        return steps;
    }
    if name == "matches"
        && let Some(pattern) = call.args.last_mut()
    {
        let cost = match &pattern.expr {
            Expr::Literal(_) => WRITTEN,
            _ => GIVEN,
        };
        let inner = std::mem::take(pattern);
        *pattern = called(PATTERN, inner, Some(cost));
    }
    call.args.iter_mut().for_each(wrap);
    // A name before the point may be one of a function's, as in `optional.of`.
    if let Some(target) = &mut call.target
        && !matches!(target.expr, Expr::Ident(_))
    {
        wrap(target);
    }
    steps
}

/// Has a value counted where it is used as a whole. Lists count what they are made of themselves, and what a macro gathers in is
/// counted as it comes in: the interpreter knows both by their form.
fn wrap(whole: &mut IdedExpr) {
    let spared = match &whole.expr {
        Expr::Literal(_) | Expr::List(_) | Expr::Map(_) | Expr::Unspecified => true,
        Expr::Ident(name) => name.starts_with('@'),
        Expr::Call(call) => call.func_name.starts_with('@') && call.func_name != operators::IN,
        _ => false,
    };
    if !spared {
        let inner = std::mem::take(whole);
        *whole = called(TAKE, inner, None);
    }
}

fn called(function: &str, inner: IdedExpr, number: Option<i64>) -> IdedExpr {
    let id = inner.id;
    let number = number.map(|number| IdedExpr {
        id,
        expr: Expr::Literal(LiteralValue::Int(CelInt::from(number))),
    });
    IdedExpr {
        id,
        expr: Expr::Call(CallExpr {
            func_name: function.to_owned(),
            target: None,
            args: std::iter::once(inner).chain(number).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cel::{Context, Value};

    use super::*;

    fn env() -> Arc<Env> {
        let mut env = Env::stdlib();
        add_functions(&mut env);
        Arc::new(env)
    }

    /// What a rule gives with everything counted, and without.
    fn both(env: &Arc<Env>, rule: &str) -> (Result<Value, String>, Result<Value, ExecutionError>) {
        let program = env.compile(rule).unwrap();
        let mut context = Context::with_env(Arc::clone(env));
        let items: Vec<i64> = (0..5_000).collect();
        context.add_variable("items", items).unwrap();
        context.add_variable("text", "x".repeat(10_000)).unwrap();
        let rule = counted(program.expression());
        let counted = within(|| Value::resolve(&rule, &context));
        let counted = counted.map(|made| made.map_err(|error| error.to_string()));
        (counted.and_then(|made| made), program.execute(&context))
    }

    #[test]
    fn a_rule_says_the_same_with_everything_counted() {
        let env = env();
        for rule in [
            "items.all(x, x >= 0)",
            "items.exists(x, x == 4999)",
            "items.exists_one(x, x == 7)",
            "items.filter(x, x % 2 == 0).size() == 2500",
            "items.map(x, x + 1)[0] == 1",
            "items.map(x, x > 4997, [x, {'a': x}])",
            "items.map(x, [x]).size()",
            "[1, 2, 3] + [4] == [1, 2, 3, 4]",
            "{'a': [1, 2]}.a.exists(x, x in [2])",
            "{'a': 1}.all(k, k == 'a')",
            "has({'a': 1}.a) && !has({'a': 1}.b)",
            "'abc'.contains('b') && 'abc'.startsWith('a') && 'abc'.matches('^a.c$')",
            "string(7) + 'x' == '7x' && int('7') == 7 && double('1.5') == 1.5",
            "type(1) == int && size('abc') == 3",
            "optional.of(1).hasValue() && [1][?3].orValue(2) == 2",
            "true ? 1 : 2",
            "items[0] / 0 == 1 || true",
            "-items[1] == -1",
            "items.all(x, x / (x - 3) >= 0 || true)",
            "dyn(1) == 1 && [items, items].all(x, x == items)",
        ] {
            let (counted, plain) = both(&env, rule);
            match plain {
                Ok(value) => assert_eq!(counted, Ok(value), "{rule}"),
                Err(_) => assert!(counted.is_err(), "{rule}"),
            }
        }
    }

    #[test]
    fn a_rule_without_end_is_stopped() {
        let env = env();
        for rule in [
            "items.all(x, items.all(y, x + y >= 0))",
            "items.all(x, items.all(y, items.all(z, x + y + z >= 0)))",
            "items.exists(x, items.exists(y, items.exists(z, x + y + z < 0)))",
            "items.map(x, items.map(y, items.map(z, [x, y, z]))).size() > 0",
            "items.map(x, items).size() > 0",
            "items.filter(x, items.filter(y, y == x).size() == 1).size() > 0",
            "[items].map(a, [a,a,a,a,a,a,a,a]).map(a, [a,a,a,a,a,a,a,a]).map(a, [a,a,a,a,a,a,a,a]).map(a, [a,a,a,a,a,a,a,a]).size() > 0",
            "[text].map(a, a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).size() > 0",
            "[items].map(a, {'a': a, 'b': a}).map(a, {'a': a, 'b': a}).map(a, {'a': a, 'b': a}).map(a, {'a': a, 'b': a}).map(a, {'a': a, 'b': a}).map(a, {'a': a, 'b': a}).map(a, {'a': a, 'b': a}).map(a, {'a': a, 'b': a}).size() > 0",
            "items.exists(x, 'a'.matches(string(x)))",
            "items.all(x, items == items)",
            // An error beside what decides is no excuse.
            "items.all(x, items.all(y, x + y >= 0)) || true",
        ] {
            let program = env.compile(rule).unwrap();
            let mut context = Context::with_env(Arc::clone(&env));
            let items: Vec<i64> = (0..5_000).collect();
            context.add_variable("items", items).unwrap();
            context.add_variable("text", "x".repeat(10_000)).unwrap();
            let counted = counted(program.expression());
            let made = within(|| Value::resolve(&counted, &context).map(drop));
            assert!(made.is_err_and(|why| why.contains("steps")), "{rule}");
        }
    }
}
