//! Signatures by RSA. A key is its numbers, each as bytes: `n`, `e`, and of a private one `d`, `p`, `q`, `dp`, `dq` and `qi`.

use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaParameters,
};

use super::Bytes;

/// How it is signed and verified by PKCS #1 v1.5; by PSS, with a salt as long as the digest.
fn scheme(is_pss: bool, hash: &str) -> Option<(&'static dyn RsaEncoding, &'static RsaParameters)> {
    Some(match (is_pss, hash) {
        (false, "SHA-256") => (&RSA_PKCS1_SHA256, &RSA_PKCS1_2048_8192_SHA256),
        (false, "SHA-384") => (&RSA_PKCS1_SHA384, &RSA_PKCS1_2048_8192_SHA384),
        (false, "SHA-512") => (&RSA_PKCS1_SHA512, &RSA_PKCS1_2048_8192_SHA512),
        (true, "SHA-256") => (&RSA_PSS_SHA256, &RSA_PSS_2048_8192_SHA256),
        (true, "SHA-384") => (&RSA_PSS_SHA384, &RSA_PSS_2048_8192_SHA384),
        (true, "SHA-512") => (&RSA_PSS_SHA512, &RSA_PSS_2048_8192_SHA512),
        _ => return None,
    })
}

fn private(key: &[Bytes]) -> Option<KeyPair> {
    let [n, e, d, p, q, dp, dq, qi] = key else {
        return None;
    };
    let components = KeyPairComponents {
        public_key: PublicKeyComponents { n: &n.0, e: &e.0 },
        d: &d.0,
        p: &p.0,
        q: &q.0,
        dP: &dp.0,
        dQ: &dq.0,
        qInv: &qi.0,
    };
    KeyPair::from_components(&components).ok()
}

/// Whether the numbers are a private key.
pub(super) fn holds(key: Vec<Bytes>) -> bool {
    private(&key).is_some()
}

pub(super) fn sign(key: Vec<Bytes>, is_pss: bool, hash: String, data: Bytes) -> Option<Bytes> {
    let key = private(&key)?;
    let (encoding, _) = scheme(is_pss, &hash)?;
    let mut signature = vec![0; key.public().modulus_len()];
    let signed = key.sign(encoding, &SystemRandom::new(), &data.0, &mut signature);
    signed.ok().map(|()| Bytes(signature))
}

pub(super) fn verify(
    key: Vec<Bytes>,
    is_pss: bool,
    hash: String,
    data: Bytes,
    signature: Bytes,
) -> bool {
    let (Some((_, parameters)), [n, e]) = (scheme(is_pss, &hash), &*key) else {
        return false;
    };
    let key = PublicKeyComponents { n: &n.0, e: &e.0 };
    key.verify(parameters, &data.0, &signature.0).is_ok()
}
