//! One engine with one program: what it finds outside, and the turns that it takes until nothing is left to do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::context::EvalOptions;
use rquickjs::function::Func;
use rquickjs::promise::PromiseState;
use rquickjs::runtime::RejectionTracker;
use rquickjs::{
    Array, Context, Ctx, Error, Exception, FromJs, Function, Object, Promise, Runtime, Value, qjs,
};

use super::{Export, Host, Loaded, Program, client, hook, places, platform};

/// What of a thread's stack is left to native code.
const RESERVE: usize = 512 << 10;

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
    /// The program has ended itself with this status.
    exited: Cell<Option<i32>>,
    start: Instant,
}

impl Machine {
    /// An engine with the runtime. Its thread has `stack` bytes of stack; it takes `memory` bytes at most.
    ///
    /// # Errors
    /// A message, where there is no memory for it; or where the runtime itself fails.
    pub fn new(
        program: &Program,
        memory: usize,
        stack: usize,
        host: Box<dyn Host>,
    ) -> Result<Self, String> {
        let message = |error: Error| format!("no engine starts: {error}");
        let runtime = Runtime::new().map_err(message)?;
        runtime.set_memory_limit(memory);
        runtime.set_max_stack_size(stack.saturating_sub(RESERVE));
        let context = Context::full(&runtime).map_err(message)?;
        let machine = Self {
            state: Rc::new(State {
                host: RefCell::new(host),
                exited: Cell::new(None),
                start: Instant::now(),
            }),
            runtime,
            context,
        };
        machine.context.with(|ctx| {
            let told = |error| thrown(&ctx, error);
            let script = client::script().map_err(str::to_owned)?;
            let boot: Function = evaluate(&ctx, script, client::NAME).map_err(told)?;
            let meta = Object::new(ctx.clone()).map_err(told)?;
            let native = native(&ctx, program, &machine.state).map_err(told)?;
            meta.set("native", native).map_err(told)?;
            let main: Object = boot.call((meta,)).map_err(told)?;
            ctx.store_userdata(Main(rquickjs::Persistent::save(&ctx, main)))
                .map_err(|_| MAIN.to_owned())?;
            Ok::<_, String>(())
        })?;
        machine.track_rejections();
        Ok(machine)
    }

    /// Runs a classic script.
    ///
    /// # Errors
    /// What it throws, as text.
    pub fn script(&self, text: &str, name: &str) -> Result<(), String> {
        self.context.with(|ctx| {
            let result: Result<Value, Error> = evaluate(&ctx, text, name);
            result.map(drop).map_err(|error| thrown(&ctx, error))
        })
    }

    /// Runs a module, and whatever it leaves to be done later; gives the exit status.
    ///
    /// # Errors
    /// A message, where the engine itself can't go on.
    pub fn run(&self, entry: &str) -> Result<i32, String> {
        self.context.with(|ctx| {
            let main = main(&ctx)?;
            self.call(&ctx, &main, "start", (entry,))?;
            self.turns(&ctx, &main)
        })
    }

    /// Calls an export of a module with a context that has this data, in JSON. What comes of it is given to the host.
    ///
    /// # Errors
    /// A message, where the engine itself can't go on.
    pub fn hook(&self, entry: &str, export: Export, context: &str) -> Result<(), String> {
        self.context.with(|ctx| {
            let main = main(&ctx)?;
            self.call(&ctx, &main, "hook", (entry, export.name(), context))?;
            self.turns(&ctx, &main).map(drop)
        })
    }

