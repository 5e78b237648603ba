//! Modules that are saved while the program runs: which are evaluated anew, and what is kept.

use super::*;

/// Each module tells that it runs.
const FILES: [(&str, &str); 5] = [
    (
        "/server.ts",
        "import { text } from './page.ts'; import './other.ts';
         console.log('run server');
         export default { fetch: async (request: Request) => new Response(await text(request)) };",
    ),
    (
        "/page.ts",
        "import { count } from './state.ts'; import { word } from './word.ts';
         console.log('run page');
         export const text = (request: Request) => `${word} ${count()}`;",
    ),
    (
        "/state.ts",
        "console.log('run state'); let n = 0; export const count = () => ++n;",
    ),
    (
        "/word.ts",
        "console.log('run word'); export const word = 'one';",
    ),
    ("/other.ts", "console.log('run other');"),
];

/// The modules that ran since the last time, in their order.
fn ran(scene: &Scene) -> String {
    let text = scene.take();
    let names = text.lines().filter_map(|line| line.strip_prefix("run "));
    names.collect::<Vec<_>>().join(" ")
}

async fn ask(scene: &Scene) -> String {
    match get(&scene.live, "/").await {
        Ok(text) => text,
        Err(failed) => failed.to_string(),
    }
}

#[test]
fn what_has_changed_runs_anew_with_its_importers_and_the_rest_keeps_its_state() {
    let scene = Scene::new(&FILES);
    scene.block_on(async {
        assert_eq!(ask(&scene).await, "one 1");
        assert_eq!(ran(&scene), "state word page other server");
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("one 2", "")
        );

        scene.save(
            "/word.ts",
            "console.log('run word'); export const word = 'two';",
        );
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("two 3", "word page server")
        );

        scene.save("/other.ts", "console.log('run other'); export {}");
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("two 4", "other server")
        );

        // Broken, and broken in another way, and mended.
        scene.save("/word.ts", "export const word = ;");
        let failed = ask(&scene).await;
        assert!(
            failed.starts_with("error[syntax]: ") && failed.contains("word.ts:1:"),
            "{failed}"
        );
        assert_eq!(ran(&scene), "");
        assert_eq!(ask(&scene).await, failed);
        scene.save(
            "/word.ts",
            "console.log('run word'); export const other = 'three';",
        );
        let failed = ask(&scene).await;
        assert!(
            failed.contains("SyntaxError") && failed.contains("\"word\""),
            "{failed}"
        );
        scene.save(
            "/word.ts",
            "console.log('run word'); export const word = 'three';",
        );
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("three 5", "word page server")
        );

        // Gone, and there again.
        scene.remove("/word.ts");
        assert!(ask(&scene).await.contains("no such module `/word.ts`"));
        scene.save(
            "/word.ts",
            "console.log('run word'); export const word = 'four';",
        );
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("four 6", "word page server")
        );
    });
}

#[test]
fn what_has_failed_runs_anew_with_the_next_request() {
    let scene = Scene::new(&[
        (
            "/server.ts",
            "import { name } from './base.ts'; import { next } from './tries.ts';
             console.log('run server');
             let requests = 0;
             export default { async fetch(request: Request) {
               requests++;
               if (request.url.endsWith('/')) return new Response(name);
               return new Response(await import('./later.ts').then(({ ready }) => `${ready} ${requests}`, String));
             } };",
        ),
        (
            "/base.ts",
            "import { next } from './tries.ts'; console.log('run base');
             const connect = async (count: number) => { if (count < 3) throw new Error(`not yet ${count}`); return 'up'; };
             export const name = await connect(next());",
        ),
        (
            "/later.ts",
            "import { next } from './tries.ts'; console.log('run later');
             if (next() < 5) throw new Error('nor this');
             export const ready = 'ready';",
        ),
        (
            "/tries.ts",
            "console.log('run tries'); let count = 0; export const next = () => ++count;",
        ),
    ]);
    scene.block_on(async {
        let failed = ask(&scene).await;
        assert!(failed.contains("Error: not yet 1"), "{failed}");
        assert_eq!(ran(&scene), "tries base");
        let failed = ask(&scene).await;
        assert!(failed.contains("Error: not yet 2"), "{failed}");
        assert_eq!(ran(&scene), "base");
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("up", "base server")
        );
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("up", "")
        );
        // Whoever imports it later is not evaluated anew.
        let later = async || get(&scene.live, "/later").await.unwrap();
        assert_eq!(
            (later().await.as_str(), ran(&scene).as_str()),
            ("Error: nor this", "later")
        );
        assert_eq!(
            (later().await.as_str(), ran(&scene).as_str()),
            ("ready 4", "later")
        );
        assert_eq!(
            (later().await.as_str(), ran(&scene).as_str()),
            ("ready 5", "")
        );
    });
}

