//! Modules that import each other in a circle, while they are edited.

use crate::hot::{is_marked, replace, serve};
use crate::hot_cases::{open, project, says};
use crate::{Chromium, turn};

#[test]
fn a_circle_with_a_module_that_accepts_itself_runs_as_one() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import { outside } from './ring';
import.meta.hot?.on('vite:beforeUpdate', ({ updates }) => {
  say(updates.map(({ acceptedPath, isWithinCircularImport }) => `${acceptedPath} ${isWithinCircularImport}`).join());
});
Object.assign(globalThis, { outside });
say('main');
//- /ring.ts
import { joined } from './middle';
export const word = 'one';
say(`ring ${joined()}`);
export const outside = (): string => joined();
import.meta.hot?.accept((updated) => { say(`accepted ${updated?.outside()}`); });
//- /middle.ts
import { tail } from './last';
import './apart';
say('middle');
export const joined = (): string => `[${tail()}]`;
//- /last.ts
import { word } from './ring';
say('last');
export const tail = (): string => `${word} a`;
//- /apart.ts
say('apart');
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "last;apart;middle;ring [one a];main;");
    // The others of the circle would go on with the old instance of the one that accepts.
    replace(&tree, "ring.ts", "'one'", "'two'");
    let update = "/ring.ts true;";
    says(
        &mut page,
        &format!("{update}last;middle;ring [two a];accepted [two a];"),
    );
    for (name, old, new) in [("last.ts", "} a", "} b"), ("middle.ts", "`[", "`[b, ")] {
        replace(&tree, name, old, new);
        page.wait(&format!(
            "said().includes('accepted {}')",
            match name {
                "last.ts" => "[two b]",
                _ => "[b, two b]",
            }
        ));
        let order = "said().split(';').map((text) => text.split(' ')[0]).join()";
        page.wait_equal(
            order,
            &serde_json::json!("/ring.ts,last,middle,ring,accepted,"),
        );
        page.value("sessionStorage.removeItem('said')");
    }
    // Whoever is outside keeps what he has.
    page.wait("outside() === '[one a]'");
    // A file that does not compile leaves the circle as it is, and one that is mended runs with it.
    page.expect_faults();
    replace(&tree, "last.ts", "export const", "export const const");
    page.wait("document.querySelector('hookfs-overlay') !== null");
    replace(&tree, "ring.ts", "'two'", "'three'");
    replace(&tree, "last.ts", "export const const", "export const");
    page.wait("document.querySelector('hookfs-overlay') === null");
    page.wait("said().endsWith('accepted [b, three b];')");
    // No circle any more: the one that accepts runs alone.
    page.value("sessionStorage.removeItem('said')");
    tree.write(
        "last.ts",
        "say('last');\nexport const tail = (): string => 'alone';\n",
    );
    says(
        &mut page,
        &format!("{update}last;middle;ring [b, alone];accepted [b, alone];"),
    );
    replace(&tree, "ring.ts", "'three'", "'four'");
    says(
        &mut page,
        "/ring.ts false;ring [b, alone];accepted [b, alone];",
    );
    is_marked(&mut page);
    drop(page);
    served.stop();
}
