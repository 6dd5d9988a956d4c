//! What in Rust usually leads to a refusal, told from names.

/// For floating point, by the function that has it.
pub fn of_floats(function: Option<&str>) -> &'static str {
    let rows: [(&[&str], &str); 6] = [
        (
            &["fmt::float", "flt2dec", "grisu", "dragon"],
            "A number of type f32 or f64 is printed: by `{}` in a format, or by a derived Debug",
        ),
        (&["dec2flt", "f32 as core::str", "f64 as core::str"], "A text is parsed to f32 or f64"),
        (&["core::time", "std::time", "as_secs_f"], "A Duration is turned into seconds with a fraction"),
        (&["serde_json", "serde::de", "serde_core"], "serde_json reads numbers with a fraction: use borsh for data"),
        (&["rand", "statrs", "num_traits"], "A crate for numbers brings it: look for one without f64, or its features"),
        (
            &["__div", "__mul", "__add", "__sub", "__float", "__fix", "__pow"],
            "Arithmetic on f32 or f64, or a cast `as f64`",
        ),
    ];
    let Some(function) = function else { return "Types of functions or constants have it" };
    let found = rows.iter().find(|(parts, _)| parts.iter().any(|part| function.contains(part)));
    found.map_or("Look for f32, f64, `as f64`, sqrt, powf and literals such as 0.5 there", |(_, hint)| hint)
}

/// For what the accepted language lacks, by the validator's words.
pub fn of_feature(reason: &str) -> &'static str {
    let rows: [(&[&str], &str); 5] = [
        (&["SIMD", "v128"], "Remove `-C target-feature=+simd128`, and calls of core::arch::wasm32"),
        (&["threads", "atomic", "shared"], "Remove `-C target-feature=+atomics`"),
        (&["tail call"], "Remove `-C target-feature=+tail-call`"),
        (&["exception", "tag", "legacy"], "Build with panic = \"abort\""),
        (&["memory64", "64-bit", "multi-memory", "multiple memories"], "Build for wasm32, with one memory"),
    ];
    let found = rows.iter().find(|(parts, _)| parts.iter().any(|part| reason.contains(part)));
    found.map_or("Remove target features from RUSTFLAGS and .cargo/config.toml", |(_, hint)| hint)
}

/// For an import that no peer offers, by its module and name, and by a function that calls it.
pub fn of_import(module: &str, name: &str, caller: Option<&str>) -> &'static str {
    let caller = caller.unwrap_or_default();
    let about = |parts: &[&str]| parts.iter().any(|part| module.contains(part) || name.contains(part));
    if module.contains("wbindgen") || module == "wbg" {
        return "A crate is built for web browsers: look for features js, wasm_js, wasmbind or wasm-bindgen of getrandom, \
                chrono or uuid";
    }
    if about(&["random"]) || caller.contains("getrandom") {
        return "Randomness: getrandom, rand, uuid v4, or a HashMap with its usual RandomState. Use a BTreeMap, and derive \
                identifiers from the transaction's";
    }
    if about(&["clock", "time", "poll"]) {
        return "A clock: Instant::now, SystemTime::now, chrono or thread::sleep. Use the block's time of the context";
    }
    if about(&["path_", "fd_", "filesystem", "preopens"]) {
        return "Files or println!: std::fs, std::io, or printing. Use panics, errors and events instead";
    }
    if about(&["sock", "network", "http"]) {
        return "The network: std::net or a client library. Let clients fetch, and pass what they found as an argument";
    }
    if about(&["wasi", "environ", "args_", "proc_exit", "cli"]) {
        return "It is built for a WASI target: build for wasm32-unknown-unknown";
    }
    if module == "env" {
        return "An extern \"C\" function that nothing defines: a crate that needs a C library";
    }
    "Something outside Rust is called: look for extern blocks with #[link(wasm_import_module)]"
}
