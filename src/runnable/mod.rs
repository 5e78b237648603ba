//! What stands under `/~@/`: the names, and the computations behind them.
//!
//! ```text
//! let source = SourcePath::parse("src")?;                 // SRC below the workspace root; the root itself for `mount .`
//! let runnable = Runnable::new(Options::new(source.clone()), workers);  // impl compute::Computations, for Graph::new
//! RunnableView::new(source.clone());                      // impl router::View, for `/~@/`
//! WorkspaceView::new(source);                             // impl router::View, for `/~@/~root/`
//! ```
//!
//! A face that is handed a path of the view (`cat`, `build`) asks [`RunnableView`] what it stands for; [`Layout`]
//! leads the other way, from a source file to the name that imports use.

mod accept;
#[cfg(test)]
mod accept_tests;
mod all;
mod assets;
mod builtin;
mod bundle;
mod bytecode;
mod common;
mod contents;
mod cycle;
mod data_url;
mod dots;
mod entries;
mod environment;
mod exports;
mod function;
mod globs;
mod hashed;
mod hook;
mod hot;
mod imports;
mod inline;
mod kind;
mod layout;
mod links;
mod listing;
mod made;
mod members;
mod module;
mod names;
mod options;
mod page;
mod pattern;
mod plugins;
mod problems;
mod public;
mod reach;
mod requests;
mod style;
mod svg;
mod unsupported;
mod versions;
mod views;
mod walk;
mod wasm;
mod workers;

pub use crate::compiler::is_identifier;
pub use all::{MODULE, Runnable, faults_of, gives_file};
pub use bundle::{BundleView, ModuleView, VolumeView};
pub use bytecode::{of as bytecode_of, runtime as bytecode_of_runtime};
pub use common::COMMONJS;
pub use function::{FunctionView, function_of_id, id_of, ids_of, map_of_id};
pub use hook::reply_part;
pub use hot::{
    Hot, HotBody, HotContent, HotEntry, HotLast, HotPage, HotPiece, Standing, is_of_hook,
};
pub use kind::Kind;
pub use layout::Layout;
pub use options::Options;
pub use page::{Style as HotStyle, meta as hot_meta};
pub use public::is_template;
pub use versions::version_name;
pub use views::{RunnableView, WorkspaceView, hot_outputs, outputs};
pub use workers::be_worker;

#[cfg(test)]
mod asset_tests;
#[cfg(test)]
mod barrel_tests;
#[cfg(test)]
mod bundle_tests;
#[cfg(test)]
mod common_tests;
#[cfg(test)]
mod completeness;
#[cfg(test)]
mod dot_tests;
#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod function_tests;
#[cfg(test)]
mod glob_tests;
#[cfg(test)]
mod hashed_tests;
#[cfg(test)]
mod hot_tests;
#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod instance_tests;
#[cfg(test)]
mod made_tests;
#[cfg(test)]
mod name_tests;
#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod resolution_tests;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod style_tests;
#[cfg(test)]
mod svg_tests;
#[cfg(test)]
mod wasm_tests;
