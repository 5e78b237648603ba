//! The scripts of `mount-tests/async`, against what Node prints.

use std::fs;
use std::path::Path;

use super::scene::{printed, run};

/// Lines in order: when a timer runs beside others is not what is looked at.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn values_go_on_as_they_do_in_node() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mount-tests/async");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let other = read("dep.mjs");
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(expected) = name.strip_suffix(".txt") else {
            continue;
        };
        let text = read(&format!("{expected}.mjs"));
        let ran = run(&[("/main.mjs", &text), ("/dep.mjs", &other)], "/main.mjs");
        assert_eq!((&*ran.err, ran.status), ("", 0), "{name}");
        assert_eq!(sorted(&ran.out), sorted(&read(&name)), "{name}");
        count += 1;
    }
    assert!(count > 25);
}

#[test]
fn what_is_rejected_is_told_although_it_is_followed() {
    let program = "
        import { AsyncLocalStorage } from 'node:async_hooks';
        const storage = new AsyncLocalStorage();
        process.on('unhandledRejection', (reason) => console.log(reason, storage.getStore()));
        storage.run('a', () => {
            const later = new Promise((_, reject) => setTimeout(reject, 1, 'later'));
            console.log(later, Promise.resolve(later) === later);
        });
        storage.run('b', async () => { await 1; throw 'thrown'; });
        const caught = storage.run('c', () => Promise.reject('caught'));
        try { await caught; } catch { console.log('caught', storage.getStore()); }
    ";
    let text = printed(&[("/main.mjs", program)], "/main.mjs");
    insta::assert_snapshot!(text, @r#"
        Promise { <pending> } true
        caught undefined
        thrown b
        later a
        "#);
}

#[test]
fn a_program_without_values_is_not_told_of_promises() {
    let program = "
        import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
        const own = () => typeof Object.getOwnPropertyDescriptor(Promise.prototype, 'constructor').get;
        const storage = new AsyncLocalStorage({ defaultValue: 'default', name: 'mine' });
        console.log(storage.getStore(), storage.name, new AsyncResource('x').runInAsyncScope((n) => n, undefined, 2));
        storage.disable();
        await 1;
        console.log(own());
        storage.run('value', () => console.log(own(), storage.getStore()));
        console.log(storage.getStore());
    ";
    let text = printed(&[("/main.mjs", program)], "/main.mjs");
    insta::assert_snapshot!(text, @r#"
        default mine 2
        undefined
        function value
        default
        "#);
}

#[test]
fn the_stack_may_run_out() {
    let program = "
        import { AsyncLocalStorage } from 'node:async_hooks';
        const storage = new AsyncLocalStorage();
        await storage.run(1, async () => {
            const deeper = async () => { await deeper(); };
            await deeper().catch((error) => console.log(error.name, storage.getStore()));
            const nested = (n) => n === 0 ? storage.getStore() : storage.run(n, () => nested(n - 1));
            console.log(nested(200));
        });
        console.log(storage.getStore());
    ";
    let text = printed(&[("/main.mjs", program)], "/main.mjs");
    insta::assert_snapshot!(text, @r#"
        RangeError 1
        1
        undefined
        "#);
}
