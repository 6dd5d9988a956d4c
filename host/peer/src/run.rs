//! A peer's life: open everything, start everything, and stop in order.

use crate::clock::Clock;
use crate::config::PeerConfig;
use crate::error::PeerError;
use crate::install::install;
use crate::limits::{REOPEN_PAUSE, STOP_MAX};
use crate::open::Opened;
use crate::running::{Ended, Peer};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

/// Runs a peer until SIGTERM or SIGINT, on a runtime of its own.
///
/// # Errors
/// When it cannot start, or stops by itself: a sentence for the operator.
pub fn run_until_signal(config: PeerConfig) -> Result<(), PeerError> {
    run_until_signal_by(Clock::start(), config)
}

/// The same by another clock.
///
/// # Errors
/// As [`run_until_signal`].
pub fn run_until_signal_by(clock: Clock, config: PeerConfig) -> Result<(), PeerError> {
    let refused = |source| PeerError::Thread { source };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.tuning.serving_threads.unwrap_or(2).max(1))
        .max_blocking_threads(8)
        // Queries run chaincode on these threads.
        .thread_stack_size(theriac_runtime::THREAD_STACK_BYTES)
        .thread_name("serve")
        .enable_all()
        .build()
        .map_err(refused)?;
    let result = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
        let shutdown = async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        };
        run_by(clock, config, shutdown).await
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Runs a peer until the future resolves.
///
/// # Errors
/// When it cannot start, or stops by itself: a sentence for the operator.
pub async fn run(config: PeerConfig, shutdown: impl Future<Output = ()>) -> Result<(), PeerError> {
    run_by(Clock::start(), config, shutdown).await
}

async fn run_by(clock: Clock, config: PeerConfig, shutdown: impl Future<Output = ()>) -> Result<(), PeerError> {
    // An error means that a provider is installed already; links and servers name ring themselves.
    drop(rustls::crypto::ring::default_provider().install_default());
    tokio::pin!(shutdown);
    let mut opened = Opened::open(&config).await?;
    loop {
        let mut peer = Peer::start(&config, clock, opened).await?;
        let ended = tokio::select! {
            () = &mut shutdown => Ok(Ended::Asked),
            ended = peer.ended() => ended,
        };
        match &ended {
            Ok(Ended::Asked) => info!("stopping"),
            Ok(Ended::Fetched) => info!("stopping for a moment, to go on from a fetched state"),
            Err(error) => error!(code = error.code(), %error, "stopping"),
        }
        let (store, genesis) = (peer.store(), peer.genesis.clone());
        let stopped = timeout(STOP_MAX, peer.stop(matches!(ended, Ok(Ended::Asked)))).await;
        if stopped.is_err() {
            warn!("not everything ended in time; what was acknowledged is on the disk");
        }
        let stopped = stopped.unwrap_or(Ok(()));
        match ended {
            Ok(Ended::Fetched) => {}
            Ok(Ended::Asked) => return stopped,
            Err(error) => return Err(error),
        }
        let data = config.data.clone();
        let installed = tokio::task::spawn_blocking(move || install(&data, &genesis, store)).await;
        installed.unwrap_or(Err(PeerError::ThreadLost { thread: "installing" }))?;
        opened = reopen(&config).await?;
    }
}

/// Opens everything again in the same process. Whoever still reads the former store or sends over a former connection
/// needs a moment to notice.
async fn reopen(config: &PeerConfig) -> Result<Opened, PeerError> {
    let started = Instant::now();
    loop {
        match Opened::open(config).await {
            Err(error) if error.is_in_use() && started.elapsed() < STOP_MAX => sleep(REOPEN_PAUSE).await,
            opened => return opened,
        }
    }
}
