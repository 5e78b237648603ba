//! One engine with one program: what it finds outside, and the turns that it takes until nothing is left to do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::function::Rest;
use rquickjs::runtime::RejectionTracker;
use rquickjs::{Context, Ctx, Error, Function, Object, Persistent, Runtime, Value, qjs};

use super::learned::Learned;
use super::modules::{Ahead, Modules};
use super::native::{native, start, was_full};
use super::promises::Watch;
use super::{Given, Hook, Host, Line, Program, client, code, line};

/// What of a thread's stack is left to native code.
const RESERVE: usize = 512 << 10;

/// The most of a stack that the engine is told of: with more, rquickjs takes away the limit, and no program can catch that
/// its stack ran out.
const LARGEST: usize = 16 << 20;

/// The bytes that a program has when the engine first looks for garbage that refers to itself; what nothing refers to goes
/// without that. Most hooks and scripts end before.
const GARBAGE: usize = 16 << 20;

/// The name of the global that holds the runtime's exports while the machine is made.
const MAIN: &str = "hookfs:main";

/// An engine. It stays on its thread.
pub struct Machine {
    runtime: Runtime,
    context: Context,
    state: Rc<State>,
}

pub(super) struct State {
    pub(super) host: RefCell<Box<dyn Host>>,
    pub(super) modules: Rc<Modules>,
    pub(super) learned: RefCell<Learned>,
    /// Where there is one, the program has a network.
    pub(super) line: RefCell<Option<Box<dyn Line>>>,
    /// The program has ended itself with this status.
    pub(super) exited: Cell<Option<i32>>,
    pub(super) start: Cell<Instant>,
}

impl Machine {
    /// An engine with the runtime, for one program. Its thread has `stack` bytes of stack; it takes `memory` bytes at most.
    ///
    /// # Errors
    /// A message, where there is no memory for it; or where the runtime itself fails.
    pub fn new(memory: usize, stack: usize, host: Box<dyn Host>) -> Result<Self, String> {
        Self::with(memory, stack, host, Rc::default(), None)
    }

    /// The same, with what its worker has.
    pub(super) fn with(
        memory: usize,
        stack: usize,
        mut host: Box<dyn Host>,
        modules: Rc<Modules>,
        line: Option<Box<dyn Line>>,
    ) -> Result<Self, String> {
        let message = |error: Error| format!("no engine starts: {error}");
        modules.ask_for_runtime(&mut *host);
        let runtime = Runtime::new().map_err(message)?;
        runtime.set_memory_limit(memory);
        runtime.set_gc_threshold(GARBAGE);
        runtime.set_max_stack_size(stack.saturating_sub(RESERVE).min(LARGEST));
        let context = Context::full(&runtime).map_err(message)?;
        let machine = Self {
            state: Rc::new(State {
                host: RefCell::new(host),
                modules,
                learned: RefCell::default(),
                line: RefCell::new(line),
                exited: Cell::new(None),
                start: Cell::new(Instant::now()),
            }),
            runtime,
            context,
        };
        machine.context.with(|ctx| {
            let message = |error| thrown(&ctx, error);
            let boot: Function = match machine.state.modules.runtime() {
                Some(runtime) => runtime.script().evaluate(&ctx, client::NAME),
                None => {
                    let script = client::script().map_err(str::to_owned)?;
                    code::evaluate(&ctx, script, client::NAME)
                }
            }
            .map_err(message)?;
            let meta = Object::new(ctx.clone()).map_err(message)?;
            let native = native(&ctx, &machine.state).map_err(message)?;
            meta.set("native", native).map_err(message)?;
            let main: Object = boot.call((meta,)).map_err(message)?;
            let main = Main {
                exports: Persistent::save(&ctx, main),
                ahead: Ahead::default(),
                watch: Rc::default(),
            };
            ctx.store_userdata(main).map_err(|_| MAIN.to_owned())?;
            Ok::<_, String>(())
        })?;
        machine.track_rejections();
        Ok(machine)
    }

    /// Makes ready what a program has used, for another that may use it: reads its modules, and evaluates those of the
    /// platform.
    pub(super) fn make_ready(&self, modules: &[String], platform: Vec<String>) {
        self.context.with(|ctx| {
            if let Some(main) = ctx.userdata::<Main>() {
                for id in modules {
                    main.ahead.read(&ctx, &self.state.modules, id);
                }
            }
            let prepared = main(&ctx).map(|main| {
                let prepare = main.get::<_, Function>("preparePlatform");
                prepare.and_then(|prepare| prepare.call::<_, ()>((platform,)))
            });
            // What fails fails again when it is used. There is nobody to be told now.
            if let Ok(Err(Error::Exception)) = prepared {
                ctx.catch();
            }
        });
    }

