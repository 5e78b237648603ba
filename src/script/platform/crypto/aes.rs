//! AES in its modes.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{Block, StreamCipher};
use aes::cipher::{BlockDecryptMut, BlockEncrypt, BlockEncryptMut, KeyInit, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::ConstantTimeEq;

use super::Bytes;

const BLOCK: usize = 16;

/// Does something by the cipher for a key; `None` where it has not the length of one.
macro_rules! by_key {
    ($key:expr, $cipher:ident => $body:expr) => {
        match $key.len() {
            16 => {
                type $cipher = Aes128;
                $body
            }
            24 => {
                type $cipher = Aes192;
                $body
            }
            32 => {
                type $cipher = Aes256;
                $body
            }
            _ => None,
        }
    };
}

pub(super) fn cbc(key: Bytes, iv: Bytes, data: Bytes, encrypts: bool) -> Option<Bytes> {
    let (key, iv, data) = (&key.0, &iv.0, &data.0);
    by_key!(key, Cipher => match encrypts {
        true => {
            let cipher = cbc::Encryptor::<Cipher>::new_from_slices(key, iv).ok()?;
            Some(Bytes(cipher.encrypt_padded_vec_mut::<Pkcs7>(data)))
        }
        false => {
            let cipher = cbc::Decryptor::<Cipher>::new_from_slices(key, iv).ok()?;
            cipher.decrypt_padded_vec_mut::<Pkcs7>(data).ok().map(Bytes)
        }
    })
}

pub(super) fn ctr(key: Bytes, counter: Bytes, bits: u32, data: Bytes) -> Option<Bytes> {
    let counter = u128::from_be_bytes(counter.0.try_into().ok()?);
    let mut data = data.0;
    count(&key.0, counter, bits, &mut data)?;
    Some(Bytes(data))
}

/// Encrypts, or decrypts, with a counter in the last bits of a block; `None` where these are too few for the data.
fn count(key: &[u8], counter: u128, bits: u32, data: &mut [u8]) -> Option<()> {
    let mask = u128::MAX.checked_shr(128_u32.checked_sub(bits)?)?;
    let blocks = data.len().div_ceil(BLOCK) as u128;
    if blocks.saturating_sub(1) > mask {
        return None;
    }
    // The counter begins anew after so many blocks, and leaves the rest of its block alone.
    let until = (mask - (counter & mask)).saturating_add(1);
    let until = usize::try_from(until.saturating_mul(BLOCK as u128)).unwrap_or(usize::MAX);
    let (head, tail) = data.split_at_mut(until.min(data.len()));
    for (part, counter) in [(head, counter), (tail, counter & !mask)] {
        let block = counter.to_be_bytes();
        by_key!(key, Cipher => {
            let mut cipher = ctr::Ctr128BE::<Cipher>::new_from_slices(key, &block).ok()?;
            cipher.try_apply_keystream(part).ok()
        })?;
    }
    Some(())
}

/// NIST SP 800-38D, for vectors and tags of every length; the tag stands behind what is encrypted.
pub(super) fn gcm(
    key: Bytes,
    iv: Bytes,
    additional: Bytes,
    tag_length: usize,
    data: Bytes,
    encrypts: bool,
) -> Option<Bytes> {
    let (key, iv, mut text) = (&key.0, &iv.0, data.0);
    let zero = encrypted(key, 0)?;
    // How long the data and the vector are, each in bits, and with what they are filled up.
    let hash = |first: &[u8], second: &[u8]| {
        let mut hash = GHash::new(&zero.into());
        hash.update_padded(first);
        hash.update_padded(second);
        let bits = |part: &[u8]| (part.len() as u128) << 3;
        let lengths = bits(first) << 64 | bits(second);
        hash.update(&[lengths.to_be_bytes().into()]);
        u128::from_be_bytes(hash.finalize().into())
    };
    let start = match iv.len() {
        12 => {
            let mut block = [0; BLOCK];
            block[..12].copy_from_slice(iv);
            block[15] = 1;
            u128::from_be_bytes(block)
        }
        _ => hash(&[], iv),
    };
    let last = u128::from_be_bytes(encrypted(key, start)?);
    let tag = |text: &[u8]| (hash(&additional.0, text) ^ last).to_be_bytes();
    let low = u128::from(u32::MAX);
    let counter = start & !low | (start.wrapping_add(1) & low);
    if encrypts {
        count(key, counter, 32, &mut text)?;
        let tag = tag(&text);
        text.extend_from_slice(tag.get(..tag_length)?);
    } else {
        let given = text.split_off(text.len().checked_sub(tag_length)?);
        let tag = tag(&text);
        if !bool::from(tag.get(..tag_length)?.ct_eq(&given)) {
            return None;
        }
        count(key, counter, 32, &mut text)?;
    }
    Some(Bytes(text))
}

/// One block, encrypted.
fn encrypted(key: &[u8], block: u128) -> Option<[u8; BLOCK]> {
    by_key!(key, Cipher => {
        let mut block = Block::<Cipher>::from(block.to_be_bytes());
        Cipher::new_from_slice(key).ok()?.encrypt_block(&mut block);
        Some(block.into())
    })
}

/// RFC 3394.
pub(super) fn kw(key: Bytes, data: Bytes, wraps: bool) -> Option<Bytes> {
    let (key, data) = (&*key.0, &data.0);
    // Fewer than two blocks are nothing that it could wrap.
    if data.len() < if wraps { 16 } else { 24 } {
        return None;
    }
    by_key!(key, Cipher => {
        let kek = aes_kw::Kek::<Cipher>::try_from(key).ok()?;
        let done = if wraps { kek.wrap_vec(data) } else { kek.unwrap_vec(data) };
        done.ok().map(Bytes)
    })
}
