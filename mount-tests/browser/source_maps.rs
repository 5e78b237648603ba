//! An error that is thrown in a browser leads to the line of the source.

use crate::faults::{Fault, Frame};
use crate::source_map::{Place, original};
use crate::support::Tree;
use crate::{Chromium, Kind, Server, turn};

#[test]
fn a_thrown_error_is_mapped_to_the_line_that_was_written() {
    let _turn = turn();
    let tree = Tree::new(
        "\
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'>
<body><script type='module' src='/src/main.tsx'></script>
//- /src/main.tsx
import { fail } from './deep/fail';

interface Props { text: string }
const Label = ({ text }: Props) => ({ text });
enum Kind { One, Two }
fail(Kind.Two, Label({ text: 'ü' }).text);
//- /src/deep/fail.ts
type Word = string;

export function fail(count: number, word: Word): never {
  if (count > 5 as boolean) return undefined as never;
  throw new Error(`${word} ${count}`);
}
",
    );
    let mount = tree.mounter("").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&server.url("/"));
    let Fault::Exception { stack, .. } = page.take_fault("ü 1") else {
        panic!("it is no exception")
    };

    let mut places = stack.iter().map(|frame| {
        let fetch = |url: &str| format!("fetch({url:?}).then((response) => response.text())");
        let script = page.value(&fetch(&frame.url));
        let (_, name) = script
            .as_str()
            .unwrap()
            .rsplit_once("//# sourceMappingURL=")
            .unwrap();
        let map_url = page.value(&format!("new URL({:?}, {:?}).href", name.trim(), frame.url));
        let map = page.value(&fetch(map_url.as_str().unwrap()));
        place(map.as_str().unwrap(), frame)
    });
    // Both are where V8 has them in code that was never compiled: at `new`, and at the call.
    assert_eq!(places.next(), Some(("fail.ts".to_owned(), 5, 9)));
    assert_eq!(places.next(), Some(("main.tsx".to_owned(), 6, 1)));
}

/// The file, line and column as editors count them.
fn place(map: &str, frame: &Frame) -> (String, i64, i64) {
    let Place {
        source,
        line,
        column,
    } = original(map, frame.line, frame.column).unwrap();
    (source, line + 1, column + 1)
}
