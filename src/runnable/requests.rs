//! What a module asks for besides imports of one file: URLs, and many modules at once.

use crate::base::{Diagnostic, Key, SourcePath};
use crate::compiler::{Glob, Member, Replacement, Request, RequestKind};
use crate::compute::{Failure, LinkKind};
use crate::resolver::{CompilerOptions, Target};
use crate::source::Entry;

use super::assets::url_computation;
use super::globs;
use super::hashed::Scope;
use super::imports::Imports;
use super::kind::{Kind, Query};
use super::{layout, svg};

/// `new URL('./x', import.meta.url)`, `import.meta.resolve('x')`: the literal is what leads to the output. A text that names no
/// file of the tree is left as it is, but for one that begins with a dot: that is a mistake.
pub fn url(
    imports: &mut Imports<'_>,
    request: &Request,
    config: &CompilerOptions,
) -> Result<Replacement, Failure> {
    let text = &request.specifier;
    // A specifier may begin with what begins the fragment of a URL: it is one of `imports` then.
    let from = usize::from(request.kind == RequestKind::Resolve && text.starts_with('#'));
    let cut = text[from..].find(['?', '#']);
    let (name, suffix) = text.split_at(cut.map_or(text.len(), |cut| from + cut));
    let has_scheme = name.split('/').next().unwrap_or_default().contains(':');
    if name.is_empty()
        || name.ends_with('/')
        || matches!(name, "." | "..")
        || name.starts_with("//")
        || has_scheme
    {
        return Ok(Replacement::Keep);
    }
    let relative = name.starts_with("./") || name.starts_with("../");
    let here = imports.path.parent().unwrap_or_else(SourcePath::root);
    // A URL may be written with escapes.
    let plain = unescaped(name);
    let mut found = None;
    // `import.meta.resolve` takes specifiers.
    let is_specifier = request.kind == RequestKind::Resolve && !relative;
    if !name.starts_with('/') && !is_specifier {
        match here
            .join(&plain)
            .map(|path| crate::resolver::follow(imports.context, &path))
        {
            Ok(Ok(Some((_, Entry::Directory)))) => return Ok(Replacement::Keep),
            Ok(Ok(Some((path, Entry::File)))) => found = Some(path),
            Ok(Err(failure)) => return Err(failure),
            Ok(Ok(_)) | Err(_) => {}
        }
    }
    let mut hint = None;
    if found.is_none() {
        match imports.resolve(&String::from_utf8_lossy(&plain), config, false)? {
            Ok(Target::File(path, _)) => found = Some(path),
            Ok(_) => return Ok(Replacement::Keep),
            Err(unresolved) => hint = unresolved.hint,
        }
    }
    let in_package = crate::resolver::in_packages(imports.path);
    let Some(path) = found else {
        return Ok(match relative && !in_package {
            true => imports.unresolved(request, hint),
            false => Replacement::Keep,
        });
    };
    if !super::views::is_served(imports.runnable.layout.source(), imports.context, &path)? {
        return Ok(Replacement::Keep);
    }
    let (path, suffix) = match suffix.strip_prefix('?') {
        Some(query) if request.kind == RequestKind::Resolve => {
            let (path, query) = svg::meant(path, Some(query.to_owned()));
            (path, query.map_or("", |_| suffix))
        }
        _ => (path, suffix),
    };
    let kind = Kind::of_path(&path);
    let query = suffix.strip_prefix('?').and_then(Query::of);
    let computation = match query {
        Some(query) if query.text() != "url" => query.module(),
        _ => url_computation(kind),
    };
    let suffix = match query {
        Some(_) => "",
        None => suffix,
    };
    // What is imported by its URL is a module of the importer's own world, not a worker's; so is what is resolved.
    let is_code = query.is_none() && matches!(kind, Kind::Module(_) | Kind::Script);
    let kind = match request.kind {
        RequestKind::ImportedUrl => LinkKind::Dynamic,
        RequestKind::Resolve if is_code => LinkKind::Dynamic,
        _ => LinkKind::Url,
    };
    let mut key = Key::new(computation, path);
    if kind == LinkKind::Url && imports.in_bundle() {
        if request.kind == RequestKind::WorkerUrl
            && let Some(bundle) = imports.bundle(&key, suffix)
        {
            return Ok(Replacement::Resolved(bundle));
        }
        // A bundle is a module with a top-level `await`. Classic workers can't be one, service workers and worklets neither;
        // the plain module can, and it runs in whatever else asks for it.
        key = Scope::Page.variant(kind, key);
    }
    let url = imports.refer(kind, key, suffix)?;
    Ok(Replacement::Specifier(url))
}

