#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crelay_fuzz::targets::healer::check(input));
