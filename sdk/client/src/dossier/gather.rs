//! Puts a dossier together from what peers prove.

use super::Dossier;
use super::rules::{keys, step_keys};
use super::verify::needed;
use crate::error::{Cause, ReadError};
use crate::network::Network;
use theriac_crypto::names;
use theriac_ledger::system::lifecycle::ChaincodeRecord;
use theriac_types::limits::SYSTEM_VALUE_BYTES_MAX;
use theriac_types::{TxId, decode};

impl Network {
    /// Gathers what shows which rules judged a transaction, and who approved them. The dossier is complete; it is
    /// worth what [`Dossier::verify`] says of it.
    ///
    /// # Errors
    /// `TRANSACTION_UNKNOWN`, and those of every read.
    pub async fn dossier(&self, id: TxId) -> Result<Dossier, ReadError> {
        let (transaction, certified) = self.transaction(id).await?;
        // Nothing older than the receipt will do for the records.
        self.saw(certified.receipt.height);
        let mut gathering = self.gather();
        for judge in certified.receipt.judges.iter() {
            let [chaincode, version, package] = keys(judge);
            let record = gathering.take(chaincode).await?;
            gathering.take(version).await?;
            gathering.take(package).await?;
            let newer = |error| Cause::request(format!("{error}. Use a client of the network's version."));
            let record: ChaincodeRecord = decode(&record, SYSTEM_VALUE_BYTES_MAX).map_err(newer)?;
            for key in step_keys(&record).map_err(Cause::request)? {
                gathering.take(key).await?;
            }
        }
        let trust = &self.shared.verifier.trust;
        let proven = gathering.proven.unwrap_or_else(|| certified.certified.clone());
        let epochs = needed(trust.links(), &[&certified.certified, &proven]);
        Ok(Dossier {
            genesis: names::genesis_digest(self.genesis()),
            epochs,
            transaction,
            receipt: certified.receipt,
            path: certified.proof,
            judged: certified.certified,
            proven,
            records: gathering.records,
        })
    }
}
