//! Sensors: who owns them, and how often they report.

use crate::party::Actor;
use crate::record::Device;
use crate::refused::Refused;
use crate::tables::{DEVICES, key_of};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::TransactionContext;
use theriac_domain::{Date, Refusal, Uri};

/// Registers a sensor, or changes what is known of it.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RegisterDevice {
    /// Its identifier, as its reports give it: a URI such as the Digital Link of its GIAI.
    pub device: Uri,
    /// How often it reports, in seconds.
    pub interval_seconds: u32,
    /// Until when its calibration holds, `YYYY-MM-DD`.
    pub calibrated_until: Option<Date>,
}

pub(crate) fn register(
    ctx: &mut TransactionContext<'_>,
    actor: &Actor,
    wanted: &RegisterDevice,
) -> Result<Device, Refused> {
    let number = wanted.device.to_string();
    if wanted.interval_seconds == 0 {
        let problem = "It reports each so many seconds: at least one.".to_owned();
        return Err(Refusal::Unfit { what: "Device", number, problem }.into());
    }
    let owner = actor.party.gln;
    let key = key_of(ctx, &number);
    match DEVICES.get(ctx, &key)? {
        Some(known) if known.owner != owner => Err(Refusal::NotOwner { item: number, owner: known.owner }.into()),
        _ => {
            let RegisterDevice { interval_seconds, calibrated_until, .. } = *wanted;
            let device = Device { owner, interval_seconds, calibrated_until, since: ctx.height() };
            DEVICES.put(ctx, &key, &device)?;
            Ok(device)
        }
    }
}
