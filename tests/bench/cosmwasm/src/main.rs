//! Measures a cold call of cosmwasm-vm: instance from the cache in memory, one call, instance given back.
//!
//! The contracts are those that the published crate brings along for its own measurements. Prints the same figures as
//! `cargo run --release -p theriac-runtime --example cold_call`; README.md says how to run both in one sitting.

use cosmwasm_std::{Checksum, Empty, coins};
use cosmwasm_vm::testing::{MockApi, MockQuerier, MockStorage, mock_backend_with_balances, mock_env, mock_info};
use cosmwasm_vm::{
    Backend, Cache, CacheOptions, InstanceOptions, Size, call_execute, call_instantiate, capabilities_from_csv,
};
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

const ROUNDS: usize = 5_000;
const CAPABILITIES: &str = "cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4,cosmwasm_2_0,cosmwasm_2_1,\
    cosmwasm_2_2,cosmwasm_3_0,iterator,staking,ibc2";
/// Enough for each of the calls, and the same for each round.
const OPTIONS: InstanceOptions = InstanceOptions { gas_limit: 1_000_000_000_000 };

type Contracts = Cache<MockApi, MockStorage, MockQuerier>;
type Data = Backend<MockApi, MockStorage, MockQuerier>;

/// What one round calls.
enum Entry<'a> {
    Instantiate(&'a [u8]),
    Execute(&'a [u8]),
}

/// The folder that cargo unpacked the published crate into.
fn published() -> Result<PathBuf, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output =
        Command::new(cargo).args(["metadata", "--format-version", "1", "--manifest-path", manifest]).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("cargo names no packages")?;
    let package = packages.iter().find(|package| package["name"] == "cosmwasm-vm").ok_or("cosmwasm-vm is not there")?;
    let manifest = PathBuf::from(package["manifest_path"].as_str().ok_or("cosmwasm-vm has no manifest")?);
    Ok(manifest.parent().ok_or("a manifest is in a folder")?.to_owned())
}

/// One cold call. Gives the data back, and the gas that the call used.
fn cold(
    contracts: &Contracts,
    code: &Checksum,
    data: Data,
    sender: &str,
    entry: &Entry<'_>,
) -> Result<(Data, u64), Box<dyn Error>> {
    let mut instance = contracts.get_instance(code, data, OPTIONS)?;
    let (environment, info) = (mock_env(), mock_info(sender, &coins(15, "earth")));
    let result = match entry {
        Entry::Instantiate(message) => call_instantiate::<_, _, _, Empty>(&mut instance, &environment, &info, message)?,
        Entry::Execute(message) => call_execute::<_, _, _, Empty>(&mut instance, &environment, &info, message)?,
    };
    result.into_result()?;
    let gas = OPTIONS.gas_limit - instance.get_gas_left();
    Ok((instance.recycle().ok_or("an instance gives its data back")?, gas))
}

fn measure(
    name: &str,
    contracts: &Contracts,
    code: &Checksum,
    mut data: Data,
    sender: &str,
    entry: &Entry<'_>,
) -> Result<Data, Box<dyn Error>> {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut gas = 0;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        (data, gas) = cold(contracts, code, data, sender, entry)?;
        times.push(u64::try_from(started.elapsed().as_nanos())?);
    }
    times.sort_unstable();
    let at = |part: usize| times[ROUNDS * part / 100] as f64 / 1e3;
    println!(
        "{name}: least {:.1} us, lower quartile {:.1} us, median {:.1} us, 99 % {:.1} us (gas {gas})",
        at(0),
        at(25),
        at(50),
        at(99)
    );
    Ok(data)
}

fn main() -> Result<(), Box<dyn Error>> {
    let contracts = published()?.join("testdata");
    let (hackatom, cyberpunk) =
        (std::fs::read(contracts.join("hackatom.wasm"))?, std::fs::read(contracts.join("cyberpunk.wasm"))?);
    let folder = tempfile::tempdir()?;
    let capabilities = capabilities_from_csv(CAPABILITIES);
    let options = CacheOptions::new(folder.path(), capabilities, Size::mebi(200), Size::mebi(64));
    // SAFETY: the folder is new, and nobody else writes into it.
    let cache: Contracts = unsafe { Cache::new(options)? };
    let started = Instant::now();
    let custody = cache.store_code(&hackatom, true, true)?;
    println!("check and compile      {:>9.1} us ({} bytes)", started.elapsed().as_secs_f64() * 1e6, hackatom.len());
    let nothing = cache.store_code(&cyberpunk, true, true)?;
    // What is pinned stays in memory, which is as fast as this cache gets.
    cache.pin(&custody)?;
    cache.pin(&nothing)?;

    let api = MockApi::default();
    let (creator, verifier, beneficiary) =
        (api.addr_make("creator"), api.addr_make("verifies"), api.addr_make("benefits"));
    let earth = coins(1000, "earth");
    let backend = || mock_backend_with_balances(&[(cosmwasm_vm::testing::MOCK_CONTRACT_ADDR, &earth)]);
    let message = format!(r#"{{"verifier": "{verifier}", "beneficiary": "{beneficiary}"}}"#);
    let instantiate = Entry::Instantiate(message.as_bytes());
    let data = measure("cold call, hackatom, instantiate", &cache, &custody, backend(), &creator, &instantiate)?;
    let release = Entry::Execute(br#"{"release":{"denom":"earth"}}"#);
    measure("cold call, hackatom, release", &cache, &custody, data, &verifier, &release)?;
    let noop = Entry::Execute(br#"{"noop":{}}"#);
    measure("cold call, cyberpunk, noop", &cache, &nothing, backend(), &creator, &noop)?;
    let (hits, misses) = (cache.stats().hits_pinned_memory_cache, cache.stats().misses);
    println!("{hits} instances from memory, {misses} compiled anew");
    Ok(())
}
