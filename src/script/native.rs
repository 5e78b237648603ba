//! What a program's runtime finds of the process around it: the other side of `src/client/server/native.ts`.

use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use rquickjs::function::Func;
use rquickjs::promise::PromiseState;
use rquickjs::{Array, Ctx, Error, Exception, IntoJs, Object, Promise, TypedArray, Value, qjs};

use super::machine::{Main, State};
use super::{Loaded, Program, Wanted, hook, line, modules, places, platform, promises};

/// How a program was started, as `native.ts` describes it.
pub(super) fn start<'js>(ctx: &Ctx<'js>, program: &Program) -> Result<Object<'js>, Error> {
    let start = Object::new(ctx.clone())?;
    start.set("arguments", program.arguments.clone())?;
    let environment = Array::new(ctx.clone())?;
    for (index, (name, value)) in program.environment.iter().enumerate() {
        environment.set(index, vec![name.as_str(), value.as_str()])?;
    }
    start.set("environment", environment)?;
    start.set("directory", program.directory.as_str())?;
    start.set("pid", std::process::id())?;
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    start.set("time", since_epoch.as_secs_f64() * 1000.0)?;
    Ok(start)
}

/// The object that `native.ts` describes.
pub(super) fn native<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>, Error> {
    let native = Object::new(ctx.clone())?;
    let shared = state.clone();
    let load = move |ctx: Ctx<'js>, ids: Vec<String>| load(&ctx, &shared, ids);
    native.set("load", Func::from(load))?;
    let shared = state.clone();
    let write = move |is_error: bool, text: String| {
        shared.host.borrow_mut().write(is_error, text.as_bytes());
    };
    native.set("write", Func::from(write))?;
    let shared = state.clone();
    let write = move |is_error: bool, bytes: TypedArray<'js, u8>| {
        let bytes = platform::bytes_of(&bytes);
        shared.host.borrow_mut().write(is_error, &bytes);
    };
    native.set("writeBytes", Func::from(write))?;
    let shared = state.clone();
    let placed = move |stack: String| {
        let mut host = shared.host.borrow_mut();
        places::placed(&stack, &mut |places| host.places(places))
    };
    native.set("placed", Func::from(placed))?;
    let shared = state.clone();
    let now = move || shared.start.get().elapsed().as_secs_f64() * 1000.0;
    native.set("now", Func::from(now))?;
    let shared = state.clone();
    let exit = move |ctx: Ctx<'js>, status: i32| exit(&ctx, &shared, status);
    native.set("exit", Func::from(exit))?;
    native.set("promise", Func::from(promise))?;
    let has = state.modules.clone();
    let module = move |ctx: Ctx<'js>, name: String| modules::platform(&ctx, &has, &name);
    native.set("platform", Func::from(module))?;
    let natives = platform::natives(ctx)?;
    promises::add(&natives)?;
    native.set("natives", natives)?;
    let memory = move |ctx: Ctx<'js>| is_full(&ctx);
    native.set("isFull", Func::from(memory))?;
    let memory = move |ctx: Ctx<'js>| was_full(&ctx);
    native.set("wasFull", Func::from(memory))?;
    native.set("hasNetwork", state.line.borrow().is_some())?;
    line::add(&native, state)?;
    hook::add(&native, state)?;
    Ok(native)
}

/// Several modules by their ids: for each what `native.ts` says.
fn load<'js>(ctx: &Ctx<'js>, state: &State, ids: Vec<String>) -> Result<Array<'js>, Error> {
    let loaded = state.modules.load(ids, &mut **state.host.borrow_mut());
    let answers = Array::new(ctx.clone())?;
    for (wanted, loaded) in &loaded {
        state.learned.borrow_mut().loaded(wanted, loaded);
    }
    for (index, (Wanted { id, .. }, loaded)) in loaded.into_iter().enumerate() {
        let answer = Array::new(ctx.clone())?;
        let (kind, id, value) = match loaded {
            Loaded::Module { id, code, hash } => {
                state.modules.give(&id, hash, code);
                defined(ctx, state, id)?
            }
            Loaded::Known(id) => defined(ctx, state, id)?,
            Loaded::Fault(text) => ("fault", id, text.into_js(ctx)?),
            Loaded::Missing(text) => ("missing", id, text.into_js(ctx)?),
            Loaded::Failed(text) => ("failed", id, text.into_js(ctx)?),
        };
        answer.set(0, kind)?;
        answer.set(1, id)?;
        answer.set(2, value)?;
        answers.set(index, answer)?;
    }
    Ok(answers)
}

/// What the code of a module gives, or throws.
fn defined<'js>(
    ctx: &Ctx<'js>,
    state: &State,
    id: String,
) -> Result<(&'static str, String, Value<'js>), Error> {
    let main = ctx.userdata::<Main>().ok_or(Error::Unknown)?;
    match main.ahead.definition(ctx, &state.modules, &id) {
        Ok(definition) => Ok(("module", id, definition)),
        Err(Error::Exception) if state.exited.get().is_none() => Ok(("threw", id, ctx.catch())),
        Err(other) => Err(other),
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

/// Whether much of the memory that the engine may have is taken: what the allocator itself takes comes on top of it, so
/// that there may be none left long before all of it is.
fn is_full(ctx: &Ctx<'_>) -> bool {
    let usage = usage(ctx);
    usage.malloc_limit > 0 && usage.malloc_size > usage.malloc_limit / 4
}

/// Whether it ever was: what a program throws away as it fails is free again. The engine looks for garbage before it makes an
/// object, as soon as there is half as much again as it left the last time; that limit falls only where it finds some.
pub(super) fn was_full(ctx: &Ctx<'_>) -> bool {
    // SAFETY: the context is alive, and so is its runtime; the call reads a number.
    let threshold = unsafe { qjs::JS_GetGCThreshold(qjs::JS_GetRuntime(ctx.as_raw().as_ptr())) };
    let limit = usage(ctx).malloc_limit;
    limit > 0 && i64::try_from(threshold).unwrap_or(i64::MAX) > limit / 4
}

fn usage(ctx: &Ctx<'_>) -> qjs::JSMemoryUsage {
    let mut usage = std::mem::MaybeUninit::<qjs::JSMemoryUsage>::uninit();
    // SAFETY: the context is alive, and so is its runtime; the call fills the whole structure.
    unsafe {
        let runtime = qjs::JS_GetRuntime(ctx.as_raw().as_ptr());
        qjs::JS_ComputeMemoryUsage(runtime, usage.as_mut_ptr());
        usage.assume_init()
    }
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