#[test]
fn modules_of_a_circle_run_anew_together() {
    let scene = Scene::new(&[
        (
            "/server.ts",
            "import { a } from './a.ts'; console.log('run server'); export default { fetch: () => new Response(a()) };",
        ),
        (
            "/a.ts",
            "import { b } from './b.ts'; console.log('run a'); export function a() { return 'a' + b(); }",
        ),
        (
            "/b.ts",
            "import { a } from './a.ts'; import { leaf } from './leaf.ts'; console.log('run b', typeof a); export const b = () => leaf + 'b';",
        ),
        (
            "/leaf.ts",
            "console.log('run leaf'); export const leaf = 1;",
        ),
    ]);
    scene.block_on(async {
        assert_eq!(ask(&scene).await, "a1b");
        assert_eq!(ran(&scene), "leaf b function a server");
        scene.save("/b.ts", "import { a } from './a.ts'; import { leaf } from './leaf.ts'; console.log('run b', typeof a); export const b = () => leaf + 'B';");
        assert_eq!((ask(&scene).await.as_str(), ran(&scene).as_str()), ("a1B", "b function a server"));
    });
}

#[test]
fn what_is_imported_later_counts_as_an_import() {
    let scene = Scene::new(&[
        (
            "/server.ts",
            "const first = await import('./first.ts');
             const missing = await import('./missing.ts').catch((error) => ({ word: error.code }));
             console.log('run server');
             export default {
               async fetch(request: Request) {
                 if (!request.url.endsWith('/')) return new Response((await import('./lazy.ts')).word);
                 return new Response(first.word + missing.word);
               },
             };",
        ),
        ("/first.ts", "console.log('run first'); await null; export const word = 'one ';"),
        ("/lazy.ts", "console.log('run lazy'); export const word = 'lazy';"),
    ]);
    scene.block_on(async {
        assert_eq!(ask(&scene).await, "one ERR_MODULE_NOT_FOUND");
        assert_eq!(ran(&scene), "first server");
        scene.save(
            "/lazy.ts",
            "console.log('run lazy'); export const word = 'lazier';",
        );
        assert_eq!(ask(&scene).await, "one ERR_MODULE_NOT_FOUND");
        assert_eq!(ran(&scene), "");
        assert_eq!(get(&scene.live, "/lazy").await.unwrap(), "lazier");
        assert_eq!(ran(&scene), "lazy");
        scene.save(
            "/first.ts",
            "console.log('run first'); await null; export const word = 'two ';",
        );
        assert_eq!(ask(&scene).await, "two ERR_MODULE_NOT_FOUND");
        assert_eq!(ran(&scene), "first server");
        scene.save(
            "/missing.ts",
            "console.log('run missing'); export const word = 'there';",
        );
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("two there", "missing server")
        );
    });
}

#[test]
fn an_error_at_the_start_is_told_by_each_request() {
    let scene = Scene::new(&[
        (
            "/server.ts",
            "import { word } from './word.ts'; export default { fetch: () => new Response(word) };",
        ),
        (
            "/word.ts",
            "console.log('run word'); export let word = 1; await null; throw new Error('first');",
        ),
    ]);
    scene.block_on(async {
        for _ in 0..3 {
            let failed = ask(&scene).await;
            assert!(
                failed.contains("uncaught Error: first\n    at <anonymous> (/word.ts:1:"),
                "{failed}"
            );
            assert_eq!(ran(&scene), "word");
        }
        scene.save(
            "/word.ts",
            "console.log('run word'); await null; export const word = 'mended';",
        );
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("mended", "word")
        );
    });
}

