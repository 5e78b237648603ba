//! CommonJS: a file whose text is the body of Node's module wrapper
//! (<https://nodejs.org/api/modules.html#the-module-wrapper>), as an ES module.
//!
//! ```text
//! import { commonjs as require_b } from "./b.js.commonjs.js";     one for each `require('…')`, in their order
//! export { __commonjs as commonjs };
//! function __commonjs() { … }                                      runs the body once, gives `module.exports`
//! function __commonjs_require(name) { throw … }                    what `require` is where it is no such call
//! function __commonjs_body(exports, require, module, __filename, __dirname) { … require_b() … }
//! ```
//!
//! Functions are hoisted: files that require each other in a circle find each other's function before either ran, and
//! get each other's `exports` as far as they are, as in Node.

mod blocks;
mod detect;
mod facade;
mod requires;
mod sloppy;
mod wrap;

pub use facade::{facade, stand_in};

pub(super) use blocks::hoist;
pub(super) use detect::{annotated, detect};
pub(super) use requires::{
    EXPORT, kind, name, name_default, replace as replace_requires, replace_in_module,
};
pub(super) use sloppy::rewrite as rewrite_sloppy;
pub(super) use wrap::wrap;

/// What a file exports, as far as its text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exports {
    /// The names, sorted, without `default`.
    pub names: Vec<String>,
    /// The specifiers of files whose names it exports too.
    pub reexports: Vec<String>,
    /// Whether it may export names that the text does not tell: `module.exports = f()`.
    pub is_open: bool,
}

impl Exports {
    /// Both together.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.names.sort_unstable();
        self.names.dedup();
        for specifier in other.reexports {
            if !self.reexports.contains(&specifier) {
                self.reexports.push(specifier);
            }
        }
        self.is_open |= other.is_open;
        self
    }
}

#[cfg(test)]
mod tests;
