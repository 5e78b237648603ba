//! A program's messages, as its runtime sends and receives them (`src/client/server/exchange.ts`).

use std::rc::Rc;
use std::time::Duration;

use rquickjs::function::{Func, Rest};
use rquickjs::{Array, Ctx, Error, Exception, FromJs, IntoJs, Object, TypedArray, Value};

use super::Blob;
use super::machine::State;
use super::message::{Headers, Message, Sent};

/// The way between a program and what is around it.
pub trait Line {
    /// Sends a message. One that is too long says so.
    ///
    /// # Errors
    /// A text.
    fn post(&mut self, message: &[u8]) -> Result<(), String>;

    /// The next message, waited for as long as this, or for ever; `None`: none has come.
    fn next(&mut self, longest: Option<Duration>) -> Option<Vec<u8>>;

    /// The program has come to an end of what it was doing, and goes on.
    fn beat(&mut self);
}

/// Adds `post` to the object that `native.ts` describes.
pub(super) fn add<'js>(native: &Object<'js>, state: &Rc<State>) -> Result<(), Error> {
    let shared = state.clone();
    let post = move |ctx: Ctx<'js>, kind: String, id: u32, rest: Rest<Value<'js>>| {
        let message = message(&ctx, &kind, id, &rest)?;
        let thrown = |text: &str| Exception::throw_type(&ctx, text);
        let bytes = postcard::to_allocvec(&message).map_err(|error| thrown(&error.to_string()))?;
        match &mut *shared.line.borrow_mut() {
            Some(line) => line.post(&bytes).map_err(|text| thrown(&text)),
            None => Err(thrown("there is nobody who takes messages")),
        }
    };
    native.set("post", Func::from(post))
}

/// What the runtime sends.
fn message<'js>(
    ctx: &Ctx<'js>,
    kind: &str,
    id: u32,
    rest: &[Value<'js>],
) -> Result<Message, Error> {
    let text = |at: usize| {
        rest.get(at).map_or(Ok(String::new()), |value| {
            String::from_js(ctx, value.clone())
        })
    };
    Ok(match kind {
        "request" => Message::Request {
            id,
            method: text(0)?,
            url: text(1)?,
            headers: headers(ctx, rest.get(2))?,
            body: sent(ctx, rest.get(3))?,
        },
        "response" => Message::Response {
            id,
            status: rest
                .first()
                .and_then(Value::as_int)
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or(500),
            text: text(1)?,
            headers: headers(ctx, rest.get(2))?,
            body: sent(ctx, rest.get(3))?,
        },
        "failed" => Message::Failed {
            id,
            code: text(0)?,
            text: text(1)?,
        },
        "pull" => Message::Pull(id),
        "piece" => Message::Piece(id, bytes(ctx, rest.first())?),
        "end" => Message::End(id),
        "broken" => Message::Broken(id, text(0)?),
        "cancel" => Message::Cancel(id),
        "abort" => Message::Abort(id),
        "event" => Message::Event {
            page: id,
            name: text(0)?,
            data: text(1)?,
        },
        _ => return Err(Exception::throw_type(ctx, "no such message")),
    })
}

fn bytes<'js>(ctx: &Ctx<'js>, value: Option<&Value<'js>>) -> Result<Blob, Error> {
    let value = value
        .cloned()
        .unwrap_or_else(|| Value::new_undefined(ctx.clone()));
    let array = TypedArray::<u8>::from_value(value)?;
    // SAFETY: the bytes are copied before any code of the engine runs.
    Ok(Blob(
        unsafe { array.as_bytes() }.unwrap_or_default().to_vec(),
    ))
}

/// `undefined`: none; bytes: all of it; anything else: in pieces.
fn sent<'js>(ctx: &Ctx<'js>, value: Option<&Value<'js>>) -> Result<Sent, Error> {
    Ok(match value {
        None => Sent::Nothing,
        Some(value) if value.is_undefined() => Sent::Nothing,
        Some(value) if value.is_object() => Sent::Whole(bytes(ctx, Some(value))?),
        Some(_) => Sent::Pieces,
    })
}

