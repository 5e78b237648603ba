//! What is made of hashes alone.

use hmac::{Hmac, Mac};

use super::Bytes;

pub(super) fn hmac(hash: String, key: Bytes, data: Bytes) -> Option<Bytes> {
    by_hash!(hash, Hash => {
        let mut mac = Hmac::<Hash>::new_from_slice(&key.0).ok()?;
        mac.update(&data.0);
        Some(Bytes(mac.finalize().into_bytes().to_vec()))
    })
}

pub(super) fn pbkdf2(
    hash: String,
    password: Bytes,
    salt: Bytes,
    iterations: u32,
    length: usize,
) -> Option<Bytes> {
    let mut key = vec![0; length];
    by_hash!(hash, Hash => {
        pbkdf2::pbkdf2_hmac::<Hash>(&password.0, &salt.0, iterations, &mut key);
        Some(Bytes(key))
    })
}

/// `None` where the parameters do not go together, or there is no memory for them.
pub(super) fn scrypt(
    password: Bytes,
    salt: Bytes,
    log_n: u8,
    r: u32,
    p: u32,
    length: usize,
) -> Option<Bytes> {
    // The length that is said here is that of hashes with their parameters, which are not made.
    let params = scrypt::Params::new(log_n, r, p, scrypt::Params::RECOMMENDED_LEN).ok()?;
    let mut key = vec![0; length];
    scrypt::scrypt(&password.0, &salt.0, &params, &mut key).ok()?;
    Some(Bytes(key))
}

/// `None` where more is wanted than it gives.
pub(super) fn hkdf(
    hash: String,
    secret: Bytes,
    salt: Bytes,
    info: Bytes,
    length: usize,
) -> Option<Bytes> {
    // That many blocks are numbered, and no hash has a longer one.
    if length > 255 * 64 {
        return None;
    }
    let mut key = vec![0; length];
    by_hash!(hash, Hash => {
        let hkdf = hkdf::Hkdf::<Hash>::new(Some(&salt.0), &secret.0);
        hkdf.expand(&info.0, &mut key).ok()?;
        Some(Bytes(key))
    })
}