/// `%20` and its like (WHATWG URL, "percent-decode").
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let value = digits
            .filter(|two| first == b'%' && two.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(value.unwrap_or(first));
        rest = match value {
            Some(_) => &after[2..],
            None => after,
        };
    }
    bytes
}

/// `import.meta.glob(…)`, or an `import()` with holes.
pub fn many(
    imports: &mut Imports<'_>,
    request: &Request,
    glob: &Glob,
    config: &CompilerOptions,
) -> Result<Replacement, Failure> {
    if let Some(fault) = &glob.fault {
        let mut diagnostic = Diagnostic::new("glob", &*fault.message);
        diagnostic.hint.clone_from(&fault.hint);
        imports.problem(request, diagnostic);
        return Ok(Replacement::Keep);
    }
    let mut wanted = glob.clone();
    let mut stems: Vec<&str> = Vec::new();
    if glob.specifier {
        let pattern = &glob.patterns[0];
        let name = pattern.rsplit('/').next().unwrap_or_default();
        let stem = pattern.strip_suffix(".js").or(pattern.strip_suffix(".jsx"));
        if !name.rsplit('*').next().unwrap_or_default().contains('.') {
            // As an import without its extension.
            stems.extend(crate::resolver::PROJECT_EXTENSIONS);
            let endings = stems.iter().flat_map(|ending| {
                [
                    format!("{pattern}{ending}"),
                    format!("{pattern}/index{ending}"),
                ]
            });
            wanted.patterns = [pattern.clone()].into_iter().chain(endings).collect();
        } else if let Some(stem) = stem.filter(|_| !crate::resolver::in_packages(imports.path)) {
            // As TypeScript has it: `.js` is written for `.ts`.
            wanted
                .patterns
                .extend([format!("{stem}.ts"), format!("{stem}.tsx")]);
        }
    }
    let files = globs::files(
        imports.runnable,
        imports.context,
        &imports.importer,
        imports.path,
        config,
        &wanted,
    )?;
    let query = glob.query.as_deref().and_then(Query::of);
    let kind = match glob.eager {
        true => LinkKind::Import,
        false => LinkKind::Dynamic,
    };
    let mut members: Vec<Member> = Vec::new();
    for (key, path) in files {
        let (path, asked) = svg::meant(path, glob.query.clone());
        let is_url =
            Kind::of_path(&path) == Kind::Wasm && glob.import.as_deref() == Some("default");
        let query = query.or_else(|| Query::of("url").filter(|_| is_url));
        let Some(module) = query
            .map(Query::module)
            .or_else(|| Kind::of_path(&path).module())
        else {
            continue;
        };
        if !super::views::is_served(imports.runnable.layout.source(), imports.context, &path)? {
            continue;
        }
        if let Some(message) = imports.taken(&path, query)? {
            imports.problem(request, Diagnostic::new("glob", message));
            continue;
        }
        let suffix = layout::instance(&path, asked.as_deref(), query);
        let node = Key::new(module, path);
        let specifier = imports.refer(kind, node, &suffix)?;
        if glob.specifier {
            spellings(&key, glob, &stems, &specifier, &mut members);
        } else {
            members.push(Member { key, specifier });
        }
    }
    if glob.any_query && members.is_empty() {
        // It may be what is made elsewhere.
        return Ok(Replacement::Keep);
    }
    // Of two files that one spelling means, the first in the order of extensions is in front.
    let mut seen = std::collections::BTreeSet::new();
    members.retain(|member| seen.insert(member.key.clone()));
    Ok(Replacement::Members(members))
}

/// All specifiers that code may make for a file.
fn spellings(key: &str, glob: &Glob, stems: &[&str], specifier: &str, members: &mut Vec<Member>) {
    let query = glob
        .query
        .as_ref()
        .map_or(String::new(), |query| format!("?{query}"));
    let mut add = |key: &str| {
        members.push(Member {
            key: format!("{key}{query}"),
            specifier: specifier.to_owned(),
        });
    };
    add(key);
    if let Some((stem, ending)) = key.rsplit_once('.') {
        match ending {
            "ts" | "tsx" if stems.is_empty() => {
                add(&format!("{stem}.js"));
                if ending == "tsx" {
                    add(&format!("{stem}.jsx"));
                }
            }
            _ if stems.iter().any(|known| known[1..] == *ending) => {
                add(stem);
                if let Some(folder) = stem.strip_suffix("/index") {
                    add(folder);
                }
            }
            _ => {}
        }
    }
}
