use clap::{CommandFactory, Parser};

use super::arguments::{Cli, Command};
use super::report::render;
use super::size::{parse_size, show_size};
use crate::app::{Error, Status};
use crate::base::Diagnostic;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn sizes_are_read_as_people_write_them() {
    for (text, bytes) in [
        ("0", 0),
        ("1024", 1024),
        ("2k", 2048),
        ("1.5M", 3 << 19),
        ("2GiB", 2 << 30),
        ("1 G", 1 << 30),
    ] {
        assert_eq!(parse_size(text), Ok(bytes), "{text}");
    }
    for text in ["", "G", "-1", "1X", "1e9", "99999999999T", "."] {
        assert!(parse_size(text).is_err(), "{text}");
    }
    assert_eq!(show_size(1023), "1023 bytes");
    assert_eq!(show_size(3 << 19), "1.5 MiB");
}

#[test]
fn a_definition_has_a_name_and_a_value() {
    let parse =
        |define: &str| Cli::try_parse_from(["hookfs", "mount", "--define", define, "a", "b"]);
    let Command::Mount(arguments) = parse("A.b==1").unwrap().command else {
        panic!("not a mount");
    };
    assert_eq!(
        arguments.options.defines,
        [("A.b".to_owned(), "=1".to_owned())]
    );
    for define in ["A", "=1", "A=", "A= "] {
        assert!(parse(define).is_err(), "{define}");
    }
}

#[test]
fn errors_say_what_and_what_to_do() {
    let texts = [
        Error::NotMounted("/mnt/app".into()),
        Error::Locked {
            state: "/state".into(),
            pid: "7".into(),
        },
        Error::Source {
            path: "src".into(),
            reason: "no such file or directory".into(),
        },
        Error::Diagnostics(vec![
            Diagnostic::new("syntax", "unexpected `}`").hint("remove it"),
        ]),
        Error::Daemon {
            message: "error: what it said".into(),
            status: Status::Environment,
        },
    ]
    .map(|error| render(&error, false));
    insta::assert_snapshot!(texts.concat(), @r"
    error: nothing of hookfs is mounted at `/mnt/app`
      hint: `findmnt -t fuse.hookfs` lists what is mounted
    error: the state folder `/state` is in use by process 7
      hint: one daemon serves a state folder; stop that one, or give another with --state DIR
    error: cannot use `src` as the source: no such file or directory
    error[syntax]: unexpected `}`
      hint: remove it
    error: what it said
    ");
}
