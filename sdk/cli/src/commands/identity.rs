//! `theriac identity`.

use crate::arguments::Global;
use crate::commands::tx::{refused, shown};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse, parse_member};
use borsh::BorshSerialize;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_client::context::identity_file_name;
use theriac_client::system::IDENTITY;
use theriac_client::system::identity::{
    ApproveMember, ApproveOrganisation, RegisterMember, RegisterOrganisation, RevokeMember, SetAttributes,
};
use theriac_client::{Identity, Proven};
use theriac_types::limits::ROLES_MAX;
use theriac_types::{
    Attribute, Attributes, List, MemberId, MemberRecord, MemberStatus, OrgId, Organisation, PublicKey, Role, Text,
};

/// What to do with identities.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Makes a key for a member and writes it to an identity file (mode 0600). Tells nobody.
    #[command(before_help = "Examples:
  theriac identity new clinic/admin
  theriac identity new clinic/admin --out admin.json")]
    New {
        /// The member.
        member: String,
        /// The file; in the context's identities when left out.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Registers a member of your organisation, or a further organisation with its first administrator.
    Register(Register),
    /// Approves a registered member or organisation.
    #[command(before_help = "Examples:
  theriac identity approve clinic --as distributor/admin
  theriac identity approve maker/berta --as maker/admin")]
    Approve {
        /// The organisation, or the member.
        name: String,
    },
    /// Replaces everything that is said of a member.
    #[command(
        name = "attributes",
        before_help = "Examples:
  theriac identity attributes maker/berta --attribute site=plant-4 --attribute licence=QP-77 --as maker/admin"
    )]
    SetAttributes {
        /// The member.
        member: String,
        /// Something that chaincode may know of it; may be given several times, none takes all away.
        #[arg(long, value_name = "NAME=VALUE")]
        attribute: Vec<String>,
    },
    /// Takes a member's right to act, for ever.
    #[command(before_help = "Examples:\n  theriac identity revoke maker/berta --reason 'left' --as maker/admin")]
    Revoke {
        /// The member.
        member: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Lists organisations, or the members of one; proven.
    #[command(before_help = "Examples:\n  theriac identity list\n  theriac identity list maker")]
    List {
        /// The organisation.
        organisation: Option<String>,
    },
    /// Shows an organisation or a member; proven.
    #[command(before_help = "Examples:\n  theriac identity show maker/admin")]
    Show {
        /// The organisation, or the member.
        name: String,
    },
}

/// Whom to register.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac identity register maker/berta --key 01… --attribute site=plant-4 --as maker/admin
  theriac identity register clinic --role hospital --administrator admin --key 01… --as maker/admin")]
pub struct Register {
    /// The member (ORGANISATION/MEMBER), or a new organisation.
    name: String,
    /// The public key of the member, or of the organisation's first administrator.
    #[arg(long, value_name = "HEX")]
    key: String,
    /// A role; may be given several times.
    #[arg(long)]
    role: Vec<String>,
    /// Something that chaincode may know of a member, such as a licence; may be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    attribute: Vec<String>,
    /// Name of a new organisation's first administrator.
    #[arg(long, default_value = "admin")]
    administrator: String,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::New { member, out } => new(global, parse_member(&member)?, out),
        Verb::Register(options) => register(global, &options).await,
        Verb::Approve { name } if name.contains('/') => {
            submit(global, "approve_member", &ApproveMember { id: parse_member(&name)? }).await
        }
        Verb::Approve { name } => {
            submit(global, "approve_organisation", &ApproveOrganisation { id: parse(&name)? }).await
        }
        Verb::SetAttributes { member, attribute } => {
            let set = SetAttributes { id: parse_member(&member)?, attributes: attributes(&attribute)? };
            submit(global, "set_attributes", &set).await
        }
        Verb::Revoke { member, reason } => {
            let revoke = RevokeMember { id: parse_member(&member)?, reason: Text::truncated(&reason) };
            submit(global, "revoke_member", &revoke).await
        }
        Verb::List { organisation: None } => {
            let found = session::network(global)?.organisations().await?;
            let rows: Vec<_> = found.iter().map(shown_organisation).collect();
            output::rows(global.output, &["organisation", "roles", "status", "since"], &rows)
        }
        Verb::List { organisation: Some(name) } => {
            let found = session::network(global)?.members(&parse(&name)?).await?;
            let rows: Vec<_> = found.iter().map(|(id, record)| shown_member(id, record)).collect();
            output::rows(global.output, &["member", "roles", "status", "since", "public_key"], &rows)
        }
        Verb::Show { name } => show(global, &name).await,
    }
}

