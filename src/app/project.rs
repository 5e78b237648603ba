//! What of a project belongs to other tools and is not read here: said, so that nobody waits for it to have an effect.

use std::fs;
use std::path::Path;

use super::config::Place;
use crate::runnable::is_template;

/// Names of configurations that no plugin here reads, without their endings.
const BUNDLERS: [&str; 4] = [
    "vite.config",
    "webpack.config",
    "craco.config",
    "rsbuild.config",
];
const ENDINGS: [&str; 9] = [
    ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".json", "",
];

/// Longer ones are not looked at.
const LONGEST: u64 = 1 << 20;

/// What a configuration of Vite imports that changes nothing here: what these do is done without them.
const DONE: [&str; 15] = [
    "vite",
    "vitest/config",
    "@vitejs/plugin-react",
    "@vitejs/plugin-react-swc",
    "@preact/preset-vite",
    "@tailwindcss/vite",
    "vite-tsconfig-paths",
    "vite-plugin-svgr",
    "path",
    "node:path",
    "url",
    "node:url",
    "process",
    "node:process",
    "./package.json",
];

/// Settings of Vite that have an effect on what is served.
const SETTINGS: [&str; 9] = [
    "alias",
    "define:",
    "proxy",
    "base:",
    "publicDir",
    "envDir",
    "envPrefix",
    "conditions",
    "svgrOptions",
];

/// What answers for the root of a source.
const ANSWERS: [&str; 7] = [
    "index.html",
    "index.html.hook.ts",
    "index.html.hook.tsx",
    "index.html.hook.js",
    "index.html.hook.jsx",
    "server.ts",
    "server.tsx",
];

/// Frameworks that have no page as a file, and what tells each, without its ending.
const FRAMEWORKS: [(&str, &str); 8] = [
    ("Next.js", "next.config"),
    ("React Router's framework mode", "react-router.config"),
    ("TanStack Start", "src/routes/__root"),
    ("Astro", "astro.config"),
    ("Nuxt", "nuxt.config"),
    ("SvelteKit", "svelte.config"),
    ("Angular", "angular"),
    ("Gatsby", "gatsby-config"),
];

/// The configurations of other tools that lie at a project and would change what it gives, in a sentence.
pub fn unread(place: &Place) -> Option<String> {
    let mut names = Vec::new();
    for folder in folders(place) {
        for stem in BUNDLERS {
            let mut names_of = ENDINGS.iter().map(|ending| format!("{stem}{ending}"));
            let found = names_of.find_map(|name| Some((text(&folder.join(&name))?, name)));
            let Some((text, name)) = found else { continue };
            let shown = format!("`{name}`");
            if of_bundler(stem, &text) && !names.contains(&shown) {
                names.push(shown);
            }
        }
    }
    let (are, their) = match names.len() {
        0 => return None,
        1 => ("is", "its"),
        _ => ("are", "their"),
    };
    Some(format!(
        "{} {are} not read: README.md says under \"In a browser\" what stands in {their} place",
        names.join(" and ")
    ))
}

/// Of a source without a page at its root: where there is one, and what to do.
pub fn without_page(place: &Place) -> Option<String> {
    let folders: Vec<&Path> = folders(place).collect();
    let is_file = |folder: &Path, name: &str| folder.join(name).is_file();
    let shown = |path: &Path| match path.strip_prefix(&place.source) {
        Ok(inside) => inside.display().to_string(),
        Err(_) => path.display().to_string(),
    };
    let is_answered = ANSWERS.iter().any(|name| is_file(&place.source, name));
    if is_answered || is_file(&place.workspace, "index.html") {
        return None;
    }
    for folder in &folders {
        let page = folder.join("public/index.html");
        match text(&page) {
            None => continue,
            Some(text) if is_template(text.as_bytes()) => {}
            Some(_) => return None,
        }
        let entries = [
            "src/index.tsx",
            "src/index.jsx",
            "src/index.ts",
            "src/index.js",
        ];
        let entry = entries.iter().find(|name| is_file(folder, name));
        let entry = Path::new(entry.unwrap_or(&"src/index.js"));
        let from = place.source.strip_prefix(folder).unwrap_or(Path::new(""));
        let entry = entry.strip_prefix(from).unwrap_or(entry);
        return Some(format!(
            "there is no `index.html`, but `{}`, which webpack fills in (create-react-app): copy it to `{}`, take its \
             `%PUBLIC_URL%` out, and add `<script type=\"module\" src=\"/{}\"></script>` to its body",
            shown(&page),
            shown(&place.source.join("index.html")),
            entry.display()
        ));
    }
    let mut above = folders.iter().skip(1);
    if let Some(above) = above.find(|folder| is_file(folder, "index.html")) {
        return Some(format!(
            "there is no `index.html` in this folder, but one in `{}`: that is the folder to give",
            above.display()
        ));
    }
    let of_framework = FRAMEWORKS.iter().find_map(|(name, file)| {
        let mut files = ENDINGS.iter().map(|ending| format!("{file}{ending}"));
        let file = files.find(|file| folders.iter().any(|folder| is_file(folder, file)))?;
        Some(format!(
            "there is no `index.html`, but `{file}`: the pages of {name} are made by its own compiler and server, which are not \
             run here"
        ))
    });
    of_framework.or_else(|| {
        Some("there is no `index.html`, no hook that makes one, and no `server.ts`: nothing is at `/`".into())
    })
}

