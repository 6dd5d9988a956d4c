//! Packages: uploaded once, checked by every peer, named by the digest of their bytes.

use super::calls::Upload;
use super::records::own;
use crate::refusal::{Refusal, Stop};
use crate::state::{ReadError, StateKey};
use crate::system::SystemCall;
use crate::system::record::{read, write};
use crate::tables::Tables;
use crate::view::View;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_crypto::names::package_id;
use theriac_types::limits::{PACKAGE_BYTES_MAX, SYSTEM_VALUE_BYTES_MAX};
use theriac_types::{Bytes, Description, Digest, Height, MemberId, Outcome, PackageId, TxId, encode};

/// A package's bytes.
pub type PackageBytes = Bytes<PACKAGE_BYTES_MAX>;

/// How a package came to the ledger, and what every peer found when it was checked.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PackageRecord {
    /// Digest of its bytes.
    pub package: PackageId,
    /// Who uploaded it.
    pub uploader: MemberId,
    /// In which block.
    pub height: Height,
    /// That block's time in milliseconds since 1970.
    pub time_ms: u64,
    /// By which transaction.
    pub tx_id: TxId,
    /// Its size in bytes.
    pub bytes: u32,
    /// Names the cost table by which its calls are metered.
    pub metering: Digest,
    /// The form of the data that it keeps.
    pub state_version: u32,
}

/// Where a package's `PackageRecord` stands in the world state.
pub fn package_key(package: &PackageId) -> StateKey {
    own([b"r/", &package.0.0[..]].concat())
}

/// Where a package's bytes stand in the world state.
pub fn module_key(package: &PackageId) -> StateKey {
    own([b"p/", &package.0.0[..]].concat())
}

/// Where what a package says of itself stands in the world state.
pub fn description_key(package: &PackageId) -> StateKey {
    own([b"d/", &package.0.0[..]].concat())
}

/// Checks a package and stores it. One that is there already is left as it is: its record tells who was first.
pub(super) fn upload(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Upload { module } = call.argument()?;
    call.administrator("upload chaincode")?;
    let package = package_id(&module);
    if let Some(known) = record(call.state, &package)? {
        call.engine.prepare(package, &module);
        return Ok(encode(&known));
    }
    let checked = call.engine.check(&module).map_err(|error| Refusal {
        outcome: Outcome::PreconditionFailed,
        code: error.code.to_owned(),
        message: error.to_string(),
    })?;
    Tables::of(&checked.description).map_err(|error| Refusal {
        outcome: Outcome::PreconditionFailed,
        code: "PACKAGE_DESCRIPTION".to_owned(),
        message: format!("the package is refused (PACKAGE_DESCRIPTION): {error}"),
    })?;
    let description = encode(&checked.description);
    if description.len() > SYSTEM_VALUE_BYTES_MAX {
        let message = format!("the package describes itself in {} bytes: describe less", description.len());
        return Err(Refusal::new(Outcome::LimitExceeded, message).into());
    }
    // Peers compile it while organisations decide about it.
    call.engine.prepare(package, &module);
    let record = PackageRecord {
        package,
        uploader: call.caller.clone(),
        height: call.height,
        time_ms: call.time_ms,
        tx_id: call.tx_id,
        bytes: u32::try_from(module.len()).expect("a package is far shorter"),
        metering: checked.metering,
        state_version: checked.description.state_version,
    };
    write(call.state, &package_key(&package), &record);
    call.state.put(&description_key(&package).key, description);
    call.state.put(&module_key(&package).key, module.into_vec());
    Ok(encode(&record))
}

/// A package; none when it was never uploaded.
pub(crate) fn record(view: &dyn View, package: &PackageId) -> Result<Option<PackageRecord>, ReadError> {
    read(view, &package_key(package))
}

/// What a package says of itself.
pub(crate) fn description(view: &dyn View, package: &PackageId) -> Result<Description, ReadError> {
    read(view, &description_key(package))?.ok_or_else(|| absent(package, "description"))
}

/// The bytes of a package that was uploaded once.
pub(crate) fn load_module(view: &dyn View, package: &PackageId) -> Result<Vec<u8>, ReadError> {
    view.get(&module_key(package))?.ok_or_else(|| absent(package, "bytes"))
}

fn absent(package: &PackageId, what: &str) -> ReadError {
    ReadError::Corrupt {
        what: format!("package {package}"),
        reason: format!("it was uploaded and its {what} are missing"),
    }
}
