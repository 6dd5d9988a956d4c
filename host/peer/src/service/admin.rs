//! The admin service: how this peer is doing.

use crate::core::Core;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_proto::admin::v1::admin_server::Admin;
use theriac_proto::admin::v1::{EvidenceRequest, EvidenceResponse, LinkStatus, Part, StatusRequest, StatusResponse};
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
        let (head, certified) = (core.chain.head(), core.chain.certified());
        let (fast_commits, slow_commits) = core.status.commits();
        let links = core.links.0.iter().map(|(replica, queue)| LinkStatus {
            replica: u32::from(replica.0),
            connected: queue.connected(),
            dropped: queue.dropped(),
        });
        Ok(Response::new(StatusResponse {
            replica: u32::from(core.replica.0),
            channel: core.channel.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            height: head.height.0,
            certified_height: certified.0,
            view: core.status.view().0,
            primary: u32::from(core.status.primary().0),
            fast_commits,
            slow_commits,
            transactions: core.status.transactions(),
            state_root: Bytes::copy_from_slice(&head.state_root.0.0),
            block_hash: Bytes::copy_from_slice(&head.block_hash.0.0),
            uptime_ms: core.clock.uptime_ms(),
            pending_transactions: core.chain.waiting.pending() as u64,
            links: links.collect(),
            cpu_ms: crate::process::cpu_ms(),
            resident_bytes: crate::process::resident_bytes(),
            epoch: core.epoch.0,
            part: Part::Voter.into(),
            stable_checkpoint: core.status.stable().0,
            view_changes: core.status.view_changes(),
            changing_to: None,
            transfer: None,
            evidence: 0,
        }))
    }

    async fn evidence(&self, _request: Request<EvidenceRequest>) -> Result<Response<Self::EvidenceStream>, Status> {
        Err(Status::unimplemented("this peer keeps no evidence; it writes misbehaviour to its log"))
    }
}
