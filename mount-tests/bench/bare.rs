//! swc itself on one module, as its own command line has it: what every file system around it has to pay at least.
//!
//! hookfs has passes of its own in place of some of swc's (JSX, names, printing). They are no part of the floor: what they
//! save is hookfs's.

use std::fs;
use std::path::Path;
use std::time::Duration;

use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::source_map::SourceMapGenConfig;
use swc_core::common::sync::Lrc;
use swc_core::common::{FileName, GLOBALS, Globals, Mark, SourceMap};
use swc_core::ecma::ast::{EsVersion, Pass, Program};
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config, Emitter, Node};
use swc_core::ecma::parser::{Syntax, TsSyntax, parse_file_as_module};
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::hygiene::hygiene;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::transforms::react::{self, Runtime};
use swc_core::ecma::transforms::typescript;

use crate::timing::cpu_time;

/// The processor time that the first `count` modules of a generated project take.
pub fn time_of(src: &Path, count: usize) -> Duration {
    let before = cpu_time();
    for number in 0..count {
        let source = src.join(format!("component{number}.tsx"));
        compile(&fs::read_to_string(source).expect("a source"));
    }
    cpu_time() - before
}

/// The compiled module and its source map.
pub fn compile(text: &str) -> (Vec<u8>, Vec<u8>) {
    GLOBALS.set(&Globals::new(), || compile_with_globals(text))
}

fn compile_with_globals(text: &str) -> (Vec<u8>, Vec<u8>) {
    let sources: Lrc<SourceMap> = Lrc::default();
    let name = Lrc::new(FileName::Custom("component.tsx".to_owned()));
    let file = sources.new_source_file(name, text.to_owned());
    let comments = SingleThreadedComments::default();
    let syntax = Syntax::Typescript(TsSyntax {
        tsx: true,
        ..TsSyntax::default()
    });
    let mut errors = Vec::new();
    let module = parse_file_as_module(
        &file,
        syntax,
        EsVersion::EsNext,
        Some(&comments),
        &mut errors,
    )
    .unwrap_or_else(|error| panic!("the bench's module parses: {error:?}"));
    let mut program = Program::Module(module);
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    resolver(unresolved, top_level, true).process(&mut program);
    typescript::tsx(
        sources.clone(),
        typescript::Config::default(),
        typescript::TsxConfig::default(),
        comments.clone(),
        unresolved,
        top_level,
    )
    .process(&mut program);
    react::react(
        sources.clone(),
        Some(comments.clone()),
        react::Options {
            runtime: Some(Runtime::Automatic),
            development: Some(true),
            ..react::Options::default()
        },
        top_level,
        unresolved,
    )
    .process(&mut program);
    hygiene().process(&mut program);
    fixer(Some(&comments)).process(&mut program);
    print(&sources, &comments, &program)
}

fn print(
    sources: &Lrc<SourceMap>,
    comments: &SingleThreadedComments,
    program: &Program,
) -> (Vec<u8>, Vec<u8>) {
    let (mut code, mut mappings, mut map) = (Vec::new(), Vec::new(), Vec::new());
    let mut emitter = Emitter {
        cfg: Config::default(),
        cm: sources.clone(),
        comments: Some(comments),
        wr: JsWriter::new(sources.clone(), "\n", &mut code, Some(&mut mappings)),
    };
    program.emit_with(&mut emitter).expect("memory takes all");
    sources
        .build_source_map(&mappings, None, WithText)
        .to_writer(&mut map)
        .expect("memory takes all");
    (code, map)
}

/// A map with the source in it, as hookfs's are.
struct WithText;

impl SourceMapGenConfig for WithText {
    fn file_name_to_source(&self, file: &FileName) -> String {
        file.to_string()
    }

    fn inline_sources_content(&self, _: &FileName) -> bool {
        true
    }
}
