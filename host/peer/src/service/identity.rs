//! The identity service: organisations and members, with proofs.

use super::admit::parse_record;
use super::{evaluate, parse, state};
use crate::core::{Core, blocking};
use crate::limits::RANGE_KEYS_MAX;
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_ledger::system::identity::{member_key, members_prefix, organisation_key, organisations_prefix};
use theriac_ledger::{StateKey, StateReader};
use theriac_proto::identity::v1::identity_server::Identity;
use theriac_proto::identity::v1::{
    ListMembersRequest, ListMembersResponse, ListOrganisationsRequest, ListOrganisationsResponse, MemberEntry,
    OrganisationEntry, ShowMemberRequest, ShowMemberResponse, ShowOrganisationRequest, ShowOrganisationResponse,
};
use theriac_proto::ledger::v1::RangeResponse;
use theriac_types::{Height, MemberId, MemberRecord, MemberStatus, OrgId, Organisation, Role};
use tonic::{Request, Response, Status};

/// Serves identities.
#[derive(Clone)]
pub struct IdentityService(pub Arc<Core>);

/// Records whose keys begin with a prefix.
pub fn records(core: &Core, prefix: &StateKey, height: Height) -> Result<Vec<(StateKey, RangeResponse)>, Refusal> {
    let mut end = prefix.key.to_vec();
    end.push(0xff);
    let found = state::scan(core, &prefix.namespace, &prefix.key, &end, RANGE_KEYS_MAX, height)?;
    let with_key = |record: RangeResponse| {
        let key = StateKey::new(prefix.namespace.clone(), record.key.to_vec());
        key.map(|key| (key, record)).map_err(|error| Refusal::Failed { reason: error.to_string() })
    };
    found.into_iter().map(with_key).collect()
}

/// One record, when it is there.
pub fn record(core: &Core, key: &StateKey, height: Height) -> Result<Option<RangeResponse>, Refusal> {
    let Some(value) = core.chain.store().get(key, height)? else { return Ok(None) };
    Ok(Some(RangeResponse {
        height: height.0,
        key: Bytes::copy_from_slice(&key.key),
        value: value.into(),
        proof: state::proof(core, height, key)?,
        commitment: Bytes::new(),
    }))
}

fn organisation(key: &StateKey, record: RangeResponse) -> Result<OrganisationEntry, Refusal> {
    let organisation: Organisation = parse_record(key, &record.value)?;
    Ok(OrganisationEntry {
        id: organisation.id.to_string(),
        roles: roles(&organisation.roles),
        status: status(organisation.status),
        since: organisation.since.0,
        record: Some(record),
    })
}

fn member(id: String, key: &StateKey, record: RangeResponse) -> Result<MemberEntry, Refusal> {
    let member: MemberRecord = parse_record(key, &record.value)?;
    Ok(MemberEntry {
        id,
        public_key: Bytes::copy_from_slice(&member.key.0),
        roles: roles(&member.roles),
        status: status(member.status),
        since: member.since.0,
        attributes: member.attributes.iter().map(ToString::to_string).collect(),
        record: Some(record),
    })
}

fn roles(roles: &[Role]) -> Vec<String> {
    roles.iter().map(Role::to_string).collect()
}

fn status(status: MemberStatus) -> String {
    let text = match status {
        MemberStatus::Pending => "pending",
        MemberStatus::Active => "active",
        MemberStatus::Revoked => "revoked",
    };
    text.to_owned()
}

fn list_organisations(core: &Core) -> Result<ListOrganisationsResponse, Refusal> {
    let height = core.chain.certified();
    let found = records(core, &organisations_prefix(), height)?;
    let organisations = found.into_iter().map(|(key, record)| organisation(&key, record)).collect::<Result<_, _>>()?;
    Ok(ListOrganisationsResponse { height: height.0, organisations, commitment: evaluate::commitment(core, height)? })
}

fn show_organisation(core: &Core, id: &OrgId) -> Result<ShowOrganisationResponse, Refusal> {
    let (height, key) = (core.chain.certified(), organisation_key(id));
    let unknown = || Refusal::Unknown { reason: "ORGANISATION_UNKNOWN", kind: "organisation", name: id.to_string() };
    let found = record(core, &key, height)?.ok_or_else(unknown)?;
    let organisation = Some(organisation(&key, found)?);
    Ok(ShowOrganisationResponse { height: height.0, organisation, commitment: evaluate::commitment(core, height)? })
}

fn list_members(core: &Core, org: &OrgId) -> Result<ListMembersResponse, Refusal> {
    let (height, prefix) = (core.chain.certified(), members_prefix(org));
    let mut members = Vec::new();
    for (key, record) in records(core, &prefix, height)? {
        let name = String::from_utf8_lossy(&key.key[prefix.key.len()..]).into_owned();
        members.push(member(format!("{org}/{name}"), &key, record)?);
    }
    Ok(ListMembersResponse { height: height.0, members, commitment: evaluate::commitment(core, height)? })
}

fn show_member(core: &Core, id: &MemberId) -> Result<ShowMemberResponse, Refusal> {
    let (height, key) = (core.chain.certified(), member_key(id));
    let unknown = || Refusal::Unknown { reason: "MEMBER_UNKNOWN", kind: "member", name: id.to_string() };
    let found = record(core, &key, height)?.ok_or_else(unknown)?;
    let member = Some(member(id.to_string(), &key, found)?);
    Ok(ShowMemberResponse { height: height.0, member, commitment: evaluate::commitment(core, height)? })
}

#[tonic::async_trait]
impl Identity for IdentityService {
    async fn list_organisations(
        &self,
        _request: Request<ListOrganisationsRequest>,
    ) -> Result<Response<ListOrganisationsResponse>, Status> {
        let core = self.0.clone();
        Ok(Response::new(blocking(move || list_organisations(&core)).await?))
    }

    async fn show_organisation(
        &self,
        request: Request<ShowOrganisationRequest>,
    ) -> Result<Response<ShowOrganisationResponse>, Status> {
        let (core, id) = (self.0.clone(), parse::name("organisation", &request.get_ref().organisation)?);
        Ok(Response::new(blocking(move || show_organisation(&core, &id)).await?))
    }

    async fn list_members(
        &self,
        request: Request<ListMembersRequest>,
    ) -> Result<Response<ListMembersResponse>, Status> {
        let (core, id) = (self.0.clone(), parse::name("organisation", &request.get_ref().organisation)?);
        Ok(Response::new(blocking(move || list_members(&core, &id)).await?))
    }

    async fn show_member(&self, request: Request<ShowMemberRequest>) -> Result<Response<ShowMemberResponse>, Status> {
        let (core, id) = (self.0.clone(), parse::name("member", &request.get_ref().member)?);
        Ok(Response::new(blocking(move || show_member(&core, &id)).await?))
    }
}
