//! EPCIS documents in JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| theriac_fuzz::check_json(bytes));
