//! Certificates of replicas, pinned: a TLS peer is who the configuration says, or nobody.
//!
//! No authority, name or date plays a part. The membership of replicas is the genesis' and the configuration's, and a
//! certificate that expires overnight must not stop a network.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, SignatureScheme};
use std::sync::Arc;
use theriac_types::ReplicaId;

/// Accepts exactly these certificates.
#[derive(Debug, Clone)]
pub struct Pinned {
    certificates: Vec<(ReplicaId, CertificateDer<'static>)>,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    /// Pins certificates to replicas.
    pub fn new(certificates: Vec<(ReplicaId, CertificateDer<'static>)>) -> Self {
        Self { certificates, provider: Arc::new(rustls::crypto::ring::default_provider()) }
    }

    /// Only the certificate of one replica.
    pub fn only(&self, replica: ReplicaId) -> Self {
        let certificates = self.certificates.iter().filter(|(id, _)| *id == replica).cloned().collect();
        Self { certificates, provider: self.provider.clone() }
    }

    /// The replica that a certificate stands for.
    pub fn replica(&self, certificate: &CertificateDer<'_>) -> Option<ReplicaId> {
        self.certificates.iter().find(|(_, pinned)| pinned == certificate).map(|(id, _)| *id)
    }

    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let known = self.replica(certificate).is_some();
        known.then_some(()).ok_or(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn check_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Replicas speak TLS 1.3 only.
fn older_tls() -> Result<HandshakeSignatureValid, Error> {
    Err(Error::PeerIncompatible(PeerIncompatible::Tls13RequiredForQuic))
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end_entity).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        older_tls()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(end_entity).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        older_tls()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}