    /// Runs a classic script.
    ///
    /// # Errors
    /// What it throws, as text.
    pub fn script(&self, text: &str, name: &str) -> Result<(), String> {
        self.context.with(|ctx| {
            let result: Result<Value, Error> = code::evaluate(&ctx, text, name);
            result.map(drop).map_err(|error| thrown(&ctx, error))
        })
    }

    /// Runs a module, and whatever it leaves to be done later; gives the exit status.
    ///
    /// # Errors
    /// A message, where the engine itself can't go on.
    pub fn run(&self, program: &Program) -> Result<i32, String> {
        self.context.with(|ctx| {
            let main = main(&ctx)?;
            self.begin(&ctx, &main, program)?;
            self.call(&ctx, &main, "start", (program.entry.as_str(),))?;
            self.turns(&ctx, &main, false)
        })
    }

    /// Whether its program has ended itself as it should.
    pub(super) fn has_ended_well(&self) -> bool {
        self.state.exited.get() == Some(0)
    }

    /// Asks again for all that the program was told; whether it is as it was.
    pub(super) fn holds(&self) -> bool {
        let mut host = self.state.host.borrow_mut();
        self.state.learned.borrow().holds(&mut **host)
    }

    /// Calls an export of a module with a context that has this data, in JSON. What comes of it is given to the host. An engine
    /// that has called it before may do so again.
    ///
    /// # Errors
    /// A message, where the engine itself can't go on.
    pub fn hook(&self, hook: &Hook) -> Result<(), String> {
        self.context.with(|ctx| {
            let main = main(&ctx)?;
            // Its modules run one turn later; once they have run, nothing is linked.
            let is_linked = self.state.exited.take().is_some();
            self.begin(&ctx, &main, &hook.program)?;
            let entry = hook.program.entry.as_str();
            let arguments = (entry, hook.export.name(), hook.context.as_str());
            if !is_linked {
                self.state.modules.link(entry);
            }
            self.call(&ctx, &main, "hook", arguments)?;
            if !is_linked {
                self.state.modules.linked();
            }
            self.turns(&ctx, &main, false).map(drop)
        })
    }

    /// Tells the runtime what there is of the program besides its modules; its time begins.
    fn begin<'js>(
        &self,
        ctx: &Ctx<'js>,
        main: &Object<'js>,
        program: &Program,
    ) -> Result<(), String> {
        self.state.start.set(Instant::now());
        let start = start(ctx, program).map_err(|error| thrown(ctx, error))?;
        self.call(ctx, main, "begin", (start,)).map(drop)
    }

    /// Has a module answer requests, until the program ends itself; gives its exit status.
    ///
    /// # Errors
    /// A message, where the engine itself can't go on.
    pub fn live(&self, program: &Program) -> Result<i32, String> {
        self.context.with(|ctx| {
            let main = main(&ctx)?;
            self.begin(&ctx, &main, program)?;
            self.call(&ctx, &main, "live", (program.entry.as_str(),))?;
            self.turns(&ctx, &main, true)
        })
    }

    /// Goes on until nothing is left to do, or the program ends itself; gives the exit status. Where it `beats`, the limit of
    /// processor time is that of one turn: what answers requests has no end.
    fn turns<'js>(&self, ctx: &Ctx<'js>, main: &Object<'js>, beats: bool) -> Result<i32, String> {
        let watch = ctx.userdata::<Main>().map(|main| main.watch.clone());
        let watch = watch.unwrap_or_default();
        // Messages and timers take turns: neither keeps the other waiting, however many there are.
        let mut is_turn_of_timers = false;
        loop {
            watch.proceed(ctx);
            while self.state.exited.get().is_none() && ctx.execute_pending_job() {
                watch.proceed(ctx);
            }
            if let Some(status) = self.state.exited.get() {
                return Ok(status);
            }
            self.call(ctx, main, "settle", ())?;
            if self.state.exited.get().is_some() || self.runtime_has_jobs() {
                continue;
            }
            if let Some(line) = &mut *self.state.line.borrow_mut()
                && beats
            {
                line.beat();
            }
            if !is_turn_of_timers && self.receive(ctx, main, Some(Duration::ZERO))? {
                is_turn_of_timers = true;
                continue;
            }
            is_turn_of_timers = false;
            let delay = self.call(ctx, main, "delay", ())?;
            let delay = delay.as_number().unwrap_or(-1.0);
            if delay < 0.0 {
                let status = self.call(ctx, main, "finish", ())?;
                let status = status.as_number().unwrap_or(1.0) as i32;
                return Ok(self.state.exited.get().unwrap_or(status));
            }
            if delay > 0.0 {
                // Endless: only a message goes on with it.
                let delay = Duration::try_from_secs_f64(delay / 1000.0).ok();
                if self.receive(ctx, main, delay)? {
                    is_turn_of_timers = true;
                    continue;
                }
            }
            self.call(ctx, main, "fire", ())?;
        }
    }

    /// Waits for a message for as long as this, or for ever; whether one has come.
    fn receive<'js>(
        &self,
        ctx: &Ctx<'js>,
        main: &Object<'js>,
        longest: Option<Duration>,
    ) -> Result<bool, String> {
        let message = match &mut *self.state.line.borrow_mut() {
            Some(line) => line.next(longest),
            None => {
                std::thread::sleep(longest.unwrap_or(Duration::MAX));
                None
            }
        };
        let Some(message) = message else {
            return Ok(false);
        };
        let arguments = line::arguments(ctx, &message).map_err(|error| thrown(ctx, error))?;
        if let Some(arguments) = arguments {
            self.call(ctx, main, "receive", (Rest(arguments),))?;
        }
        Ok(true)
    }

    fn runtime_has_jobs(&self) -> bool {
        let context = self.context.as_raw();
        // SAFETY: the context is alive, and so is its runtime; the call reads whether its queue is empty.
        unsafe { qjs::JS_IsJobPending(qjs::JS_GetRuntime(context.as_ptr())) }
    }

    /// Calls the runtime. What it throws is what the program threw and nobody caught.
    fn call<'js, A: rquickjs::function::IntoArgs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        main: &Object<'js>,
        name: &str,
        arguments: A,
    ) -> Result<Value<'js>, String> {
        if let Some(main) = ctx.userdata::<Main>() {
            main.watch.proceed(ctx);
        }
        let result = main
            .get::<_, Function>(name)
            .and_then(|function| function.call::<_, Value>(arguments));
        match result {
            Ok(value) => Ok(value),
            Err(Error::Exception) => {
                let error = ctx.catch();
                if self.state.exited.get().is_none() {
                    let fail: Result<Value, Error> = main
                        .get::<_, Function>("fail")
                        .and_then(|fail| fail.call((error.clone(),)));
                    // It ends the program by an exception that nobody can catch.
                    if fail.is_err() {
                        ctx.catch();
                    }
                    if fail.is_err() && self.state.exited.get().is_none() {
                        self.state.end(ctx, &error);
                    }
                }
                Ok(Value::new_undefined(ctx.clone()))
            }
            Err(other) => Err(other.to_string()),
        }
    }

    fn track_rejections(&self) {
        let state = self.state.clone();
        let tracker: RejectionTracker = Box::new(move |ctx, promise, reason, is_handled| {
            if state.exited.get().is_none() {
                track(ctx, promise, reason, is_handled);
            }
        });
        self.runtime
            .set_host_promise_rejection_tracker(Some(tracker));
    }
}

