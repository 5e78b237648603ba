//! The code of modules that a worker has, and the definitions that an engine has read of it ahead.
//!
//! A definition is what the script of a module gives: an object whose functions nobody has called. To read it runs nothing of
//! the module, so an engine may have it before its program begins, and no program sees what another has done.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rquickjs::{Ctx, Error, Persistent, Value};

use super::client::{self, Runtime};
use super::trail::Trails;
use super::{Code, Host, Loaded, Wanted};
use crate::base::ContentHash;

/// The bytes of code beyond which a worker forgets what its last program has not used.
const MOST: usize = 32 << 20;

/// What a worker has, from one program to the next.
#[derive(Default)]
pub(super) struct Modules(RefCell<Has>);

#[derive(Default)]
struct Has {
    runtime: Option<Rc<Runtime>>,
    has_asked: bool,
    codes: HashMap<String, (ContentHash, Rc<Code>)>,
    /// What the present program has loaded, in that order.
    used: Vec<String>,
    /// What it has used of the platform.
    used_platform: Vec<String>,
    trails: Trails,
}

impl Modules {
    /// The runtime, where it was given.
    pub(super) fn runtime(&self) -> Option<Rc<Runtime>> {
        self.0.borrow().runtime.clone()
    }

    /// Asks for the runtime, once: between requests there is nobody to ask. Where none is given, the worker compiles it.
    pub(super) fn ask_for_runtime(&self, host: &mut dyn Host) {
        if !std::mem::replace(&mut self.0.borrow_mut().has_asked, true) {
            let runtime = host.runtime().as_ref().and_then(Runtime::decode);
            self.0.borrow_mut().runtime = runtime.map(Rc::new);
        }
    }

    /// The hash of what it has of a module.
    pub(super) fn hash(&self, id: &str) -> Option<ContentHash> {
        self.0.borrow().codes.get(id).map(|(hash, _)| *hash)
    }

    /// The program with this entry is linked from now on: nothing of it runs.
    pub(super) fn link(&self, entry: &str) {
        self.0.borrow_mut().trails.begin(entry);
    }

    /// It is linked.
    pub(super) fn linked(&self) {
        self.0.borrow_mut().trails.end();
    }

    /// Has modules loaded by their ids; gives what was asked, and what each is.
    pub(super) fn load(&self, ids: Vec<String>, host: &mut dyn Host) -> Vec<(Wanted, Loaded)> {
        let wanted = |id: String| Wanted {
            has: self.hash(&id),
            id,
        };
        let wanted: Vec<Wanted> = ids.into_iter().map(wanted).collect();
        let known = self.0.borrow_mut().trails.answer(&wanted);
        let loaded = known.unwrap_or_else(|| self.ask(&wanted, host));
        let hash = |(wanted, loaded): (&Wanted, &Loaded)| {
            let hash = match loaded {
                Loaded::Module { id, hash, .. } if *id == wanted.id => Some(*hash),
                Loaded::Known(id) if *id == wanted.id => wanted.has,
                _ => None,
            };
            Some((wanted.id.clone(), hash?))
        };
        let step = wanted.iter().zip(&loaded).map(hash).collect();
        self.0.borrow_mut().trails.note(step);
        wanted.into_iter().zip(loaded).collect()
    }

    /// Asks, and for what is known to follow as well.
    fn ask(&self, wanted: &[Wanted], host: &mut dyn Host) -> Vec<Loaded> {
        let has = |id: &str| self.hash(id);
        let steps = self.0.borrow().trails.extended(wanted.to_vec(), has);
        let mut answers = host.load_steps(&steps).into_iter();
        let loaded = answers.next().unwrap_or_default();
        let ahead = steps.into_iter().skip(1).zip(answers);
        self.0.borrow_mut().trails.expect(ahead);
        loaded
    }

    /// Takes the code of a module.
    pub(super) fn give(&self, id: &str, hash: ContentHash, code: Code) {
        let mut has = self.0.borrow_mut();
        let Has { codes, used, .. } = &mut *has;
        codes.insert(id.to_owned(), (hash, Rc::new(code)));
        let bytes: usize = codes.values().map(|(_, code)| code.len()).sum();
        if bytes > MOST {
            codes.retain(|known, _| known == id || used.contains(known));
        }
    }

    /// The code of a module, which is used now.
    fn take(&self, id: &str) -> Option<(ContentHash, Rc<Code>)> {
        let mut has = self.0.borrow_mut();
        let found = has.codes.get(id).cloned();
        has.used.push(id.to_owned());
        found
    }

    /// Another program begins. Gives what the one before it has used: of the modules, and of the platform.
    pub(super) fn begin(&self) -> (Vec<String>, Vec<String>) {
        let mut has = self.0.borrow_mut();
        let used = std::mem::take(&mut has.used);
        (used, std::mem::take(&mut has.used_platform))
    }
}

/// What an engine has read ahead. Its values must go before the engine does.
#[derive(Default)]
pub(super) struct Ahead {
    modules: RefCell<HashMap<String, (ContentHash, Persistent<Value<'static>>)>>,
}

impl Ahead {
    /// Reads the definition of a module. What fails is read, and fails, when it is used.
    pub(super) fn read(&self, ctx: &Ctx<'_>, modules: &Modules, id: &str) {
        let found = modules.0.borrow().codes.get(id).cloned();
        let Some((hash, code)) = found else {
            return;
        };
        match code.evaluate::<Value>(ctx, id) {
            Ok(value) => {
                let value = Persistent::save(ctx, value);
                let mut known = self.modules.borrow_mut();
                known.insert(id.to_owned(), (hash, value));
            }
            Err(_) => drop(ctx.catch()),
        }
    }

    /// The definition of a module whose code the worker has.
    pub(super) fn definition<'js>(
        &self,
        ctx: &Ctx<'js>,
        modules: &Modules,
        id: &str,
    ) -> Result<Value<'js>, Error> {
        let (hash, code) = modules.take(id).ok_or(Error::Unknown)?;
        // Two engines, or two instances in one, never share a definition.
        match self.modules.borrow_mut().remove(id) {
            Some((known, value)) if known == hash => value.restore(ctx),
            _ => code.evaluate(ctx, id),
        }
    }
}

/// The definition of a module of the platform.
pub(super) fn platform<'js>(
    ctx: &Ctx<'js>,
    modules: &Modules,
    name: &str,
) -> Result<Value<'js>, Error> {
    modules.0.borrow_mut().used_platform.push(name.to_owned());
    if let Some(runtime) = modules.runtime()
        && let Some(code) = runtime.platform(name)
    {
        return code.evaluate(ctx, client::NAME);
    }
    match super::platform::module(name) {
        Ok(text) => super::code::evaluate(ctx, &text, client::NAME),
        Err(message) => Err(rquickjs::Exception::throw_message(ctx, &message)),
    }
}
