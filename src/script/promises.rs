//! What the engine tells of promises, for `src/client/platform/async-context.ts`: nothing, until it is asked to.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::{self, NonNull};

use rquickjs::function::{Func, IntoArgs};
use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Error, Function, Object, Persistent, Promise, Value, qjs};

use super::machine::Main;

/// Who is told.
#[derive(Default)]
pub(super) struct Watch {
    told: RefCell<Option<Told>>,
    /// A promise is made that nobody is told of.
    is_reacting: Cell<bool>,
}

#[derive(Clone)]
struct Told {
    made: Persistent<Function<'static>>,
    fulfilled: Persistent<Function<'static>>,
    adopts: Persistent<Function<'static>>,
    proceed: Persistent<Function<'static>>,
}

impl Watch {
    /// A job has ended, or a task begins.
    pub(super) fn proceed(&self, ctx: &Ctx<'_>) {
        self.tell(ctx, |told| &told.proceed, ());
    }

    fn tell<'js, A: IntoArgs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        of: impl FnOnce(&Told) -> &Persistent<Function<'static>>,
        arguments: A,
    ) {
        let Some(function) = self.told.borrow().as_ref().map(|told| of(told).clone()) else {
            return;
        };
        let called = function
            .restore(ctx)
            .and_then(|function| function.call::<_, ()>(arguments));
        if let Err(Error::Exception) = called {
            // The stack or the memory is used up, of which the program hears where it goes on.
            ctx.catch();
        }
    }
}

/// Adds them to the natives of `src/client/platform/host.ts`.
pub(super) fn add(natives: &Object<'_>) -> Result<(), Error> {
    natives.set("watchPromises", Func::from(watch))?;
    natives.set("react", Func::from(react))
}

fn watch<'js>(
    ctx: Ctx<'js>,
    made: Function<'js>,
    fulfilled: Function<'js>,
    adopts: Function<'js>,
    proceed: Function<'js>,
) {
    let Some(main) = ctx.userdata::<Main>() else {
        return;
    };
    *main.watch.told.borrow_mut() = Some(Told {
        made: Persistent::save(&ctx, made),
        fulfilled: Persistent::save(&ctx, fulfilled),
        adopts: Persistent::save(&ctx, adopts),
        proceed: Persistent::save(&ctx, proceed),
    });
    // SAFETY: the context is alive, and so is its runtime; what is called looks for all else itself.
    unsafe {
        let runtime = qjs::JS_GetRuntime(ctx.as_raw().as_ptr());
        qjs::JS_SetPromiseHook(runtime, Some(hear), ptr::null_mut());
    }
}

/// The engine's promise hook.
unsafe extern "C" fn hear(
    ctx: *mut qjs::JSContext,
    kind: qjs::JSPromiseHookType,
    promise: qjs::JSValue,
    parent: qjs::JSValue,
    _: *mut c_void,
) {
    // An exception may be pending: no code runs then.
    if kind == qjs::JSPromiseHookType_JS_PROMISE_HOOK_AFTER {
        return;
    }
    let Some(ctx) = NonNull::new(ctx) else {
        return;
    };
    // SAFETY: the engine calls with a context that is alive, on the thread that has the lock of its runtime.
    let ctx = unsafe { Ctx::from_raw(ctx) };
    let Some(watch) = ctx.userdata::<Main>().map(|main| main.watch.clone()) else {
        return;
    };
    if watch.is_reacting.get() {
        return;
    }
    let own = |value| {
        // SAFETY: the value is alive during the call; what is made of it has a reference of its own.
        unsafe { Value::from_raw(ctx.clone(), qjs::JS_DupValue(ctx.as_raw().as_ptr(), value)) }
    };
    match kind {
        qjs::JSPromiseHookType_JS_PROMISE_HOOK_INIT => {
            watch.tell(&ctx, |told| &told.made, (own(promise), own(parent)));
        }
        qjs::JSPromiseHookType_JS_PROMISE_HOOK_RESOLVE => {
            watch.tell(&ctx, |told| &told.fulfilled, (own(promise),));
        }
        _ => watch.tell(&ctx, |told| &told.adopts, (own(promise),)),
    }
}

/// `then` of a promise that is pending, whatever class it is of; of others, whether it is rejected.
fn react<'js>(
    ctx: Ctx<'js>,
    promise: Object<'js>,
    fulfilled: Function<'js>,
    rejected: Function<'js>,
) -> Result<Option<bool>, Error> {
    let Some(state) = promise.as_promise().map(Promise::state) else {
        return Ok(None);
    };
    if state != PromiseState::Pending {
        return Ok(Some(state == PromiseState::Rejected));
    }
    let Some(watch) = ctx.userdata::<Main>().map(|main| main.watch.clone()) else {
        return Ok(None);
    };
    let was_reacting = watch.is_reacting.replace(true);
    // SAFETY: all are alive during the call, which keeps references of its own; what it gives is freed here.
    let is_done = unsafe {
        let raw = ctx.as_raw().as_ptr();
        let (fulfilled, rejected) = (fulfilled.as_value().as_raw(), rejected.as_value().as_raw());
        let given = qjs::JS_PromiseThen(raw, promise.as_value().as_raw(), fulfilled, rejected);
        let is_done = !qjs::JS_IsException(given);
        qjs::JS_FreeValue(raw, given);
        is_done
    };
    watch.is_reacting.set(was_reacting);
    is_done.then_some(None).ok_or(Error::Exception)
}
