//! What a new view must propose in a slot: every violating row of the table in 2.4 that is a matter of the rule or of what
//! is reported to it. Those that are a matter of numbers are in `quorums.rs`.
//!
//! That each of them breaks agreement, and not just a test, is shown by `host/consensus/tests/safe_value_search`.

use super::{edit, mutant};
use crate::{Mutant, consensus, unit};

const SAFE_VALUE: &str = "host/consensus/src/safe_value.rs";
const VIEW_START: &str = "host/consensus/src/view_start.rs";
const LEAVE: &str = "host/consensus/src/replica/leave.rs";
const SLOT: &str = "host/consensus/src/slot.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "null-blocks-not-reported",
        "2.4: a null block that may commit fast is reported like any other body",
        &[edit(
            LEAVE,
            "accepted: memory.accepted.as_ref().map(",
            "accepted: memory.accepted.as_ref().filter(|(_, proposal)| !proposal.is_null()).map(",
        )],
        consensus("reports", "a_null_block_that_was_accepted_is_reported"),
    ),
    mutant(
        "tie-goes-to-fast-evidence",
        "2.4, 3.4: of evidence of the same view the certificate wins",
        &[edit(SAFE_VALUE, "if slow.view >= fast.view", "if slow.view > fast.view")],
        unit("safe_value::tests::a_tie_goes_to_the_certificate"),
    ),
    mutant(
        "fast-evidence-always-wins",
        "2.4, 3.4: the later evidence wins",
        &[edit(SAFE_VALUE, "if slow.view >= fast.view", "if slow.view > fast.view && slow.view < fast.view")],
        unit("safe_value::tests::the_later_evidence_wins"),
    ),
    mutant(
        "slow-evidence-always-wins",
        "2.4, 3.4: the later evidence wins",
        &[edit(SAFE_VALUE, "if slow.view >= fast.view", "if slow.view >= fast.view || slow.view < fast.view")],
        unit("safe_value::tests::the_later_evidence_wins"),
    ),
    mutant(
        "fast-evidence-of-one-view",
        "2.4: reports of one body count together, whatever their views",
        &[edit(SAFE_VALUE, "chunk_by(|a, b| a.body == b.body)", "chunk_by(|a, b| a == b)")],
        unit("safe_value::tests::enough_accepted_reports_may_have_committed_fast"),
    ),
    mutant(
        "only-the-view-just-left-is-reported",
        "2.4, 3.2: the pre-prepare of the highest view is remembered across views",
        &[edit(
            SLOT,
            "Self { memory: self.memory, phase,",
            "Self { memory: Memory { accepted: None, ..self.memory }, phase,",
        )],
        consensus("reports", "what_was_accepted_is_reported_view_after_view"),
    ),
    mutant(
        "certificate-of-an-earlier-view-forgotten",
        "3.2: the prepare certificate of the highest view is remembered across views",
        &[edit(
            SLOT,
            "Self { memory: self.memory, phase,",
            "Self { memory: Memory { prepared: None, ..self.memory }, phase,",
        )],
        consensus("reports", "a_certificate_is_reported_view_after_view"),
    ),
    mutant(
        "invalid-certificate-masks-a-valid-one",
        "2.4, 3.3: a certificate that proves nothing is passed over and hides no other",
        &[edit(
            SAFE_VALUE,
            "candidates.into_iter().find(|candidate| valid(candidate))?",
            "candidates.into_iter().next().filter(|candidate| valid(candidate))?",
        )],
        unit("safe_value::tests::an_invalid_certificate_hides_no_valid_one"),
    ),
    mutant(
        "certificates-in-reports-unchecked",
        "3.3: a certificate is checked when it is used",
        &[edit(
            VIEW_START,
            "(sender, scheme.verify(&statement, certificate, cluster.prepare()).is_ok())",
            "(sender, scheme.verify(&statement, certificate, cluster.prepare()).is_ok() || seq >= SeqNum(0))",
        )],
        consensus("view_change_lies", "a_forged_certificate_of_the_highest_view_hides_no_valid_one"),
    ),
    mutant(
        "commit-proofs-passed-over",
        "3.4: a valid commit proof decides a slot",
        &[edit(SAFE_VALUE, "return Decision::Committed(proof.body);", "let _ = Decision::Committed(proof.body);")],
        unit("safe_value::tests::a_commit_proof_decides_at_once"),
    ),
    mutant(
        "executed-slots-not-reported",
        "3.3: a slot that is executed above the stable checkpoint is reported with its proof",
        &[edit(
            LEAVE,
            "let committed = Some((*body, proof.clone()));",
            "let committed = Some((*body, proof.clone())).filter(|_| *seq > self.executed());",
        )],
        consensus("reports", "an_executed_slot_is_reported_with_its_proof"),
    ),
];
