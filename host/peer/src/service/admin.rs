//! The admin service: how this peer is doing.

use super::ledger::send_all;
use crate::core::{Core, blocking};
use crate::evidence::{Deed, Seen};
use crate::limits::EVIDENCE_ANSWER_MAX;
use crate::refusal::Refusal;
use crate::seat;
use crate::transfer::fetching::FetchStatus;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_proto::admin::v1::admin_server::Admin;
use theriac_proto::admin::v1::{
    EvidenceRequest, EvidenceResponse, LinkStatus, Part, StatusRequest, StatusResponse, TransferStatus,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Serves operators.
#[derive(Clone)]
pub struct AdminService(pub Arc<Core>);

#[tonic::async_trait]
impl Admin for AdminService {
    type EvidenceStream = ReceiverStream<Result<EvidenceResponse, Status>>;

    async fn status(&self, _request: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let core = &self.0;
        let (place, status) = (core.seat.place(), &core.status);
        let (head, certified) = (core.chain.head(), core.chain.certified());
        let (fast_commits, slow_commits) = status.commits();
        let links = core.neighbours.of(place.epoch).into_iter().map(|(replica, neighbour)| LinkStatus {
            replica: u32::from(replica.0),
            connected: neighbour.queue.connected(),
            dropped: neighbour.queue.dropped(),
        });
        let part = match place.part {
            seat::Part::Voter => Part::Voter,
            seat::Part::Observer => Part::Observer,
        };
        Ok(Response::new(StatusResponse {
            replica: place.replica.map_or(u32::MAX, |replica| u32::from(replica.0)),
            channel: core.channel.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            height: head.height.0,
            certified_height: certified.0,
            view: status.view().0,
            primary: u32::from(status.primary().0),
            fast_commits,
            slow_commits,
            transactions: status.transactions(),
            state_root: Bytes::copy_from_slice(&head.state_root.0.0),
            block_hash: Bytes::copy_from_slice(&head.block_hash.0.0),
            uptime_ms: core.clock.uptime_ms(),
            pending_transactions: core.chain.waiting.pending() as u64,
            links: links.collect(),
            cpu_ms: crate::process::cpu_ms(),
            resident_bytes: crate::process::resident_bytes(),
            epoch: place.epoch.0,
            part: part.into(),
            stable_checkpoint: status.stable().0,
            view_changes: status.view_changes(),
            changing_to: status.changing_to().map(|view| view.0),
            transfer: core.fetching.status().map(|transfer| transfer_status(core, transfer)),
            evidence: core.evidence.count().map_err(Refusal::from)?,
        }))
    }

    async fn evidence(&self, request: Request<EvidenceRequest>) -> Result<Response<Self::EvidenceStream>, Status> {
        let EvidenceRequest { after, limit } = request.into_inner();
        let limit = match limit as usize {
            0 => EVIDENCE_ANSWER_MAX,
            limit => limit.min(EVIDENCE_ANSWER_MAX),
        };
        let core = self.0.clone();
        let seen = blocking(move || Ok(core.evidence.after(after, limit)?)).await?;
        Ok(Response::new(send_all(seen.into_iter().map(response).collect())))
    }
}

fn transfer_status(core: &Core, status: FetchStatus) -> TransferStatus {
    let FetchStatus { checkpoint, keys, bytes, parts: (parts_done, missing), began_ms } = status;
    TransferStatus {
        checkpoint: checkpoint.0,
        keys,
        bytes,
        parts_done,
        parts_known: parts_done + missing,
        elapsed_ms: core.clock.uptime_ms().saturating_sub(began_ms),
    }
}

fn response((number, seen): (u64, Seen)) -> EvidenceResponse {
    let Seen { time_ms, epoch, replica, deed } = seen;
    let Deed { kind, view, slot, sentence } = deed;
    EvidenceResponse {
        number,
        time_ms,
        epoch: epoch.0,
        replica: u32::from(replica.0),
        kind,
        view: view.map(|view| view.0),
        slot: slot.map(|slot| slot.0),
        sentence,
    }
}
