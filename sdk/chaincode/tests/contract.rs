//! What the `chaincode` attribute makes of a module, seen through the mock host.

#![allow(clippy::unwrap_used)]

use borsh::schema::BorshSchemaContainer;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{
    Contract, Failure, Kind, MockHost, QueryContext, Refusal, Table, TransactionContext, chaincode,
};

#[derive(Debug, PartialEq, BorshSerialize, BorshDeserialize, BorshSchema)]
struct Deposit {
    account: String,
    amount: u64,
}

#[chaincode(name = "vault", state_version = 3)]
mod vault {
    use super::*;

    const BALANCES: Table<String, u64> = Table::new("balance");

    /// Writes and announces before it refuses, so that tests see both undone.
    #[transaction]
    fn deposit(ctx: &mut TransactionContext, deposit: Deposit) -> Result<u64, Refusal> {
        let balance = BALANCES.get(ctx, &deposit.account)?.unwrap_or(0).saturating_add(deposit.amount);
        BALANCES.put(ctx, &deposit.account, &balance)?;
        ctx.emit("deposited", &deposit)?;
        if !ctx.caller().has_role("distributor") {
            return Err(Refusal::new("ROLE_DENIED", "Ask a distributor."));
        }
        Ok(balance)
    }

    #[query]
    fn balance(ctx: &QueryContext, account: String) -> Result<Option<u64>, Refusal> {
        BALANCES.get(ctx, &account)
    }

    #[query]
    fn height(ctx: &QueryContext) -> Result<u64, Refusal> {
        Ok(ctx.height())
    }
}

fn deposit(amount: u64) -> Deposit {
    Deposit { account: "a".to_owned(), amount }
}

#[test]
fn a_transaction_writes_all_or_nothing() {
    let host = MockHost::new();
    let refused = host.submit::<vault::Chaincode, _, u64>("deposit", &deposit(1)).unwrap_err();
    assert_eq!(refused.code(), "ROLE_DENIED");
    assert_eq!(host.state(), []);
    assert_eq!(host.events(), []);

    host.set_caller("org", "anna", &["distributor"]);
    assert_eq!(host.submit::<vault::Chaincode, _, u64>("deposit", &deposit(2)), Ok(2));
    assert_eq!(host.submit::<vault::Chaincode, _, u64>("deposit", &deposit(3)), Ok(5));
    assert_eq!(host.evaluate::<vault::Chaincode, _, Option<u64>>("balance", "a"), Ok(Some(5)));
    assert_eq!(host.events(), [("deposited".to_owned(), borsh::to_vec(&deposit(3)).unwrap())]);
}

#[test]
fn a_function_without_argument_takes_none() {
    let host = MockHost::new();
    host.set_block(9, 1);
    assert_eq!(host.evaluate::<vault::Chaincode, _, u64>("height", &()), Ok(9));
    let failure = host.evaluate::<vault::Chaincode, _, u64>("height", &1_u8).unwrap_err();
    assert!(matches!(failure, Failure::InvalidArgument(_)), "{failure}");
}

#[test]
fn unknown_names_and_wrong_kinds_say_what_to_do() {
    let host = MockHost::new();
    let unknown = host.submit::<vault::Chaincode, _, u64>("withdraw", &()).unwrap_err();
    assert_eq!(unknown.to_string(), "No transaction \"withdraw\". Use one of: deposit.");
    let query = host.submit::<vault::Chaincode, _, u64>("balance", &()).unwrap_err();
    assert!(query.to_string().contains("evaluate it"), "{query}");
    let transaction = host.evaluate::<vault::Chaincode, _, u64>("deposit", &()).unwrap_err();
    assert!(transaction.to_string().contains("submit it"), "{transaction}");
    let garbage = host.submit::<vault::Chaincode, _, u64>("deposit", &[0xff_u8; 3]).unwrap_err();
    assert_eq!(garbage.code(), "INVALID_ARGUMENT");
}

#[test]
fn the_description_lists_functions_with_their_schemas() {
    let description = vault::Chaincode::describe();
    assert_eq!((description.name.as_str(), description.state_version), ("vault", 3));
    let names: Vec<_> = description.functions.iter().map(|f| (f.name.as_str(), f.kind)).collect();
    assert_eq!(names, [("balance", Kind::Query), ("deposit", Kind::Transaction), ("height", Kind::Query)]);
    let argument = BorshSchemaContainer::try_from_slice(&description.functions[1].argument_schema).unwrap();
    assert_eq!(argument, BorshSchemaContainer::for_type::<Deposit>());
    let result = BorshSchemaContainer::try_from_slice(&description.functions[0].result_schema).unwrap();
    assert_eq!(result, BorshSchemaContainer::for_type::<Option<u64>>());
}
