//! What makes a fresh network ready: its chaincode in force, and the parties' numbers registered.

use crate::cast::{ADMINISTRATOR, PLAYERS, Player};
use crate::control::LocalNetwork;
use crate::error::NetworkError;
use crate::launch::LOOK_AGAIN;
use borsh::BorshSerialize;
use std::time::{Duration, Instant};
use theriac_client::system::lifecycle::{Approve, ChaincodeRecord, Propose, Upload};
use theriac_client::{Committed, Network};
use theriac_crypto::names::{definition_digest, package_id};
use theriac_trace::RegisterParty;
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::{Bytes, ChaincodeName, Definition, Endorsement, Height, Text};

/// The chaincode of the drug lifecycle.
pub const TRACE: &str = "trace";
/// The system chaincode that keeps chaincode.
const LIFECYCLE: &str = "_lifecycle";
/// How long an approved version may take to come into force.
const ACTIVATION_PATIENCE: Duration = Duration::from_secs(30);

/// Has the packages of this repository proposed and approved, each before those that ask it, unless they are already;
/// tells when the first transaction was certified.
pub(crate) async fn deploy_packages(network: &LocalNetwork) -> Result<Instant, NetworkError> {
    let mut first = None;
    for (name, module) in theriac_artifacts::PACKAGES {
        let certified = deploy(network, ChaincodeName::new(name).map_err(NetworkError::keys)?, module).await?;
        first = first.or(certified);
    }
    Ok(first.unwrap_or_else(Instant::now))
}

/// Puts a package in force; tells when it was certified to be on the ledger, or none if it is in force already.
async fn deploy(network: &LocalNetwork, name: ChaincodeName, module: &[u8]) -> Result<Option<Instant>, NetworkError> {
    let maker = as_administrator(network, "maker")?;
    if let Some(known) = maker.chaincode(&name).await?
        && known.record.active.is_some()
    {
        return Ok(None);
    }
    let upload = Upload { module: Bytes::new(module).map_err(NetworkError::keys)? };
    submit(&maker, LIFECYCLE, "upload", &upload).await?;
    let certified = Instant::now();
    let definition = Definition {
        label: Text::truncated(env!("CARGO_PKG_VERSION")),
        package: package_id(module),
        endorsement: Endorsement::anyone(),
        budget: TRANSACTION_BUDGET,
        not_before: Height(0),
        source: None,
        notes: Text::truncated("first version"),
    };
    submit(&maker, LIFECYCLE, "propose", &Propose { name: name.clone(), definition }).await?;
    let record = chaincode(&maker, &name).await?;
    let version = maker.chaincode_version(&name, record.last_sequence).await?;
    let version = version.ok_or_else(|| missing(&name))?.record;
    let approve = Approve {
        name: name.clone(),
        sequence: version.sequence,
        definition: definition_digest(&version.definition),
        reason: Text::truncated("read and agreed"),
    };
    for organisation in ["distributor", "pharmacy"] {
        submit(&as_administrator(network, organisation)?, LIFECYCLE, "approve", &approve).await?;
    }
    let began = Instant::now();
    while chaincode(&maker, &name).await?.active.is_none() {
        if began.elapsed() > ACTIVATION_PATIENCE {
            let seconds = ACTIVATION_PATIENCE.as_secs();
            return Err(NetworkError::TooSlow { what: "the activation of a chaincode", seconds });
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(Some(certified))
}

/// Binds every organisation's numbers to it. Doing so again changes nothing.
pub(crate) async fn register_parties(network: &LocalNetwork) -> Result<(), NetworkError> {
    let mut tasks = tokio::task::JoinSet::new();
    for player in PLAYERS {
        let as_administrator = as_administrator(network, player.organisation)?;
        tasks.spawn(async move { register(&as_administrator, player).await });
    }
    while let Some(result) = tasks.join_next().await {
        result.map_err(NetworkError::keys)??;
    }
    Ok(())
}

async fn register(network: &Network, player: &Player) -> Result<(), NetworkError> {
    let registration = RegisterParty {
        glns: player.glns.iter().map(ToString::to_string).collect(),
        prefixes: player.prefixes.iter().map(ToString::to_string).collect(),
        china_products: Vec::new(),
    };
    submit(network, TRACE, "register_party", &registration).await.map(|_| ())
}

/// The network as an organisation's administrator sees it.
pub fn as_administrator(network: &LocalNetwork, organisation: &str) -> Result<Network, NetworkError> {
    Ok(network.gateway(&format!("{organisation}/{ADMINISTRATOR}"))?.network())
}

/// Calls a function and insists on its success.
pub async fn submit<A: BorshSerialize>(
    network: &Network,
    chaincode: &str,
    function: &str,
    argument: &A,
) -> Result<Committed, NetworkError> {
    let chaincode = chaincode.parse().map_err(NetworkError::keys)?;
    let function = function.parse().map_err(NetworkError::keys)?;
    let argument = theriac_types::encode(argument);
    Ok(network.contract(chaincode).submit_and_wait(&function, argument).await?.valid()?)
}

async fn chaincode(network: &Network, name: &ChaincodeName) -> Result<ChaincodeRecord, NetworkError> {
    Ok(network.chaincode(name).await?.ok_or_else(|| missing(name))?.record)
}

fn missing(name: &ChaincodeName) -> NetworkError {
    NetworkError::Unexpected {
        what: format!("chaincode {name}"),
        expected: "proposed".to_owned(),
        found: "nothing".to_owned(),
    }
}
