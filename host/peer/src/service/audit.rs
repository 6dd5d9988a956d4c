//! The audit service: past transactions replayed with a trace, and judged by other packages.

use super::{admit, parse};
use crate::audits::{Pace, Turn};
use crate::core::{Core, on_pool};
use crate::limits::{AUDIT_MESSAGES_MAX, AUDIT_PROGRESS};
use crate::refusal::Refusal;
use borsh::BorshDeserialize;
use prost::bytes::Bytes;
use std::sync::Arc;
use std::time::Instant;
use theriac_crypto::Verified;

use theriac_ledger::replay::{
    AUDIT, Advance, AskDryRun, AskReplay, Candidate, DRY_RUN, DryRun, REPLAY, Replayed, replay_transaction,
};
use theriac_proto::audit::v1::audit_server::Audit;
use theriac_proto::audit::v1::{
    DryRunCandidate, DryRunProgress, DryRunRequest, DryRunResponse, ReplayRequest, ReplayResponse,
    dry_run_response::Item,
};
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{Transaction, decode, encode};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Serves auditors.
#[derive(Clone)]
pub struct AuditService(pub Arc<Core>);

impl AuditService {
    /// Checks a question and waits for the turn of whoever asks.
    async fn admit<A: BorshDeserialize + Send + 'static>(
        &self,
        function: &'static str,
        question: Bytes,
    ) -> Result<(A, Turn), Refusal> {
        self.0.check_running()?;
        let core = self.0.clone();
        let asked = on_pool(move || admit::check_question(&core, "question", &question)).await?;
        admit::check_member(&self.0, &asked.body.creator, self.0.chain.head().height)?;
        let argument = argument(function, &asked)?;
        Ok((argument, self.0.audits.turn(&asked.body.creator.member).await?))
    }
}

/// What is asked, when it is asked of this service.
fn argument<A: BorshDeserialize>(function: &str, asked: &Verified<Transaction>) -> Result<A, Refusal> {
    let body = &asked.body;
    if (body.chaincode.as_str(), body.function.as_str()) != (AUDIT, function) {
        let reason = format!("it is signed for {} of {}, not for {function} of {AUDIT}", body.function, body.chaincode);
        return Err(Refusal::malformed("question", reason));
    }
    decode(&body.args, ARGS_BYTES_MAX).map_err(Refusal::undecodable("question"))
}

/// Executes a transaction again; with it comes where in a chaincode it broke off.
fn replay(
    core: &Core,
    AskReplay { id }: AskReplay,
    gone: impl Fn() -> bool,
) -> Result<(Replayed, Vec<String>), Refusal> {
    // What is executed but not certified might not stand.
    core.chain.find(id)?.ok_or_else(|| Refusal::Unknown {
        reason: "TRANSACTION_UNKNOWN",
        kind: "transaction",
        name: id.to_string(),
    })?;
    let mut pace = Pace::new(core.stopping.clone(), gone);
    let engine = core.audits.engine()?;
    engine.watch(id);
    let replayed = replay_transaction(core.chain.store(), engine, id, &mut || pace.go_on());
    Ok((replayed?, engine.backtraces()))
}

type Answers = mpsc::Sender<Result<DryRunResponse, Status>>;

/// Runs a dry run to its end. The reader sets the pace: what it has not taken is not computed further.
fn dry_run(core: &Core, asked: AskDryRun, answers: &Answers) -> Result<(), Refusal> {
    let tell =
        |item: Item| answers.blocking_send(Ok(DryRunResponse { item: Some(item) })).map_err(|_| Refusal::Stopping);
    let newest = parse::height(asked.newest.map(|height| height.0), core.chain.certified())?;
    let (store, engine) = (core.chain.store(), core.audits.engine()?);
    let candidate = Candidate::new(store, engine, asked.chaincode, asked.package)?;
    tell(Item::Candidate(DryRunCandidate {
        package_id: Bytes::copy_from_slice(&candidate.package.0.0),
        description: encode(&candidate.description).into(),
        newest: newest.0,
    }))?;
    let mut run = DryRun::new(candidate, newest, asked.blocks);
    let mut pace = Pace::new(core.stopping.clone(), || answers.is_closed());
    let (mut blocks, mut told) = (0, Instant::now());
    loop {
        let height = run.next_height();
        let mut go_on = || {
            if told.elapsed() >= AUDIT_PROGRESS {
                told = Instant::now();
                let progress = Item::Progress(DryRunProgress { height: height.0, blocks });
                // Whoever is slow to read is told later.
                drop(answers.try_send(Ok(DryRunResponse { item: Some(progress) })));
            }
            pace.go_on()
        };
        match run.advance(store, engine, &mut go_on)? {
            Advance::Nothing => {}
            Advance::Done => return Ok(()),
            Advance::Block(block) => {
                blocks += 1;
                tell(Item::Block(encode(&*block).into()))?;
            }
        }
    }
}

#[tonic::async_trait]
impl Audit for AuditService {
    type DryRunStream = ReceiverStream<Result<DryRunResponse, Status>>;

    async fn replay(&self, request: Request<ReplayRequest>) -> Result<Response<ReplayResponse>, Status> {
        let (asked, turn) = self.admit(REPLAY, request.into_inner().question).await?;
        let (sender, receiver) = oneshot::channel();
        let core = self.0.clone();
        let work = move || (replay(&core, asked, || sender.is_closed()), sender);
        // Whoever is gone needs no answer.
        turn.spend(work, |(replayed, sender)| drop(sender.send(replayed)))?;
        let lost = || Refusal::Failed { reason: "the replay broke off".to_owned() };
        let (replayed, backtraces) = receiver.await.map_err(|_| lost())??;
        Ok(Response::new(ReplayResponse { replayed: encode(&replayed).into(), backtraces }))
    }

    async fn dry_run(&self, request: Request<DryRunRequest>) -> Result<Response<Self::DryRunStream>, Status> {
        let (asked, turn) = self.admit(DRY_RUN, request.into_inner().question).await?;
        let (sender, receiver) = mpsc::channel(AUDIT_MESSAGES_MAX);
        let core = self.0.clone();
        let work = move || (dry_run(&core, asked, &sender), sender);
        turn.spend(work, |(ended, sender)| {
            if let Err(refusal) = ended {
                drop(sender.blocking_send(Err(refusal.into())));
            }
        })?;
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}
