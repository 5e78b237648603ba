//! Files that are made of each other.

use std::fs;

use crate::support::{Tree, errno};

#[test]
fn a_page_that_leads_to_a_cycle_is_there_and_tells_it() {
    let tree = Tree::new(
        "
        //- /index.html
        <link rel=stylesheet href=s.css><script type=module src=main.ts></script>
        //- /bundle.html
        <script type=module src=~bundle/main.ts.js></script>
        //- /main.ts
        import text from './a.txt?raw';
        import './b.ts';
        document.title = text;
        //- /b.ts
        export const b = 1;
        //- /a.txt.hook.ts
        export default (c: any) => c.readText('/~@/b.txt');
        //- /b.txt.hook.ts
        export default (c: any) => c.readText('/~@/a.txt');
        //- /s.css.hook.ts
        export default (c: any) => c.readText('/~@/s.css');
        ",
    );
    let mount = tree.mounter("").mount();
    let page = mount.read("index.html");
    for told in [
        "error[cycle]:",
        "/a.txt.hook.ts\nneeds /b.txt.hook.ts\nneeds /a.txt.hook.ts",
        "/s.css.hook.ts\nneeds /s.css.hook.ts",
        "\"./b.ts.js\":\"./b.ts.v",
    ] {
        let plain = page.replace("<b class=\"error\">", "").replace("</b>", "");
        let plain = plain.replace("\n  ", "\n");
        assert!(plain.contains(told), "{told} in {plain}");
    }
    let bundle = mount.read("~bundle/main.ts.js");
    assert!(bundle.contains("\"fault\":\"error[cycle]") && bundle.contains("/b.ts.js"));
    let page = mount.read("bundle.html");
    let name = page
        .split("src=")
        .nth(1)
        .and_then(|rest| rest.split('>').next());
    let name = name.unwrap().trim_matches('"').trim_start_matches("./");
    assert!(name.contains(".v"), "{page}");
    assert_eq!(mount.read(name), bundle);
    tree.write("b.txt.hook.ts", "export default 'open';");
    tree.write("s.css.hook.ts", "export default 'a{}';");
    let page = mount.read("index.html");
    assert!(
        !page.contains("error[") && page.contains("a.txt.raw.v"),
        "{page}"
    );
    mount.stop();
}

#[test]
fn hooks_that_read_one_another_are_a_cycle() {
    let tree = Tree::new(
        "
        //- /a.txt.hook.ts
        export default (c: any) => c.readText('/~@/b.txt');
        //- /b.txt.hook.ts
        export default (c: any) => { try { return c.readText('/~@/a.txt'); } catch { return 'caught'; } };
        ",
    );
    let mount = tree.mounter("").mount();
    assert_eq!(errno(fs::read(mount.output("a.txt"))), libc::ELOOP);
    let told = "error[cycle]: the file is made of itself in `/a.txt.hook.ts`\n  /a.txt.hook.ts\n  needs /b.txt.hook.ts\n  needs /a.txt.hook.ts\n";
    mount.wait_said(told);
    let errors = || -> serde_json::Value {
        serde_json::from_str(&mount.read("~hookfs/errors.json")).expect("JSON")
    };
    let listed = errors();
    assert_eq!(listed[0]["file"], "/a.txt.hook.ts");
    assert!(
        listed[0]["text"]
            .as_str()
            .is_some_and(|text| text.starts_with(told)),
        "{listed}"
    );
    tree.write("b.txt.hook.ts", "export default 'straight';");
    assert_eq!(errors(), serde_json::json!([]));
    assert_eq!(mount.read("a.txt"), "straight");
    mount.stop();
}
