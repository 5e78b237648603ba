//! From a specifier to a file, as bundlers do it: Node's algorithms (<https://nodejs.org/api/esm.html#resolution-algorithm>,
//! <https://nodejs.org/api/modules.html#all-together>), the field `browser`
//! (<https://github.com/defunctzombie/package-browser-field-spec>), and TypeScript's `paths`, `baseUrl`, `rootDirs`, `moduleSuffixes`
//! and `customConditions`.
//!
//! It asks everything through a [`Context`], so that every name it looked for, found or not, is a dependency. What
//! many modules of a directory share is a node of its own, found again by one look at its hash:
//!
//! | computation | key | gives |
//! |---|---|---|
//! | [`PACKAGE`] | a directory | what resolution needs of its `package.json`, so that a new version number reaches nobody |
//! | [`SCOPE`] | a directory | the nearest `package.json` at or above it, up to the `node_modules` it lies in |
//! | [`CONFIG`] | a directory | the nearest `tsconfig.json` or `jsconfig.json` with all that it extends and refers to |
//! | [`CONDITIONS`] | a directory | `customConditions` of that |
//!
//! Order of guesses. In the project, for `./a`: the file `a`; for `./a.js` the file that TypeScript would compile to it
//! (`a.ts`, `a.tsx`); then `a` with [`PROJECT_EXTENSIONS`]; then the directory `a`: its `package.json`, its `index`.
//! In packages (below a `node_modules`): the same with [`PACKAGE_EXTENSIONS`], and no `.ts` for `.js`. An exact
//! name wins, as in esbuild and Vite; `tsc` alone would prefer `a.ts` to an existing `a.js`.

mod absolute;
mod browser;
mod config;
mod configured;
mod directories;
mod exports;
mod files;
mod hints;
mod importer;
mod jsonc;
mod packages;
mod pattern;
mod resolve;
mod scope;
mod styles;
mod tsconfig;

pub use config::{
    CONDITIONS, CONFIG, CompilerOptions, Config, Project, run as run_config, run_conditions,
};
pub use files::{follow, in_packages, walk};
pub use hints::nearest;
pub use importer::{Importer, Resolver, Settings};
pub use packages::{PACKAGE, Package, read as read_file, run as run_package};
pub use pattern::covers;
pub use resolve::{Resolved, Target, Unresolved};
pub use scope::{SCOPE, Scope, run as run_scope};

/// What is tried after a name without an extension in the project: TypeScript before JavaScript.
pub const PROJECT_EXTENSIONS: [&str; 9] = [
    ".ts", ".tsx", ".mts", ".cts", ".mjs", ".js", ".jsx", ".cjs", ".json",
];

/// What is tried in packages: what was built before what it was built from, as esbuild has it.
pub const PACKAGE_EXTENSIONS: [&str; 9] = [
    ".js", ".mjs", ".cjs", ".jsx", ".json", ".ts", ".tsx", ".mts", ".cts",
];
