//! Programs that fetch, from a server on this machine.

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;

use super::scene::{Files, Ran};
use super::{Program, run, work};
use crate::worker::tests::kind;
use crate::worker::{Kind, Launch, Workers, serve};

const KIND: Kind = Kind {
    name: "js-fetch",
    cpu: Duration::from_secs(60),
    wall: Duration::from_secs(300),
    memory: 512 << 20,
    stack: 4 << 20,
    repeats: false,
    is_local: false,
};

#[test]
#[ignore = "what the workers of the tests beside it run"]
fn entry() {
    if kind().is_some() {
        serve(&KIND, || work::Scripts::new(KIND));
    }
}

/// Pieces that come when the test wants them.
struct Pieces(mpsc::Receiver<Result<Bytes, Infallible>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

type Answer = Response<Either<Full<Bytes>, Pieces>>;

fn full(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Either::Left(Full::new(body.into()))).unwrap()
}

/// How many answers of `/endless` are still wanted.
static ENDLESS: AtomicUsize = AtomicUsize::new(0);

async fn answer(request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    Ok(match path.as_str() {
        "/echo" => {
            let Ok(body) = body.collect().await else {
                return Ok(full(400, &[], "cut"));
            };
            let body = body.to_bytes();
            let names = [
                "host",
                "content-length",
                "content-type",
                "x-own",
                "cookie",
                "authorization",
                "transfer-encoding",
                "user-agent",
                "accept",
            ];
            let mut text = format!("{} {}\n", head.method, head.uri);
            for name in names {
                if let Some(value) = head.headers.get(name) {
                    text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
                }
            }
            text += &format!(
                "{} bytes, sum {}",
                body.len(),
                body.iter().map(|byte| u64::from(*byte)).sum::<u64>()
            );
            full(
                200,
                &[
                    ("x-odd", "caf\u{e9}"),
                    ("set-cookie", "a=1"),
                    ("set-cookie", "b=2"),
                ],
                text,
            )
        }
        "/gzip" => {
            let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            coder.write_all("zipped ".repeat(1000).as_bytes()).unwrap();
            full(
                200,
                &[("content-encoding", "gzip")],
                coder.finish().unwrap(),
            )
        }
        "/bytes" => full(
            200,
            &[],
            (0..=255).cycle().take(3_000_000).collect::<Vec<u8>>(),
        ),
        "/moved" => full(301, &[("location", "/echo")], "moved"),
        "/again" => full(307, &[("location", "/echo")], "again"),
        "/circle" => full(302, &[("location", "/circle")], "round"),
        "/away" => full(302, &[("location", "http://localhost.invalid/")], ""),
        "/none" => full(204, &[], ""),
        "/hang" => std::future::pending().await,
        "/cut" => {
            let (sender, pieces) = mpsc::channel(1);
            tokio::spawn(async move {
                _ = sender.send(Ok("part".into())).await;
            });
            // More is announced than comes.
            Response::builder()
                .header("content-length", "100")
                .body(Either::Right(Pieces(pieces)))
                .unwrap()
        }
        "/endless" => {
            let (sender, pieces) = mpsc::channel(1);
            tokio::spawn(async move {
                ENDLESS.fetch_add(1, Ordering::SeqCst);
                while sender.send(Ok("more\n".into())).await.is_ok() {}
                ENDLESS.fetch_sub(1, Ordering::SeqCst);
            });
            Response::new(Either::Right(Pieces(pieces)))
        }
        "/both" => {
            let (sender, pieces) = mpsc::channel(1);
            tokio::spawn(async move {
                let mut body = body;
                while let Some(Ok(frame)) = body.frame().await {
                    let Ok(bytes) = frame.into_data() else { return };
                    if sender.send(Ok(bytes)).await.is_err() {
                        return;
                    }
                }
            });
            Response::new(Either::Right(Pieces(pieces)))
        }
        _ => full(404, &[], "nothing"),
    })
}

/// One server for all tests.
fn server() -> SocketAddr {
    static SERVER: OnceLock<(tokio::runtime::Runtime, SocketAddr)> = OnceLock::new();
    let start = || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let service = hyper::service::service_fn(answer);
                    _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        (runtime, address)
    };
    SERVER.get_or_init(start).1
}

