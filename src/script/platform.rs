//! The web platform's side of the process: the texts of its modules, compiled when they are first used, and the natives that
//! `src/client/platform/host.ts` describes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use encoding_rs::{Decoder, DecoderResult, Encoding};
use md5::Md5;
use rquickjs::function::{Func, MutFn};
use rquickjs::{Ctx, Error, Exception, Function, Object, TypedArray, Value, qjs};
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_256};
use url::{Url, quirks};

use super::client;
use crate::compiler;

mod compression;
mod crypto;
mod intl;

/// The modules, by their names under `src/client/platform`.
macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../client/platform/", $name, ".ts")))),*]
    };
}

/// All but those that the runtime itself begins with.
const MODULES: &[(&str, &str)] = modules![
    "abort",
    "base64",
    "blob",
    "blob-url",
    "body",
    "clone",
    "compression",
    "crypto",
    "crypto/aes",
    "crypto/der",
    "crypto/derive",
    "crypto/ec",
    "crypto/hmac",
    "crypto/jwk",
    "crypto/key",
    "crypto/okp",
    "crypto/rsa",
    "crypto/scheme",
    "crypto/secret",
    "crypto/subtle",
    "data-url",
    "encoding",
    "event",
    "fetch",
    "form-data",
    "global-events",
    "headers",
    "idl",
    "intl/available",
    "intl/collator",
    "intl/date-parts",
    "intl/date-range",
    "intl/date-time-format",
    "intl/digits",
    "intl/display-names",
    "intl/intl",
    "intl/duration-format",
    "intl/list-format",
    "intl/locale",
    "intl/number-format",
    "intl/options",
    "intl/plural-rules",
    "intl/relative-time-format",
    "intl/segmenter",
    "message",
    "mime",
    "multipart",
    "navigator",
    "node/assert",
    "node/assert-strict",
    "node/async_hooks",
    "node/buffer",
    "node/buffer-numbers",
    "node/crypto",
    "node/equality",
    "node/errors",
    "node/events",
    "node/fs",
    "node/fs-promises",
    "node/parse-args",
    "node/path",
    "node/process",
    "node/querystring",
    "node/string_decoder",
    "node/table",
    "node/style-text",
    "node/text",
    "node/timers",
    "node/timers-promises",
    "node/url",
    "node/util",
    "performance",
    "quota",
    "random",
    "request",
    "response",
    "streams/iteration",
    "streams/pipe",
    "streams/promises",
    "streams/pull-into",
    "streams/readable",
    "streams/readable-byte",
    "streams/readable-byte-interface",
    "streams/readable-default",
    "streams/readable-state",
    "streams/readers",
    "streams/strategies",
    "streams/tee",
    "streams/transform",
    "streams/writable",
    "streams/writable-state",
    "tasks",
    "url",
    "url-search-params",
];

/// The names of all modules.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}

/// A module's function form, compiled once in a process.
///
/// # Errors
/// There is no such module, or it does not compile: a fault of the program itself.
pub(super) fn module(name: &str) -> Result<Arc<str>, String> {
    static COMPILED: Mutex<BTreeMap<&str, Arc<str>>> = Mutex::new(BTreeMap::new());
    let compiled = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = compiled().get(name) {
        return Ok(text.clone());
    }
    let (name, text) = MODULES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| format!("the platform has no module `{name}`"))?;
    // Whoever uses it first may have little stack left; compiling takes its own.
    let text: Arc<str> = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(compiler::STACK)
            .spawn_scoped(scope, || client::definition(name, text))
            .map_err(|error| format!("no thread compiles `{name}`: {error}"))?
            .join()
            .map_err(|_| format!("the compiler failed at `{name}`"))?
    })?
    .into();
    compiled().insert(name, text.clone());
    Ok(text)
}

/// The natives.
pub(super) fn natives<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>, Error> {
    let natives = Object::new(ctx.clone())?;
    natives.set("userAgent", concat!("hookfs/", env!("CARGO_PKG_VERSION")))?;
    natives.set("random", Func::from(random))?;
    natives.set("digest", Func::from(digest))?;
    natives.set("isProxy", Func::from(is_proxy))?;
    natives.set("subtle", Func::from(crypto::natives))?;
    natives.set("encodeUtf8", Func::from(encode_utf8))?;
    natives.set("encodingName", Func::from(encoding_name))?;
    natives.set("decoder", Func::from(decoder))?;
    natives.set("parseUrl", Func::from(parse_url))?;
    natives.set("setUrlPart", Func::from(set_url_part))?;
    let ascii = |domain: String| quirks::domain_to_ascii(&domain);
    natives.set("domainToAscii", Func::from(ascii))?;
    let unicode = |domain: String| quirks::domain_to_unicode(&domain);
    natives.set("domainToUnicode", Func::from(unicode))?;
    natives.set("compressor", Func::from(compression::compressor))?;
    natives.set("intl", Func::from(intl::natives))?;
    natives.set("decompressor", Func::from(compression::decompressor))?;
    Ok(natives)
}

fn is_proxy(value: Value<'_>) -> bool {
    // SAFETY: the value is alive; the call reads what kind of object it is.
    unsafe { qjs::JS_IsProxy(value.as_raw()) }
}

