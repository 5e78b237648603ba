//! What to tell somebody whose import leads nowhere.

use super::config::CompilerOptions;
use super::files;
use super::importer::Importer;
use super::resolve::{Unresolved, is_relative, split_package};
use crate::base::SourcePath;
use crate::compute::{Failure, LinkError, resolve_links};
use crate::source::{Entry, EntryKind, InputError};

/// What the name of a hook has behind that of the file that it makes.
const HOOKS: [&str; 4] = [".hook.ts", ".hook.tsx", ".hook.js", ".hook.jsx"];

/// The likeliest cause. What it looks at is recorded too, for the text depends on it.
pub fn of(
    importer: &Importer<'_>,
    specifier: &str,
    options: &CompilerOptions,
) -> Result<Unresolved, Failure> {
    let hint = match is_relative(specifier) {
        true => near(importer, specifier)?,
        false => Some(package(importer, specifier, options)?),
    };
    Ok(Unresolved { hint })
}

fn near(importer: &Importer<'_>, specifier: &str) -> Result<Option<String>, Failure> {
    let (above, name) = files::split(specifier.as_bytes());
    let Some((directory, Entry::Directory)) =
        files::walk(importer.context, &importer.directory, above)?
    else {
        if let Ok(directory) = importer.directory.join(above)
            && let Some(out) = leads_out(importer, &directory)?
        {
            return Ok(Some(out));
        }
        let above = String::from_utf8_lossy(above);
        return Ok(Some(format!("there is no directory `{above}`")));
    };
    let listed = match importer.context.list(&directory) {
        Ok(listed) => listed,
        Err(InputError::Absent(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let wanted = String::from_utf8_lossy(name);
    if wanted.is_empty() {
        return Ok(Some("the directory has no `index` file".to_owned()));
    }
    let mut candidates: Vec<String> = Vec::new();
    for entry in listed.iter() {
        let Ok(found) = std::str::from_utf8(&entry.name) else {
            continue;
        };
        let stem = stem(found, entry.kind);
        let path = directory.child(&entry.name);
        if entry.kind == EntryKind::Link
            && (found == wanted || stem == wanted)
            && let Some(out) = leads_out(importer, &path)?
        {
            return Ok(Some(out));
        }
        let is_itself = found == wanted || path == importer.file;
        if is_itself || found.starts_with('.') {
            continue;
        }
        if [".d.ts", ".d.mts", ".d.cts"]
            .iter()
            .any(|end| found.strip_suffix(end) == Some(&*wanted))
        {
            return Ok(Some(format!(
                "`{found}` holds types alone: import it with `import type`"
            )));
        }
        let made = found
            .strip_prefix(&*wanted)
            .filter(|_| wanted.ends_with(".js"));
        if made.is_some_and(|end| HOOKS.contains(&end)) {
            return Ok(Some(format!(
                "what `{found}` makes stands as it is and is no module: let the hook make an `.mjs` or a `.ts`"
            )));
        }
        for candidate in [stem, found] {
            candidates.push(candidate.to_owned());
        }
    }
    let above = String::from_utf8_lossy(above);
    let best = nearest(&wanted, candidates.iter().map(String::as_str));
    Ok(best.map(|name| format!("did you mean `{above}/{name}`?")))
}

/// The name that was likely meant, of several equally near the first.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (wanted.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let distance = match name.eq_ignore_ascii_case(wanted) {
            true => 0,
            false => distance(name, wanted),
        };
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// The name as it would be imported: modules without their extension.
fn stem(name: &str, kind: EntryKind) -> &str {
    if kind == EntryKind::Directory {
        return name;
    }
    let endings = super::PROJECT_EXTENSIONS
        .iter()
        .filter(|ending| **ending != ".json");
    endings
        .clone()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name)
}

fn package(
    importer: &Importer<'_>,
    specifier: &str,
    options: &CompilerOptions,
) -> Result<String, Failure> {
    let alias = specifier
        .find('/')
        .map(|slash| &specifier[..=slash])
        .filter(|first| matches!(*first, "@/" | "~/" | "$/" | "#/" | "src/"));
    if let Some(alias) = alias {
        return Ok(format!(
            "`{alias}` looks like an alias: hookfs reads aliases from `paths` in tsconfig.json"
        ));
    }
    if specifier.starts_with('/') {
        return Ok("a leading slash means the source folder, or its `public` folder".to_owned());
    }
    if specifier.starts_with('#') {
        return Ok("names with `#` come from `imports` in package.json".to_owned());
    }
    if specifier.contains('!') {
        return Ok(loaders(specifier));
    }
    // No package's name begins so.
    if specifier.contains(':') || specifier.starts_with('~') {
        return Ok(
            "names like this come from a plugin of a bundler, which hookfs does not run: write the module to a file, or have a hook make it, and name that in `paths` of tsconfig.json"
                .to_owned(),
        );
    }
    let Some((name, subpath)) = split_package(specifier) else {
        return Ok(format!(
            "`{specifier}` is neither a path (`./{specifier}`) nor a package's name"
        ));
    };
    for ancestor in importer.directory.ancestors() {
        let path = format!("node_modules/{name}");
        if let Some((_, Entry::Directory)) =
            files::walk(importer.context, &ancestor, path.as_bytes())?
        {
            return installed(importer, (&ancestor, name, subpath), options);
        }
        if let Some(out) = leads_out(importer, &ancestor.with_below(path.as_bytes()))? {
            return Ok(out);
        }
    }
    let beside: Option<SourcePath> = importer.file_or_directory(&importer.directory, specifier)?;
    Ok(match beside {
        Some(_) => format!("did you mean `./{specifier}`?"),
        None => match misspelled(importer, name)? {
            Some(meant) => {
                let rest = if subpath.is_empty() { "" } else { "/" };
                let install = install(importer, name)?;
                format!("did you mean `{meant}{rest}{subpath}`? Otherwise {install}")
            }
            None => install(importer, name)?,
        },
    })
}

/// Of a link that is not followed.
fn leads_out(importer: &Importer<'_>, path: &SourcePath) -> Result<Option<String>, Failure> {
    let link = match resolve_links(importer.context, path) {
        Err(LinkError::Outside(link)) => link,
        Err(LinkError::Input(error)) => return Err(error.into()),
        Ok(_) | Err(LinkError::Loop(_)) => return Ok(None),
    };
    let to = match importer.context.entry(&link)? {
        Entry::Link(to) => format!(" (`{}`)", String::from_utf8_lossy(&to)),
        _ => String::new(),
    };
    Ok(Some(format!(
        "`{link}` is a link{to} that leads out of the workspace root, and such links are not followed, but from `node_modules` to another, and from within it to a folder with a `package.json`: mount a folder that holds both, or name with `--allow DIR` the folder that it leads to"
    )))
}

/// Of a package that is there, found from a folder by its name, and of which this cannot be imported.
fn installed(
    importer: &Importer<'_>,
    (above, name, subpath): (&SourcePath, &str, &str),
    options: &CompilerOptions,
) -> Result<String, Failure> {
    if subpath.is_empty() {
        return Ok(format!(
            "the package `{name}` is installed, but its entry for browsers does not exist"
        ));
    }
    let inside = format!("node_modules/{name}");
    let found = files::walk(importer.context, above, inside.as_bytes())?;
    let directory = found.map_or_else(SourcePath::root, |(directory, _)| directory);
    let package = importer.package_of(&directory)?;
    let exports = package
        .as_ref()
        .as_ref()
        .and_then(|package| package.exports.as_ref());
    let Some(exports) = exports else {
        if name == "react" && subpath.starts_with("jsx-") {
            return Ok(format!(
                "React before 16.14 has no `{subpath}`: set `\"jsx\": \"react\"` in tsconfig.json"
            ));
        }
        return Ok(format!(
            "the package `{name}` is installed, but has no `{subpath}` to import"
        ));
    };
    let wanted = format!("./{subpath}");
    let conditions = importer.conditions()?;
    if let Some(target) = exports.get(&wanted, &conditions) {
        return Ok(format!(
            "`exports` in the package.json of `{name}` leads to `{target}`, which is not there"
        ));
    }
    let leads = |key: &&str| *key != "." && exports.get(key, &conditions).is_some();
    let near = likely(&wanted, exports.names().filter(leads));
    let near = near.and_then(|key| key.strip_prefix('.'));
    let near = near.map(|rest| format!("it exports `{name}{rest}`"));
    let Some(file) = importer.file_or_directory(&directory, subpath)? else {
        return Ok(format!(
            "the package `{name}` is installed, but has no `{subpath}` to import{}",
            near.map_or_else(String::new, |near| format!(": {near}"))
        ));
    };
    let base = options.base_url.as_ref().or(options.paths_base.as_ref());
    let in_package = file.below(&directory).unwrap_or_default();
    let in_package = String::from_utf8_lossy(in_package);
    let path = above.with_below(format!("{inside}/{in_package}").as_bytes());
    let path = path.relative_from(base.unwrap_or(above));
    let path = String::from_utf8_lossy(&path);
    let here = if path.starts_with("../") { "" } else { "./" };
    Ok(format!(
        "`{in_package}` is there, but `exports` in the package.json of `{name}` does not name it: {}an entry of `paths` in tsconfig.json leads to it all the same: `\"{name}/{subpath}\": [\"{here}{path}\"]`",
        near.map_or_else(String::new, |near| format!("{near}; "))
    ))
}

/// A name near the one that was wanted, or with the same end.
fn likely<'a>(wanted: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut same = names.clone().filter(|name| last(name) == last(wanted));
    match same.next() {
        Some(name) => Some(name),
        None => nearest(wanted, names),
    }
}

