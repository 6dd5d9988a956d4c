//! Chaincode that calls chaincode and looks at documents, natively.

use theriac_chaincode::{Failure, MockHost, chaincode};

#[chaincode(name = "rules", state_version = 1)]
mod rules {
    use theriac_chaincode::{QueryContext, Refusal, Table, TransactionContext};

    const ASKED: Table<String, u32> = Table::new("asked");

    #[transaction]
    fn judge(ctx: &mut TransactionContext, lot: String) -> Result<Vec<String>, Refusal> {
        let count = ASKED.get(ctx, &lot)?.unwrap_or(0).saturating_add(1);
        ASKED.put(ctx, &lot, &count)?;
        ctx.emit("judged", &lot)?;
        if lot == "bad" {
            return Err(Refusal::new("LOT_BARRED", "Take another lot."));
        }
        Ok(ctx.callers().to_vec())
    }

    #[transaction]
    fn calls_back(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        ctx.call("shop", "sell", "back")
    }

    #[query]
    fn asked(ctx: &QueryContext, lot: String) -> Result<u32, Refusal> {
        Ok(ASKED.get(ctx, &lot)?.unwrap_or(0))
    }
}

#[chaincode(name = "shop", state_version = 1)]
mod shop {
    use theriac_chaincode::{QueryContext, Refusal, Table, TransactionContext};

    const SOLD: Table<String, bool> = Table::new("sold");

    #[transaction]
    fn sell(ctx: &mut TransactionContext, lot: String) -> Result<Vec<String>, Refusal> {
        let callers = ctx.call("rules", "judge", &lot)?;
        SOLD.put(ctx, &lot, &true)?;
        Ok(callers)
    }

    #[transaction]
    fn sells_anyway(ctx: &mut TransactionContext, lot: String) -> Result<String, Refusal> {
        let refused = ctx.call::<_, Vec<String>>("rules", "judge", &lot).err();
        SOLD.put(ctx, &lot, &true)?;
        Ok(refused.map(|refusal| refusal.code).unwrap_or_default())
    }

    #[transaction]
    fn returns(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        ctx.call("rules", "calls_back", &())
    }

    #[query]
    fn count(ctx: &QueryContext, lot: String) -> Result<u32, Refusal> {
        ctx.ask("rules", "asked", &lot)
    }

    #[query]
    fn wrong_type(ctx: &QueryContext, lot: String) -> Result<String, Refusal> {
        ctx.ask("rules", "asked", &lot)
    }

    #[query]
    fn reports(ctx: &QueryContext, cid: String) -> Result<Option<(u64, String, Vec<String>)>, Refusal> {
        let receipts = ctx.document_receipts(&cid).into_iter().map(|deed| deed.organisation).collect();
        Ok(ctx.document(&cid).map(|found| (found.size, found.anchored.organisation, receipts)))
    }
}

use shop::Chaincode as Shop;

fn host() -> MockHost {
    let host = MockHost::of::<Shop>();
    host.connect::<rules::Chaincode>("rules", MockHost::new());
    host
}

fn sell(host: &MockHost, lot: &str) -> Result<Vec<String>, Failure> {
    host.submit::<Shop, _, _>("sell", lot)
}

fn count(host: &MockHost, lot: &str) -> Result<u32, Failure> {
    host.evaluate::<Shop, _, _>("count", lot)
}

#[test]
fn another_chaincode_keeps_its_own_state_and_answers() {
    let host = host();
    assert_eq!(sell(&host, "good"), Ok(vec!["chaincode".to_owned()]), "it knows who waits for it");
    assert_eq!(count(&host, "good"), Ok(1));
    let rules = host.connected("rules").map(|rules| (rules.state().len(), rules.events().len()));
    assert_eq!((host.state().len(), rules), (1, Some((1, 1))), "each in its own namespace");
    assert!(host.connected("nobody").is_none());
}

#[test]
fn a_refusal_leaves_nothing_of_the_callee_and_takes_nothing_from_the_caller() {
    let host = host();
    assert_eq!(sell(&host, "bad").map_err(|failure| failure.code().to_owned()), Err("LOT_BARRED".to_owned()));
    assert_eq!((host.state().len(), count(&host, "bad")), (0, Ok(0)));
    assert_eq!(host.submit::<Shop, _, String>("sells_anyway", "bad"), Ok("LOT_BARRED".to_owned()));
    assert_eq!((host.state().len(), count(&host, "bad")), (1, Ok(0)));
}

#[test]
fn a_result_of_another_type_is_refused_with_what_to_look_at() {
    let host = host();
    assert!(sell(&host, "good").is_ok());
    let failure = host.evaluate::<Shop, _, String>("wrong_type", "good").err();
    assert!(failure.is_some_and(|failure| failure.code() == "RESULT_NOT_DECODABLE"));
}

#[test]
#[should_panic(expected = "chaincode shop still runs, or was never connected")]
fn what_still_runs_is_not_entered_again() {
    drop(host().submit::<Shop, _, ()>("returns", &()));
}

#[test]
fn documents_are_seen_with_who_received_them() {
    let host = host();
    host.set_caller("inspectorate", "ida", &["regulator"]);
    host.set_document("cid", "application/pdf", b"clean", &["pharmacy", "maker"]);
    let receipts = vec!["maker".to_owned(), "pharmacy".to_owned()];
    let found = host.evaluate::<Shop, _, Option<(u64, String, Vec<String>)>>("reports", "cid");
    assert_eq!(found, Ok(Some((5, "inspectorate".to_owned(), receipts))));
    assert_eq!(host.evaluate::<Shop, _, Option<(u64, String, Vec<String>)>>("reports", "other"), Ok(None));
}
