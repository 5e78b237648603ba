//! Another resolver, which others trust.

use super::*;

/// The same questions to `oxc_resolver` on a real folder: an independent hand at the same algorithms.
#[test]
fn another_resolver_agrees() {
    use oxc_resolver::{AliasValue, ResolveOptions, Resolver, TsconfigDiscovery};
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for (name, content) in project() {
        let place = root.join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, place).unwrap(),
            None => std::fs::write(place, content).unwrap(),
        }
    }
    let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let other = Resolver::new(ResolveOptions {
        tsconfig: Some(TsconfigDiscovery::Auto),
        alias: vec![(
            "exact".to_owned(),
            vec![AliasValue::Path(root.join("src/a").display().to_string())],
        )],
        alias_fields: vec![texts(&["browser"])],
        condition_names: texts(&["browser", "import", "module", "development"]),
        extensions: texts(&crate::resolver::PROJECT_EXTENSIONS),
        extension_alias: vec![
            (".js".to_owned(), texts(&[".js", ".ts", ".tsx"])),
            (".jsx".to_owned(), texts(&[".jsx", ".tsx"])),
            (".mjs".to_owned(), texts(&[".mjs", ".mts"])),
        ],
        main_fields: texts(&["browser", "module", "main"]),
        node_path: false,
        ..ResolveOptions::default()
    });
    let scene = Scene::new(tree(&project()), "src");
    let deep = "node_modules/.pnpm/deep@1/node_modules/deep/index.js";
    for (from, specifiers) in [
        (
            "src/main.tsx",
            "./a ./a.ts ./a.js ./only.js ./only.jsx ./m.mjs ./both ./both.js ./data ./ui ./ui/ ./folder ./folder/ \
             ./linked/button @/ui/button #a #ui/button #dep app/self plain modern conditional conditional/feature/x \
             conditional/hidden @app/lib deep mapped events ./out/x ./loop ./bth ./UI ./types absent @x/absent/y \
             ../../../etc/none noindex plain/lib/main plain/none conditional/d.js ./nothing ..",
        ),
        ("src/ui/button.tsx", ". ../a ./index ../ui"),
        (
            "packages/lib/src/index.ts",
            "deep plain @app/lib ../package.json",
        ),
        (deep, "dep deep plain ./index ./index.js"),
        ("node_modules/mapped/web.js", "fs util ./gone ./node"),
    ] {
        for specifier in specifiers.split_whitespace() {
            let theirs = match other.resolve_file(root.join(from), specifier) {
                Ok(found) => format!("/{}", found.path().strip_prefix(&root).unwrap().display()),
                Err(oxc_resolver::ResolveError::Ignored(_)) => "Empty".to_owned(),
                Err(_) => "no".to_owned(),
            };
            let mut ours = resolve(&scene, from, specifier);
            if ours.starts_with("no: ") {
                ours = "no".to_owned();
            }
            assert_eq!(ours, theirs, "{specifier} from {from}");
        }
    }
}
