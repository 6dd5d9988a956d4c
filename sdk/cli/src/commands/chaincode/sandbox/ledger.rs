//! A ledger in memory with the organisations of a local network, on which a package is in force.

use crate::exit::Exit;
use crate::failure::Failure;
use theriac_client::Description;
use theriac_crypto::names::{definition_digest, package_id};
use theriac_crypto::{Domain, MemberKey};
use theriac_ledger::system::LIFECYCLE;
use theriac_ledger::system::lifecycle::{Approve, Propose, Upload};
use theriac_ledger::{
    BlockStore, ChaincodeEngine, Decided, MemoryState, Query, StateReader, evaluate, execute_block, genesis_outcome,
};
use theriac_network::cast::{ADMINISTRATOR, CHANNEL, OPERATOR, PLAYERS};
use theriac_runtime::Sandbox;
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::*;

/// The genesis' time: 2026-01-01.
const BEGINNING_MS: u64 = 1_767_225_600_000;
/// Time between two blocks.
const BLOCK_MS: u64 = 1000;
/// For how many blocks a transaction is valid.
const VALIDITY_BLOCKS: u64 = 8;

/// The ledger.
pub struct Ledger {
    store: MemoryState,
    engine: Sandbox,
    nonce: u64,
    checked: theriac_ledger::Checked,
}

/// What came of a call.
pub struct CameOut {
    /// `VALID`, the chaincode's own code, or the outcome's.
    pub code: String,
    /// A sentence when it did not end well.
    pub message: String,
    /// What the function returned, borsh.
    pub result: Vec<u8>,
    /// What it announced.
    pub topics: Vec<String>,
    /// What it used.
    pub used: Budget,
}

impl Ledger {
    /// Founds a ledger, checks the package, and brings it into force by the ledger's own lifecycle.
    pub fn with(module: &[u8]) -> Result<Self, Failure> {
        let engine = Sandbox::new().map_err(failed)?;
        let checked =
            engine.check(module).map_err(|error| Failure::new(Exit::Usage, error.code, error.message.clone()))?;
        let genesis = genesis()?;
        let outcome = genesis_outcome(&genesis).map_err(failed)?;
        let mut ledger = Self { store: MemoryState::new(genesis, &outcome), engine, nonce: 0, checked };
        ledger.deploy(module)?;
        Ok(ledger)
    }

    /// What the package says of itself.
    pub fn description(&self) -> Result<Description, Failure> {
        Description::from_bytes(&encode(&self.checked.description)).map_err(failed)
    }

    /// Hands a transaction in, in a block of its own.
    pub fn submit(
        &mut self,
        by: &MemberId,
        cosigners: &[MemberId],
        chaincode: &ChaincodeName,
        function: &FunctionName,
        args: Vec<u8>,
    ) -> Result<CameOut, Failure> {
        self.nonce = self.nonce.saturating_add(1);
        let head = self.store.head().map_err(failed)?;
        let body = TransactionBody {
            channel: parse(CHANNEL)?,
            creator: creator(by)?,
            nonce: Nonce(self.nonce),
            valid_until: head.height.saturating_add(VALIDITY_BLOCKS),
            chaincode: chaincode.clone(),
            function: function.clone(),
            args: Bytes::new(args).map_err(failed)?,
            transient_hash: None,
        };
        // Signatures are checked before a block is decided on: the ledger does not look at them.
        let signature = Signature([1; 65]);
        let cosigned = |member: &MemberId| Ok(Cosignature { signer: creator(member)?, signature });
        let cosignatures = cosigners.iter().map(cosigned).collect::<Result<Vec<_>, Failure>>()?;
        let cosignatures = List::new(cosignatures).map_err(failed)?;
        let transactions = List::new(vec![Transaction { body, signature, cosignatures }]).map_err(failed)?;
        let body = BlockBody { proposed_time_ms: head.time_ms.saturating_add(BLOCK_MS), transactions };
        let outcome =
            execute_block(&self.store, &self.engine, &Decided::new(head.height.next(), &body)).map_err(failed)?;
        self.store.apply(&outcome, &[]).map_err(failed)?;
        let receipt = outcome.receipts.into_iter().next().ok_or_else(|| failed("a block has a receipt"))?;
        Ok(CameOut {
            code: code(receipt.outcome, &receipt.code),
            message: receipt.message.to_string(),
            result: receipt.result.to_vec(),
            topics: receipt.events.iter().map(|event| event.topic.to_string()).collect(),
            used: receipt.used,
        })
    }

