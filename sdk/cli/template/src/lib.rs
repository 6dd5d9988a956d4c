//! Who holds which pack, and how warm it became on its way.
//!
//! A manufacturer registers packs. Whoever holds one hands it over and reports the highest temperature that it met.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ChaincodeError, ChaincodeEvent, Table, TableIndex, chaincode};

/// The highest temperature that a pack may meet, in degrees Celsius.
pub const CELSIUS_MAX: i8 = 8;
/// Most packs that one answer lists.
pub const LISTED_MAX: u32 = 100;

/// Packs by serial number.
pub const PACKS: Table<String, Pack> =
    Table::new("pack").with_indexes(&[TableIndex::new("holder", &["holder"])]);

/// A pack.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Pack {
    /// What is in it.
    pub product: String,
    /// The organisation that holds it.
    pub holder: String,
    /// How often it changed hands.
    pub hand_overs: u32,
}

/// A pack to be.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Registration {
    /// Its serial number, new.
    pub serial: String,
    /// What is in it.
    pub product: String,
}

/// A pack that changes hands.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct HandOver {
    /// Its serial number.
    pub serial: String,
    /// The organisation that gets it.
    pub to: String,
    /// The highest temperature that it met, in degrees Celsius.
    pub celsius: i8,
}

/// A pack changed hands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, ChaincodeEvent)]
#[topic("pack.handed_over")]
pub struct HandedOver {
    /// Its serial number.
    pub serial: String,
    /// Who gave it.
    pub from: String,
    /// Who got it.
    pub to: String,
}

/// Why the rules refuse.
#[derive(Debug, ChaincodeError)]
pub enum Fault {
    /// Only a manufacturer registers packs. Ask the one who made it.
    NotManufacturer,
    /// A pack with this serial number is registered. Never use a serial number twice.
    #[message("Pack {serial} is registered. Never use a serial number twice.")]
    PackKnown {
        /// The serial number.
        serial: String,
    },
    /// No such pack is registered. Check the serial number; treat the pack as suspect.
    #[message("Pack {serial} is not registered. Check the number; treat the pack as suspect.")]
    PackUnknown {
        /// The serial number.
        serial: String,
    },
    /// Somebody else holds the pack. Ask the holder to hand it over.
    #[message("{holder} holds pack {serial}. Ask them to hand it over.")]
    NotHolder {
        /// The serial number.
        serial: String,
        /// Who holds it.
        holder: String,
    },
    /// The pack became too warm. Put it into quarantine.
    #[message("Pack {serial} met {celsius} degrees, and may meet {CELSIUS_MAX}. Put it into quarantine.")]
    TooWarm {
        /// The serial number.
        serial: String,
        /// What it met.
        celsius: i8,
    },
}

/// The functions that can be called.
#[chaincode(
    name = "custody",
    state_version = 1,
    tables(PACKS),
    events(HandedOver),
    errors(Fault)
)]
pub mod rules {
    use super::*;
    use theriac_chaincode::{QueryContext, Refusal, TransactionContext};

    /// Registers a pack, held by the manufacturer that made it.
    #[transaction]
    fn register(ctx: &mut TransactionContext, new: Registration) -> Result<Pack, Refusal> {
        if !ctx.caller().has_role("manufacturer") {
            return Err(Fault::NotManufacturer.into());
        }
        let Registration { serial, product } = new;
        if PACKS.get(ctx, &serial)?.is_some() {
            return Err(Fault::PackKnown { serial }.into());
        }
        let holder = ctx.caller().organisation.clone();
        let pack = Pack { product, holder, hand_overs: 0 };
        PACKS.put(ctx, &serial, &pack)?;
        Ok(pack)
    }

    /// Hands a pack over.
    #[transaction]
    fn hand_over(ctx: &mut TransactionContext, step: HandOver) -> Result<Pack, Refusal> {
        let HandOver { serial, to, celsius } = step;
        let pack = PACKS.get(ctx, &serial)?;
        let mut pack = pack.ok_or_else(|| Fault::PackUnknown { serial: serial.clone() })?;
        let from = ctx.caller().organisation.clone();
        if pack.holder != from {
            return Err(Fault::NotHolder { serial, holder: pack.holder }.into());
        }
        if celsius > CELSIUS_MAX {
            return Err(Fault::TooWarm { serial, celsius }.into());
        }
        pack.holder.clone_from(&to);
        pack.hand_overs += 1;
        PACKS.put(ctx, &serial, &pack)?;
        ctx.announce(&HandedOver { serial, from, to })?;
        Ok(pack)
    }

    /// A pack as it is now.
    #[query]
    fn pack(ctx: &QueryContext, serial: String) -> Result<Pack, Refusal> {
        let pack = PACKS.get(ctx, &serial)?;
        Ok(pack.ok_or(Fault::PackUnknown { serial })?)
    }

    /// Serial numbers of packs that an organisation holds, up to [`LISTED_MAX`].
    #[query]
    fn held_by(ctx: &QueryContext, organisation: String) -> Result<Vec<String>, Refusal> {
        let page = PACKS.lookup(ctx, "holder", &(organisation,), None, LISTED_MAX)?;
        Ok(page.entries.into_iter().map(|(serial, _)| serial).collect())
    }
}
