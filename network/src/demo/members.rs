//! Who may take part: a further organisation joins by transaction, a stranger is refused.

use super::{say, unexpected};
use crate::control::LocalNetwork;
use crate::error::NetworkError;
use crate::ready::{as_administrator, submit};
use std::sync::Arc;
use theriac_client::context::identity_file_name;
use theriac_client::system::IDENTITY;
use theriac_client::system::identity::{ApproveMember, ApproveOrganisation, RegisterMember, RegisterOrganisation};
use theriac_client::{Cause, Identity};
use theriac_types::{FunctionName, List, MemberStatus, Outcome, Role};

const ORGANISATION: &str = "clinic";

pub(super) async fn further_organisation(network: &LocalNetwork) -> Result<(), NetworkError> {
    say::say!("\nAn administrator registers a further organisation; another one's approves it.");
    let administrator = new_identity(network, "admin")?;
    let nurse = new_identity(network, "nurse")?;
    let id = administrator.member.org.clone();
    let register = RegisterOrganisation {
        id: id.clone(),
        roles: List::new(vec![Role::Hospital]).map_err(NetworkError::keys)?,
        administrator: administrator.member.name.clone(),
        key: administrator.creator().key,
    };
    let maker = as_administrator(network, "maker")?;
    let committed = submit(&maker, IDENTITY, "register_organisation", &register).await?;
    say::transaction("register", "maker", &committed);
    let approve = ApproveOrganisation { id };
    let distributor = as_administrator(network, "distributor")?;
    let committed = submit(&distributor, IDENTITY, "approve_organisation", &approve).await?;
    say::transaction("approve", "distributor", &committed);

    say::say!("Its administrator registers and approves a member.");
    let clinic = network.gateway(&administrator.member.to_string())?.network();
    let member = RegisterMember {
        id: nurse.member.clone(),
        key: nurse.creator().key,
        roles: List::default(),
        attributes: List::default(),
    };
    let committed = submit(&clinic, IDENTITY, "register_member", &member).await?;
    say::transaction("register", ORGANISATION, &committed);
    let approve = ApproveMember { id: nurse.member.clone() };
    let committed = submit(&clinic, IDENTITY, "approve_member", &approve).await?;
    say::transaction("approve", ORGANISATION, &committed);
    let record = clinic.member(&nurse.member).await?.map(|found| found.record);
    let status = record.as_ref().map(|record| record.status);
    if status != Some(MemberStatus::Active) || record.is_some_and(|record| record.key != nurse.creator().key) {
        return Err(unexpected("the new member", "active, with its key", format!("{status:?}")));
    }
    say::say!("  {} is a member by a proven record.", nurse.member);
    Ok(())
}

fn new_identity(network: &LocalNetwork, name: &str) -> Result<Identity, NetworkError> {
    let member = format!("{ORGANISATION}/{name}").parse().map_err(NetworkError::keys)?;
    let identity = Identity::generate(member)?;
    identity.save(&network.folder().identities().join(identity_file_name(&identity.member)))?;
    Ok(identity)
}

pub(super) async fn unknown_signer(network: &LocalNetwork) -> Result<(), NetworkError> {
    say::say!("\nSomebody with a key of his own signs in the maker's name.");
    let stranger = Identity::generate("maker/stranger".parse().map_err(NetworkError::keys)?)?;
    let gateway = network.gateway("maker/admin")?.with_signer(Arc::new(stranger.signer()));
    let contract = gateway.network().contract("trace".parse().map_err(NetworkError::keys)?);
    let function = FunctionName::new("capture").map_err(NetworkError::keys)?;
    let (code, message) = match contract.submit_and_wait(&function, theriac_types::encode(&0_u32)).await {
        Ok(committed) => (committed.reason().to_owned(), committed.receipt().message.to_string()),
        Err(error) => match error.cause {
            Cause::Refused { refusal, .. } => (refusal.reason, refusal.message),
            _ => return Err(error.into()),
        },
    };
    say::sentence(&code, &message);
    let expected = Outcome::NotAMember.code();
    if code == expected { Ok(()) } else { Err(unexpected("the stranger's transaction", expected, code)) }
}
