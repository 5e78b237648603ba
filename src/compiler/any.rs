//! Any bytes at all, for tests that look for faults of the compiler.

use super::{DecoratorMetadata, Decorators, Define, Language, Options, Replacement, parse};

/// Compiles `bytes` in each language that reads source text, and reads the output again. What comes back is what must
/// never be: a panic of the compiler, or an output that is no module. Deterministic.
pub fn check_any(bytes: &[u8]) -> Option<String> {
    let languages = [Language::Ts, Language::Tsx, Language::Js, Language::Mjs];
    languages
        .into_iter()
        .find_map(|language| check(bytes, language))
}

fn check(bytes: &[u8], language: Language) -> Option<String> {
    let options = Options {
        development: bytes.len().is_multiple_of(2),
        decorators: match bytes.len() % 3 {
            0 => Decorators::Legacy {
                metadata: Some(DecoratorMetadata {
                    strict_null_checks: true,
                }),
            },
            _ => Decorators::Standard,
        },
        use_define_for_class_fields: !bytes.len().is_multiple_of(5),
        defines: vec![Define::new("process.env.NODE_ENV", "\"production\"")],
        map_url: Some("any.js.map".to_owned()),
        ..Options::default()
    };
    let compiled = parse(bytes, language, "any")
        .and_then(|parsed| parsed.transform(&options))
        .and_then(|transformed| transformed.emit(&mut |_| Replacement::Keep));
    let told = |what: &str| format!("{what} ({language:?}):\n{}", String::from_utf8_lossy(bytes));
    match compiled {
        Ok(emitted) => {
            let again = parse(emitted.code.as_bytes(), Language::Mjs, "any");
            let fault = again.err()?.into_iter().next()?;
            Some(told(&format!("{}\n{}", fault.render(false), emitted.code)))
        }
        Err(faults) => {
            let fault = faults
                .into_iter()
                .find(|fault| fault.code == "compiler-panic")?;
            Some(told(&fault.render(false)))
        }
    }
}
