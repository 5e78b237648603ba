//! A program in memory that answers requests, in workers that have little.

mod bodies;
mod hot;
mod limits;
mod scene;

use super::*;
use scene::{Scene, get, read, request};

#[test]
#[ignore = "what the workers of the tests beside it run"]
fn entry() {
    if crate::worker::tests::kind().is_some() {
        crate::worker::serve(&scene::KIND, || {
            crate::script::work::Scripts::new(scene::KIND)
        });
    }
}

#[test]
fn a_request_comes_as_it_was_sent_and_so_does_its_answer() {
    let scene = Scene::new(&[(
        "/server.ts",
        "export default {
           name: 'this one',
           async fetch(request: Request) {
             const { method, url, headers } = request;
             const body = [...await request.bytes()].join();
             return new Response(`${this.name} ${method} ${url} ${headers.get('x-own')} ${body}`, {
               status: 201, statusText: 'Made \\xe9', headers: [['x-back', 'caf\\xe9'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']],
             });
           },
         };",
    )]);
    scene.block_on(async {
        let mut asked = request("POST", "/a?b=1");
        asked.headers.push((b"X-Own".to_vec(), vec![0xe4]));
        let (sender, body) = mpsc::channel(4);
        for piece in [&[0_u8, 255][..], &[], &[128]] {
            sender
                .send(Ok(Bytes::copy_from_slice(piece)))
                .await
                .unwrap();
        }
        drop(sender);
        asked.body = Some(body);
        let answer = scene.live.fetch(asked).await.unwrap();
        assert_eq!((answer.status, &*answer.text), (201, "Made \u{e9}"));
        let own = |text: &[u8]| text.to_vec();
        let headers = [
            (own(b"x-back"), own(&[b'c', b'a', b'f', 0xe9])),
            (own(b"Set-Cookie"), own(b"a=1")),
            (own(b"Set-Cookie"), own(b"b=2")),
            (own(b"Content-Type"), own(b"text/plain;charset=UTF-8")),
        ];
        assert_eq!(answer.headers, headers);
        assert_eq!(
            read(answer.body).await.unwrap(),
            "this one POST http://localhost/a?b=1 \u{e4} 0,255,128"
        );
    });
}

#[test]
fn requests_have_values_of_their_own() {
    let scene = Scene::new(&[(
        "/server.ts",
        "import { AsyncLocalStorage } from 'node:async_hooks';
         const storage = new AsyncLocalStorage<string>();
         const query = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
         async function* lines() { for (let n = 0; n < 3; n++) { await query(); yield `${storage.getStore()} `; } }
         export default {
           async fetch(request: Request) {
             const before = storage.getStore();
             storage.enterWith('left behind');
             return storage.run(new URL(request.url).pathname, async () => {
               for (let n = 0; n < 5; n++) await query();
               return new Response(ReadableStream.from(lines()).pipeThrough(new TextEncoderStream()), { headers: { before: `${before}` } });
             });
           },
         };",
    )]);
    scene.block_on(async {
        let ask = |n: usize| {
            let live = scene.live.clone();
            tokio::spawn(async move {
                let answer = live.fetch(request("GET", &format!("/{n}"))).await.unwrap();
                assert_eq!(answer.headers[0].1, b"undefined");
                assert_eq!(read(answer.body).await.unwrap(), format!("/{n} ").repeat(3));
            })
        };
        for asked in (0..20).map(ask).collect::<Vec<_>>() {
            asked.await.unwrap();
        }
    });
}

#[test]
fn requests_go_on_beside_one_another() {
    let scene = Scene::new(&[(
        "/server.ts",
        "const waiting: (() => void)[] = [];
         export default {
           async fetch({ url }: Request) {
             if (url.endsWith('/wait')) await new Promise<void>((done) => waiting.push(done));
             else for (const done of waiting) done();
             return new Response(`${url} ${waiting.length}`);
           },
         };",
    )]);
    scene.block_on(async {
        let waiting: Vec<_> = (0..20).map(|_| scene.spawn("/wait")).collect();
        // Those that come are among those that wait, sooner or later.
        while get(&scene.live, "/go").await.unwrap() != "http://localhost/go 20" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        get(&scene.live, "/go").await.unwrap();
        for answer in waiting {
            assert_eq!(answer.await.unwrap().unwrap(), "http://localhost/wait 20");
        }
    });
}

#[test]
fn what_is_no_answer_says_so() {
    let failed = |text: &str| {
        let scene = Scene::new(&[("/server.ts", text)]);
        let failed = scene.block_on(get(&scene.live, "/"));
        failed.unwrap_err().to_string()
    };
    let all = [
        "export default { fetch() { return 'text' } }",
        "export default { async fetch() { return Response.error() } }",
        "export default () => new Response()",
        "export const fetch = 1",
        "export default { async fetch() {\n  throw new TypeError('wrong');\n} }",
        "throw new Error('at the start');",
        "export default {",
        "import './nowhere.ts';",
        "const r = new Response('x'); await r.text(); export default { fetch: () => r }",
        "export default { fetch() { throw new Proxy({}, { getPrototypeOf() { throw 1 } }) } }",
        "export default { fetch: () => new Proxy({}, { ownKeys() { throw 1 } }) }",
    ]
    .map(failed)
    .join("\n---\n");
    insta::assert_snapshot!(all, @r"
    error[server-handler]: the server's `fetch` gives 'text', and not a Response
      hint: the module of the server exports `default { fetch(request) { return new Response(…) } }`
    ---
    error[server-handler]: the server's `fetch` gives `Response.error()`, which nobody can send
      hint: the module of the server exports `default { fetch(request) { return new Response(…) } }`
    ---
    error[server-handler]: the server's default export has no `fetch`
      hint: the module of the server exports `default { fetch(request) { return new Response(…) } }`
    ---
    error[server-handler]: the server has no default export
      hint: the module of the server exports `default { fetch(request) { return new Response(…) } }`
    ---
    error[server-error]: uncaught TypeError: wrong
        at fetch (/server.ts:2:13)
    ---
    error[server-error]: uncaught Error: at the start
        at <anonymous> (/server.ts:1:11)
    ---
    error[syntax]: unexpected end of the file, expected identifier, string literal, numeric literal or [ for the computed key in `/server.ts:1:17`
      1 | export default {
        |                 ^
    ---
    error[server-error]: uncaught Error: no such module `/nowhere.ts` { code: 'ERR_MODULE_NOT_FOUND' }
    ---
    error[server-handler]: the body of the Response that the server's `fetch` gives was read already
      hint: the module of the server exports `default { fetch(request) { return new Response(…) } }`
    ---
    error[server-error]: uncaught <a value that cannot be shown>
    ---
    error[server-handler]: the server's `fetch` gives <a value that cannot be shown>, and not a Response
      hint: the module of the server exports `default { fetch(request) { return new Response(…) } }`
    ");
}

#[test]
fn what_nobody_has_caught_is_told_and_the_program_goes_on() {
    let scene = Scene::new(&[(
        "/server.ts",
        "console.log('out'); console.error('err');
         export default {
           fetch() {
             setTimeout(() => { throw new Error('later'); });
             Promise.reject(new RangeError('lost'));
             return new Response('well');
           },
         };",
    )]);
    scene.block_on(async {
        assert_eq!(get(&scene.live, "/").await.unwrap(), "well");
        scene.until(|printed| printed.contains("later")).await;
        assert_eq!(get(&scene.live, "/").await.unwrap(), "well");
    });
    let printed = scene.printed();
    assert!(printed.starts_with("out\n!err\n"), "{printed}");
    assert!(
        printed.contains("!Uncaught RangeError: lost\n    at fetch (/server.ts:5:"),
        "{printed}"
    );
    assert!(
        printed.contains("!Uncaught Error: later\n    at <anonymous> (/server.ts:4:"),
        "{printed}"
    );
    assert_eq!(printed.matches("out").count(), 1, "one worker: {printed}");
}
