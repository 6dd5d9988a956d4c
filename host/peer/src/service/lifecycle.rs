//! The lifecycle service: which chaincode is in force, how it came so, and what it says of itself.

use super::admit::{parse_record, read};
use super::identity::{record, records};
use super::{evaluate, history, parse};
use crate::core::{Core, blocking};
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use theriac_ledger::StateKey;
use theriac_ledger::system::LIFECYCLE;
use theriac_ledger::system::lifecycle::{
    ChaincodeRecord, VersionRecord, VersionStatus, chaincode_key, chaincodes_prefix, count_at, description_key,
    version_key,
};
use theriac_proto::ledger::v1::{KeyHistoryRequest, KeyHistoryResponse, RangeResponse};
use theriac_proto::lifecycle::v1::lifecycle_server::Lifecycle;
use theriac_proto::lifecycle::v1::{
    ChaincodeStatus, DescribeRequest, DescribeResponse, HistoryRequest, StatusRequest, StatusResponse,
};
use theriac_types::{ChaincodeName, Height, PackageId};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Serves the lifecycle of chaincode.
#[derive(Clone)]
pub struct LifecycleService(pub Arc<Core>);

fn unknown(name: &ChaincodeName) -> Refusal {
    Refusal::UnknownChaincode { name: name.to_string() }
}

fn bytes(package: &PackageId) -> Bytes {
    Bytes::copy_from_slice(&package.0.0)
}

fn status(core: &Core, name: Option<&ChaincodeName>) -> Result<StatusResponse, Refusal> {
    let height = core.chain.certified();
    let found: Vec<(StateKey, RangeResponse)> = match name {
        None => records(core, &chaincodes_prefix(), height)?,
        Some(name) => {
            let key = chaincode_key(name);
            let found = record(core, &key, height)?.ok_or_else(|| unknown(name))?;
            vec![(key, found)]
        }
    };
    let statuses = found.into_iter().map(|(key, record)| chaincode_status(core, height, &key, record));
    let chaincodes = statuses.collect::<Result<_, _>>()?;
    Ok(StatusResponse { height: height.0, chaincodes, commitment: evaluate::commitment(core, height)? })
}

fn chaincode_status(
    core: &Core,
    height: Height,
    key: &StateKey,
    record: RangeResponse,
) -> Result<ChaincodeStatus, Refusal> {
    let chaincode: ChaincodeRecord = parse_record(key, &record.value)?;
    let active = chaincode.active(height.next());
    let newest: Option<VersionRecord> = read(core, &version_key(&chaincode.name, chaincode.last_sequence), height)?;
    let proposed = newest.filter(|version| version.status == VersionStatus::Proposed);
    let approvals = proposed.as_ref().map_or_else(BTreeSet::new, |version| version.approvals.clone());
    let count = count_at(core.chain.store(), height, &approvals)?;
    let names = |organisations: Vec<theriac_types::OrgId>| organisations.iter().map(ToString::to_string).collect();
    let mut status = ChaincodeStatus {
        chaincode: chaincode.name.to_string(),
        active_package: active.map(|active| bytes(&active.package)).unwrap_or_default(),
        active_since: active.map_or(0, |active| active.from.0),
        frozen: chaincode.frozen,
        approvals_needed: count.needed,
        record: Some(record),
        ..ChaincodeStatus::default()
    };
    if let Some(version) = proposed {
        status.proposed_package = bytes(&version.package);
        status.proposed_sequence = version.sequence;
        status.approvals = names(count.votes);
        status.missing_approvals = names(count.missing);
    }
    Ok(status)
}

fn describe(core: &Core, name: &ChaincodeName, package: Option<PackageId>) -> Result<DescribeResponse, Refusal> {
    let height = core.chain.certified();
    let chaincode: ChaincodeRecord = read(core, &chaincode_key(name), height)?.ok_or_else(|| unknown(name))?;
    let package = package.or(chaincode.active(height.next()).map(|active| active.package));
    let none_active =
        || Refusal::Unknown { reason: "VERSION_NOT_ACTIVE", kind: "version in force of", name: name.to_string() };
    let package = package.ok_or_else(none_active)?;
    let no_package = || Refusal::Unknown { reason: "PACKAGE_UNKNOWN", kind: "package", name: package.to_string() };
    let record = record(core, &description_key(&package), height)?.ok_or_else(no_package)?;
    Ok(DescribeResponse {
        package_id: bytes(&package),
        description: record.value.clone(),
        height: height.0,
        record: Some(record),
        commitment: evaluate::commitment(core, height)?,
    })
}

#[tonic::async_trait]
impl Lifecycle for LifecycleService {
    type HistoryStream = ReceiverStream<Result<KeyHistoryResponse, Status>>;

    async fn status(&self, request: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let (core, name) = (self.0.clone(), &request.get_ref().chaincode);
        let name = if name.is_empty() { None } else { Some(parse::name("chaincode", name)?) };
        Ok(Response::new(blocking(move || status(&core, name.as_ref())).await?))
    }

    async fn history(&self, request: Request<HistoryRequest>) -> Result<Response<Self::HistoryStream>, Status> {
        let name: ChaincodeName = parse::name("chaincode", &request.get_ref().chaincode)?;
        let key = Bytes::copy_from_slice(&chaincode_key(&name).key);
        let request = KeyHistoryRequest { chaincode: LIFECYCLE.to_owned(), key, below: None, limit: 0 };
        Ok(Response::new(history::stream(self.0.clone(), request).await?))
    }

    async fn describe(&self, request: Request<DescribeRequest>) -> Result<Response<DescribeResponse>, Status> {
        let request = request.into_inner();
        let (core, name) = (self.0.clone(), parse::name("chaincode", &request.chaincode)?);
        let package = parse::package_id(&request.package_id)?;
        Ok(Response::new(blocking(move || describe(&core, &name, package)).await?))
    }
}
