//! One file per noun.

pub mod audit;
pub mod bench;
pub mod block;
pub mod chaincode;
pub mod context;
pub mod document;
pub mod events;
pub mod evidence;
pub mod explain;
pub mod identity;
pub mod membership;
pub mod network;
pub mod peer;
pub mod sim;
pub mod state;
pub mod trace;
pub mod tx;

use crate::arguments::{Arguments, Global, Noun};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use clap::CommandFactory;

/// Runs one command to its end.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { global, noun } = arguments;
    match noun {
        // A peer has a runtime of its own.
        Noun::Peer(peer::Verb::Run(options)) => peer::run(&options),
        Noun::Explain(options) => explain::run(&global, &options),
        Noun::Verify(options) => audit::rules::verify(&global, &options),
        Noun::Sim(options) => sim::run(&global, &options),
        Noun::Context(verb) => context::run(&global, &verb),
        Noun::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "theriac", &mut script);
            output::text(&String::from_utf8_lossy(&script))
        }
        noun => in_runtime(run_async(global, noun)),
    }
}

async fn run_async(global: Global, noun: Noun) -> Result<(), Failure> {
    match noun {
        Noun::Network(verb) => network::run(&global, verb).await,
        Noun::Peer(verb) => peer::run_async(&global, verb).await,
        Noun::Identity(verb) => identity::run(&global, verb).await,
        Noun::Chaincode(verb) => chaincode::run(&global, verb).await,
        Noun::Tx(verb) => tx::run(&global, verb).await,
        Noun::Invoke(call) => tx::run(&global, tx::Verb::Submit(call)).await,
        Noun::Query(question) => tx::run(&global, tx::Verb::Evaluate(question)).await,
        Noun::Trace(verb) => trace::run(&global, verb).await,
        Noun::Document(verb) => document::run(&global, verb).await,
        Noun::Block(verb) => block::run(&global, verb).await,
        Noun::State(verb) => state::run(&global, verb).await,
        Noun::Events(verb) => events::run(&global, verb).await,
        Noun::Membership(verb) => membership::run(&global, verb).await,
        Noun::Evidence(options) => evidence::run(&global, &options).await,
        Noun::Bench(options) => bench::run(&global, options).await,
        Noun::Explain(options) => explain::run(&global, &options),
        Noun::Verify(options) => audit::rules::verify(&global, &options),
        Noun::Sim(options) => sim::run(&global, &options),
        Noun::Context(verb) => context::run(&global, &verb),
        Noun::Completions { .. } => Ok(()),
    }
}

fn in_runtime(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Internal, "RUNTIME_FAILED", format!("no threads: {error}")))?;
    runtime.block_on(command)
}
