//! The natives of `crypto.subtle`, which `HostSubtle` in `src/client/platform/host.ts` describes.

use rquickjs::function::Func;
use rquickjs::{Ctx, Error, FromJs, IntoJs, Object, TypedArray, Value};

use super::bytes_of;

/// Does something by a hash that is named; `None` where there is none of this name.
macro_rules! by_hash {
    ($name:expr, $hash:ident => $body:expr) => {
        match &*$name {
            "SHA-1" => {
                type $hash = sha1::Sha1;
                $body
            }
            "SHA-256" => {
                type $hash = sha2::Sha256;
                $body
            }
            "SHA-384" => {
                type $hash = sha2::Sha384;
                $body
            }
            "SHA-512" => {
                type $hash = sha2::Sha512;
                $body
            }
            _ => None,
        }
    };
}

mod aes;
mod curves;
mod mac;
mod rsa;

/// A copy of what is in an array.
struct Bytes(Vec<u8>);

impl<'js> FromJs<'js> for Bytes {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self, Error> {
        TypedArray::from_js(ctx, value).map(|array| Self(bytes_of(&array)))
    }
}

impl<'js> IntoJs<'js> for Bytes {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>, Error> {
        TypedArray::new(ctx.clone(), self.0).map(TypedArray::into_value)
    }
}

pub(super) fn natives(ctx: Ctx<'_>) -> Result<Object<'_>, Error> {
    let natives = Object::new(ctx)?;
    natives.set("hmac", Func::from(mac::hmac))?;
    natives.set("pbkdf2", Func::from(mac::pbkdf2))?;
    natives.set("scrypt", Func::from(mac::scrypt))?;
    natives.set("hkdf", Func::from(mac::hkdf))?;
    natives.set("aesGcm", Func::from(aes::gcm))?;
    natives.set("aesCbc", Func::from(aes::cbc))?;
    natives.set("aesCtr", Func::from(aes::ctr))?;
    natives.set("aesKw", Func::from(aes::kw))?;
    natives.set("ecPublic", Func::from(curves::public))?;
    natives.set("ecPoint", Func::from(curves::point))?;
    natives.set("ecdh", Func::from(curves::ecdh))?;
    natives.set("ecdsaSign", Func::from(curves::ecdsa_sign))?;
    natives.set("ecdsaVerify", Func::from(curves::ecdsa_verify))?;
    natives.set("ed25519Public", Func::from(curves::ed25519_public))?;
    natives.set("ed25519Sign", Func::from(curves::ed25519_sign))?;
    natives.set("ed25519Verify", Func::from(curves::ed25519_verify))?;
    natives.set("x25519", Func::from(curves::x25519))?;
    natives.set("rsaHolds", Func::from(rsa::holds))?;
    natives.set("rsaSign", Func::from(rsa::sign))?;
    natives.set("rsaVerify", Func::from(rsa::verify))?;
    Ok(natives)
}