/// The folder of the source, and those above it up to the workspace root.
fn folders(place: &Place) -> impl Iterator<Item = &Path> {
    let is_inside = |folder: &&Path| folder.starts_with(&place.workspace);
    place.source.ancestors().take_while(is_inside)
}

fn text(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return None;
    }
    let bytes = fs::read(file).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The texts between quotes that begin and end in one line.
fn strings(line: &str) -> impl Iterator<Item = &str> {
    line.split(['\'', '"', '`']).skip(1).step_by(2)
}

fn of_bundler(stem: &str, text: &str) -> bool {
    let imports = |line: &&str| {
        let words = ["from ", "import ", "import(", "require("];
        words.iter().any(|word| line.contains(word))
    };
    let mut imported = text.lines().filter(imports).flat_map(strings);
    stem != "vite.config"
        || imported.any(|name| !DONE.contains(&name))
        || SETTINGS.iter().any(|setting| text.contains(setting))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(files: &[(&str, &str)], source: &str) -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let state = Some(folder.path().join("state"));
        let place = Place::new(&folder.path().join(source), state.as_deref()).unwrap();
        (folder, place)
    }

    fn unread_of(files: &[(&str, &str)]) -> Option<String> {
        let (_folder, place) = place(files, "");
        unread(&place)
    }

    #[test]
    fn configurations_that_would_have_an_effect_are_named() {
        let react = "import { defineConfig } from 'vite'\nimport react from '@vitejs/plugin-react'\nexport default defineConfig({ plugins: [react()] })\n";
        assert_eq!(unread_of(&[("vite.config.ts", react)]), None);
        let svgr = format!("import svgr from 'vite-plugin-svgr'\n{react}");
        assert_eq!(unread_of(&[("vite.config.ts", &svgr)]), None);
        let svgr = svgr.replace("react()", "svgr({ svgrOptions: { ref: true } })");
        insta::assert_snapshot!(unread_of(&[("vite.config.ts", &svgr)]).unwrap(), @r#"`vite.config.ts` is not read: README.md says under "In a browser" what stands in its place"#);
        insta::assert_snapshot!(unread_of(&[("vite.config.js", "export default { resolve: { alias: {} } }"), ("craco.config.js", "")]).unwrap(), @r#"`vite.config.js` and `craco.config.js` are not read: README.md says under "In a browser" what stands in their place"#);
        assert!(unread_of(&[("webpack.config.js", "")]).is_some());
    }

    #[test]
    fn a_page_elsewhere_is_told_of() {
        let told = |files: &[(&str, &str)], source: &str| {
            let (folder, place) = place(files, source);
            let root = folder.path().canonicalize().unwrap().display().to_string();
            without_page(&place).map(|text| text.replace(&root, "ROOT"))
        };
        let cra = [
            ("package.json", "{}"),
            (
                "public/index.html",
                "<link href=%PUBLIC_URL%/a.png><div id=root>",
            ),
            ("src/index.js", ""),
        ];
        insta::assert_snapshot!(told(&cra, "").unwrap(), @r#"there is no `index.html`, but `public/index.html`, which webpack fills in (create-react-app): copy it to `index.html`, take its `%PUBLIC_URL%` out, and add `<script type="module" src="/src/index.js"></script>` to its body"#);
        insta::assert_snapshot!(told(&cra, "src").unwrap(), @r#"there is no `index.html`, but `ROOT/public/index.html`, which webpack fills in (create-react-app): copy it to `index.html`, take its `%PUBLIC_URL%` out, and add `<script type="module" src="/index.js"></script>` to its body"#);
        let monorepo = [
            ("package.json", r#"{ "workspaces": ["app"] }"#),
            ("app/package.json", "{}"),
            ("app/index.html", ""),
            ("app/src/main.ts", ""),
        ];
        insta::assert_snapshot!(told(&monorepo, "app/src").unwrap(), @"there is no `index.html` in this folder, but one in `ROOT/app`: that is the folder to give");
        assert_eq!(told(&monorepo, "app"), None);
        assert_eq!(told(&[("public/index.html", "<p>as it is")], ""), None);
        let next = [
            ("package.json", "{}"),
            ("next.config.ts", ""),
            ("public/a.svg", ""),
        ];
        insta::assert_snapshot!(told(&next, "").unwrap(), @"there is no `index.html`, but `next.config.ts`: the pages of Next.js are made by its own compiler and server, which are not run here");
        insta::assert_snapshot!(told(&monorepo, "").unwrap(), @"there is no `index.html`, no hook that makes one, and no `server.ts`: nothing is at `/`");
        assert_eq!(told(&[("server.ts", "")], ""), None);
    }
}