#[test]
fn one_instance_leaves_to_the_next_what_it_wants() {
    let files = |version: u32| {
        format!(
            "const {{ hot }} = import.meta;
             hot.accept(); hot.data.list ??= [];
             hot.data.list.push({version});
             export const list = hot.data.list;
             hot.dispose(() => console.log('never'));
             hot.dispose(async (data) => {{ await null; data.list.push('end of {version}'); console.log('run dispose {version}'); }});
             export const again = () => hot.invalidate();
             console.log('run list {version}');"
        )
    };
    let server = "
        import { list, again } from './list.ts';
        import.meta.hot.dispose(() => { console.log('run dispose server'); throw new Error('cannot'); });
        export default { fetch: ({ url }: Request) => (url.endsWith('/again') && again(), new Response(list.join())) };";
    let scene = Scene::new(&[("/server.ts", server), ("/list.ts", &files(1))]);
    scene.block_on(async {
        assert_eq!(
            (ask(&scene).await.as_str(), ran(&scene).as_str()),
            ("1", "list 1")
        );
        scene.save("/list.ts", &files(2));
        assert_eq!(ask(&scene).await, "1,end of 1,2");
        let printed = scene.take();
        let lines: Vec<&str> = printed
            .lines()
            .filter(|line| !line.starts_with("    at"))
            .collect();
        assert_eq!(
            lines,
            [
                "run dispose server",
                "!Uncaught Error: cannot",
                "run dispose 1",
                "run list 2"
            ]
        );
        // Both begin after the same save: it runs anew once.
        scene.save("/list.ts", &files(3));
        let (first, second) = tokio::join!(ask(&scene), ask(&scene));
        assert_eq!([first, second], ["1,end of 1,2,end of 2,3"; 2]);
        scene.take();
        assert_eq!(
            get(&scene.live, "/again").await.unwrap(),
            "1,end of 1,2,end of 2,3"
        );
        assert_eq!(ask(&scene).await, "1,end of 1,2,end of 2,3,end of 3,3");
    });
}

#[test]
fn a_request_that_runs_keeps_what_it_began_with() {
    let server = |word: &str| {
        format!(
            "import {{ gate }} from './gate.ts';
             export default {{ async fetch({{ url }}: Request) {{ if (url.endsWith('/wait')) {{ console.log('waits'); await gate.opened; }} else gate.open(); return new Response('{word}'); }} }};"
        )
    };
    let gate = "let open; const opened = new Promise((done) => { open = done; }); export const gate = { open, opened };";
    let scene = Scene::new(&[("/server.ts", &server("old")), ("/gate.ts", gate)]);
    scene.block_on(async {
        let old = scene.spawn("/wait");
        scene.until(|printed| printed == "waits\n").await;
        scene.save("/server.ts", &server("new"));
        assert_eq!(ask(&scene).await, "new");
        assert_eq!(old.await.unwrap().unwrap(), "old");
    });
}

/// A module that talks with pages.
const TALK: &str = "import { word } from './word.ts';
    const hot = import.meta.hot!;
    let client: unknown;
    hot.on('ask', (data: unknown, from: { send(event: string, data?: unknown): void }) => {
      from.send('answer', { data, word, known: client === from });
      client = from;
    });
    hot.on('all', (data: unknown) => hot.send('told', data));
    hot.on('bad', () => { throw new Error('a bad listener') });
    hot.on('bad', (_: unknown, from: any) => from.send({ type: 'custom', event: 'good' }));
    const off = () => hot.send('off');
    hot.on('gone', off);
    hot.off('gone', off);
    hot.on('wrong', (_: unknown, from: any) => {
      try { from.send({ type: 'full-reload' }); } catch (error) { hot.send('error', String(error)); }
    });
    export default { fetch: () => new Response('ok') };";