    /// Goes on until nothing is left to do, or the program ends itself; gives the exit status.
    fn turns<'js>(&self, ctx: &Ctx<'js>, main: &Object<'js>) -> Result<i32, String> {
        loop {
            while self.state.exited.get().is_none() && ctx.execute_pending_job() {}
            if let Some(status) = self.state.exited.get() {
                return Ok(status);
            }
            self.call(ctx, main, "settle", ())?;
            if self.state.exited.get().is_some() || self.runtime_has_jobs() {
                continue;
            }
            let delay = self.call(ctx, main, "delay", ())?;
            let delay = delay.as_number().unwrap_or(-1.0);
            if delay < 0.0 {
                let status = self.call(ctx, main, "finish", ())?;
                let status = status.as_number().unwrap_or(1.0) as i32;
                return Ok(self.state.exited.get().unwrap_or(status));
            }
            if delay > 0.0 {
                std::thread::sleep(Duration::from_secs_f64(delay / 1000.0));
            }
            self.call(ctx, main, "fire", ())?;
        }
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
                        .and_then(|fail| fail.call((error,)));
                    // It ends the program by an exception that nobody can catch.
                    if fail.is_err() {
                        ctx.catch();
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

/// The exports of the runtime's `server/main.ts`.
struct Main(rquickjs::Persistent<Object<'static>>);

// SAFETY: the value in it has no lifetime of the engine's; it is freed before the engine is (`Machine::drop`).
unsafe impl rquickjs::JsLifetime<'_> for Main {
    type Changed<'to> = Main;
}

fn main<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>, String> {
    let held = ctx
        .userdata::<Main>()
        .ok_or_else(|| "the runtime is gone".to_owned())?
        .0
        .clone();
    held.restore(ctx).map_err(|error| error.to_string())
}

/// Evaluates a script whose lines and columns are those of its text.
fn evaluate<'js, T: FromJs<'js>>(ctx: &Ctx<'js>, text: &str, name: &str) -> Result<T, Error> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(text, options)
}

/// What was thrown, as text.
fn thrown(ctx: &Ctx<'_>, error: Error) -> String {
    match error {
        Error::Exception => {
            let value = ctx.catch();
            match value.as_exception() {
                Some(exception) => exception.to_string(),
                None => format!("{value:?}"),
            }
        }
        other => other.to_string(),
    }
}

/// The object that `native.ts` describes.
fn native<'js>(ctx: &Ctx<'js>, program: &Program, state: &Rc<State>) -> Result<Object<'js>, Error> {
    let native = Object::new(ctx.clone())?;
    native.set("arguments", program.arguments.clone())?;
    let environment = Array::new(ctx.clone())?;
    for (index, (name, value)) in program.environment.iter().enumerate() {
        environment.set(index, vec![name.as_str(), value.as_str()])?;
    }
    native.set("environment", environment)?;
    native.set("directory", program.directory.as_str())?;
    let shared = state.clone();
    let load = move |ctx: Ctx<'js>, id: String| load(&ctx, &shared, &id);
    native.set("load", Func::from(load))?;
    let shared = state.clone();
    let write = move |is_error: bool, text: String| {
        shared.host.borrow_mut().write(is_error, &text);
    };
    native.set("write", Func::from(write))?;
    let shared = state.clone();
    let placed = move |stack: String| {
        let mut host = shared.host.borrow_mut();
        places::placed(&stack, &mut |places| host.places(places))
    };
    native.set("placed", Func::from(placed))?;
    let shared = state.clone();
    let now = move || shared.start.elapsed().as_secs_f64() * 1000.0;
    native.set("now", Func::from(now))?;
    let shared = state.clone();
    let exit = move |ctx: Ctx<'js>, status: i32| exit(&ctx, &shared, status);
    native.set("exit", Func::from(exit))?;
    native.set("promise", Func::from(promise))?;
    native.set("platform", Func::from(platform_module))?;
    native.set("natives", platform::natives(ctx)?)?;
    hook::add(&native, state)?;
    Ok(native)
}

fn load<'js>(ctx: &Ctx<'js>, state: &State, id: &str) -> Result<Array<'js>, Error> {
    let loaded = state.host.borrow_mut().load(id);
    let answer = Array::new(ctx.clone())?;
    let (kind, id, text) = match loaded {
        Loaded::Module { id, text } => {
            let definition: Value = evaluate(ctx, &text, &id)?;
            answer.set(2, definition)?;
            ("module", id, None)
        }
        Loaded::Fault(text) => ("fault", id.to_owned(), Some(text)),
        Loaded::Missing(text) => ("missing", id.to_owned(), Some(text)),
        Loaded::Failed(text) => ("failed", id.to_owned(), Some(text)),
    };
    answer.set(0, kind)?;
    answer.set(1, id)?;
    if let Some(text) = text {
        answer.set(2, text)?;
    }
    Ok(answer)
}

/// The definition of a module of the platform.
fn platform_module<'js>(ctx: Ctx<'js>, name: String) -> Result<Value<'js>, Error> {
    match platform::module(&name) {
        Ok(text) => evaluate(&ctx, &text, client::NAME),
        Err(message) => Err(Exception::throw_message(&ctx, &message)),
    }
}

/// Ends the program: by an exception that runs no `catch` and no `finally`.
fn exit(ctx: &Ctx<'_>, state: &State, status: i32) -> Result<(), Error> {
    if state.exited.get().is_none() {
        state.exited.set(Some(status));
    }
    let error = Exception::from_message(ctx.clone(), "the program has ended")?;
    // SAFETY: both are alive; the call sets a flag of the error.
    unsafe { qjs::JS_SetUncatchableError(ctx.as_raw().as_ptr(), error.as_value().as_raw()) };
    Err(error.throw())
}

fn promise<'js>(ctx: Ctx<'js>, promise: Promise<'js>) -> Result<Array<'js>, Error> {
    let state = match promise.state() {
        PromiseState::Pending => "pending",
        PromiseState::Resolved => "fulfilled",
        PromiseState::Rejected => "rejected",
    };
    let result = match promise.result::<Value>() {
        None => Value::new_undefined(ctx.clone()),
        Some(Ok(value)) => value,
        Some(Err(_)) => ctx.catch(),
    };
    let answer = Array::new(ctx)?;
    answer.set(0, state)?;
    answer.set(1, result)?;
    Ok(answer)
}
