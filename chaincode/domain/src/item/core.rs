//! What events change in an item.

use super::{Birth, EventId};
use crate::identifier::{Gln, Place};
use crate::vocabulary::Disposition;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// What events change, and an undone event changes back.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Core {
    /// What phase of its life it is in.
    pub state: State,
    /// Whose it is and who has it.
    pub custody: Custody,
    /// The last receipt of it, alone or inside a container. Voiding a later shipment clears it.
    pub receipt: Option<Receipt>,
    /// What speaks against using it, ascending.
    pub flags: Vec<Flag>,
}

impl Core {
    /// Where it stands in the books.
    pub fn position(&self) -> Option<Position> {
        let site = self.custody.place.as_ref().and_then(Place::gln).copied();
        Some(Position { holder: self.custody.holder, site, phase: self.state.phase()? })
    }

    /// The state of it in a container with this core: the container's. But a new container is no newborn's place, and
    /// what was received before stays in stock.
    pub fn state_inside<'a>(&'a self, top: &'a Self) -> &'a State {
        let was_received = self.state == State::InStock && top.state == State::Commissioned;
        if was_received { &self.state } else { &top.state }
    }

    /// Puts a flag on it.
    pub fn raise(&mut self, flag: Flag) {
        if let Err(at) = self.flags.binary_search(&flag) {
            self.flags.insert(at, flag);
        }
    }

    /// Takes a flag off it.
    pub fn lower(&mut self, flag: Flag) {
        self.flags.retain(|own| *own != flag);
    }

    /// Whether it has the flag.
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.binary_search(&flag).is_ok()
    }
}

/// A phase of an item's life.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum State {
    /// Its serial number is taken; no such thing exists yet.
    Reserved,
    /// Born, still with its maker.
    Commissioned,
    /// In stock where it was received.
    InStock,
    /// Handed over by the shipper, not yet accepted by the consignee.
    InTransit(Transit),
    /// Held back.
    Quarantined {
        /// Why.
        because: Disposition,
        /// Since which block.
        since: u64,
    },
    /// Some of its contents were given to patients.
    PartlyDispensed,
    /// Given to a patient.
    Dispensed {
        /// In which block.
        since: u64,
    },
    /// Taken out of the supply chain.
    Decommissioned {
        /// Why.
        reason: Reason,
        /// Since which block.
        since: u64,
    },
    /// Physically destroyed.
    Destroyed {
        /// In which block.
        since: u64,
    },
}

impl State {
    /// The state's name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Reserved => "RESERVED",
            Self::Commissioned => "COMMISSIONED",
            Self::InStock => "IN_STOCK",
            Self::InTransit(_) => "IN_TRANSIT",
            Self::Quarantined { .. } => "QUARANTINED",
            Self::PartlyDispensed => "PARTLY_DISPENSED",
            Self::Dispensed { .. } => "DISPENSED",
            Self::Decommissioned { .. } => "DECOMMISSIONED",
            Self::Destroyed { .. } => "DESTROYED",
        }
    }

    /// What the books count it as; nothing as long as it does not exist.
    pub fn phase(&self) -> Option<Phase> {
        match self {
            Self::Reserved => None,
            Self::Commissioned | Self::InStock | Self::PartlyDispensed => Some(Phase::InStock),
            Self::InTransit(_) => Some(Phase::InTransit),
            Self::Quarantined { .. } => Some(Phase::Quarantined),
            Self::Dispensed { .. } => Some(Phase::Dispensed),
            Self::Decommissioned { .. } => Some(Phase::Decommissioned),
            Self::Destroyed { .. } => Some(Phase::Destroyed),
        }
    }

    /// Whether it is in the supply chain.
    pub fn circulates(&self) -> bool {
        matches!(self, Self::Commissioned | Self::InStock | Self::InTransit(_) | Self::PartlyDispensed)
    }
}

/// What the books count an item as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Phase {
    /// Where somebody can use it.
    InStock,
    /// Between shipper and consignee.
    InTransit,
    /// Held back.
    Quarantined,
    /// Given to patients.
    Dispensed,
    /// Taken out of the supply chain.
    Decommissioned,
    /// Physically destroyed.
    Destroyed,
}

/// Where an item stands in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Who answers for it.
    pub holder: Gln,
    /// At which of its sites.
    pub site: Option<Gln>,
    /// As what.
    pub phase: Phase,
}

/// Whose an item is and who has it: two different things.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Custody {
    /// The party it belongs to.
    pub owner: Gln,
    /// The party that answers for it. While it is in transit: the shipper.
    pub holder: Gln,
    /// Since which block that party has held it.
    pub since: u64,
    /// Where it was last said to be.
    pub place: Option<Place>,
    /// Who held it before, the earliest first, each once; only they may have it returned to them.
    pub earlier: Vec<Gln>,
}