impl State {
    /// Ends a program that has broken what would tell of its error.
    fn end(&self, ctx: &Ctx<'_>, error: &Value<'_>) {
        self.exited.set(Some(1));
        // What it says of itself may come of code, which asks the host.
        let text = told(error);
        let mut host = self.host.borrow_mut();
        host.write(true, format!("Uncaught {text}\n").as_bytes());
        host.give(match error.is_null() && was_full(ctx) {
            true => Given::Memory,
            false => Given::Threw(format!("uncaught {text}"), String::new()),
        });
    }
}

/// Tells the runtime of a promise that was rejected, or is handled after all.
fn track<'js>(ctx: Ctx<'js>, promise: Value<'js>, reason: Value<'js>, is_handled: bool) {
    let told = main(&ctx).map(|main| {
        main.get::<_, Function>("track")
            .and_then(|track| track.call::<_, ()>((promise, reason, is_handled)))
    });
    if let Ok(Err(Error::Exception)) = told {
        // The memory is used up: there is nobody to tell.
        ctx.catch();
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.runtime.set_host_promise_rejection_tracker(None);
        self.context.with(|ctx| {
            // What holds values of the engine must go before it.
            let _ = ctx.remove_userdata::<Main>();
        });
    }
}

/// What of the engine's values is held from outside.
pub(super) struct Main {
    /// The exports of the runtime's `server/main.ts`.
    exports: Persistent<Object<'static>>,
    pub(super) ahead: Ahead,
    pub(super) watch: Rc<Watch>,
}

// SAFETY: the values in it have no lifetime of the engine's; they are freed before the engine is (`Machine::drop`).
unsafe impl rquickjs::JsLifetime<'_> for Main {
    type Changed<'to> = Main;
}

fn main<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>, String> {
    let held = ctx.userdata::<Main>().map(|main| main.exports.clone());
    let held = held.ok_or_else(|| "the runtime is gone".to_owned())?;
    held.restore(ctx).map_err(|error| error.to_string())
}

/// What was thrown, as text.
fn thrown(ctx: &Ctx<'_>, error: Error) -> String {
    match error {
        Error::Exception => told(&ctx.catch()),
        other => other.to_string(),
    }
}

/// A value that was thrown, as text.
fn told(value: &Value<'_>) -> String {
    match value.as_exception() {
        Some(exception) => exception.to_string(),
        None => format!("{value:?}"),
    }
}
