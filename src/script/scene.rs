//! Programs in memory, run in the test's own process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Code, Host, Loaded, Machine, Maps, Place, Program, Wanted};
use crate::compiler::{self, Language, Options, Replacement};

/// What a program printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

#[derive(Default)]
pub struct Printed {
    pub out: String,
    pub err: String,
}

/// Files by id; each is loaded by its own name.
pub struct Files {
    pub files: BTreeMap<String, String>,
    maps: Maps,
    pub printed: Rc<RefCell<Printed>>,
    /// Each load, in its order.
    pub loads: Rc<RefCell<Vec<String>>>,
}

impl Files {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Self {
            files: files.iter().map(own).collect(),
            maps: Maps::default(),
            printed: Rc::default(),
            loads: Rc::default(),
        }
    }
}

/// A module's function form, with its map.
pub fn compiled(text: &str, id: &str) -> Result<compiler::Emitted, String> {
    let language = match id.ends_with(".ts") {
        true => Language::Ts,
        false => Language::Mjs,
    };
    let name = id.rsplit('/').next().unwrap_or(id);
    let options = Options {
        function_form: true,
        map_source: Some(name.to_owned()),
        map_url: Some(format!("{name}.map")),
        ..Options::default()
    };
    let compile = || {
        compiler::parse(text.as_bytes(), language, name)?
            .transform(&options)?
            .emit(&mut |_| Replacement::Keep)
    };
    compile().map_err(|faults| faults.iter().map(|fault| fault.render(false)).collect())
}

impl Host for Files {
    fn load(&mut self, Wanted { id, .. }: &Wanted) -> Loaded {
        self.loads.borrow_mut().push(id.clone());
        match self.files.get(id) {
            None => Loaded::Missing(format!("no such module `{id}`")),
            Some(text) => match compiled(text, id) {
                Ok(emitted) => Loaded::module(id.clone(), Code::Text(emitted.code)),
                Err(fault) => Loaded::Fault(fault),
            },
        }
    }

    fn write(&mut self, is_error: bool, bytes: &[u8]) {
        let text = &String::from_utf8_lossy(bytes);
        let mut printed = self.printed.borrow_mut();
        match is_error {
            true => printed.err.push_str(text),
            false => printed.out.push_str(text),
        }
    }

    fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
        let read = |id: &str| compiled(self.files.get(id)?, id).ok()?.map;
        let maps = &mut self.maps;
        places.iter().map(|place| maps.place(place, read)).collect()
    }
}

/// The bytes of memory and of stack that programs of tests have.
const MEMORY: usize = 256 << 20;
const STACK: usize = 4 << 20;

/// Runs a program on a thread that has the stack that compiling needs.
pub fn run(files: &[(&str, &str)], entry: &str) -> Ran {
    std::thread::scope(|scope| {
        let running = std::thread::Builder::new()
            .stack_size(compiler::STACK)
            .spawn_scoped(scope, || {
                let host = Files::new(files);
                let printed = host.printed.clone();
                let program = Program {
                    arguments: vec!["hookfs".into(), entry.into(), "one".into()],
                    environment: vec![("NAME".into(), "value".into())],
                    directory: "/work".into(),
                    entry: entry.to_owned(),
                };
                let machine = Machine::new(MEMORY, STACK, Box::new(host)).unwrap();
                let status = machine.run(&program).unwrap();
                drop(machine);
                let printed = printed.take();
                Ran {
                    status,
                    out: printed.out,
                    err: printed.err,
                }
            })
            .unwrap();
        running.join().unwrap()
    })
}

/// What a program prints that ends well.
pub fn printed(files: &[(&str, &str)], entry: &str) -> String {
    let ran = run(files, entry);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    ran.out
}