impl Custody {
    /// A newborn's.
    pub fn new(party: Gln, since: u64, place: Option<Place>) -> Self {
        Self { owner: party, holder: party, since, place, earlier: Vec::new() }
    }

    /// Whether the party held it before.
    pub fn was_held_by(&self, party: &Gln) -> bool {
        self.earlier.contains(party)
    }
}

/// A hand-over that waits for its second half.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Transit {
    /// The event that shipped it.
    pub shipment: EventId,
    /// The only party that may receive it.
    pub consignee: Gln,
    /// In which block it was shipped.
    pub since: u64,
}

/// The second half of a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Receipt {
    /// The party that received.
    pub by: Gln,
    /// From whom.
    pub from: Gln,
    /// In which block.
    pub height: u64,
}

/// What speaks against using an item, whatever its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Flag {
    /// Its maker or a regulator wants it back.
    Recalled,
    /// A partner doubts that it is what it seems to be.
    Suspect,
    /// Its maker or a regulator found that it is not.
    Illegitimate,
    /// It was too warm or too cold.
    Excursion,
    /// Its maker or a regulator stopped it.
    Locked,
}

impl Flag {
    /// The flag that a persistent disposition stands for: the vocabulary's `recalled`, and words of our own.
    pub fn of(disposition: &Disposition) -> Option<Self> {
        match disposition {
            Disposition::Recalled => Some(Self::Recalled),
            Disposition::Other(uri) => match uri.as_str().strip_prefix(Reason::NAMESPACE)? {
                "suspect" => Some(Self::Suspect),
                "illegitimate" => Some(Self::Illegitimate),
                "locked" => Some(Self::Locked),
                _ => None,
            },
            _ => None,
        }
    }

    /// The flag's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recalled => "RECALLED",
            Self::Suspect => "SUSPECT",
            Self::Illegitimate => "ILLEGITIMATE",
            Self::Excursion => "EXCURSION",
            Self::Locked => "LOCKED",
        }
    }
}

/// Why an item was taken out of the supply chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Reason {
    /// It was stolen.
    Stolen,
    /// Nobody knows where it is.
    Lost,
    /// Its last day of use is over.
    Expired,
    /// It is damaged.
    Damaged,
    /// An authority took it to test it.
    SampleAuthority,
    /// It was given away as a sample.
    SampleFree,
    /// It left the area of this ledger.
    Exported,
    /// Its contents became other packs.
    Repackaged,
    /// It is stopped for the time being.
    Locked,
    /// The product was taken off the market.
    Withdrawn,
    /// It never existed: the event of its birth was declared wrong.
    NeverExisted,
    /// No reason was given.
    Unstated,
}

impl Reason {
    const ALL: [(Self, &'static str); 12] = [
        (Self::Stolen, "stolen"),
        (Self::Lost, "lost"),
        (Self::Expired, "expired"),
        (Self::Damaged, "damaged"),
        (Self::SampleAuthority, "sample_authority"),
        (Self::SampleFree, "sample_free"),
        (Self::Exported, "exported"),
        (Self::Repackaged, "repackaged"),
        (Self::Locked, "locked"),
        (Self::Withdrawn, "withdrawn"),
        (Self::NeverExisted, "never_existed"),
        (Self::Unstated, "inactive"),
    ];

    /// Where the words begin that the Core Business Vocabulary lacks, such as `urn:theriac:disp:exported`.
    pub const NAMESPACE: &'static str = "urn:theriac:disp:";

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(reason, _)| *reason == self).map_or("inactive", |(_, name)| *name)
    }

    /// The reason that an event gives by its disposition; none for a word that is no reason.
    pub fn of(disposition: Option<&Disposition>) -> Option<Self> {
        match disposition {
            None | Some(Disposition::Inactive | Disposition::Unavailable) => Some(Self::Unstated),
            Some(Disposition::Stolen) => Some(Self::Stolen),
            Some(Disposition::Unknown) => Some(Self::Lost),
            Some(Disposition::Expired) => Some(Self::Expired),
            Some(Disposition::Damaged) => Some(Self::Damaged),
            Some(Disposition::Other(uri)) => {
                let name = uri.as_str().strip_prefix(Self::NAMESPACE)?;
                let stated = |reason: &Self| !matches!(reason, Self::NeverExisted | Self::Repackaged);
                Self::ALL.iter().find(|(_, known)| *known == name).map(|(reason, _)| *reason).filter(stated)
            }
            Some(_) => None,
        }
    }

    /// Whether it may be taken back within the undo window, or, when locked, at any time.
    pub fn is_reversible(self) -> bool {
        matches!(self, Self::SampleAuthority | Self::SampleFree | Self::Exported | Self::Locked)
    }
}

impl Birth {
    /// The core of a newborn.
    pub fn core(&self, state: State, place: Option<Place>) -> Core {
        Core { state, custody: Custody::new(self.by, self.height, place), receipt: None, flags: Vec::new() }
    }
}
