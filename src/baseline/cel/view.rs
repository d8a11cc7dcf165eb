//! An asset as a rule sees it: fields are converted when they are asked for, and not before.

use std::collections::HashMap;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelString, DYN_TYPE, Type,
};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use plimsoll_model::{Asset, Facts, Value};

use super::VARIABLE;
use super::budget::spend;
use crate::baseline::outcome::reason;
use crate::baseline::types::System;

/// Where an error of this module comes from; no function of a rule is called so.
pub(super) const FACTS: &str = "plimsoll facts";

/// The fields of an asset.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "kind",
    "name",
    "labels",
    "facts",
    "readings",
    "role",
    "environment",
];

/// A system as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssetView<'a> {
    pub(crate) asset: &'a Asset,
    pub(crate) system: &'a System,
}

/// The labels of one that was read in part: what they are in all, or how many, cannot be asked.
#[derive(Clone, Copy, Debug)]
struct LabelsView<'a> {
    asset: &'a Asset,
}

/// Its facts or its readings.
#[derive(Clone, Copy, Debug)]
struct FactsView<'a> {
    asset: &'a Asset,
    facts: &'a Facts,
}

impl VariableResolver for AssetView<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        (variable == VARIABLE).then(|| CowVal::owned(*self))
    }
}

impl<'a> AssetView<'a> {
    fn field(&self, name: &str) -> Result<Box<dyn Val + 'a>, ExecutionError> {
        let text = |text: &'a str| Box::new(CelString::from(text)) as Box<dyn Val + 'a>;
        let facts = |facts| {
            Box::new(FactsView {
                asset: self.asset,
                facts,
            }) as Box<dyn Val + 'a>
        };
        Ok(match name {
            "id" => text(self.asset.id.as_str()),
            "kind" => text(&self.asset.kind),
            "name" => text(&self.asset.name),
            "labels" if self.asset.partial.is_some() => Box::new(LabelsView { asset: self.asset }),
            "labels" => {
                spend(u64::try_from(self.asset.labels.len()).unwrap_or(u64::MAX))?;
                let labels = self.asset.labels.iter();
                map(labels.map(|(name, value)| (name, text(value))))
            }
            "facts" => facts(&self.asset.facts),
            "readings" => facts(&self.asset.readings),
            "role" => text(&self.system.role),
            "environment" => match &self.system.environment {
                Some(environment) => text(environment),
                None => return Err(error("it has no environment".to_owned())),
            },
            other => return Err(ExecutionError::no_such_key(other)),
        })
    }
}

impl<'a> LabelsView<'a> {
    /// A label that is not there may be one that was not read.
    fn label(&self, name: &str) -> Result<Box<dyn Val + 'a>, ExecutionError> {
        match (self.asset.labels.get(name), &self.asset.partial) {
            (Some(value), _) => Ok(Box::new(CelString::from(value.as_str()))),
            (None, Some(partial)) => Err(error(format!("label `{name}` was not read: {partial}"))),
            (None, None) => Err(ExecutionError::no_such_key(name)),
        }
    }
}

impl<'a> FactsView<'a> {
    /// A fact that is there and unknown is an error and not missing: `has` must not take it for absent.
    fn fact(&self, name: &str) -> Result<Box<dyn Val + 'a>, ExecutionError> {
        match self.facts.get(name) {
            Some(claim) => match claim.value() {
                Some(value) => {
                    spend(parts(value))?;
                    Ok(convert(value))
                }
                None => Err(error(reason(self.asset, name))),
            },
            None if self.asset.partial.is_some() => Err(error(reason(self.asset, name))),
            None => Err(ExecutionError::no_such_key(name)),
        }
    }
}

fn error(message: String) -> ExecutionError {
    ExecutionError::function_error(FACTS, message)
}

fn map<'a>(entries: impl Iterator<Item = (&'a str, Box<dyn Val + 'a>)>) -> Box<dyn Val + 'a> {
    let entries = entries.map(|(name, value)| (CelMapKey::from(name), value));
    Box::new(CelMap::from(entries.collect::<HashMap<_, _>>()))
}

/// Of how many parts a value is made.
fn parts(value: &Value) -> u64 {
    match value {
        Value::List(items) => items.iter().map(parts).sum::<u64>() + 1,
        Value::Table(table) => table.iter().map(|(_, part)| parts(part) + 1).sum::<u64>() + 1,
        _ => 1,
    }
}

fn convert(value: &Value) -> Box<dyn Val + '_> {
    match value {
        Value::Bool(yes) => Box::new(CelBool::from(*yes)),
        Value::Int(number) => Box::new(CelInt::from(*number)),
        Value::Float(number) => Box::new(CelDouble::from(*number)),
        Value::Text(text) => Box::new(CelString::from(text.as_str())),
        Value::List(items) => {
            Box::new(CelList::from(items.iter().map(convert).collect::<Vec<_>>()))
        }
        Value::Table(table) => map(table.iter().map(|(name, part)| (name, convert(part)))),
    }
}

fn key(key: &dyn Val) -> Result<&str, ExecutionError> {
    match key.downcast_ref::<CelString>() {
        Some(text) => Ok(text.inner()),
        None => Err(ExecutionError::UnexpectedType {
            got: key.get_type().name().to_owned(),
            want: "string".to_owned(),
        }),
    }
}

macro_rules! view {
    ($name:ident, $get:ident) => {
        impl Val for $name<'_> {
            fn get_type(&self) -> &Type {
                &DYN_TYPE
            }

            fn cel_type() -> &'static Type {
                &DYN_TYPE
            }

            fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
            where
                Self: 'v,
            {
                Some(self)
            }

            fn into_indexer<'v>(self: Box<Self>) -> Option<Box<dyn Indexer + 'v>>
            where
                Self: 'v,
            {
                Some(self)
            }

            fn as_container(&self) -> Option<&dyn Container> {
                Some(self)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
            where
                Self: 'v,
            {
                Box::new(*self)
            }
        }

        impl Indexer for $name<'_> {
            fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
            where
                Self: 'v,
            {
                self.$get(key(index)?).map(|value| CowVal::Owned(value))
            }

            fn steal<'v>(
                self: Box<Self>,
                index: &dyn Val,
            ) -> Result<Box<dyn Val + 'v>, ExecutionError>
            where
                Self: 'v,
            {
                self.$get(key(index)?)
                    .map(|value| value as Box<dyn Val + 'v>)
            }
        }

        impl Container for $name<'_> {
            fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
                match self.$get(key(value)?) {
                    Ok(_) => Ok(true),
                    Err(ExecutionError::NoSuchKey(_)) => Ok(false),
                    Err(other) => Err(other),
                }
            }
        }
    };
}

view!(AssetView, field);
view!(FactsView, fact);
view!(LabelsView, label);
