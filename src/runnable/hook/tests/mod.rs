mod context;
mod limits;
mod names;
mod value;

use std::sync::{Arc, OnceLock};

use crate::base::{Key, Part};
use crate::compute::{Computations, Failure};
use crate::router::{File, Found, View};
use crate::runnable::scene::{Scene, path, tree};
use crate::runnable::views::outputs;
use crate::script::be_worker;
use crate::worker::{Launch, Workers, tests::kind};

#[test]
#[ignore = "what the workers of the tests run"]
fn entry() {
    if let Some(kind) = kind() {
        be_worker(&kind);
    }
}

pub(in crate::runnable) fn workers() -> Arc<Workers> {
    static WORKERS: OnceLock<Arc<Workers>> = OnceLock::new();
    let launch = || Launch::of_test("runnable::hook::tests::entry");
    WORKERS
        .get_or_init(|| Arc::new(Workers::new(launch())))
        .clone()
}

fn scene(files: &[(&str, &str)]) -> Scene {
    Scene::with(tree(files), "src", workers())
}

/// The file that a hook computes, of which the view knows by its name.
fn computed(scene: &Scene, name: &str) -> Result<String, Failure> {
    let table = outputs(&path("src"));
    let Found::File(File::Node { key, part, .. }) = table.lookup(scene, &path(name)).unwrap()
    else {
        panic!("no hook computes `{name}`");
    };
    assert!(key.computation.name().starts_with("hook") && part == Part::MAIN);
    let output = scene.runnable.run(&key, scene)?;
    Ok(String::from_utf8(output.parts[0].1.to_vec()).unwrap())
}

/// What a hook of this text computes.
fn gives(text: &str) -> Result<String, Failure> {
    computed(&scene(&[("src/a.txt.hook.ts", text)]), "a.txt")
}

fn fails(text: &str) -> String {
    match gives(text) {
        Ok(text) => panic!("it gives {text:?}"),
        Err(failure) => failure.to_string(),
    }
}
