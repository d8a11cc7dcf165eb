//! What holds for a group as soon as it holds for one of its machines.

use plimsoll_model::{Table, Text, Value, fact};

use super::edge::add_port;
use super::reference::{Seen, Unseen};
use super::shape::{EDGE, Shape};

/// The parts for which all machines count: what one of them opens, is given or mounts, the group does. The others are what most are.
pub(crate) const UNION: &[&str] = &[
    fact::ENV,
    fact::MOUNTS,
    fact::IMAGES,
    fact::HEALTH_CHECKED,
    fact::HTTPS_FORCED,
    "auto-destroy",
    "files",
    "services",
    EDGE,
];

/// The parts of [`UNION`] for all machines of a group together; an error where one of them that cannot be observed may be set up
/// otherwise.
pub(crate) fn union(reference: &Shape, seen: &[Seen], unseen: &[Unseen]) -> Result<Table, Text> {
    let doubtful = |machine: &&Unseen| {
        let known = machine.known.as_ref();
        !known.is_some_and(|known| machine.whole || reference.agrees_with_what_is_known_of(known))
    };
    let doubtful = unseen.iter().filter(doubtful).count();
    if doubtful > 0 {
        return Err(Text::from(format!(
            "{doubtful} of its machines cannot be observed, and what one of them is set up to do counts for the group"
        )));
    }
    let seen = seen
        .iter()
        .map(|machine| (machine.id.as_str(), &machine.shape));
    let unseen = unseen
        .iter()
        .filter_map(|machine| Some((machine.id.as_str(), machine.known.as_ref()?)));
    let mut machines: Vec<(&str, &Shape)> = seen.chain(unseen).collect();
    machines.sort_by_key(|(id, _)| *id);
    let mut all = Table::new();
    for name in UNION {
        let part = match *name {
            fact::IMAGES => images(reference, &machines).map(Value::Table),
            fact::HEALTH_CHECKED | fact::HTTPS_FORCED => every(name, &machines),
            "auto-destroy" => any(name, &machines),
            EDGE => Some(Value::Table(ports(
                machines.iter().map(|(_, shape)| *shape),
            ))),
            _ => Some(Value::Table(rows(name, reference, &machines))),
        };
        if let Some(part) = part {
            all.insert(*name, part);
        }
    }
    Ok(all)
}

/// The ports of several machines; of one that two have in two ways, the worse.
pub(crate) fn ports<'s>(machines: impl Iterator<Item = &'s Shape>) -> Table {
    let mut all = Table::new();
    for (key, row) in machines.flat_map(|shape| table(shape, EDGE)) {
        if let Some(row) = row.as_table() {
            add_port(&mut all, key, row);
        }
    }
    all
}

fn table<'s>(shape: &'s Shape, name: &str) -> impl Iterator<Item = (&'s str, &'s Value)> {
    let table = shape.0.get(name).and_then(Value::as_table);
    table.into_iter().flat_map(|table| table.iter())
}

/// The rows of a table, those of the reference first: of two ways the one that most have holds, and the other differs.
fn rows(name: &str, reference: &Shape, machines: &[(&str, &Shape)]) -> Table {
    let mut all = Table::new();
    for shape in std::iter::once(reference).chain(machines.iter().map(|(_, shape)| *shape)) {
        for (key, value) in table(shape, name) {
            if !all.contains(key) {
                all.insert(key, value.clone());
            }
        }
    }
    all
}

/// Whether it holds for every machine of which it can be said at all.
fn every(name: &str, machines: &[(&str, &Shape)]) -> Option<Value> {
    let said = machines
        .iter()
        .filter_map(|(_, shape)| shape.0.get(name)?.as_bool());
    said.reduce(|all, one| all && one).map(Value::Bool)
}

fn any(name: &str, machines: &[(&str, &Shape)]) -> Option<Value> {
    let said = machines
        .iter()
        .filter_map(|(_, shape)| shape.0.get(name)?.as_bool());
    said.reduce(|any, one| any || one).map(Value::Bool)
}

/// The images of all machines: those of the reference's containers, and where a machine runs another one each of these by its id.
fn images(reference: &Shape, machines: &[(&str, &Shape)]) -> Option<Table> {
    const PARTS: [&str; 3] = [fact::IMAGE, fact::IMAGE_DIGESTS, fact::IMAGES];
    let alike = |shape: &Shape| {
        PARTS
            .iter()
            .all(|part| shape.0.get(part) == reference.0.get(part))
    };
    let mut all: Table = table(reference, fact::IMAGES)
        .map(|(name, row)| (name, row.clone()))
        .collect();
    let mut others = machines
        .iter()
        .filter(|(_, shape)| !alike(shape))
        .peekable();
    if others.peek().is_some() {
        all.extend(main(reference).map(|row| (Text::from("most machines"), row)));
    }
    for (id, shape) in others {
        all.extend(main(shape).map(|row| (Text::from(format!("machine {id}")), row)));
        for (name, row) in table(shape, fact::IMAGES) {
            all.insert(format!("machine {id} {name}"), row.clone());
        }
    }
    Some(all)
}

/// The image of a machine itself as a row.
fn main(shape: &Shape) -> Option<Value> {
    let mut row = Table::new();
    row.insert("image", shape.0.get(fact::IMAGE)?.clone());
    let digests = shape.0.get(fact::IMAGE_DIGESTS).and_then(Value::as_list);
    let digest = digests.and_then(|all| all.first()?.as_str()?.split_once('@'));
    if let Some((_, digest)) = digest {
        row.insert("digest", Value::from(digest));
    }
    Some(Value::Table(row))
}