/// Names and values, whose code units are bytes.
fn headers<'js>(ctx: &Ctx<'js>, value: Option<&Value<'js>>) -> Result<Headers, Error> {
    let Some(value) = value else {
        return Ok(Headers::new());
    };
    let of = |text: &str| {
        text.chars()
            .filter_map(|unit| u8::try_from(unit).ok())
            .collect()
    };
    let pairs = Vec::<Vec<String>>::from_js(ctx, value.clone())?;
    let pair = |pair: &Vec<String>| Some((of(pair.first()?), of(pair.get(1)?)));
    Ok(pairs.iter().filter_map(pair).collect())
}

/// A message as the arguments of the runtime's `receive`; `None`: it is none.
pub(super) fn arguments<'js>(
    ctx: &Ctx<'js>,
    message: &[u8],
) -> Result<Option<Vec<Value<'js>>>, Error> {
    let Ok(message) = postcard::from_bytes(message) else {
        return Ok(None);
    };
    Ok(Some(match message {
        Message::Request {
            id,
            method,
            url,
            headers,
            body,
        } => vec![
            "request".into_js(ctx)?,
            id.into_js(ctx)?,
            method.into_js(ctx)?,
            url.into_js(ctx)?,
            listed(ctx, &headers)?,
            shown(ctx, body)?,
        ],
        Message::Response {
            id,
            status,
            text,
            headers,
            body,
        } => vec![
            "response".into_js(ctx)?,
            id.into_js(ctx)?,
            status.into_js(ctx)?,
            text.into_js(ctx)?,
            listed(ctx, &headers)?,
            shown(ctx, body)?,
        ],
        Message::Failed { id, code, text } => vec![
            "failed".into_js(ctx)?,
            id.into_js(ctx)?,
            code.into_js(ctx)?,
            text.into_js(ctx)?,
        ],
        Message::Pull(id) => vec!["pull".into_js(ctx)?, id.into_js(ctx)?],
        Message::Piece(id, Blob(bytes)) => vec![
            "piece".into_js(ctx)?,
            id.into_js(ctx)?,
            TypedArray::<u8>::new(ctx.clone(), bytes)?.into_js(ctx)?,
        ],
        Message::End(id) => vec!["end".into_js(ctx)?, id.into_js(ctx)?],
        Message::Broken(id, text) => {
            vec!["broken".into_js(ctx)?, id.into_js(ctx)?, text.into_js(ctx)?]
        }
        Message::Cancel(id) => vec!["cancel".into_js(ctx)?, id.into_js(ctx)?],
        Message::Abort(id) => vec!["abort".into_js(ctx)?, id.into_js(ctx)?],
        Message::Event { page, name, data } => vec![
            "event".into_js(ctx)?,
            page.into_js(ctx)?,
            name.into_js(ctx)?,
            data.into_js(ctx)?,
        ],
        Message::Changed(ids) => vec!["changed".into_js(ctx)?, 0.into_js(ctx)?, ids.into_js(ctx)?],
    }))
}

fn shown<'js>(ctx: &Ctx<'js>, body: Sent) -> Result<Value<'js>, Error> {
    match body {
        Sent::Nothing => Ok(Value::new_undefined(ctx.clone())),
        Sent::Whole(Blob(bytes)) => TypedArray::<u8>::new(ctx.clone(), bytes)?.into_js(ctx),
        Sent::Pieces => Ok(Value::new_bool(ctx.clone(), true)),
    }
}

fn listed<'js>(ctx: &Ctx<'js>, headers: &Headers) -> Result<Value<'js>, Error> {
    let text = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
    };
    let list = Array::new(ctx.clone())?;
    for (index, (name, value)) in headers.iter().enumerate() {
        list.set(index, vec![text(name), text(value)])?;
    }
    Ok(list.into_value())
}
