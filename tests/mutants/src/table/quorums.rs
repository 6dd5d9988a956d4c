//! The numbers of 2.1, one off in either direction, and where they are used. Without slack some of them are the same: every
//! one of these tests looks at networks with slack, too.

use super::{edit, mutant};
use crate::{Mutant, consensus, unit};

const QUORUM: &str = "host/consensus/src/quorum.rs";
const VIEWS: &str = "host/consensus/src/views.rs";
const TRIGGERS: &str = "host/consensus/src/replica/triggers.rs";
const VIEW_CHANGE: &str = "host/consensus/src/view_change.rs";
const NEW_VIEW: &str = "host/consensus/src/replica/new_view.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "fast-quorum-of-one-less",
        "2.4: a fast proof takes 3f+c+1 votes",
        &[edit(QUORUM, "3 * self.f + self.c + 1", "3 * self.f + self.c")],
        unit("quorum::tests::a_view_change_set_sees_what_may_have_committed"),
    ),
    mutant(
        "slow-quorum-of-one-less",
        "2.4: a prepare certificate and a slow proof take 2f+c+1 votes",
        &[edit(
            QUORUM,
            "pub fn prepare(&self) -> usize {\n        2 * self.f + self.c + 1",
            "pub fn prepare(&self) -> usize {\n        2 * self.f + self.c",
        )],
        unit("quorum::tests::two_certificates_of_one_view_share_an_honest_voter"),
    ),
    mutant(
        "view-change-set-of-the-slow-quorum",
        "2.4: a new view takes 2f+2c+1 view-change messages",
        &[edit(QUORUM, "2 * self.f + 2 * self.c + 1", "2 * self.f + self.c + 1")],
        unit("quorum::tests::a_view_change_set_sees_what_may_have_committed"),
    ),
    mutant(
        "slow-set-with-evidence-of-f-1",
        "2.4: a smaller set is not made good by a smaller threshold",
        &[
            edit(QUORUM, "2 * self.f + 2 * self.c + 1", "2 * self.f + self.c + 1"),
            edit(
                QUORUM,
                "pub fn fast_evidence(&self) -> usize {\n        self.f + self.c + 1",
                "pub fn fast_evidence(&self) -> usize {\n        self.f + 1",
            ),
        ],
        unit("quorum::tests::a_view_change_set_sees_what_may_have_committed"),
    ),
    mutant(
        "fast-evidence-of-one-less",
        "2.4: fast evidence takes f+c+1 reports",
        &[edit(
            QUORUM,
            "pub fn fast_evidence(&self) -> usize {\n        self.f + self.c + 1",
            "pub fn fast_evidence(&self) -> usize {\n        self.f + self.c",
        )],
        unit("quorum::tests::fast_evidence_is_unique_and_not_made_up"),
    ),
    mutant(
        "fast-evidence-of-one-more",
        "2.4: fast evidence takes no more than f+c+1 reports",
        &[edit(
            QUORUM,
            "pub fn fast_evidence(&self) -> usize {\n        self.f + self.c + 1",
            "pub fn fast_evidence(&self) -> usize {\n        self.f + self.c + 2",
        )],
        unit("quorum::tests::a_view_change_set_sees_what_may_have_committed"),
    ),
    mutant(
        "checkpoint-of-f-1-votes",
        "2.1, 3.7: a checkpoint is stable with 2f+c+1 votes",
        &[edit(
            QUORUM,
            "pub fn checkpoint(&self) -> usize {\n        self.prepare()",
            "pub fn checkpoint(&self) -> usize {\n        self.f + 1",
        )],
        consensus("checkpoints", "forged_checkpoints_and_votes_move_nothing"),
    ),
    mutant(
        "execution-certificate-of-f-votes",
        "2.1: an execution certificate takes f+1 votes",
        &[edit(
            QUORUM,
            "pub fn execution(&self) -> usize {\n        self.f + 1",
            "pub fn execution(&self) -> usize {\n        self.f",
        )],
        unit("quorum::tests::quorums_can_be_reached"),
    ),
    mutant(
        "joins-one-replica",
        "3.1: a replica joins when f+1 want a higher view, not when f do",
        &[edit(VIEWS, "views.get(cluster.f()).copied()", "views.get(cluster.f() - 1).copied()")],
        consensus("view_change_lies", "one_replica_moves_nobody_and_two_move_no_further_than_the_nearer"),
    ),
    mutant(
        "joins-the-furthest",
        "3.1: a replica joins the (f+1)-th highest view, not the highest",
        &[edit(
            VIEWS,
            "views.get(cluster.f()).copied()",
            "views.get(cluster.f()).and_then(|_| views.first()).copied()",
        )],
        consensus("view_change_lies", "one_replica_moves_nobody_and_two_move_no_further_than_the_nearer"),
    ),
    mutant(
        "never-joins",
        "3.1: a replica joins f+1 others that left",
        &[edit(VIEWS, "views.get(cluster.f()).copied()", "views.get(views.len()).copied()")],
        consensus("view_change_lies", "one_replica_moves_nobody_and_two_move_no_further_than_the_nearer"),
    ),
    mutant(
        "one-complaint-moves",
        "3.1: a view is left when f+1 replicas complain",
        &[edit(TRIGGERS, "unhappy > self.config.cluster.f()", "unhappy > 0")],
        consensus("promises", "a_complaint_of_f_replicas_moves_nobody_and_of_one_more_everybody"),
    ),
    mutant(
        "complaints-count-for-nothing",
        "3.1: a view is left when f+1 replicas complain",
        &[edit(TRIGGERS, "unhappy > self.config.cluster.f()", "unhappy > self.config.cluster.replicas()")],
        consensus("promises", "a_complaint_of_f_replicas_moves_nobody_and_of_one_more_everybody"),
    ),
    mutant(
        "new-view-of-fewer-members",
        "3.4: a new-view names exactly 2f+2c+1 messages",
        &[edit(
            VIEW_CHANGE,
            "self.members.len() == cluster.view_change()",
            "self.members.len() <= cluster.view_change()",
        )],
        consensus("view_change_lies", "new_views_that_no_honest_primary_can_have_made_are_refused_and_shown"),
    ),
    mutant(
        "new-view-of-repeated-members",
        "3.4: a new-view names distinct senders",
        &[edit(
            VIEW_CHANGE,
            "self.members.windows(2).all(|pair| pair[0].0 < pair[1].0)",
            "self.members.windows(2).all(|pair| pair[0].0 <= pair[1].0)",
        )],
        consensus("view_change_lies", "new_views_that_no_honest_primary_can_have_made_are_refused_and_shown"),
    ),
    mutant(
        "view-begun-with-one-message-less",
        "3.4: the new primary waits for 2f+2c+1 view-change messages",
        &[edit(
            NEW_VIEW,
            "(self.views.view, self.config.replica, self.config.cluster.view_change())",
            "(self.views.view, self.config.replica, self.config.cluster.view_change() - 1)",
        )],
        consensus("promises", "a_new_primary_waits_for_its_quorum"),
    ),
];
