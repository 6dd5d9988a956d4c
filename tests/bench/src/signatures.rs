//! A member's signature, a replica's vote, a certificate.

use crate::{quartile_us, show};
use std::collections::BTreeMap;
use std::hint::black_box;
use theriac_crypto::{
    BlsScheme, BlsSecretKey, CertificateScheme, MemberKey, ShareSigner, Statement, VoteContext, verify_signature,
};
use theriac_types::{BodyHash, Configuration, Digest, Epoch, Height, List, ReplicaId, SeqNum, TxId, View};

/// Replicas of the measured network: f = 1, c = 0.
const REPLICAS: u8 = 4;

pub fn print() {
    let key = MemberKey::from_bytes(&[7; 32]).unwrap();
    let id = TxId(Digest([9; 32]));
    let (public, signature) = (key.public_key(), key.sign(id));
    show("member signature, make (k256)", quartile_us(500, |_| _ = black_box(key.sign(id))));
    show("member signature, check", quartile_us(500, |_| verify_signature(&public, id, &signature).unwrap()));

    let secrets: Vec<_> = (0..REPLICAS).map(|id| BlsSecretKey::from_seed(&[id; 32]).unwrap()).collect();
    let context = VoteContext { channel: "bench".parse().unwrap(), epoch: Epoch(0) };
    let scheme = BlsScheme::new(context.channel.clone(), &configuration(&secrets)).unwrap();
    let statement = Statement::Prepare { view: View(0), seq: SeqNum(1), body: BodyHash(Digest([1; 32])) };
    let signers: Vec<_> = secrets.iter().map(|secret| secret.signer(context.clone())).collect();
    let shares: BTreeMap<_, _> = (0..).map(ReplicaId).zip(signers.iter().map(|s| s.sign(&statement))).collect();
    let certificate = scheme.combine(&statement, &shares).unwrap();
    show("vote, make (BLS12-381)", quartile_us(200, |_| _ = black_box(signers[0].sign(&statement))));
    let combine = quartile_us(100, |_| _ = black_box(scheme.combine(&statement, &shares).unwrap()));
    show("certificate of 4 votes, combine and check", combine);
    let verify = quartile_us(100, |_| scheme.verify(&statement, &certificate, 4).unwrap());
    show("certificate of 4 votes, check", verify);
}

fn configuration(secrets: &[BlsSecretKey]) -> Configuration {
    let replica = |(id, secret): (u8, &BlsSecretKey)| {
        crate::chain::replica(id, secret.public_key(), secret.proof_of_possession())
    };
    let replicas = List::new((0..).zip(secrets).map(replica).collect()).unwrap();
    Configuration { epoch: Epoch(0), first: Height(1), f: 1, c: 0, replicas }
}
