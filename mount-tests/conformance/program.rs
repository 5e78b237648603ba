//! One case as a program.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use hookfs::compiler::{self, Language, Options, Replacement};
use hookfs::script::{Code, Host, Loaded, Machine, Place, Program, Wanted};

use super::case::Case;

/// What the harness of the suite expects of its host.
const GLOBALS: &str = r#"
    process.on("unhandledRejection", () => {});
    globalThis.print = (text) => console.log(text);
    globalThis.$262 = { global: globalThis, gc() {}, evalScript: (text) => (0, eval)(text) };
"#;

/// Parts of the language that are no standard yet, or that no engine of ours has.
const MISSING: [&str; 6] = [
    "import-defer",
    "source-phase-imports",
    "source-phase-imports-module-source",
    "import-text",
    "import-bytes",
    "ShadowRealm",
];

const MEMORY: usize = 256 << 20;
const MACHINE_STACK: usize = 4 << 20;

/// Runs one case.
///
/// # Errors
/// Why it does not hold.
pub fn run(root: &Path, name: &str, case: &Case, harness: &Path) -> Result<(), String> {
    if let Some(feature) = case
        .features
        .iter()
        .find(|feature| MISSING.contains(&feature.as_str()))
    {
        return Err(format!("needs the feature {feature}"));
    }
    if case.has_flag("noStrict") {
        return Err("is for sloppy code, which no module is".to_owned());
    }
    let printed = Rc::new(RefCell::new((String::new(), String::new())));
    let host = Files {
        root: root.to_owned(),
        printed: printed.clone(),
    };
    let id = format!("/{name}");
    let program = Program {
        entry: id.clone(),
        ..Program::default()
    };
    let machine = Machine::new(MEMORY, MACHINE_STACK, Box::new(host))?;
    machine.script(GLOBALS, "globals")?;
    if !case.has_flag("raw") {
        let mut includes = vec!["assert.js", "sta.js"];
        if case.has_flag("async") {
            includes.push("doneprintHandle.js");
        }
        includes.extend(case.includes.iter().map(String::as_str));
        for include in includes {
            let path = harness.join(include);
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{include}: {error}"))?;
            machine.script(&text, include)?;
        }
    }
    let status = machine.run(&program)?;
    let (out, err) = printed.take();
    match &case.negative {
        Some((_, error)) => match status == 1 && is_of(error, &err) {
            true => Ok(()),
            false => Err(format!("no {error}: status {status}, {err}")),
        },
        None if status != 0 || !err.is_empty() => Err(format!("status {status}: {err}")),
        None if case.has_flag("async") && !out.contains("Test262:AsyncTestComplete") => {
            Err(format!("not completed: {out}"))
        }
        None => Ok(()),
    }
}

/// Whether what a program ended with is an error of this type. The diagnostics of a file are a SyntaxError.
fn is_of(error: &str, told: &str) -> bool {
    let told = told.trim_start_matches("Uncaught ");
    told.starts_with(error) || (error == "SyntaxError" && told.starts_with("error["))
}

struct Files {
    root: PathBuf,
    printed: Rc<RefCell<(String, String)>>,
}

impl Host for Files {
    fn load(&mut self, Wanted { id, .. }: &Wanted) -> Loaded {
        let path = self.root.join(id.trim_start_matches('/'));
        let Ok(bytes) = std::fs::read(&path) else {
            return Loaded::Missing(format!("no such module `{id}`"));
        };
        let name = id.trim_start_matches('/');
        let compiled = match id.ends_with(".json") {
            true => compiler::json_module(&bytes, name)
                .and_then(|text| compiler::function_form(&text, name)),
            false => compile(&bytes, name),
        };
        match compiled {
            Ok(text) => Loaded::module(id.clone(), Code::Text(text)),
            Err(faults) => Loaded::Fault(faults.iter().map(|fault| fault.render(false)).collect()),
        }
    }

    fn write(&mut self, is_error: bool, bytes: &[u8]) {
        let text = &String::from_utf8_lossy(bytes);
        let mut printed = self.printed.borrow_mut();
        match is_error {
            true => printed.1.push_str(text),
            false => printed.0.push_str(text),
        }
    }

    fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
        vec![None; places.len()]
    }
}

fn compile(bytes: &[u8], name: &str) -> Result<String, Vec<hookfs::base::Diagnostic>> {
    let options = Options {
        function_form: true,
        ..Options::default()
    };
    let transformed = compiler::parse(bytes, Language::Mjs, name)?.transform(&options)?;
    Ok(transformed.emit(&mut |_| Replacement::Keep)?.code)
}
