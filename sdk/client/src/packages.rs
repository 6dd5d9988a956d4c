//! Packages on the ledger: their bytes and what they say of themselves, proven.

use crate::error::{Cause, ReadError};
use crate::network::Network;
use theriac_ledger::StateKey;
use theriac_ledger::system::lifecycle::{description_key, module_key};
use theriac_types::limits::SYSTEM_VALUE_BYTES_MAX;
use theriac_types::{Description, PackageId};

impl Network {
    /// What a package says of itself.
    pub async fn package_description(&self, package: PackageId) -> Result<Description, ReadError> {
        let bytes = self.package_record(package, description_key(&package)).await?;
        theriac_types::decode(&bytes, SYSTEM_VALUE_BYTES_MAX).map_err(|error| {
            Cause::request(format!(
                "{error}. The description of package {package} is of another version of the ledger."
            ))
            .into()
        })
    }

    /// A package's bytes.
    pub async fn package_module(&self, package: PackageId) -> Result<Vec<u8>, ReadError> {
        self.package_record(package, module_key(&package)).await
    }

    async fn package_record(&self, package: PackageId, key: StateKey) -> Result<Vec<u8>, ReadError> {
        let missing = || {
            let sentence = format!("There is no package {package} on the ledger. See: theriac chaincode history.");
            Cause::not_found("PACKAGE_UNKNOWN", sentence)
        };
        Ok(self.state(key, None).await?.value.ok_or_else(missing)?)
    }
}
