//! libFuzzer over the signature: bytes in, the oracle judges.

#![no_main]

#[path = "../oracle/signature_header.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _answer = oracle::check(input);
});
