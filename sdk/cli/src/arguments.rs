//! The arguments: nouns, verbs, and what every command understands.

use crate::commands::{
    audit, bench, block, chaincode, context, document, events, evidence, explain, identity, membership, network, peer,
    sim, state, trace, tx,
};
use crate::output::Format;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  theriac network up --dir demo                       start four peers
  theriac trace capture delivery.jsonld --dir demo    hand in EPCIS events
  theriac trace history '(01)09506000134376(21)SN1'   what happened to a pack
  theriac state get trace --key-text unit --proof     a proven value
  theriac explain NOT_HOLDER                          what a code means";

/// The ledger of medicines from the command line.
#[derive(Debug, Parser)]
#[command(name = "theriac", version, before_help = EXAMPLES, propagate_version = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub noun: Noun,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Form of the output.
    #[arg(short, long, global = true, value_enum, default_value_t, env = "THERIAC_OUTPUT")]
    pub output: Format,
    /// Folder of a local network.
    #[arg(long, global = true, value_name = "DIR", env = "THERIAC_DIR")]
    pub dir: Option<PathBuf>,
    /// Name or file of a context; wins over --dir.
    #[arg(long, global = true, value_name = "NAME|FILE", env = "THERIAC_CONTEXT")]
    pub context: Option<String>,
    /// Sign as this member, with its key from the context's identities.
    #[arg(long = "as", global = true, value_name = "ORGANISATION/MEMBER", env = "THERIAC_AS")]
    pub sign_as: Option<String>,
    /// Sign with the key of this identity file; wins over --as.
    #[arg(long, global = true, value_name = "FILE", env = "THERIAC_IDENTITY")]
    pub identity: Option<PathBuf>,
    /// Believe the peer instead of verifying its answers.
    #[arg(long, global = true)]
    pub no_verify: bool,
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub enum Noun {
    /// A network of peers on this machine.
    #[command(subcommand)]
    Network(network::Verb),
    /// One peer.
    #[command(subcommand)]
    Peer(peer::Verb),
    /// Organisations, members and their keys.
    #[command(subcommand)]
    Identity(identity::Verb),
    /// Rules: build, propose, approve, look up.
    #[command(subcommand)]
    Chaincode(chaincode::Verb),
    /// Transactions and queries of any chaincode.
    #[command(subcommand)]
    Tx(tx::Verb),
    /// Hands a transaction in (as `tx submit`).
    #[command(hide = true)]
    Invoke(tx::Submit),
    /// Asks a query (as `tx evaluate`).
    #[command(hide = true)]
    Query(tx::Question),
    /// Medicines: capture events, look packs up.
    #[command(subcommand)]
    Trace(trace::Verb),
    /// Documents: put, anchor, get, verify.
    #[command(subcommand)]
    Document(document::Verb),
    /// Blocks.
    #[command(subcommand)]
    Block(block::Verb),
    /// The world state, with proofs.
    #[command(subcommand)]
    State(state::Verb),
    /// What chaincode announces.
    #[command(subcommand)]
    Events(events::Verb),
    /// Which replicas keep the ledger: look, propose changes, approve them.
    #[command(subcommand)]
    Membership(membership::Verb),
    /// Shows which replicas misbehaved, as the peers saw it.
    Evidence(evidence::Options),
    /// Loads a running network and measures it.
    Bench(bench::Options),
    /// Simulates a network, with everything that goes wrong drawn from a seed, and prints what happens.
    Sim(sim::Options),
    /// Checks a file that theriac tx rules wrote, against the genesis alone.
    Verify(audit::rules::Verify),
    /// Says what a code means and what to do.
    Explain(explain::Options),
    /// Named ways to networks.
    #[command(subcommand)]
    Context(context::Verb),
    /// Prints completions for a shell.
    #[command(before_help = "Examples:\n  theriac completions bash > /etc/bash_completion.d/theriac")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_contradict_each_other_nowhere() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_a_command_is_about_is_not_who_signs_it() {
        let arguments = ["theriac", "identity", "revoke", "maker/berta", "--reason", "left"];
        let parsed = Arguments::try_parse_from(arguments).unwrap();
        assert_eq!(parsed.global.sign_as, None);
    }
}