fn random(ctx: Ctx<'_>, count: usize) -> Result<TypedArray<'_, u8>, Error> {
    let mut bytes = vec![0; count];
    if let Err(error) = getrandom::fill(&mut bytes) {
        let message = format!("the system gives no random bytes: {error}");
        return Err(Exception::throw_message(&ctx, &message));
    }
    TypedArray::new(ctx, bytes)
}

/// A copy of the bytes of an array; none where it has lost its memory.
pub(super) fn bytes_of(array: &TypedArray<'_, u8>) -> Vec<u8> {
    // SAFETY: they are copied before anything else runs.
    unsafe { array.as_bytes() }.map_or_else(Vec::new, <[u8]>::to_vec)
}

fn digest<'js>(
    ctx: Ctx<'js>,
    algorithm: String,
    bytes: TypedArray<'js, u8>,
) -> Result<TypedArray<'js, u8>, Error> {
    let bytes = bytes_of(&bytes);
    let digest = match &*algorithm {
        "MD5" => Md5::digest(&bytes).to_vec(),
        "SHA-1" => Sha1::digest(&bytes).to_vec(),
        "SHA-224" => Sha224::digest(&bytes).to_vec(),
        "SHA-256" => Sha256::digest(&bytes).to_vec(),
        "SHA-384" => Sha384::digest(&bytes).to_vec(),
        "SHA-512" => Sha512::digest(&bytes).to_vec(),
        "SHA-512/256" => Sha512_256::digest(&bytes).to_vec(),
        _ => {
            let message = format!("there is no digest {algorithm}");
            return Err(Exception::throw_type(&ctx, &message));
        }
    };
    TypedArray::new(ctx, digest)
}

fn encode_utf8(ctx: Ctx<'_>, text: String) -> Result<TypedArray<'_, u8>, Error> {
    TypedArray::new(ctx, text.into_bytes())
}

/// The Encoding standard's name of a label, in lower case.
fn encoding_name(label: String) -> Option<String> {
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    Some(encoding.name().to_ascii_lowercase())
}

/// A decoder, as a function of bytes and whether they are the last.
fn decoder<'js>(
    ctx: Ctx<'js>,
    name: String,
    is_fatal: bool,
    keeps_mark: bool,
) -> Result<Function<'js>, Error> {
    let Some(encoding) = Encoding::for_label_no_replacement(name.as_bytes()) else {
        let message = format!("there is no encoding {name}");
        return Err(Exception::throw_range(&ctx, &message));
    };
    let begin = move || match keeps_mark {
        true => encoding.new_decoder_without_bom_handling(),
        false => encoding.new_decoder_with_bom_removal(),
    };
    let mut decoder = begin();
    let decode = move |ctx: Ctx<'js>, bytes: TypedArray<'js, u8>, is_last: bool| {
        let text = decode(&mut decoder, &bytes_of(&bytes), is_fatal, is_last);
        if is_last || text.is_none() {
            decoder = begin();
        }
        text.ok_or_else(|| Exception::throw_type(&ctx, &format!("malformed {name}")))
    };
    Function::new(ctx, MutFn::new(decode))
}

/// The text of these bytes; `None` where they are malformed and that is fatal, or have no length that memory could hold.
fn decode(decoder: &mut Decoder, bytes: &[u8], is_fatal: bool, is_last: bool) -> Option<String> {
    let mut text = String::new();
    if is_fatal {
        text.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len())?);
        let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, is_last);
        return matches!(result, DecoderResult::InputEmpty).then_some(text);
    }
    text.reserve(decoder.max_utf8_buffer_length(bytes.len())?);
    // With this much room, all of the input is taken at once.
    let _ = decoder.decode_to_string(bytes, &mut text, is_last);
    Some(text)
}

fn parse_url<'js>(
    ctx: Ctx<'js>,
    input: String,
    base: Option<String>,
) -> Result<Option<Object<'js>>, Error> {
    let base = match base.map(|base| Url::parse(&base)) {
        None => None,
        Some(Ok(base)) => Some(base),
        Some(Err(_)) => return Ok(None),
    };
    let parsed = Url::options().base_url(base.as_ref()).parse(&input);
    parsed.ok().map(|url| parts(ctx, &url)).transpose()
}

/// What the setter of a part makes of a URL; one that has no effect leaves it as it was.
fn set_url_part(
    ctx: Ctx<'_>,
    href: String,
    part: String,
    value: String,
) -> Result<Object<'_>, Error> {
    let Ok(mut url) = Url::parse(&href) else {
        return Err(Exception::throw_type(&ctx, &format!("not a URL: {href}")));
    };
    let old = url.clone();
    let set = match &*part {
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
        _ => Err(()),
    };
    parts(ctx, if set.is_ok() { &url } else { &old })
}

fn parts<'js>(ctx: Ctx<'js>, url: &Url) -> Result<Object<'js>, Error> {
    let parts = Object::new(ctx)?;
    parts.set("href", quirks::href(url))?;
    parts.set("origin", quirks::origin(url))?;
    parts.set("protocol", quirks::protocol(url))?;
    parts.set("username", quirks::username(url))?;
    parts.set("password", quirks::password(url))?;
    parts.set("host", quirks::host(url))?;
    parts.set("hostname", quirks::hostname(url))?;
    parts.set("port", quirks::port(url))?;
    parts.set("pathname", quirks::pathname(url))?;
    parts.set("search", quirks::search(url))?;
    parts.set("hash", quirks::hash(url))?;
    Ok(parts)
}
