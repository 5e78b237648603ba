//! Random pages and random edits, against a model of what must run and who must be told.

use super::test;

#[test]
fn what_runs_is_what_the_plainest_rules_say() {
    let out = test("import { check } from './model.js'; console.log(await check(0, 120));");
    assert_eq!(out, "all is as it must be\n");
}

#[test]
fn whatever_was_broken_meanwhile_what_is_mended_is_as_from_scratch() {
    let out = test("import { converge } from './model.js'; console.log(await converge(0, 400));");
    assert_eq!(out, "all come to the same\n");
}