fn new(global: &Global, member: MemberId, out: Option<PathBuf>) -> Result<(), Failure> {
    let path = match out {
        Some(path) => path,
        None => {
            let folder = session::context(global)?.identities;
            if !folder.is_dir() {
                let message = format!("{} is no folder; name a file with --out", folder.display());
                return Err(Failure::new(Exit::NotFound, "FILE_FAILED", message));
            }
            folder.join(identity_file_name(&member))
        }
    };
    let identity = Identity::generate(member)?;
    identity.save(&path)?;
    let creator = identity.creator();
    output::record(
        global.output,
        &json!({
            "member": creator.member.to_string(),
            "public_key": creator.key.to_string(),
            "file": path.display().to_string(),
        }),
    )
}

async fn register(global: &Global, options: &Register) -> Result<(), Failure> {
    let key: PublicKey = parse(&options.key)?;
    let roles = roles(&options.role)?;
    if options.name.contains('/') {
        let id = parse_member(&options.name)?;
        let attributes = attributes(&options.attribute)?;
        return submit(global, "register_member", &RegisterMember { id, key, roles, attributes }).await;
    }
    if !options.attribute.is_empty() {
        return Err(Failure::usage("INVALID_ARGUMENT", "members have attributes: organisations have roles only"));
    }
    let administrator = parse(&options.administrator)?;
    let id = parse(&options.name)?;
    submit(global, "register_organisation", &RegisterOrganisation { id, roles, administrator, key }).await
}

fn roles(names: &[String]) -> Result<List<Role, ROLES_MAX>, Failure> {
    let mut roles = names.iter().map(|name| parse::<Role>(name)).collect::<Result<Vec<_>, _>>()?;
    // The ledger takes them ascending, each once.
    roles.sort();
    roles.dedup();
    List::new(roles).map_err(|error| Failure::usage("INVALID_ARGUMENT", error.to_string()))
}

fn attributes(texts: &[String]) -> Result<Attributes, Failure> {
    let mut attributes = texts.iter().map(|text| parse::<Attribute>(text)).collect::<Result<Vec<_>, _>>()?;
    attributes.sort();
    if let Some(pair) = attributes.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(Failure::usage("INVALID_ARGUMENT", format!("attribute {} is given twice", pair[0].name)));
    }
    List::new(attributes).map_err(|error| Failure::usage("INVALID_ARGUMENT", error.to_string()))
}

async fn submit<A: BorshSerialize>(global: &Global, function: &str, argument: &A) -> Result<(), Failure> {
    let contract = session::network(global)?.contract(parse(IDENTITY)?);
    let committed = contract.submit_and_wait(&parse(function)?, theriac_types::encode(argument)).await?;
    refused(&committed)?;
    output::record(global.output, &shown(&committed, Value::Null))
}

async fn show(global: &Global, name: &str) -> Result<(), Failure> {
    let network = session::network(global)?;
    if name.contains('/') {
        let id = parse_member(name)?;
        let found = network.member(&id).await?;
        let found = found.ok_or_else(|| Failure::not_found("MEMBER_UNKNOWN", format!("there is no member {id}")))?;
        return output::record(global.output, &shown_member(&id, &found));
    }
    let id: OrgId = parse(name)?;
    let found = network.organisation(&id).await?;
    let found =
        found.ok_or_else(|| Failure::not_found("ORGANISATION_UNKNOWN", format!("there is no organisation {id}")))?;
    output::record(global.output, &shown_organisation(&found))
}

fn status_name(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Pending => "pending",
        MemberStatus::Active => "active",
        MemberStatus::Revoked => "revoked",
    }
}

fn shown_organisation(found: &Proven<Organisation>) -> Value {
    let record = &found.record;
    json!({
        "organisation": record.id.as_str(),
        "roles": record.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        "status": status_name(record.status),
        "since": record.since.0,
        "proven_at": found.at.0,
    })
}

fn shown_member(id: &MemberId, found: &Proven<MemberRecord>) -> Value {
    let record = &found.record;
    json!({
        "member": id.to_string(),
        "public_key": record.key.to_string(),
        "roles": record.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        "attributes": record.attributes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "status": status_name(record.status),
        "since": record.since.0,
        "proven_at": found.at.0,
    })
}
