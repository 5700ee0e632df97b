//! libFuzzer over the event parser: bytes in, the oracle judges.

#![no_main]

mod mutator;
#[path = "../oracle/event_parser.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    oracle::check(input);
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutator::mutated(data, size, max_size, seed)
});
