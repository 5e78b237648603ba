//! What is done on elliptic curves.

use curve25519_dalek::montgomery::MontgomeryPoint;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use p256::elliptic_curve::rand_core::{CryptoRng, Error, RngCore};

use super::Bytes;

/// The source that `host.random` has.
struct System;

impl CryptoRng for System {}

impl RngCore for System {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_ne_bytes(bytes)
    }

    /// A signature that is not random gives its key away: there is none without.
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the system gives no random bytes: {error}");
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

/// Does something by a curve's crate; `None` where there is none for a curve of this name.
macro_rules! by_curve {
    ($name:expr, $curve:ident => $body:expr) => {
        match &*$name {
            "P-256" => {
                use p256 as $curve;
                $body
            }
            "P-384" => {
                use p384 as $curve;
                $body
            }
            "P-521" => {
                use p521 as $curve;
                $body
            }
            _ => None,
        }
    };
}

/// The point of a private number, uncompressed.
pub(super) fn public(curve: String, private: Bytes) -> Option<Bytes> {
    by_curve!(curve, curve => {
        use curve::elliptic_curve::sec1::ToEncodedPoint;
        let key = curve::SecretKey::from_slice(&private.0).ok()?.public_key();
        Some(Bytes(key.to_encoded_point(false).as_bytes().to_vec()))
    })
}

/// A point that is on the curve, uncompressed.
pub(super) fn point(curve: String, point: Bytes) -> Option<Bytes> {
    by_curve!(curve, curve => {
        use curve::elliptic_curve::sec1::ToEncodedPoint;
        let key = curve::PublicKey::from_sec1_bytes(&point.0).ok()?;
        Some(Bytes(key.to_encoded_point(false).as_bytes().to_vec()))
    })
}

pub(super) fn ecdh(curve: String, private: Bytes, point: Bytes) -> Option<Bytes> {
    by_curve!(curve, curve => {
        let private = curve::SecretKey::from_slice(&private.0).ok()?;
        let public = curve::PublicKey::from_sec1_bytes(&point.0).ok()?;
        let secret = curve::ecdh::diffie_hellman(private.to_nonzero_scalar(), public.as_affine());
        Some(Bytes(secret.raw_secret_bytes().to_vec()))
    })
}

pub(super) fn ecdsa_sign(curve: String, private: Bytes, digest: Bytes) -> Option<Bytes> {
    by_curve!(curve, curve => {
        use curve::ecdsa::signature::hazmat::RandomizedPrehashSigner;
        let key = curve::ecdsa::SigningKey::from_slice(&private.0).ok()?;
        let signed = key.sign_prehash_with_rng(&mut System, &digest.0);
        let signature: curve::ecdsa::Signature = signed.ok()?;
        Some(Bytes(signature.to_bytes().to_vec()))
    })
}

pub(super) fn ecdsa_verify(curve: String, point: Bytes, digest: Bytes, signature: Bytes) -> bool {
    let verified = by_curve!(curve, curve => {
        use curve::ecdsa::signature::hazmat::PrehashVerifier;
        let key = curve::ecdsa::VerifyingKey::from_sec1_bytes(&point.0).ok();
        let signature = curve::ecdsa::Signature::from_slice(&signature.0).ok();
        key.zip(signature)
            .map(|(key, signature)| key.verify_prehash(&digest.0, &signature).is_ok())
    });
    verified == Some(true)
}

fn ed25519(private: &Bytes) -> Option<SigningKey> {
    let seed = private.0.as_slice().try_into().ok()?;
    Some(SigningKey::from_bytes(seed))
}

pub(super) fn ed25519_public(private: Bytes) -> Option<Bytes> {
    let public = ed25519(&private)?.verifying_key();
    Some(Bytes(public.to_bytes().to_vec()))
}

pub(super) fn ed25519_sign(private: Bytes, data: Bytes) -> Option<Bytes> {
    let signature = ed25519(&private)?.sign(&data.0);
    Some(Bytes(signature.to_bytes().to_vec()))
}

/// Points of small order verify nothing.
pub(super) fn ed25519_verify(public: Bytes, data: Bytes, signature: Bytes) -> bool {
    let verified = || {
        let public = VerifyingKey::from_bytes(public.0.as_slice().try_into().ok()?).ok()?;
        let signature = Signature::from_slice(&signature.0).ok()?;
        public.verify_strict(&data.0, &signature).ok()
    };
    verified().is_some()
}

/// `None` where the point has a small order: then the secret is none.
pub(super) fn x25519(private: Bytes, point: Bytes) -> Option<Bytes> {
    let point = MontgomeryPoint(point.0.try_into().ok()?);
    let shared = point.mul_clamped(private.0.try_into().ok()?).to_bytes();
    (shared != [0; 32]).then(|| Bytes(shared.to_vec()))
}
