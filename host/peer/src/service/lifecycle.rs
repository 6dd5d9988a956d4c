//! The lifecycle service: which chaincode is in force, how it came so, and what it says of itself.

use super::admit::{parse_record, read};
use super::identity::{record, records};
use super::{evaluate, history, parse};
use crate::core::{Core, blocking};
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_ledger::StateKey;
use theriac_ledger::system::LIFECYCLE;
use theriac_ledger::system::lifecycle::{
    ChaincodeRecord, PolicyRecord, VersionRecord, VersionStatus, chaincode_key, chaincodes_prefix, description_key,
    policy_key, tally_at, version_key,
};
use theriac_proto::ledger::v1::{KeyHistoryRequest, KeyHistoryResponse, RangeResponse};
use theriac_proto::lifecycle::v1::lifecycle_server::Lifecycle;
use theriac_proto::lifecycle::v1::{
    ChaincodeStatus, DescribeRequest, DescribeResponse, FunctionPolicy, HistoryRequest, PolicyRequest, PolicyResponse,
    StatusRequest, StatusResponse,
};
use theriac_types::{ChaincodeName, Endorsement, Height, OrgId, PackageId};
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
    let version = |sequence| read::<VersionRecord>(core, &version_key(&chaincode.name, sequence), height);
    let mut status = ChaincodeStatus {
        chaincode: chaincode.name.to_string(),
        frozen: chaincode.frozen,
        state_version: chaincode.state_version.unwrap_or_default(),
        record: Some(record),
        ..ChaincodeStatus::default()
    };
    if let Some(active) = &chaincode.active {
        status.active_package = bytes(&active.package);
        (status.active_since, status.active_sequence) = (active.from.0, active.sequence);
        if let Some(version) = version(active.sequence)? {
            let Endorsement { chaincode, functions } = &version.definition.endorsement;
            status.endorsement_policy = chaincode.to_string();
            let policy = |own: &theriac_types::FunctionPolicy| FunctionPolicy {
                function: own.function.to_string(),
                policy: own.policy.to_string(),
            };
            status.function_policies = functions.iter().map(policy).collect();
        }
    }
    if let Some(coming) = chaincode.pending.as_ref().map(|pending| &pending.activation) {
        status.coming_package = bytes(&coming.package);
        (status.coming_sequence, status.coming_from) = (coming.sequence, coming.from.0);
    }
    let proposed = version(chaincode.last_sequence)?.filter(|version| version.status == VersionStatus::Proposed);
    if let Some(version) = proposed {
        let tally = tally_at(core.chain.store(), height, &version)?;
        let names = |organisations: Vec<OrgId>| organisations.iter().map(ToString::to_string).collect();
        status.proposed_package = bytes(&version.definition.package);
        status.proposed_sequence = version.sequence;
        status.approvals_lacking = tally.missing.map(|missing| missing.to_string()).unwrap_or_default();
        (status.approvals, status.missing_approvals) = (names(tally.votes), names(tally.may_vote));
    }
    Ok(status)
}

fn policy(core: &Core) -> Result<PolicyResponse, Refusal> {
    let (height, key) = (core.chain.certified(), policy_key());
    let missing = || Refusal::Unknown { reason: "POLICY_UNKNOWN", kind: "lifecycle policy", name: String::new() };
    let record = record(core, &key, height)?.ok_or_else(missing)?;
    let PolicyRecord { policy, since, .. } = parse_record(&key, &record.value)?;
    Ok(PolicyResponse {
        policy: policy.to_string(),
        since: since.0,
        height: height.0,
        record: Some(record),
        commitment: evaluate::commitment(core, height)?,
    })
}

fn describe(core: &Core, name: &ChaincodeName, package: Option<PackageId>) -> Result<DescribeResponse, Refusal> {
    let height = core.chain.certified();
    let chaincode: ChaincodeRecord = read(core, &chaincode_key(name), height)?.ok_or_else(|| unknown(name))?;
    let package = package.or(chaincode.active.map(|active| active.package));
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

    async fn policy(&self, _: Request<PolicyRequest>) -> Result<Response<PolicyResponse>, Status> {
        let core = self.0.clone();
        Ok(Response::new(blocking(move || policy(&core)).await?))
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
