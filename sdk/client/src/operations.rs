//! What operators ask a peer about itself. Its own word: nothing here is proven.

use crate::error::ReadError;
use crate::network::Network;
use crate::state::collect;
use theriac_proto::admin::v1::admin_client::AdminClient;
use theriac_proto::admin::v1::{
    EvidenceRequest, EvidenceResponse, Part, StatusRequest, StatusResponse, TransferStatus,
};
use theriac_types::{Epoch, ReplicaId, SeqNum, View};

/// Most records of misbehaviour that one question asks for.
const EVIDENCE_MAX: u32 = 1000;

/// Misbehaviour of a replica, as a peer saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The peer that saw it.
    pub peer: String,
    /// Its number there.
    pub number: u64,
    /// When, by that peer's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// The epoch.
    pub epoch: Epoch,
    /// Who misbehaved.
    pub replica: ReplicaId,
    /// What it did, as a stable name.
    pub kind: String,
    /// The view it did it in.
    pub view: Option<View>,
    /// The slot it did it in.
    pub slot: Option<SeqNum>,
    /// A sentence.
    pub sentence: String,
}

impl Evidence {
    fn from_wire(peer: &str, wire: EvidenceResponse) -> Self {
        Self {
            peer: peer.to_owned(),
            number: wire.number,
            time_ms: wire.time_ms,
            epoch: Epoch(wire.epoch),
            replica: ReplicaId(u16::try_from(wire.replica).unwrap_or(u16::MAX)),
            kind: wire.kind,
            view: wire.view.map(View),
            slot: wire.slot.map(SeqNum),
            sentence: wire.sentence,
        }
    }
}

/// How a peer is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerStatus {
    /// The peer that answered.
    pub peer: String,
    /// Its words.
    pub status: StatusResponse,
}

impl PeerStatus {
    /// What it does in its epoch.
    pub fn part(&self) -> &'static str {
        match self.status.part() {
            Part::Voter => "voter",
            Part::Observer => "observer",
            Part::Unspecified => "unknown",
        }
    }

    /// The state transfer under way, if any.
    pub fn transfer(&self) -> Option<&TransferStatus> {
        self.status.transfer.as_ref()
    }
}

impl Network {
    /// What the preferred peer says of itself.
    pub async fn peer_status(&self) -> Result<PeerStatus, ReadError> {
        let answer = self
            .call(self.shared.deadlines.evaluate, |attempt| async move {
                let mut client = AdminClient::new(attempt.channel.clone());
                client.status(attempt.request(StatusRequest {})).await
            })
            .await?;
        Ok(PeerStatus { peer: answer.peer, status: answer.value })
    }

    /// Misbehaviour that the preferred peer saw, oldest first: everything it keeps.
    pub async fn evidence(&self) -> Result<Vec<Evidence>, ReadError> {
        let mut all = Vec::<Evidence>::new();
        loop {
            let newest = all.last().map_or(0, |record| record.number);
            let further = self.evidence_after(newest).await?;
            // A peer that repeats itself has told enough.
            if further.first().is_none_or(|record| record.number <= newest) {
                return Ok(all);
            }
            all.extend(further);
        }
    }

    async fn evidence_after(&self, after: u64) -> Result<Vec<Evidence>, ReadError> {
        let request = EvidenceRequest { after, limit: EVIDENCE_MAX };
        let answer = self
            .call(self.shared.deadlines.evaluate, |attempt| {
                let request = attempt.request(request);
                async move {
                    let mut client = AdminClient::new(attempt.channel);
                    collect(client.evidence(request).await?.into_inner()).await
                }
            })
            .await?;
        Ok(answer.value.into_iter().map(|record| Evidence::from_wire(&answer.peer, record)).collect())
    }
}
