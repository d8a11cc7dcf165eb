#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| plimsoll_host::fuzz::read(bytes));