/// What does the same as loaders of webpack that are named in an import (`!!raw-loader!./a.txt`).
fn loaders(specifier: &str) -> String {
    const QUERIES: [(&str, &str); 7] = [
        ("raw-loader", "?raw"),
        ("text-loader", "?raw"),
        ("file-loader", "?url"),
        ("url-loader", "?inline"),
        ("worker-loader", "?worker"),
        ("style-loader", ""),
        ("css-loader", "?inline"),
    ];
    let path = specifier.rsplit('!').next().unwrap_or_default();
    let names = specifier
        .split('!')
        .map(|loader| loader.split('?').next().unwrap_or_default());
    let names: Vec<&str> = names.collect();
    let does = |(loader, _): &&(&str, &str)| names.contains(loader);
    match QUERIES.iter().find(does) {
        Some((_, query)) => {
            format!("loaders of webpack do not run here: `import '{path}{query}'` does the same")
        }
        None => "loaders of webpack do not run here: a hook can make the module".to_owned(),
    }
}

/// The package that is installed under nearly this name.
fn misspelled(importer: &Importer<'_>, name: &str) -> Result<Option<String>, Failure> {
    let (scope, wanted) = match name.split_once('/') {
        Some((scope, rest)) => (format!("{scope}/"), rest),
        None => (String::new(), name),
    };
    let place = format!("node_modules/{}", scope.trim_end_matches('/'));
    for ancestor in importer.directory.ancestors() {
        let found = files::walk(importer.context, &ancestor, place.as_bytes())?;
        let Some((directory, Entry::Directory)) = found else {
            continue;
        };
        let listed = match importer.context.list(&directory) {
            Ok(listed) => listed,
            Err(InputError::Absent(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let names = listed.iter().filter_map(|entry| {
            let name = std::str::from_utf8(&entry.name).ok()?;
            (!name.starts_with(['.', '@']) && entry.kind != EntryKind::File).then_some(name)
        });
        if let Some(meant) = nearest(wanted, names) {
            return Ok(Some(format!("{scope}{meant}")));
        }
    }
    Ok(None)
}

/// How to come by a package, as what has installed the others has it.
fn install(importer: &Importer<'_>, name: &str) -> Result<String, Failure> {
    const TOOLS: [(&str, &str); 5] = [
        ("package-lock.json", "npm install"),
        ("pnpm-lock.yaml", "pnpm add"),
        ("yarn.lock", "yarn add"),
        ("bun.lock", "bun add"),
        ("bun.lockb", "bun add"),
    ];
    for ancestor in importer.directory.ancestors() {
        let has = |file: &str| -> Result<bool, Failure> {
            let (_, entry) = files::entry_in(importer.context, &ancestor, file.as_bytes())?;
            Ok(entry == Entry::File)
        };
        if has(".pnp.cjs")? || has(".pnp.js")? {
            return Ok("Yarn's Plug'n'Play keeps packages in archives, where hookfs does not look: write `nodeLinker: node-modules` into .yarnrc.yml, and run `yarn install`".to_owned());
        }
        for (lock, command) in TOOLS {
            if has(lock)? {
                return Ok(format!("run `{command} {name}`"));
            }
        }
    }
    Ok(format!("run `npm install {name}`"))
}

/// How many letters must be added, removed, changed or swapped with a neighbour (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 3 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