fn program(text: &str) -> Ran {
    let text = format!("const origin = 'http://{}';\n{text}", server());
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(crate::compiler::STACK)
            .spawn_scoped(scope, || {
                let workers = Workers::new(Launch::of_test("script::fetch_tests::entry"));
                let mut files = Files::new(&[("/main.ts", &text)]);
                let program = Program {
                    entry: "/main.ts".to_owned(),
                    ..Program::default()
                };
                let status = run(&workers, &KIND, &program, &mut files, &mut || false);
                let printed = files.printed.take();
                Ran {
                    status: status.unwrap(),
                    out: printed.out,
                    err: printed.err,
                }
            })
            .unwrap()
            .join()
            .unwrap()
    })
}

fn printed(text: &str) -> String {
    let ran = program(text);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    ran.out.replace(&server().to_string(), "SERVER").replace(
        concat!("hookfs/", env!("CARGO_PKG_VERSION")),
        "hookfs/VERSION",
    )
}

#[test]
fn what_is_sent_and_what_comes_back() {
    let out = printed(
        "const first = await fetch(`${origin}/echo?q=1#part`, { headers: { 'X-Own': 'caf\\xe9', Cookie: 'c=1', Connection: 'close', Host: 'other' } });
         console.log(first.status, first.statusText, first.ok, first.type, first.url, first.redirected);
         console.log(first.headers.get('x-odd'), first.headers.getSetCookie());
         console.log(await first.text());
         const posted = await fetch(new Request(`${origin}/echo`, { method: 'POST', body: JSON.stringify({ a: 1 }) }));
         console.log(await posted.text());
         const form = await fetch(`${origin}/echo`, { method: 'PUT', body: new URLSearchParams('a=1') });
         console.log((await form.text()).split('\\n')[3]);
         const empty = await fetch(`${origin}/echo`, { method: 'POST' });
         console.log((await empty.text()).split('\\n')[2]);
         const none = await fetch(`${origin}/none`);
         console.log(none.status, none.body, (await fetch(`${origin}/nowhere`)).ok);
         const head = await fetch(`${origin}/bytes`, { method: 'HEAD' });
         console.log(head.headers.get('content-length'), (await head.text()).length);
         console.log(await (await fetch('data:text/plain,hi')).text(), await (await fetch(URL.createObjectURL(new Blob(['blob'])))).text());",
    );
    insta::assert_snapshot!(out, @r"
    200 OK true basic http://SERVER/echo?q=1 false
    cafÃ© [ 'a=1', 'b=2' ]
    GET /echo?q=1
    host: SERVER
    x-own: caf�
    cookie: c=1
    user-agent: hookfs/VERSION
    accept: */*
    0 bytes, sum 0
    POST /echo
    host: SERVER
    content-length: 7
    content-type: text/plain;charset=UTF-8
    user-agent: hookfs/VERSION
    accept: */*
    7 bytes, sum 520
    content-type: application/x-www-form-urlencoded;charset=UTF-8
    content-length: 0
    204 null false
    3000000 0
    hi blob
    ");
}

#[test]
fn bodies_are_whole_both_ways_and_large_ones_too() {
    let out = printed(
        "const zipped = await fetch(`${origin}/gzip`);
         console.log((await zipped.text()).length, zipped.headers.get('content-encoding'), zipped.headers.get('content-length'));
         const bytes = await (await fetch(`${origin}/bytes`)).bytes();
         console.log(bytes.length, bytes.every((byte, at) => byte === at % 256));
         const large = new Uint8Array(2_000_000).fill(3);
         console.log((await (await fetch(`${origin}/echo`, { method: 'POST', body: large })).text()).split('\\n').slice(2));
         let count = 0;
         const stream = new ReadableStream({ pull(to) { if (count++ === 10) to.close(); else to.enqueue(new Uint8Array(300_000).fill(1)); } });
         console.log((await (await fetch(`${origin}/echo`, { method: 'POST', body: stream, duplex: 'half' })).text()).split('\\n').slice(2));",
    );
    insta::assert_snapshot!(out, @r"
    7000 null null
    3000000 true
    [
      'content-length: 2000000',
      'user-agent: hookfs/VERSION',
      'accept: */*',
      '2000000 bytes, sum 6000000'
    ]
    [
      'transfer-encoding: chunked',
      'user-agent: hookfs/VERSION',
      'accept: */*',
      '3000000 bytes, sum 3000000'
    ]
    ");
}

#[test]
fn an_answer_is_read_while_its_request_is_still_being_sent() {
    let out = printed(
        "let send: ReadableStreamDefaultController;
         const body = new ReadableStream({ start(to) { send = to; } });
         const bytes = (text: string) => new TextEncoder().encode(text);
         send!.enqueue(bytes('one'));
         const reader = (await fetch(`${origin}/both`, { method: 'POST', body, duplex: 'half' })).body!.pipeThrough(new TextDecoderStream()).getReader();
         console.log((await reader.read()).value);
         send!.enqueue(bytes('two'));
         console.log((await reader.read()).value);
         send!.close();
         console.log(await reader.read());",
    );
    assert_eq!(out, "one\ntwo\n{ value: undefined, done: true }\n");
}

#[test]
fn redirects_are_followed_told_or_refused() {
    let out = printed(
        "const get = async (path: string, init?: RequestInit) => {
           try {
             const response = await fetch(origin + path, init);
             console.log(response.status, response.redirected, response.url.replace(origin, ''), (await response.text()).split('\\n')[0]);
           } catch (error) {
             console.log(error.name, error.message.replace(origin, ''));
           }
         };
         await get('/moved');
         await get('/moved', { method: 'POST', body: 'x' });
         await get('/again', { method: 'POST', body: 'x' });
         await get('/moved', { redirect: 'manual' });
         await get('/moved', { redirect: 'error' });
         await get('/circle');",
    );
    insta::assert_snapshot!(out, @r"
    200 true /echo GET /echo
    200 true /echo GET /echo
    200 true /echo POST /echo
    301 false /moved moved
    TypeError fetch failed: /moved redirects
    TypeError fetch failed: more than 20 redirects from /circle
    ");
}

#[test]
fn what_fails_says_why() {
    let out = printed(
        "const fail = async (url: string, init?: RequestInit) => {
           try {
             console.log(await (await fetch(url, init)).text());
           } catch (error) {
             console.log(error.name, error instanceof TypeError, error.cause?.code, error === init?.signal?.reason);
           }
         };
         await fail('http://127.0.0.1:1/');
         await fail(`${origin}/cut`);
         await fail('ftp://example.com/');
         await fail(`${origin}/hang`, { signal: AbortSignal.timeout(50) });
         const controller = new AbortController();
         setTimeout(() => controller.abort(new Error('enough')), 20);
         await fail(`${origin}/endless`, { signal: controller.signal });
         await fail(`${origin}/echo`, { signal: AbortSignal.abort() });
         const broken = new ReadableStream({ pull() { throw new Error('no more'); } });
         await fail(`${origin}/echo`, { method: 'POST', body: broken, duplex: 'half' });",
    );
    insta::assert_snapshot!(out, @r"
    TypeError true ECONNREFUSED false
    TypeError true undefined false
    TypeError true undefined false
    TimeoutError false undefined true
    Error false undefined true
    AbortError false undefined true
    TypeError true UND_ERR_SOCKET false
    ");
}

#[test]
fn what_nobody_reads_is_ended() {
    // More answers than may be open at a time: their streams are collected.
    let out = printed(
        "for (let i = 0; i < 1500; i++) { const response = await fetch(`${origin}/endless`); if (i % 3 === 0) await response.body!.cancel(); }
         console.log('ended');
         setTimeout(() => {}, 10);
         await fetch(`${origin}/echo`, { signal: AbortSignal.timeout(1e9) });",
    );
    assert_eq!(out, "ended\n");
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while ENDLESS.load(Ordering::SeqCst) > 0 {
        assert!(
            std::time::Instant::now() < deadline,
            "answers are still being sent"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn many_go_on_at_a_time_and_timers_with_them() {
    let out = printed(
        "let ticks = 0;
         const interval = setInterval(() => ticks++, 1);
         const all = await Promise.all(Array.from({ length: 50 }, (_, i) => fetch(`${origin}/echo?${i}`).then((response) => response.text())));
         clearInterval(interval);
         console.log(all.every((text, i) => text.startsWith(`GET /echo?${i}\\n`)), ticks > 0);",
    );
    assert_eq!(out, "true true\n");
}
