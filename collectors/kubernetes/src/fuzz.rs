//! What a fuzzer calls: every answer of the server.

use std::marker::PhantomData;

use crate::normalise::{bytes as quantity, dns_name};
use crate::wire::*;

/// Reads bytes as a list of one kind of object.
fn read_list<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) {
    let _ = list(bytes, PhantomData::<T>, drop);
}

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    read_list::<Pod<'_>>(bytes);
    read_list::<Workload>(bytes);
    read_list::<CronJob>(bytes);
    read_list::<Job>(bytes);
    read_list::<Account>(bytes);
    read_list::<Autoscaler>(bytes);
    read_list::<Node>(bytes);
    read_list::<Lease>(bytes);
    read_list::<Certificate>(bytes);
    read_list::<Gateway>(bytes);
    read_list::<Route>(bytes);
    read_list::<Claim>(bytes);
    read_list::<Class>(bytes);
    read_list::<Volume>(bytes);
    read_list::<Metadata>(bytes);
    read_list::<Service>(bytes);
    read_list::<Ingress>(bytes);
    read_list::<Policy>(bytes);
    let _ = one::<Workload>(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = (quantity(&text), dns_name(&text));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("kubernetes", super::read);
    }
}
