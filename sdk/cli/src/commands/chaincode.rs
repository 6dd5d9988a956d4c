//! `theriac chaincode`.

mod decide;
mod definition;
mod deploy;
mod new;
pub mod project;
mod sandbox;
pub mod show;

use crate::arguments::Global;
use crate::commands::audit;
use crate::failure::Failure;
use crate::session::parse;
use clap::Subcommand;
use std::path::PathBuf;
use theriac_client::system::lifecycle::Sequence;

/// What to do with chaincode.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Makes a project with rules to start from, a test of each kind, and all that building them needs.
    New(new::New),
    /// Compiles a project to a package, and checks it as peers do.
    Build(project::Build),
    /// Runs a project's native tests; then its package in the sandbox, which tells what calls cost.
    Test(project::Test),
    /// Checks a package as peers do, and prints its id.
    #[command(before_help = "Examples:\n  theriac chaincode check trace.wasm")]
    Check {
        /// The package.
        package: PathBuf,
    },
    /// Brings a package to the ledger, where every peer checks and compiles it; decides nothing.
    #[command(alias = "install", before_help = "Examples:\n  theriac chaincode upload trace.wasm --as maker/admin")]
    Upload {
        /// The package.
        package: PathBuf,
    },
    /// Uploads a package and proposes it under a name, which approves it for your organisation.
    Deploy(deploy::Deploy),
    /// Proposes a package that is on the ledger, which approves it for your organisation.
    Propose(deploy::Propose),
    /// Approves the proposed version for your organisation.
    #[command(
        alias = "approveformyorg",
        before_help = "Examples:
  theriac chaincode approve trace --as pharmacy/admin
  theriac chaincode approve trace --sequence 3 --reason 'read the diff' --as pharmacy/admin"
    )]
    Approve {
        /// The chaincode.
        name: String,
        /// The version; the newest when left out.
        #[arg(long)]
        sequence: Option<Sequence>,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Waits until the version that is decided has come into force. That happens by itself, at its height.
    #[command(alias = "commit", before_help = "Examples:\n  theriac chaincode activate trace")]
    Activate {
        /// The chaincode.
        name: String,
        /// How long to wait.
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        seconds: u64,
    },
    /// Shows what is in force, who approved, who must still approve; proven.
    #[command(before_help = "Examples:\n  theriac chaincode status\n  theriac chaincode status trace -o json")]
    Status {
        /// The chaincode; all when left out.
        name: Option<String>,
    },
    /// Shows every step of a chaincode's life, or with `_lifecycle` of the lifecycle policy; proven.
    #[command(before_help = "Examples:\n  theriac chaincode history trace\n  theriac chaincode history _lifecycle")]
    History {
        /// The chaincode.
        name: String,
    },
    /// Shows what differs between two versions, and whom it hurts.
    Diff(audit::diff::Options),
    /// Has the newest blocks judged by another package, and shows what would have come out otherwise.
    DryRun(audit::dry_run::Options),
    /// Builds a source tree and compares the package with a version on the ledger.
    VerifyBuild(audit::verify_build::Options),
    /// Votes for going back to an approved version. Its data follows, by the migration of the version in force.
    #[command(
        before_help = "Examples:\n  theriac chaincode rollback trace --to 1 --reason 'wrong expiry rule' --as maker/admin"
    )]
    Rollback {
        /// The chaincode.
        name: String,
        /// The version.
        #[arg(long, value_name = "SEQUENCE")]
        to: Sequence,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Votes for refusing the chaincode's transactions; a regulator decides that alone.
    #[command(
        before_help = "Examples:\n  theriac chaincode freeze trace --reason 'wrong expiry rule' --as regulator/admin"
    )]
    Freeze(decide::Decision),
    /// Votes for taking the chaincode's transactions again.
    #[command(
        alias = "unfreeze",
        before_help = "Examples:\n  theriac chaincode thaw trace --reason mended --as maker/admin"
    )]
    Thaw(decide::Decision),
    /// Shows who decides about chaincode, or votes for another policy.
    #[command(before_help = "Examples:
  theriac chaincode policy
  theriac chaincode policy 'majority and role:regulator' --reason 'the regulator agrees' --as maker/admin")]
    Policy(decide::PolicyOptions),
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Diff(options) => audit::diff::run(global, &options).await,
        Verb::DryRun(options) => audit::dry_run::run(global, &options).await,
        Verb::VerifyBuild(options) => audit::verify_build::run(global, &options).await,
        Verb::New(options) => new::run(global, &options),
        Verb::Build(options) => project::build(global, &options),
        Verb::Test(options) => project::test(global, &options),
        Verb::Check { package } => project::check(global, &package),
        Verb::Upload { package } => deploy::upload(global, &package).await,
        Verb::Deploy(options) => deploy::deploy(global, options).await,
        Verb::Propose(options) => deploy::propose(global, options).await,
        Verb::Approve { name, sequence, reason } => decide::approve(global, parse(&name)?, sequence, &reason).await,
        Verb::Activate { name, seconds } => show::activate(global, &parse(&name)?, seconds).await,
        Verb::Status { name: Some(name) } => show::one(global, &parse(&name)?).await,
        Verb::Status { name: None } => show::all(global).await,
        Verb::History { name } => audit::history::run(global, &parse(&name)?).await,
        Verb::Rollback { name, to, reason } => decide::rollback(global, parse(&name)?, to, &reason).await,
        Verb::Freeze(decision) => decide::freeze(global, decision).await,
        Verb::Thaw(decision) => decide::thaw(global, decision).await,
        Verb::Policy(options) => decide::policy(global, options).await,
    }
}