    /// Asks a query.
    pub fn ask(
        &self,
        by: &MemberId,
        chaincode: &ChaincodeName,
        function: &FunctionName,
        args: &[u8],
    ) -> Result<CameOut, Failure> {
        let query = Query { creator: &creator(by)?, chaincode, function, args };
        let answer = evaluate(&self.store, &self.engine, &query, None).map_err(failed)?;
        Ok(CameOut {
            code: code(answer.outcome, &answer.code),
            message: answer.message,
            result: answer.result,
            topics: Vec::new(),
            used: answer.used,
        })
    }

    fn deploy(&mut self, module: &[u8]) -> Result<(), Failure> {
        let name = self.checked.description.name.clone();
        let definition = Definition {
            label: Text::default(),
            package: package_id(module),
            endorsement: Endorsement::anyone(),
            budget: TRANSACTION_BUDGET,
            not_before: Height(0),
            source: None,
            notes: Text::default(),
        };
        let approve = Approve {
            name: name.clone(),
            sequence: 1,
            definition: definition_digest(&definition),
            reason: Text::default(),
        };
        let upload = Upload { module: Bytes::new(module).map_err(failed)? };
        let mut organisations = PLAYERS.iter().map(|player| format!("{}/{ADMINISTRATOR}", player.organisation));
        let first = organisations.next().unwrap_or_default();
        self.decide(&first, "upload", encode(&upload))?;
        self.decide(&first, "propose", encode(&Propose { name, definition }))?;
        // So many that there is a majority.
        for organisation in organisations.take(PLAYERS.len() / 2) {
            self.decide(&organisation, "approve", encode(&approve))?;
        }
        Ok(())
    }

    fn decide(&mut self, by: &str, function: &str, args: Vec<u8>) -> Result<(), Failure> {
        let came_out = self.submit(&parse(by)?, &[], &parse(LIFECYCLE)?, &parse(function)?, args)?;
        if came_out.code == Outcome::Valid.code() {
            return Ok(());
        }
        Err(Failure::new(Exit::Usage, came_out.code, came_out.message))
    }
}

fn code(outcome: Outcome, own: &str) -> String {
    if own.is_empty() { outcome.code().to_owned() } else { own.to_owned() }
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Internal, "SANDBOX_FAILED", format!("the ledger in memory failed: {error}"))
}

/// A member's key: of no use elsewhere.
fn creator(member: &MemberId) -> Result<Creator, Failure> {
    let secret = theriac_crypto::hash(Domain::Trace, &[member.to_string().as_bytes()]);
    let key = MemberKey::from_bytes(&secret.0).map_err(failed)?.public_key();
    Ok(Creator { member: member.clone(), key })
}

/// The cast of a local network, and replicas that nobody runs.
fn genesis() -> Result<Genesis, Failure> {
    let replica = |id: u8| {
        Ok(ReplicaRecord {
            org: parse(PLAYERS[usize::from(id)].organisation)?,
            consensus_key: Bytes::new([id; 96]).map_err(failed)?,
            proof_of_possession: Bytes::default(),
            link_certificate: Bytes::new([id; 300]).map_err(failed)?,
            address: Text::new(format!("replica-{id}:7000")).map_err(failed)?,
        })
    };
    let replicas = (0..4).map(replica).collect::<Result<Vec<_>, Failure>>()?;
    let organisation = |player: &theriac_network::cast::Player| {
        let roles = List::new(vec![player.role]).map_err(failed)?;
        Ok(GenesisOrganisation { id: parse(player.organisation)?, roles })
    };
    let organisations = PLAYERS.iter().map(organisation).collect::<Result<Vec<_>, Failure>>()?;
    let members = PLAYERS.iter().flat_map(|player| {
        [(ADMINISTRATOR, vec![Role::Administrator]), (OPERATOR, vec![])].map(|(name, roles)| (player, name, roles))
    });
    let member = |(player, name, roles): (&theriac_network::cast::Player, &str, Vec<Role>)| {
        let id: MemberId = parse(&format!("{}/{name}", player.organisation))?;
        let key = creator(&id)?.key;
        Ok(GenesisMember { id, key, roles: List::new(roles).map_err(failed)? })
    };
    let members = members.map(member).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Genesis {
        channel: parse(CHANNEL)?,
        f: 1,
        c: 0,
        replicas: List::new(replicas).map_err(failed)?,
        organisations: List::new(organisations).map_err(failed)?,
        members: List::new(members).map_err(failed)?,
        time_ms: BEGINNING_MS,
    })
}