#[test]
fn pages_and_modules_talk_and_a_module_that_has_changed_hears_anew() {
    let scene = Scene::new(&[
        ("/server.ts", TALK),
        ("/word.ts", "export const word = 'one';"),
    ]);
    scene.block_on(async {
        let say = |page, name: &str, data: &str| {
            let (name, data) = (name.to_owned(), data.to_owned());
            scene.live.event(page, name, data)
        };
        // Nothing runs yet.
        say(7, "ask", "[1]").await;
        let answer = |word: &str, known| {
            (
                7,
                format!("answer {{\"data\":[1],\"word\":\"{word}\",\"known\":{known}}}"),
            )
        };
        assert_eq!(scene.events(1).await, [answer("one", false)]);
        say(7, "ask", "[1]").await;
        assert_eq!(scene.events(2).await[1], answer("one", true));
        scene.save("/word.ts", "export const word = 'two';");
        say(7, "ask", "[1]").await;
        // The listener of the last instance is no more.
        say(8, "all", "").await;
        let events = scene.events(4).await;
        assert_eq!(events[2..], [answer("two", false), (0, "told ".to_owned())]);
        say(8, "nobody", "1").await;
        say(8, "gone", "1").await;
        say(8, "bad", "1").await;
        say(8, "wrong", "1").await;
        let events = scene.events(6).await;
        assert_eq!(events[4], (8, "good ".to_owned()));
        assert!(
            events[5].1.contains("only events can be sent"),
            "{events:?}"
        );
        assert!(
            scene.printed().contains("a bad listener"),
            "{}",
            scene.printed()
        );
        // A program that does not compile says so, and the next event finds it mended.
        scene.save("/word.ts", "export const word = ;");
        say(7, "ask", "[1]").await;
        while !scene.printed().contains("error[syntax]") {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        scene.save("/word.ts", "export const word = 'three';");
        say(7, "ask", "[1]").await;
        assert_eq!(scene.events(7).await[6], answer("three", false));
    });
}

#[test]
fn what_the_program_imports_no_more_comes_to_its_end() {
    let server = |first: &str, text: &str| {
        format!("{first} export default {{ fetch: async () => new Response({text}) }};")
    };
    let (jobs, lazy) = ("import './jobs.ts';", "(await import('./lazy.ts')).text()");
    let page = |word: &str| {
        format!(
            "import {{ count }} from './state.ts'; console.log('run lazy');
             export const text = () => `{word} ${{count()}}`;"
        )
    };
    let scene = Scene::new(&[
        ("/server.ts", &server(jobs, lazy)),
        (
            "/jobs.ts",
            "console.log('run jobs', import.meta.hot.data.old); import.meta.hot.data.old = true;
             import.meta.hot.dispose(() => console.log('run end'));",
        ),
        ("/lazy.ts", &page("one")),
        (
            "/state.ts",
            "let n = 0; export const count = () => ++n;
             import.meta.hot.dispose(() => console.log('run over'));",
        ),
    ]);
    scene.block_on(async {
        let told = async || format!("{}: {}", ask(&scene).await, ran(&scene));
        assert_eq!(told().await, "one 1: jobs undefined lazy");
        // What is on the way to it is not there yet when the program has run.
        scene.save("/lazy.ts", &page("two"));
        assert_eq!(told().await, "two 2: lazy");
        scene.save("/server.ts", &server("", lazy));
        assert_eq!(told().await, "two 3: end");
        scene.save("/server.ts", &server(jobs, lazy));
        assert_eq!(told().await, "two 4: jobs undefined");
        // It may import it later.
        let never = format!("Math.random() < 2 ? 'none' : {lazy}");
        scene.save("/server.ts", &server(jobs, &never));
        assert_eq!(told().await, "none: ");
        scene.save("/server.ts", &server(jobs, "'none'"));
        assert_eq!(told().await, "none: over");
    });
}
