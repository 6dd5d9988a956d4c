//! A transaction on its way from signer to signer, as a file: what is to be signed, and who has.

use crate::error::{Cause, ProposalError};
use crate::proposal::{Proposal, SignedTransaction};
use crate::signer::Signer;
use serde::{Deserialize, Serialize};
use theriac_crypto::verify_signature;
use theriac_types::limits::COSIGNATURES_MAX;
use theriac_types::{Creator, MemberId, PublicKey, Signature};

/// A proposal with the signatures it has got so far. Every one of them verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionFile {
    proposal: Proposal,
    signed: Vec<(Creator, Signature)>,
}

/// The file as JSON. What it says beside these fields is for people, and not read.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    proposal: String,
    signatures: Vec<OneSignature>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OneSignature {
    member: String,
    public_key: String,
    signature: String,
}

impl TransactionFile {
    /// A file that nobody has signed yet.
    pub fn new(proposal: Proposal) -> Self {
        Self { proposal, signed: Vec::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is none, or when one of its signatures is not by the key it names.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProposalError> {
        let wrong = |what: String| ProposalError::from(Cause::request(format!("This is no transaction file: {what}.")));
        let content: Content = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        let proposal = hex::decode(&content.proposal).map_err(|error| wrong(error.to_string()))?;
        let mut file = Self::new(Proposal::from_bytes(&proposal)?);
        for one in &content.signatures {
            let member: MemberId = one.member.parse().map_err(|error| wrong(format!("{error}")))?;
            let key: PublicKey = one.public_key.parse().map_err(|error| wrong(format!("{error}")))?;
            let bytes = hex::decode(&one.signature).map_err(|error| wrong(error.to_string()))?;
            let bytes = bytes.try_into().map_err(|_| wrong("a signature has another length".to_owned()))?;
            file.add(Creator { member, key }, Signature(bytes))?;
        }
        Ok(file)
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        let one = |(signer, signature): &(Creator, Signature)| OneSignature {
            member: signer.member.to_string(),
            public_key: signer.key.to_string(),
            signature: hex::encode(signature.0),
        };
        let signatures = self.signed.iter().map(one).collect::<Vec<_>>();
        let body = self.proposal.body();
        let content = serde_json::json!({
            "id": self.proposal.id().to_string(),
            "chaincode": body.chaincode.as_str(),
            "function": body.function.as_str(),
            "creator": body.creator.member.to_string(),
            "valid_until": body.valid_until.0,
            "proposal": hex::encode(self.proposal.to_bytes()),
            "signatures": signatures,
        });
        format!("{content:#}\n")
    }

    /// What is to be signed.
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// Who has signed, in that order.
    pub fn signers(&self) -> impl Iterator<Item = &MemberId> {
        self.signed.iter().map(|(signer, _)| &signer.member)
    }

    /// Signs as its creator or as a co-signer; a second time changes nothing.
    pub fn sign(&mut self, signer: &dyn Signer) -> Result<(), ProposalError> {
        let transaction = Some(self.proposal.id());
        let signature =
            signer.sign(self.proposal.id()).map_err(|error| ProposalError { transaction, cause: error.into() })?;
        self.add(signer.creator().clone(), signature)
    }

    fn add(&mut self, signer: Creator, signature: Signature) -> Result<(), ProposalError> {
        let transaction = Some(self.proposal.id());
        let refused = |sentence: String| ProposalError { transaction, cause: Cause::request(sentence) };
        verify_signature(&signer.key, self.proposal.id(), &signature)
            .map_err(|error| refused(format!("The signature of {} does not hold: {error}.", signer.member)))?;
        if self.signed.iter().any(|(known, _)| *known == signer) {
            return Ok(());
        }
        if self.signed.len() > COSIGNATURES_MAX {
            return Err(refused(format!("A transaction has at most {COSIGNATURES_MAX} co-signers.")));
        }
        self.signed.push((signer, signature));
        Ok(())
    }

    /// The transaction, once its creator has signed.
    pub fn into_transaction(self) -> Result<SignedTransaction, ProposalError> {
        let transaction = Some(self.proposal.id());
        let creator = self.proposal.body().creator.clone();
        let Some(own) = self.signed.iter().position(|(signer, _)| *signer == creator) else {
            let sentence =
                format!("{} made this transaction and has not signed it: theriac tx sign FILE.", creator.member);
            return Err(ProposalError { transaction, cause: Cause::request(sentence) });
        };
        let mut others = self.signed;
        let (_, signature) = others.remove(own);
        self.proposal.with_signature(signature).with_cosignatures(others)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::proposal::Request;
    use crate::signer::KeySigner;
    use theriac_crypto::{MemberKey, Verified};
    use theriac_types::{Height, Nonce, Transaction};

    fn signer(byte: u8) -> KeySigner {
        KeySigner::new(format!("org/m{byte}").parse().unwrap(), MemberKey::from_bytes(&[byte; 32]).unwrap())
    }

    fn file() -> TransactionFile {
        let request = Request {
            channel: "medicines".parse().unwrap(),
            chaincode: "trace".parse().unwrap(),
            function: "capture".parse().unwrap(),
            args: vec![1, 2, 3],
            valid_until: Height(9),
        };
        TransactionFile::new(Proposal::with_nonce(request, signer(1).creator().clone(), Nonce(1)).unwrap())
    }

    #[test]
    fn a_file_goes_from_signer_to_signer_in_any_order() {
        let mut there = file();
        there.sign(&signer(2)).unwrap();
        assert!(there.clone().into_transaction().unwrap_err().to_string().contains("org/m1 made this transaction"));
        let mut back = TransactionFile::from_json(there.to_json().as_bytes()).unwrap();
        assert_eq!(back, there);
        back.sign(&signer(1)).unwrap();
        back.sign(&signer(2)).unwrap();
        assert_eq!(back.signers().map(ToString::to_string).collect::<Vec<_>>(), ["org/m2", "org/m1"]);
        let signed = back.into_transaction().unwrap();
        let transaction = Verified::<Transaction>::check(signed.transaction().clone()).unwrap();
        assert_eq!(transaction.cosignatures.len(), 1);
    }

    #[test]
    fn a_changed_proposal_or_signature_is_not_read() {
        let mut signed = file();
        signed.sign(&signer(1)).unwrap();
        let text = signed.to_json();
        let hex = hex::encode(signed.proposal().to_bytes());
        let other = hex.replacen("010203", "010204", 1);
        assert_ne!(other, hex);
        let error = TransactionFile::from_json(text.replace(&hex, &other).as_bytes()).unwrap_err();
        assert!(error.to_string().contains("org/m1 does not hold"), "{error}");
        for broken in ["{}", "no JSON", &text.replace("org/m1", "org"), &text.replace(&hex, "00")] {
            assert_eq!(TransactionFile::from_json(broken.as_bytes()).unwrap_err().reason(), "INVALID_REQUEST");
        }
    }
}
