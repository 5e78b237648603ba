//! Tests on real mounts of the real binary. Each file is one behaviour; `support` mounts, waits and always unmounts.

mod support;

mod assets;
mod barrels;
mod bundle;
mod cli_build;
mod cli_commands;
mod cli_errors;
mod cli_readme;
mod cli_run;
mod commonjs;
mod errors;
mod faults;
mod freshness;
mod hooks;
mod hot;
mod hot_bundle;
mod hot_hostile;
mod memory;
mod outputs;
mod pages;
mod restart;
mod see;
mod sequences;
mod serve;
mod serve_program;
mod serve_raw;
mod shortage;
mod source;
mod source_behind;
mod source_content;
mod source_model;
mod styles;
mod torture;
mod users;
mod versions;
