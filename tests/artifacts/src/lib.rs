//! Packages for tests, built from the crates beside this one.

/// An honest chaincode: texts under texts. Source: `tests/artifacts/key-value`.
pub const KEY_VALUE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/key-value.wasm"));

/// Its second version, which keeps its data in another form. Source: `tests/artifacts/key-value-second`.
pub const KEY_VALUE_SECOND: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/key-value-second.wasm"));

/// A chaincode that misbehaves on request. Source: `tests/artifacts/misbehaving`.
pub const MISBEHAVING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/misbehaving.wasm"));

/// Registers for histories of concurrent clients. Source: `tests/artifacts/registers`.
pub const REGISTERS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/registers.wasm"));

/// The rules with an undo window of seven days. Source: `tests/artifacts/rules-second`.
pub const RULES_SECOND: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules-second.wasm"));

/// Work to measure metering by. Source: `tests/artifacts/workloads`.
pub const WORKLOADS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/workloads.wasm"));

#[cfg(test)]
mod tests {
    #[test]
    fn packages_name_no_folder_of_the_machine_that_built_them() {
        let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME")).unwrap_or_default();
        let packages = [
            super::KEY_VALUE,
            super::KEY_VALUE_SECOND,
            super::MISBEHAVING,
            super::REGISTERS,
            super::RULES_SECOND,
            super::WORKLOADS,
        ];
        for package in packages {
            for folder in [env!("CARGO_MANIFEST_DIR"), home.as_str()] {
                assert!(!package.windows(folder.len()).any(|window| window == folder.as_bytes()), "{folder}");
            }
        }
    }
}
