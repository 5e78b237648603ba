//! The runtime of pages that are hot, without a page: what runs, in which order, and who is told.

mod api;
mod climbing;
mod failing;
mod page;
mod random;
mod react;

use super::scene::printed;

/// All modules that are tested here. They are found by the last part of their names.
const MODULES: [(&str, &str); 46] = [
    ("module", include_str!("../../client/module.ts")),
    ("namespace", include_str!("../../client/namespace.ts")),
    ("resolve", include_str!("../../client/resolve.ts")),
    ("link", include_str!("../../client/link.ts")),
    ("evaluate", include_str!("../../client/evaluate.ts")),
    ("iterate", include_str!("../../client/iterate.ts")),
    ("context", include_str!("../../client/context.ts")),
    ("specifier", include_str!("../../client/specifier.ts")),
    ("registry", include_str!("../../client/registry.ts")),
    ("message", include_str!("../../client/hot/message.ts")),
    ("contexts", include_str!("../../client/hot/contexts.ts")),
    ("climb", include_str!("../../client/hot/climb.ts")),
    ("prune", include_str!("../../client/hot/prune.ts")),
    ("updates", include_str!("../../client/hot/updates.ts")),
    ("styles", include_str!("../../client/hot/styles.ts")),
    (
        "component",
        include_str!("../../client/refresh/component.ts"),
    ),
    (
        "signatures",
        include_str!("../../client/refresh/signatures.ts"),
    ),
    ("families", include_str!("../../client/refresh/families.ts")),
    ("roots", include_str!("../../client/refresh/roots.ts")),
    ("devtools", include_str!("../../client/refresh/devtools.ts")),
    (
        "boundaries",
        include_str!("../../client/refresh/boundaries.ts"),
    ),
    ("refresh", include_str!("../../client/refresh/refresh.ts")),
    ("react", include_str!("../../client/hot/react.ts")),
    ("foreign", include_str!("../../client/browser/foreign.ts")),
    ("tree", include_str!("../../client/browser/tree.ts")),
    ("problem", include_str!("../../client/overlay/problem.ts")),
    ("reading", include_str!("../../client/overlay/reading.ts")),
    ("stack", include_str!("../../client/overlay/stack.ts")),
    (
        "source-map",
        include_str!("../../client/overlay/source-map.ts"),
    ),
    ("origin", include_str!("../../client/overlay/origin.ts")),
    ("trace", include_str!("../../client/overlay/trace.ts")),
    ("editor", include_str!("../../client/overlay/editor.ts")),
    ("element", include_str!("../../client/overlay/element.ts")),
    ("look", include_str!("../../client/overlay/look.ts")),
    ("visible", include_str!("../../client/overlay/visible.ts")),
    ("box", include_str!("../../client/overlay/box.ts")),
    ("dialog", include_str!("../../client/overlay/dialog.ts")),
    ("overlay", include_str!("../../client/overlay/overlay.ts")),
    ("sheets", include_str!("../../client/hot/sheets.ts")),
    ("reason", include_str!("../../client/hot/reason.ts")),
    ("connection", include_str!("../../client/hot/connection.ts")),
    ("page", include_str!("../../client/hot/page.ts")),
    ("hot", include_str!("../../client/browser/hot.ts")),
    ("browser", include_str!("browser.js")),
    ("world", include_str!("world.js")),
    ("model", include_str!("model.js")),
];

/// What a program prints that has all of `world.js`.
fn test(text: &str) -> String {
    let found = |text: &str| {
        MODULES.iter().fold(text.to_owned(), |text, (name, _)| {
            let folders = [
                "./",
                "../",
                "../browser/",
                "../hot/",
                "../overlay/",
                "../refresh/",
                "./client/",
                "./client/browser/",
                "./client/hot/",
            ];
            folders.iter().fold(text, |text, folder| {
                let suffixes = ["", ".ts", ".js"];
                suffixes.iter().fold(text, |text, suffix| {
                    text.replace(
                        &format!("'{folder}{name}{suffix}'"),
                        &format!("'/{name}.ts'"),
                    )
                })
            })
        })
    };
    let mut files: Vec<(String, String)> = MODULES
        .iter()
        .map(|(name, text)| (format!("/{name}.ts"), found(text)))
        .collect();
    let main = found(&format!(
        "import {{ heard, module, open, said, say }} from './world.js';\n{text}"
    ));
    files.push(("/main.js".to_owned(), main));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    printed(&files, "/main.js")
}
