//! Compression and decompression as streams take them: piece by piece (Compression standard).

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::{
    DeflateDecoder, DeflateEncoder, GzDecoder, GzEncoder, ZlibDecoder, ZlibEncoder,
};
use rquickjs::function::MutFn;
use rquickjs::{Ctx, Error, Exception, Function, TypedArray};

use super::bytes_of;

/// A stream that writes to memory.
trait Codec: Write {
    /// What it has written and nobody has taken.
    fn written(&mut self) -> &mut Vec<u8>;
    /// Writes what is left to be written.
    ///
    /// # Errors
    /// What is compressed ends too early, or is not what its checksum says.
    fn end(&mut self) -> io::Result<()>;
}

macro_rules! codecs {
    ($($stream:ident),*) => {
        $(impl Codec for $stream<Vec<u8>> {
            fn written(&mut self) -> &mut Vec<u8> {
                self.get_mut()
            }

            fn end(&mut self) -> io::Result<()> {
                self.try_finish()
            }
        })*
    };
}

codecs!(
    DeflateDecoder,
    DeflateEncoder,
    GzDecoder,
    GzEncoder,
    ZlibDecoder,
    ZlibEncoder
);

/// A compressor, as a function of bytes, whether they are the last, and who takes the pieces that come of them.
pub(super) fn compressor<'js>(ctx: Ctx<'js>, format: String) -> Result<Function<'js>, Error> {
    let level = Compression::default();
    let codec: Box<dyn Codec> = match &*format {
        "gzip" => Box::new(GzEncoder::new(Vec::new(), level)),
        "deflate" => Box::new(ZlibEncoder::new(Vec::new(), level)),
        "deflate-raw" => Box::new(DeflateEncoder::new(Vec::new(), level)),
        _ => return Err(unknown(&ctx, &format)),
    };
    // It may keep what it has got, for the sake of the whole.
    function(ctx, codec, false)
}

/// The same for a decompressor.
pub(super) fn decompressor<'js>(ctx: Ctx<'js>, format: String) -> Result<Function<'js>, Error> {
    let codec: Box<dyn Codec> = match &*format {
        "gzip" => Box::new(GzDecoder::new(Vec::new())),
        "deflate" => Box::new(ZlibDecoder::new(Vec::new())),
        "deflate-raw" => Box::new(DeflateDecoder::new(Vec::new())),
        _ => return Err(unknown(&ctx, &format)),
    };
    function(ctx, codec, true)
}

fn unknown(ctx: &Ctx<'_>, format: &str) -> Error {
    Exception::throw_type(ctx, &format!("there is no compression `{format}`"))
}

fn function<'js>(
    ctx: Ctx<'js>,
    mut codec: Box<dyn Codec>,
    gives_all: bool,
) -> Result<Function<'js>, Error> {
    let feed =
        move |ctx: Ctx<'js>, bytes: TypedArray<'js, u8>, is_last: bool, take: Function<'js>| {
            let bytes = bytes_of(&bytes);
            let fault = |message: &str| Exception::throw_type(&ctx, message);
            let mut rest = &*bytes;
            while !rest.is_empty() {
                let result = codec.write(rest);
                let count = result.map_err(|error| fault(&error.to_string()))?;
                pass_on(&ctx, &mut *codec, &take)?;
                if count == 0 {
                    return Err(fault("there is more after the end of what is compressed"));
                }
                rest = &rest[count..];
            }
            let result = match is_last {
                true => codec.end(),
                false if gives_all => codec.flush(),
                false => Ok(()),
            };
            result.map_err(|error| fault(&error.to_string()))?;
            pass_on(&ctx, &mut *codec, &take)
        };
    Function::new(ctx, MutFn::new(feed))
}

fn pass_on<'js>(ctx: &Ctx<'js>, codec: &mut dyn Codec, take: &Function<'js>) -> Result<(), Error> {
    let piece = std::mem::take(codec.written());
    match piece.is_empty() {
        true => Ok(()),
        false => take.call((TypedArray::new(ctx.clone(), piece)?,)),
    }
}
