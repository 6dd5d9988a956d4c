//! Compiles the `.proto` files with protox, so that no machine needs a protoc.

use std::path::PathBuf;

const FILES: [&str; 8] = [
    "theriac/admin/v1/admin.proto",
    "theriac/audit/v1/audit.proto",
    "theriac/consensus/v1/consensus.proto",
    "theriac/document/v1/document.proto",
    "theriac/gateway/v1/gateway.proto",
    "theriac/identity/v1/identity.proto",
    "theriac/ledger/v1/ledger.proto",
    "theriac/lifecycle/v1/lifecycle.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=theriac");
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    // Reflection needs no comments; without them the set stays small.
    std::fs::write(folder.join("theriac.bin"), compiler.include_source_info(false).encode_file_descriptor_set())?;
    let descriptors = compiler.include_source_info(true).file_descriptor_set();
    // `Bytes` is shared, not copied, between the message and whoever holds a part of it.
    tonic_prost_build::configure().bytes(".").compile_fds(descriptors)?;
    Ok(())
}
