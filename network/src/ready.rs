//! What makes a fresh network ready: the trace chaincode in force, and the parties' numbers registered.

use crate::cast::{ADMINISTRATOR, PLAYERS, Player};
use crate::control::LocalNetwork;
use crate::error::NetworkError;
use crate::launch::LOOK_AGAIN;
use borsh::BorshSerialize;
use std::time::{Duration, Instant};
use theriac_client::system::lifecycle::{Approve, ChaincodeRecord, Propose, Upload};
use theriac_client::{Committed, Network};
use theriac_crypto::names::{definition_digest, package_id};
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::{Bytes, ChaincodeName, Definition, Endorsement, Height, Text};

/// The chaincode of the drug lifecycle.
pub const TRACE: &str = "trace";
/// The system chaincode that keeps chaincode.
const LIFECYCLE: &str = "_lifecycle";
/// How long an approved version may take to come into force.
const ACTIVATION_PATIENCE: Duration = Duration::from_secs(30);

/// The same shape as the argument of the chaincode's function `register_party`.
#[derive(BorshSerialize)]
struct RegisterParty {
    glns: Vec<String>,
    prefixes: Vec<String>,
}

/// Has the trace chaincode proposed and approved unless it is already; tells when its first transaction was certified.
pub(crate) async fn deploy_trace(network: &LocalNetwork) -> Result<Instant, NetworkError> {
    let trace = ChaincodeName::new(TRACE).map_err(NetworkError::keys)?;
    let maker = as_administrator(network, "maker")?;
    if let Some(known) = maker.chaincode(&trace).await?
        && known.record.active.is_some()
    {
        return Ok(Instant::now());
    }
    let upload = Upload { module: Bytes::new(theriac_artifacts::TRACE).map_err(NetworkError::keys)? };
    submit(&maker, LIFECYCLE, "upload", &upload).await?;
    let first = Instant::now();
    let definition = Definition {
        label: Text::truncated(env!("CARGO_PKG_VERSION")),
        package: package_id(theriac_artifacts::TRACE),
        endorsement: Endorsement::anyone(),
        budget: TRANSACTION_BUDGET,
        not_before: Height(0),
        source: None,
        notes: Text::truncated("first version"),
    };
    submit(&maker, LIFECYCLE, "propose", &Propose { name: trace.clone(), definition }).await?;
    let record = chaincode(&maker, &trace).await?;
    let version = maker.chaincode_version(&trace, record.last_sequence).await?;
    let version = version.ok_or_else(|| missing(&trace))?.record;
    let approve = Approve {
        name: trace.clone(),
        sequence: version.sequence,
        definition: definition_digest(&version.definition),
        reason: Text::truncated("read and agreed"),
    };
    for organisation in ["distributor", "pharmacy"] {
        submit(&as_administrator(network, organisation)?, LIFECYCLE, "approve", &approve).await?;
    }
    let began = Instant::now();
    loop {
        if chaincode(&maker, &trace).await?.active.is_some() {
            return Ok(first);
        }
        if began.elapsed() > ACTIVATION_PATIENCE {
            let seconds = ACTIVATION_PATIENCE.as_secs();
            return Err(NetworkError::TooSlow { what: "the activation of the trace chaincode", seconds });
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
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
