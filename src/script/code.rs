//! Scripts as the engine runs them: texts, and the bytecode that it makes of them.
//!
//! The engine believes what bytecode says: one that is not its own could do anything in the process that reads it. So
//! bytecode is made in workers of their own kind ([`super::COMPILE`]), which run nothing of what they compile, and no worker
//! that runs programs has a say in it.

use std::ffi::CString;
use std::fmt;

use rquickjs::context::EvalOptions;
use rquickjs::{Context, Ctx, Error, FromJs, Runtime, Value, qjs};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::ContentHash;

/// A script's value is what its last statement gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    /// As it was written.
    Text(String),
    /// As [`compile`] gives it.
    Bytecode(Blob),
}

impl Code {
    /// What tells it from any other.
    pub fn hash(&self) -> ContentHash {
        match self {
            Self::Text(text) => ContentHash::of(text.as_bytes()),
            Self::Bytecode(Blob(bytes)) => ContentHash::of(bytes),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytecode(Blob(bytes)) => bytes.len(),
        }
    }

    /// Runs it. Lines and columns are those of the text.
    pub(super) fn evaluate<'js, T: FromJs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
    ) -> Result<T, Error> {
        match self {
            Self::Text(text) => evaluate(ctx, text, name),
            Self::Bytecode(Blob(bytes)) => T::from_js(ctx, read(ctx, bytes)?),
        }
    }
}

/// Bytes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob(#[serde(with = "as_bytes")] pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// How bytes are encoded that are not to be encoded one by one.
pub(super) mod as_bytes {
    use super::{Deserializer, Serializer, Visitor, fmt};

    pub(in crate::script) fn serialize<S: Serializer>(
        bytes: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(in crate::script) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Evaluates a script whose lines and columns are those of its text.
pub(super) fn evaluate<'js, T: FromJs<'js>>(
    ctx: &Ctx<'js>,
    text: &str,
    name: &str,
) -> Result<T, Error> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(text, options)
}

/// Runs bytecode.
fn read<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<Value<'js>, Error> {
    let raw = ctx.as_raw().as_ptr();
    let flags = qjs::JS_READ_OBJ_BYTECODE as i32;
    // SAFETY: the context is alive; the bytes are read, and copied, during the call. They are what `compile` gave, in a
    // process that ran no program, and whoever kept them has compared their hash (see the module).
    let function = unsafe { qjs::JS_ReadObject(raw, bytes.as_ptr(), bytes.len() as _, flags) };
    // SAFETY: what was read belongs to this context, and is given away; what that gives does, too, and to nobody else.
    unsafe {
        let value = match qjs::JS_IsException(function) {
            true => function,
            false => qjs::JS_EvalFunction(raw, function),
        };
        match qjs::JS_IsException(value) {
            true => Err(Error::Exception),
            false => Ok(Value::from_raw(ctx.clone(), value)),
        }
    }
}

/// Makes bytecode of a script, and runs nothing of it; `None` where it is none, which running its text tells. Functions
/// know the text that they were made of, for `toString`, where it is kept.
///
/// # Errors
/// A message, where there is no memory for it.
pub(super) fn compile(
    text: &str,
    name: &str,
    keeps_text: bool,
    memory: usize,
    stack: usize,
) -> Result<Option<Vec<u8>>, String> {
    let message = |error: Error| format!("no engine starts: {error}");
    let (Ok(source), Ok(name)) = (CString::new(text), CString::new(name)) else {
        return Ok(None);
    };
    let runtime = Runtime::new().map_err(message)?;
    runtime.set_memory_limit(memory);
    runtime.set_max_stack_size(stack);
    let context = Context::full(&runtime).map_err(message)?;
    Ok(context.with(|ctx| {
        let raw = ctx.as_raw().as_ptr();
        let flags = (qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY) as i32;
        let length = text.len();
        // SAFETY: the context is alive; both texts end with a NUL and outlive the call, which runs nothing.
        let function =
            unsafe { qjs::JS_Eval(raw, source.as_ptr(), length as _, name.as_ptr(), flags) };
        // SAFETY: as above; an exception is taken, and no more than that.
        if unsafe { qjs::JS_IsException(function) } {
            drop(ctx.catch());
            return None;
        }
        let flags = match keeps_text {
            true => qjs::JS_WRITE_OBJ_BYTECODE,
            false => qjs::JS_WRITE_OBJ_BYTECODE | qjs::JS_WRITE_OBJ_STRIP_SOURCE,
        };
        let mut size = 0;
        // SAFETY: the function is alive until it is freed, once; what was written is copied, and freed by the engine's own
        // allocator, which made it.
        unsafe {
            let written = qjs::JS_WriteObject(raw, &mut size, function, flags as i32);
            qjs::JS_FreeValue(raw, function);
            if written.is_null() {
                drop(ctx.catch());
                return None;
            }
            let bytes = std::slice::from_raw_parts(written, size as usize).to_vec();
            qjs::js_free(raw, written.cast());
            Some(bytes)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script gives, as text; or what it throws.
    fn value(code: &Code) -> Result<String, String> {
        let runtime = Runtime::new().unwrap();
        let context = Context::full(&runtime).unwrap();
        context.with(|ctx| {
            code.evaluate::<rquickjs::Coerced<String>>(&ctx, "/a.js")
                .map(|text| text.0)
                .map_err(|_| {
                    let error = ctx.catch();
                    let exception = error.as_exception().unwrap();
                    format!("{exception}")
                })
        })
    }

    fn compiled(text: &str, keeps_text: bool) -> Option<Vec<u8>> {
        compile(text, "/a.js", keeps_text, 64 << 20, 1 << 20).unwrap()
    }

    #[test]
    fn bytecode_does_what_its_text_does() {
        for text in [
            "1 + 1",
            "(() => { class A { #x = `${/a(?<b>.)/u.exec('xab').groups.b}`; get x() { return this.#x + 2n ** 70n; } } return new A().x; })()",
            "(function f(a, b) { return [...arguments].map(String); }).toString()",
            "var made = 1; function* g() { yield made; } [...g()].length + typeof made",
            "(() => {\n  throw new TypeError('at its line');\n})()",
        ] {
            let bytes = compiled(text, true).unwrap();
            assert_eq!(bytes, compiled(text, true).unwrap(), "{text}");
            let own = value(&Code::Text(text.to_owned()));
            assert_eq!(value(&Code::Bytecode(Blob(bytes))), own, "{text}");
        }
        let hidden = compiled("(function f() { return 'secret'; }).toString()", false).unwrap();
        let shown = value(&Code::Bytecode(Blob(hidden))).unwrap();
        assert!(shown.contains("[native code]"), "{shown}");
    }

    #[test]
    fn what_is_no_script_has_no_bytecode() {
        for text in ["1 +", "let a; let a;", "/(/", "a\0b"] {
            assert_eq!(compiled(text, true), None, "{text}");
        }
        assert_eq!(compiled(&"(".repeat(1 << 20), true), None);
    }

    #[test]
    fn to_compile_runs_nothing() {
        assert!(compiled("while (true);", true).is_some());
    }

    #[test]
    fn damaged_bytecode_is_an_error() {
        let bytes = compiled("[1, 'two', () => 3].length", true).unwrap();
        for at in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            let given = value(&Code::Bytecode(Blob(damaged)));
            assert!(given.is_err(), "{at}: {given:?}");
        }
        let given = value(&Code::Bytecode(Blob(bytes[..bytes.len() / 2].to_vec())));
        assert!(given.is_err(), "{given:?}");
    }
}
