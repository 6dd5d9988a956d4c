//! Who takes part in a local network: five organisations with numbers of GS1's demonstration prefix 950.
//!
//! Those that begin with 9501 are the numbers of `network/fixtures`, and of what the demo prints.

use theriac_types::Role;

/// An organisation of the cast.
#[derive(Debug, Clone, Copy)]
pub struct Player {
    /// Its name.
    pub organisation: &'static str,
    /// What it is.
    pub role: Role,
    /// Its GLN and those of its sites.
    pub glns: &'static [&'static str],
    /// Its company prefixes; none for a party that numbers nothing.
    pub prefixes: &'static [&'static str],
}

/// The organisations, ascending by name.
pub const PLAYERS: &[Player] = &[
    Player { organisation: "carrier", role: Role::Carrier, glns: &["9506020000002"], prefixes: &["9506020"] },
    Player {
        organisation: "distributor",
        role: Role::Distributor,
        glns: &["9506010000005", "9501102000000"],
        prefixes: &["9506010", "9501102"],
    },
    Player {
        organisation: "maker",
        role: Role::Manufacturer,
        glns: &["9506000100005", "9501101000001"],
        prefixes: &["9506000", "9501101"],
    },
    Player {
        organisation: "pharmacy",
        role: Role::Pharmacy,
        glns: &["9506030000009", "9501103000009"],
        prefixes: &["9506030", "9501103"],
    },
    Player { organisation: "regulator", role: Role::Regulator, glns: &["9506050000003"], prefixes: &[] },
];

/// The member of each organisation that administers it.
pub const ADMINISTRATOR: &str = "admin";
/// The member of each organisation that does its daily work.
pub const OPERATOR: &str = "operator";
/// Who signs in a local network unless told otherwise.
pub const DEFAULT_IDENTITY: &str = "maker/admin";
/// The channel of a local network.
pub const CHANNEL: &str = "medicines";
