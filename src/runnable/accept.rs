//! What a module of a hot page accepts new versions of (`import.meta.hot.accept('./dep', …)`): named as `import()` would
//! name it, for that is the name by which the runtime of `src/client` knows it. It loads nothing and links nothing.

use crate::base::{Key, SourcePath};
use crate::compiler::{Replacement, Request};
use crate::compute::{Failure, LinkKind};
use crate::resolver::{CompilerOptions, Target};

use super::imports::Imports;
use super::kind::{Kind, Query};
use super::layout;
use super::svg;

/// Notes what is accepted, before anything is asked for.
pub(super) fn note(
    imports: &mut Imports<'_>,
    request: &Request,
    config: &CompilerOptions,
) -> Result<(), Failure> {
    if let Some((path, _)) = target(imports, request, config)? {
        imports.accepted.insert(path);
    }
    Ok(())
}

/// What stands for the specifier. One that leads nowhere stays as it is: nothing that is imported is meant by it.
pub(super) fn answer(
    imports: &Imports<'_>,
    request: &Request,
    config: &CompilerOptions,
) -> Result<Replacement, Failure> {
    let Some((path, query)) = target(imports, request, config)? else {
        return Ok(Replacement::Keep);
    };
    let asked = query;
    let query = asked.as_deref().and_then(Query::of);
    let suffix = layout::instance(&path, asked.as_deref(), query);
    let module = query
        .map(Query::module)
        .or_else(|| Kind::of_path(&path).module());
    let Some(module) = module else {
        return Ok(Replacement::Keep);
    };
    let (_, url) = imports.name(LinkKind::Dynamic, Key::new(module, path), &suffix)?;
    Ok(Replacement::Specifier(url))
}

fn target(
    imports: &Imports<'_>,
    request: &Request,
    config: &CompilerOptions,
) -> Result<Option<(SourcePath, Option<String>)>, Failure> {
    let found = imports.resolve(&request.specifier, config, false)?;
    Ok(match found {
        Ok(Target::File(path, query)) => Some(svg::meant(path, query)),
        _ => None,
    })
}
