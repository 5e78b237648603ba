//! The README's commands, run as they are written.

use std::process::{Command, Stdio};

use crate::support::{Served, Tree, hookfs};

/// The commands of the README's `console` blocks, in their order.
fn commands() -> Vec<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let mut inside = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            line if inside => commands.push(line.strip_prefix("$ ").unwrap().to_owned()),
            _ => {}
        }
    }
    commands
}

/// Unmounts at the end, whatever happens.
pub struct Mounted(pub std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = hookfs()
            .arg("unmount")
            .arg(&self.0)
            .stderr(Stdio::null())
            .status();
    }
}

#[test]
fn every_command_of_the_readme_works() {
    let tree = Tree::new(
        "
        //- /src/main.tsx
        import { b } from './b';
        export const a: number = b;
        console.log(a);
        //- /src/b.ts
        export const b: number = 1;
        ",
    );
    let point = tree.folder().join("mnt");
    std::fs::create_dir(&point).unwrap();
    let _mounted = Mounted(point.clone());
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_hookfs"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in &commands {
        // Servers run until they are stopped: the browser tests start those of these lines.
        if command.starts_with("python3 ") || command.starts_with("npx ") {
            continue;
        }
        if command.starts_with("hookfs mount") {
            let _ = hookfs()
                .arg("unmount")
                .arg(&point)
                .stderr(Stdio::null())
                .status();
        }
        if let Some(arguments) = command.strip_prefix("hookfs serve ") {
            let state = tree.folder().join("served");
            let arguments: Vec<&str> = arguments.split(' ').collect();
            let served = Served::start(&tree.project(), &state, &arguments);
            assert_eq!(served.get("/b.ts").status, 200, "{command}");
            served.stop();
            continue;
        }
        let line = command.replace("/mnt/app", point.to_str().unwrap());
        let output = Command::new("sh")
            .args(["-euc", &line])
            .current_dir(tree.project())
            .env("PATH", &path)
            .env("XDG_CACHE_HOME", tree.folder().join("cache"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
        // Both `status` and `man` and all the others but `unmount` print something.
        if !command.contains("unmount") {
            assert!(!output.stdout.is_empty(), "{command} prints nothing");
        }
    }
}

#[test]
fn the_readme_names_every_command_and_option() {
    let readme = include_str!("../README.md");
    let help = |arguments: &[&str]| {
        let output = hookfs().args(arguments).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let commands: Vec<String> = help(&[])
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect();
    assert_eq!(commands.len(), 12, "{commands:?}");
    for command in &commands {
        assert!(
            readme.contains(&format!("**`{command}")),
            "the README lacks {command}"
        );
        for word in help(&[command]).split(|c: char| !(c.is_ascii_lowercase() || c == '-')) {
            if word.starts_with("--") && word.len() > 3 && !["--help", "--version"].contains(&word)
            {
                assert!(
                    readme.contains(word),
                    "the README lacks {word} of {command}"
                );
            }
        }
    }
}
