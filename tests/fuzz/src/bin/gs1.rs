//! Codes of GS1: scans, typed codes, links, URNs, paths.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| theriac_fuzz::check_code(bytes));
