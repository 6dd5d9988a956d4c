//! S7: a transaction is executed once at most per creator and nonce, and only while its creator is a member.
//!
//! A nonce is taken as long as the transaction that used it is valid; the replay table need not remember it longer. No
//! transaction is ever executed twice.
//!
//! Members are followed by a model of its own: the genesis, revocations and new keys, as far as the simulated clients
//! use them.

use std::collections::{BTreeMap, BTreeSet};
use theriac_ledger::system::identity::{RevokeMember, RotateKey};
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{Block, Genesis, Height, MemberId, Nonce, Outcome, PublicKey, Receipt, Transaction, TxId};

/// Members, and what each of them had executed.
#[derive(Debug)]
pub struct Once {
    members: BTreeMap<MemberId, PublicKey>,
    /// Where a nonce was used, and until when it is taken.
    nonces: BTreeMap<(MemberId, Nonce), (Height, Height)>,
    executed: BTreeSet<TxId>,
    height: Height,
    /// How transactions ended.
    pub outcomes: BTreeMap<Outcome, usize>,
}

impl Once {
    /// The members of a genesis, nothing executed.
    pub fn new(genesis: &Genesis) -> Self {
        let members = genesis.members.iter().map(|member| (member.id.clone(), member.key)).collect();
        Self {
            members,
            nonces: BTreeMap::new(),
            executed: BTreeSet::new(),
            height: Height(0),
            outcomes: BTreeMap::new(),
        }
    }

    /// A block was executed. The first replica to do so counts: that others have the same receipts is S6.
    pub fn on_block(&mut self, block: &Block, receipts: &[Receipt]) -> Result<(), String> {
        if block.height <= self.height {
            return Ok(());
        }
        self.height = block.height;
        let transactions = block.body.transactions.iter();
        transactions.zip(receipts).try_for_each(|(transaction, receipt)| self.on_transaction(transaction, receipt))
    }

    fn on_transaction(&mut self, transaction: &Transaction, receipt: &Receipt) -> Result<(), String> {
        *self.outcomes.entry(receipt.outcome).or_default() += 1;
        let creator = &transaction.body.creator;
        let turned_away = matches!(
            receipt.outcome,
            Outcome::Duplicate | Outcome::Expired | Outcome::NotAMember | Outcome::BadSignature
        );
        if turned_away {
            return Ok(());
        }
        if self.members.get(&creator.member) != Some(&creator.key) {
            return Err(format!("{} executed for {}, which is no member", receipt.tx_id, creator.member));
        }
        if !self.executed.insert(receipt.tx_id) {
            return Err(format!("{} executed a second time at height {}", receipt.tx_id, receipt.height));
        }
        let (nonce, use_now) = (transaction.body.nonce, (receipt.height, transaction.body.valid_until));
        if let Some((first, until)) = self.nonces.insert((creator.member.clone(), nonce), use_now)
            && receipt.height <= until
        {
            let height = receipt.height;
            return Err(format!("{} used nonce {nonce} at height {first} and again at {height}", creator.member));
        }
        if receipt.outcome == Outcome::Valid {
            self.follow_members(transaction)?;
        }
        Ok(())
    }

    fn follow_members(&mut self, transaction: &Transaction) -> Result<(), String> {
        let body = &transaction.body;
        match (body.chaincode.as_str(), body.function.as_str()) {
            ("_identity", "revoke_member") => {
                let call: RevokeMember = argument(&body.args)?;
                self.members.remove(&call.id);
            }
            ("_identity", "rotate_key") => {
                let call: RotateKey = argument(&body.args)?;
                self.members.insert(call.id, call.key);
            }
            _ => {}
        }
        Ok(())
    }
}

fn argument<T: borsh::BorshDeserialize>(args: &[u8]) -> Result<T, String> {
    theriac_types::decode(args, ARGS_BYTES_MAX).map_err(|error| format!("a valid call with a bad argument: {error}"))
}
