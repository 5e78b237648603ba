//! Requests that want more than they may have.

use super::*;

const SERVER: &str = "
const all: unknown[] = [];
const deep = (): number => deep() + 1;
export default {
  async fetch(request: Request) {
    switch (new URL(request.url).pathname) {
      case '/spin': while (true);
      case '/microtasks': while (true) await null;
      case '/native': return [].indexOf.call({ length: 2 ** 53 - 1 } as any, 1 as never);
      case '/hoard': while (true) all.push(new Array(1e5).fill(all.length));
      case '/deep': return new Response(`${deep()}`);
      case '/exit': process.exit(3);
      case '/wait':
        request.signal.addEventListener('abort', () => console.log('aborted', request.signal.reason.name));
        console.log('waits');
        return new Promise<Response>(() => {});
      case '/slices':
        for (let i = 0; i < 40; i++) {
          for (const start = Date.now(); Date.now() - start < 100;);
          await new Promise((done) => setTimeout(done));
        }
    }
    return new Response('well');
  },
};";

#[test]
fn what_never_yields_is_ended_with_those_beside_it() {
    let scene = Scene::new(&[("/server.ts", SERVER)]);
    scene.block_on(async {
        for path in ["/spin", "/microtasks", "/native"] {
            scene.take();
            let beside = scene.spawn("/wait");
            scene.until(|printed| printed == "waits\n").await;
            let failed = get(&scene.live, path).await.unwrap_err().to_string();
            assert!(
                failed.starts_with(
                    "error[server-timeout]: the server's program was ended: it ran longer than 2 s"
                ),
                "{path}: {failed}"
            );
            assert_eq!(beside.await.unwrap().unwrap_err().to_string(), failed);
            assert_eq!(get(&scene.live, "/").await.unwrap(), "well");
        }
        // More than that in all, but never at once.
        assert_eq!(get(&scene.live, "/slices").await.unwrap(), "well");
    });
}

#[test]
fn memory_and_stack_and_an_end_are_told_and_the_next_request_is_well() {
    let scene = Scene::new(&[("/server.ts", SERVER)]);
    scene.block_on(async {
        for (path, start) in [
            (
                "/hoard",
                "error[server-memory]: the server's program took more memory",
            ),
            (
                "/deep",
                "error[server-error]: uncaught RangeError: Maximum call stack",
            ),
            (
                "/exit",
                "error[server-ended]: the server's program has ended itself with status 3",
            ),
        ] {
            let failed = get(&scene.live, path).await.unwrap_err().to_string();
            assert!(failed.starts_with(start), "{path}: {failed}");
            assert_eq!(get(&scene.live, "/").await.unwrap(), "well");
        }
    });
}

#[test]
fn who_gets_no_answer_is_told_in_time_and_who_leaves_is_not_waited_for() {
    let limits = Limits {
        answer: Duration::from_secs(1),
        requests: 4,
        ..Limits::default()
    };
    let scene = Scene::with(&[("/server.ts", SERVER)], limits);
    scene.block_on(async {
        // On a busy machine its time may be over before the program has seen it.
        while !scene.printed().contains("waits") {
            let failed = get(&scene.live, "/wait").await.unwrap_err().to_string();
            let start = "error[server-timeout]: there was no answer within 1 s";
            assert!(failed.starts_with(start), "{failed}");
        }
        let is_aborted = |printed: &str| printed.ends_with("aborted AbortError\n");
        scene.until(is_aborted).await;
        scene.take();
        while !scene.printed().contains("waits") {
            let left = scene.spawn("/wait");
            let begun = scene.until(|printed| printed.contains("waits"));
            _ = tokio::time::timeout(limits.answer, begun).await;
            left.abort();
        }
        scene.until(is_aborted).await;
        while get(&scene.live, "/").await.ok().as_deref() != Some("well") {}
    });
}

#[test]
fn a_crowd_is_refused() {
    let limits = Limits {
        requests: 3,
        ..Limits::default()
    };
    let scene = Scene::with(&[("/server.ts", SERVER)], limits);
    scene.block_on(async {
        let waiting: Vec<_> = (0..3).map(|_| scene.spawn("/wait")).collect();
        scene
            .until(|printed| printed == "waits\nwaits\nwaits\n")
            .await;
        let failed = get(&scene.live, "/").await.unwrap_err().to_string();
        assert!(
            failed.starts_with("error[server-crowded]: more than 3 requests"),
            "{failed}"
        );
        for request in waiting {
            request.abort();
        }
        scene
            .until(|printed| printed.matches("aborted").count() == 3)
            .await;
        assert_eq!(get(&scene.live, "/").await.unwrap(), "well");
    });
}
