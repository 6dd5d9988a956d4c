//! A transaction before and after its signature. Made here, signed anywhere, handed in by anybody.

use crate::error::{Cause, ProposalError};
use crate::signer::Signer;
use theriac_crypto::names;
use theriac_types::limits::TRANSACTION_BYTES_MAX;
use theriac_types::{
    Bytes, ChaincodeName, ChannelId, Cosignature, Creator, FunctionName, Height, List, Nonce, Signature, Transaction,
    TransactionBody, TxId,
};

/// What a proposal asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The channel.
    pub channel: ChannelId,
    /// The chaincode.
    pub chaincode: ChaincodeName,
    /// Its function.
    pub function: FunctionName,
    /// Borsh by the chaincode's schema.
    pub args: Vec<u8>,
    /// Last height at which it may be executed.
    pub valid_until: Height,
}

/// A transaction without signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    body: TransactionBody,
    id: TxId,
}

impl Proposal {
    /// Makes a proposal with a fresh random nonce.
    pub fn new(request: Request, creator: Creator) -> Result<Self, ProposalError> {
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce)
            .map_err(|error| Cause::request(format!("The system gives no random bytes: {error}")))?;
        Self::with_nonce(request, creator, Nonce(u64::from_le_bytes(nonce)))
    }

    /// Makes a proposal with a nonce of the caller's choice.
    pub fn with_nonce(request: Request, creator: Creator, nonce: Nonce) -> Result<Self, ProposalError> {
        let args =
            Bytes::new(request.args).map_err(|error| Cause::request(format!("The argument is too large: {error}.")))?;
        let body = TransactionBody {
            channel: request.channel,
            creator,
            nonce,
            valid_until: request.valid_until,
            chaincode: request.chaincode,
            function: request.function,
            args,
            transient_hash: None,
        };
        Ok(Self { id: names::tx_id(&body), body })
    }

    /// Reads a proposal made elsewhere.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProposalError> {
        let body: TransactionBody = theriac_types::decode(bytes, TRANSACTION_BYTES_MAX)
            .map_err(|error| Cause::request(format!("This is no proposal: {error}.")))?;
        Ok(Self { id: names::tx_id(&body), body })
    }

    /// The proposal's canonical bytes, to be carried to a signer.
    pub fn to_bytes(&self) -> Vec<u8> {
        theriac_types::encode(&self.body)
    }

    /// What is signed.
    pub fn id(&self) -> TxId {
        self.id
    }

    /// What it says.
    pub fn body(&self) -> &TransactionBody {
        &self.body
    }

    /// Signs as its creator.
    pub fn sign(self, signer: &dyn Signer) -> Result<SignedTransaction, ProposalError> {
        let transaction = Some(self.id);
        if *signer.creator() != self.body.creator {
            let sentence =
                format!("The proposal is of {}, the signer is {}.", self.body.creator.member, signer.creator().member);
            return Err(ProposalError { transaction, cause: Cause::request(sentence) });
        }
        let signature = signer.sign(self.id).map_err(|error| ProposalError { transaction, cause: error.into() })?;
        Ok(self.with_signature(signature))
    }

    /// Takes a signature made elsewhere. The peer checks it.
    pub fn with_signature(self, signature: Signature) -> SignedTransaction {
        let transaction = Transaction { body: self.body, signature, cosignatures: List::default() };
        SignedTransaction { transaction, id: self.id }
    }
}

/// A transaction that can be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransaction {
    transaction: Transaction,
    id: TxId,
}

impl SignedTransaction {
    /// Reads a transaction signed elsewhere.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProposalError> {
        let transaction: Transaction = theriac_types::decode(bytes, TRANSACTION_BYTES_MAX)
            .map_err(|error| Cause::request(format!("This is no signed transaction: {error}.")))?;
        Ok(Self { id: names::tx_id(&transaction.body), transaction })
    }

    /// Adds a further member's signature.
    pub fn cosign(mut self, signer: &dyn Signer) -> Result<Self, ProposalError> {
        let transaction = Some(self.id);
        let failed = |cause| ProposalError { transaction, cause };
        let signature = signer.sign(self.id).map_err(|error| failed(error.into()))?;
        let mut all = self.transaction.cosignatures.into_vec();
        all.push(Cosignature { signer: signer.creator().clone(), signature });
        self.transaction.cosignatures =
            List::new(all).map_err(|error| failed(Cause::request(format!("Too many co-signers: {error}."))))?;
        Ok(self)
    }

    /// Takes further signatures made elsewhere. The peer checks them.
    pub fn with_cosignatures(mut self, all: Vec<(Creator, Signature)>) -> Result<Self, ProposalError> {
        let all = all.into_iter().map(|(signer, signature)| Cosignature { signer, signature }).collect();
        self.transaction.cosignatures = List::new(all).map_err(|error| ProposalError {
            transaction: Some(self.id),
            cause: Cause::request(format!("Too many co-signers: {error}.")),
        })?;
        Ok(self)
    }

    /// The transaction's canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        theriac_types::encode(&self.transaction)
    }

    /// Its id.
    pub fn id(&self) -> TxId {
        self.id
    }

    /// The transaction.
    pub fn transaction(&self) -> &Transaction {
        &self.transaction
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::KeySigner;
    use theriac_crypto::{MemberKey, Verified};

    fn signer(byte: u8) -> KeySigner {
        let member = format!("org/m{byte}").parse().expect("a name");
        KeySigner::new(member, MemberKey::from_bytes(&[byte; 32]).expect("in range"))
    }

    fn proposal(creator: &KeySigner) -> Proposal {
        let request = Request {
            channel: "medicines".parse().expect("a name"),
            chaincode: "trace".parse().expect("a name"),
            function: "capture".parse().expect("a name"),
            args: vec![1, 2, 3],
            valid_until: Height(9),
        };
        Proposal::with_nonce(request, creator.creator().clone(), Nonce(1)).expect("small")
    }

    #[test]
    fn a_proposal_travels_to_its_signer_and_back() {
        let there = Proposal::from_bytes(&proposal(&signer(1)).to_bytes()).expect("canonical");
        let signature = signer(1).sign(there.id()).expect("a key in memory");
        let signed = proposal(&signer(1)).with_signature(signature);
        let back = SignedTransaction::from_bytes(&signed.to_bytes()).expect("canonical");
        assert_eq!(back, signed);
        assert!(Verified::<Transaction>::check(back.transaction).is_ok());
    }

    #[test]
    fn nobody_signs_for_another() {
        let error = proposal(&signer(1)).sign(&signer(2)).expect_err("another member");
        assert_eq!(error.transaction, Some(proposal(&signer(1)).id()));
        assert_eq!(error.reason(), "INVALID_REQUEST");
    }

    #[test]
    fn cosignatures_leave_the_id_alone() {
        let signed = proposal(&signer(1)).sign(&signer(1)).expect("its creator");
        let id = signed.id();
        let both = signed.cosign(&signer(2)).expect("one of sixteen");
        assert_eq!(both.id(), id);
        assert!(Verified::<Transaction>::check(both.transaction).is_ok());
    }
}
