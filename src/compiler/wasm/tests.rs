use super::read::{Export, Import, Interface};
use super::{wasm_exports, wasm_module};

/// A section: its number, and what it holds.
fn section(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number, u8::try_from(content.len()).unwrap()], content].concat()
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
}

#[test]
fn all_kinds_of_imports_are_read() {
    let imports = [
        &b"\x08"[..],
        b"\x01m\x01f\x00\x80\x01",
        b"\x01m\x01t\x01\x70\x01\x00\x0a",
        b"\x01m\x01u\x01\x63\x80\x01\x00\x05",
        b"\x01m\x01v\x02\x07\x01\x80\x80\x04",
        b"\x01m\x01w\x02\x08\x01\x10",
        b"\x01n\x01g\x03\x7f\x01",
        b"\x01n\x01h\x03\x64\x6f\x00",
        b"\x01n\x01e\x04\x00\x02",
    ];
    let exports = b"\x02\x01a\x00\x00\x03\xc3\xa4b\x03\x81\x01";
    let bytes = module(&[
        section(0, b"\x02hixx"),
        section(2, &imports.concat()),
        section(7, exports),
    ]);
    let interface = Interface::read(&bytes).unwrap();
    let import = |module: &str, name: &str, is_global| Import {
        module: module.to_owned(),
        name: name.to_owned(),
        is_global,
    };
    let export = |name: &str, is_global| Export {
        name: name.to_owned(),
        is_global,
    };
    assert_eq!(
        interface.imports,
        [
            import("m", "f", false),
            import("m", "t", false),
            import("m", "u", false),
            import("m", "v", false),
            import("m", "w", false),
            import("n", "g", true),
            import("n", "h", true),
            import("n", "e", false),
        ]
    );
    assert_eq!(interface.exports, [export("a", false), export("äb", true)]);
    assert_eq!(wasm_exports(&bytes), ["a", "äb"]);
    // Wherever it is cut, that is told, or there is nothing after the cut that counts.
    for end in 0..bytes.len() {
        let _ = Interface::read(&bytes[..end]);
    }
}

#[test]
fn what_is_no_module_is_told() {
    for (bytes, told) in [
        (&b"text"[..], "it does not begin as WebAssembly does"),
        (b"\0asm", "it ends too early"),
        (
            b"\0asm\x0d\0\x01\0",
            "it is a component, which browsers do not run",
        ),
        (
            b"\0asm\x02\0\0\0",
            "it is of a version that browsers do not know",
        ),
        (b"\0asm\x01\0\0\0\x02\x05\x01", "it ends too early"),
        (
            b"\0asm\x01\0\0\0\x02\xff\xff\xff\xff\xff\x01",
            "a number in it is too long",
        ),
        (
            b"\0asm\x01\0\0\0\x07\x06\xff\xff\xff\xff\x0f\x00",
            "it ends too early",
        ),
        (
            b"\0asm\x01\0\0\0\x07\x03\x01\x01\xff",
            "a name in it is no UTF-8",
        ),
        (
            b"\0asm\x01\0\0\0\x02\x04\x01\x00\x00\x09",
            "it imports what hookfs does not know",
        ),
    ] {
        assert_eq!(wasm_module(bytes, "./a.wasm"), Err(told), "{bytes:?}");
        assert_eq!(wasm_exports(bytes), [""; 0]);
    }
}

#[test]
fn the_module_imports_and_exports_by_name() {
    let imports = [
        &b"\x05"[..],
        b"\x06./b.js\x03log\x00\x00",
        b"\x08./c.wasm\x01g\x03\x7f\x01",
        b"\x06./b.js\x09__proto__\x00\x00",
        b"\x0ewasm:js-string\x06length\x00\x00",
        b"\x08./c.wasm\x01f\x00\x00",
    ];
    let exports = b"\x03\x03add\x00\x00\x01g\x03\x00\x05a \"b'\x00\x00";
    let bytes = module(&[section(2, &imports.concat()), section(7, exports)]);
    insta::assert_snapshot!(wasm_module(&bytes, "./a%20b.wasm").unwrap(), @r#"
    import { "log" as import0, "__proto__" as import2 } from "./b.js";
    import * as module1 from "./c.wasm";
    import { "f" as import4 } from "./c.wasm";
    import * as self from "./a%20b.wasm";
    const url = new URL("./a%20b.wasm", import.meta.url).href;
    if (!globalThis.WebAssembly) throw new Error(`there is no WebAssembly here to run ${url}`);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`cannot load ${url}: status ${response.status}`);
    const options = { builtins: ["js-string"], importedStringConstants: "wasm:js/string-constants" };
    const type = response.headers.get("Content-Type") || "";
    const imports = { ["./b.js"]: { ["log"]: import0, ["__proto__"]: import2, }, ["./c.wasm"]: { ["g"]: (globalThis[Symbol.for("hookfs.wasm")]?.get(module1) ?? module1)["g"], ["f"]: import4, }, };
    const { instance: { exports } } = type.startsWith("application/wasm")
      ? await WebAssembly.instantiateStreaming(response, imports, options)
      : await WebAssembly.instantiate(await response.arrayBuffer(), imports, options);
    // Others of these modules import its globals themselves, scripts their values.
    (globalThis[Symbol.for("hookfs.wasm")] ??= new WeakMap()).set(self, exports);
    const export0 = exports["add"];
    let export1;
    try { export1 = exports["g"].value; } catch {}
    const export2 = exports["a \"b'"];
    export { export0 as "add", export1 as "g", export2 as "a \"b'" };
    "#);
    insta::assert_snapshot!(wasm_module(&module(&[]), "./a.wasm").unwrap(), @r#"
    const url = new URL("./a.wasm", import.meta.url).href;
    if (!globalThis.WebAssembly) throw new Error(`there is no WebAssembly here to run ${url}`);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`cannot load ${url}: status ${response.status}`);
    const options = { builtins: ["js-string"], importedStringConstants: "wasm:js/string-constants" };
    const type = response.headers.get("Content-Type") || "";
    const imports = { };
    const { instance: { exports } } = type.startsWith("application/wasm")
      ? await WebAssembly.instantiateStreaming(response, imports, options)
      : await WebAssembly.instantiate(await response.arrayBuffer(), imports, options);
    export {  };
    "#);
}
