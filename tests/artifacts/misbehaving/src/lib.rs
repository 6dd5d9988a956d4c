//! Chaincode that misbehaves on request, each function in one way.

use theriac_chaincode::{QueryContext, Refusal, TransactionContext, chaincode};

/// The functions.
#[chaincode(name = "misbehaving", state_version = 1)]
pub mod misbehaving {
    use super::*;
    use std::cell::Cell;
    use std::hint::black_box;

    thread_local! {
        static CALLS: Cell<u64> = const { Cell::new(0) };
    }

    /// Breaks off with a panic of its own.
    #[transaction]
    fn panics(_ctx: &mut TransactionContext, message: String) -> Result<(), Refusal> {
        assert!(message.is_empty(), "{message}");
        Ok(())
    }

    /// Writes and announces, then breaks off.
    #[transaction]
    fn writes_then_panics(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        ctx.put(b"written", b"before the panic");
        ctx.emit("written", &())?;
        panics(ctx, "after writing".to_owned())
    }

    /// Reads beyond the end of a list.
    #[transaction]
    fn reads_out_of_bounds(_ctx: &mut TransactionContext, index: u32) -> Result<u8, Refusal> {
        Ok(black_box([1, 2, 3])[index as usize])
    }

    /// Never ends.
    #[transaction]
    fn loops(_ctx: &mut TransactionContext) -> Result<u64, Refusal> {
        let mut count = 0_u64;
        while black_box(true) {
            count = count.wrapping_add(1);
        }
        Ok(count)
    }

    /// Never ends, and asks the host for something on every round.
    #[transaction]
    fn reads_for_ever(ctx: &mut TransactionContext) -> Result<u64, Refusal> {
        let mut found = 0_u64;
        while black_box(true) {
            found = found.wrapping_add(u64::from(ctx.get(b"key").is_some()));
        }
        Ok(found)
    }

    /// Allocates until nothing is left.
    #[transaction]
    fn eats_memory(_ctx: &mut TransactionContext) -> Result<u64, Refusal> {
        let mut eaten: Vec<Vec<u8>> = Vec::new();
        while black_box(true) {
            eaten.push(Vec::with_capacity(65536));
        }
        Ok(eaten.len() as u64)
    }

    /// Calls itself this many times.
    #[transaction]
    fn recurses(_ctx: &mut TransactionContext, depth: u64) -> Result<u64, Refusal> {
        fn down(depth: u64) -> u64 {
            if depth == 0 { 0 } else { black_box(down(black_box(depth - 1))).wrapping_add(1) }
        }
        Ok(down(depth))
    }

    /// Has itself called so many times, one within the other, each after it called itself so deep; the innermost ends
    /// never if `loops`. Gives the number of calls.
    #[transaction]
    fn relays(ctx: &mut TransactionContext, (times, depth, endless): (u32, u64, bool)) -> Result<u32, Refusal> {
        recurses(ctx, depth)?;
        if times == 0 {
            return if endless { loops(ctx).map(|_| 0) } else { Ok(0) };
        }
        let inner: u32 = ctx.call("misbehaving", "relays", &(times - 1, depth, endless))?;
        Ok(inner.wrapping_add(1))
    }

    /// The same as queries.
    #[query]
    fn asks(ctx: &QueryContext, times: u32) -> Result<u32, Refusal> {
        if times == 0 {
            return Ok(0);
        }
        let inner: u32 = ctx.ask("misbehaving", "asks", &(times - 1))?;
        Ok(inner.wrapping_add(1))
    }

    /// Returns this many bytes.
    #[transaction]
    fn returns(_ctx: &mut TransactionContext, length: u32) -> Result<Vec<u8>, Refusal> {
        Ok(vec![7; length as usize])
    }

    /// Puts a key of this length.
    #[transaction]
    fn puts_key(ctx: &mut TransactionContext, length: u32) -> Result<(), Refusal> {
        ctx.put(&vec![7; length as usize], b"value");
        Ok(())
    }

    /// Puts a value of this length.
    #[transaction]
    fn puts_value(ctx: &mut TransactionContext, length: u32) -> Result<(), Refusal> {
        ctx.put(b"key", &vec![7; length as usize]);
        Ok(())
    }

    /// Announces this many events.
    #[transaction]
    fn emits(ctx: &mut TransactionContext, count: u32) -> Result<(), Refusal> {
        (0..count).try_for_each(|number| ctx.emit("counted", &number))
    }

    /// Announces an event of this length.
    #[transaction]
    fn emits_bytes(ctx: &mut TransactionContext, length: u32) -> Result<(), Refusal> {
        ctx.emit("long", &vec![7_u8; length as usize])
    }

    /// Asks for a page of this many entries.
    #[query]
    fn scans(ctx: &QueryContext, limit: u32) -> Result<u64, Refusal> {
        Ok(ctx.scan(&[], &[0xff], limit).entries.len() as u64)
    }

    /// Refuses with the longest code and message that it can make.
    #[transaction]
    fn refuses_at_length(_ctx: &mut TransactionContext) -> Result<(), Refusal> {
        Err(Refusal { code: "C".repeat(10_000), message: "é".repeat(10_000) })
    }

    /// Counts its calls in memory of its own, which a fresh sandbox knows nothing of. Gives the count so far.
    #[transaction]
    fn remembers(_ctx: &mut TransactionContext) -> Result<u64, Refusal> {
        let before = CALLS.get();
        CALLS.set(before + 1);
        Ok(before)
    }
}
