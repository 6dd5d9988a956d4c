//! What authors of chaincode import.
//!
//! A chaincode is a module marked [`chaincode`] whose functions marked `#[transaction]` or `#[query]` take a context
//! and at most one argument:
//!
//! ```
//! use theriac_chaincode::{MockHost, chaincode};
//!
//! #[chaincode(name = "counter", state_version = 1)]
//! mod counter {
//!     use theriac_chaincode::{QueryContext, Refusal, Table, TransactionContext};
//!
//!     const COUNTS: Table<String, u64> = Table::new("count");
//!
//!     #[transaction]
//!     fn add(ctx: &mut TransactionContext, name: String) -> Result<u64, Refusal> {
//!         let count = COUNTS.get(ctx, &name)?.unwrap_or(0).checked_add(1);
//!         let count = count.ok_or_else(|| Refusal::new("COUNTER_FULL", "Start another counter."))?;
//!         COUNTS.put(ctx, &name, &count)?;
//!         Ok(count)
//!     }
//!
//!     #[query]
//!     fn count(ctx: &QueryContext, name: String) -> Result<Option<u64>, Refusal> {
//!         COUNTS.get(ctx, &name)
//!     }
//! }
//!
//! let host = MockHost::new();
//! let name = "packs".to_owned();
//! assert_eq!(host.submit::<counter::Chaincode, _, u64>("add", &name), Ok(1));
//! assert_eq!(host.evaluate::<counter::Chaincode, _, Option<u64>>("count", &name), Ok(Some(1)));
//! ```
//!
//! The same code runs natively over a [`MockHost`] and, built for wasm32, over the imports of `theriac:chaincode`.
//! A context is all that a chaincode sees of the world: no clock, no randomness, no files, no network. Floating
//! point is refused by every peer, because its results may differ between machines.

mod context;
pub mod contract;
mod event;
#[cfg(target_arch = "wasm32")]
pub mod guest;
pub mod host;
pub mod key;
pub mod limits;
#[cfg(not(target_arch = "wasm32"))]
mod mock;
mod order;
mod refusal;
mod table;
#[cfg(all(feature = "testing", not(target_arch = "wasm32")))]
pub mod testing;

pub use context::{QueryContext, ReadContext, TransactionContext};
pub use contract::{Contract, Description, FunctionDescription, Kind};
pub use event::{ErrorCodes, Event};
pub use host::{Caller, Deed, Document, Host, Page, Position, Signed, Version};
pub use key::StateKey;
#[cfg(not(target_arch = "wasm32"))]
pub use mock::MockHost;
pub use refusal::{Failure, Refusal};
pub use table::{IndexPage, Table, TableIndex, TablePage, TableVersion};
pub use theriac_chaincode_macros::{ChaincodeError, ChaincodeEvent, chaincode};
