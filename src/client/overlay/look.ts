// How the overlay looks.

export const LOOK = `
:host { all: initial; }
dialog {
  --back: #fff; --raised: #f5f6f8; --line: #e2e4e9; --text: #1c1e24; --faint: #646873; --red: #c4233b; --tint: #fdecee; --blue: #2558c9; --shade: rgb(20 22 28 / 45%);
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  color-scheme: light;
  position: fixed; inset: 0; margin: auto; margin-top: min(8vh, 80px); padding: 0; box-sizing: border-box;
  width: min(960px, calc(100vw - 32px)); max-width: none; height: fit-content; max-height: calc(100vh - min(8vh, 80px) - 24px);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden;
  background: var(--back); color: var(--text); box-shadow: 0 1px 2px rgb(0 0 0 / 10%), 0 20px 60px rgb(0 0 0 / 28%);
  font: 14px/1.5 var(--sans); text-align: left; direction: ltr; -webkit-text-size-adjust: none;
}
@media (prefers-color-scheme: dark) {
  dialog {
    --back: #17181c; --raised: #1f2126; --line: #32353d; --text: #e4e6eb; --faint: #999ea9; --red: #ff7485; --tint: #3a1f26; --blue: #8ab0ff; --shade: rgb(0 0 0 / 60%);
    color-scheme: dark;
  }
}
dialog:not([open]) { display: none; }
dialog::backdrop { background: rgb(12 14 18 / 50%); }
dialog:focus { outline: none; }
.box { display: flex; flex-direction: column; max-height: inherit; box-shadow: inset 0 3px 0 var(--red); }
header, footer { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 10px 16px; flex: none; }
header { padding-top: 13px; }
.kind { font-weight: 600; color: var(--red); white-space: nowrap; margin-right: 4px; }
.times { color: var(--faint); font-variant-numeric: tabular-nums; white-space: nowrap; }
.space { flex: 1; }
nav { display: flex; align-items: center; gap: 4px; margin-left: 4px; }
nav output { min-width: 3.4em; text-align: center; color: var(--faint); font-variant-numeric: tabular-nums; white-space: nowrap; }
button, select {
  font: 500 12.5px/1 var(--sans); color: var(--text); background: var(--raised); border: 1px solid var(--line); border-radius: 6px;
  padding: 6.5px 9.5px; margin: 0; cursor: pointer; white-space: nowrap;
}
button:hover, select:hover { border-color: var(--faint); }
:is(button, select, a, summary):focus-visible { outline: 2px solid var(--blue); outline-offset: 1px; }
nav button { padding: 6.5px 8px; }
kbd { font: 11px/1 var(--sans); color: var(--faint); margin-left: 5px; }
article { overflow: auto; overscroll-behavior: contain; padding: 3px 16px 16px; min-height: 0; outline: none; }
h2 { margin: 0; font: 600 16.5px/1.45 var(--sans); overflow-wrap: anywhere; white-space: pre-wrap; }
h2 code { font: 600 .92em/1.45 var(--mono); }
.code { display: block; color: var(--faint); font: 12.5px/1.5 var(--mono); }
a { color: var(--blue); text-decoration: none; border-radius: 3px; }
a:hover { text-decoration: underline; text-underline-offset: 2px; }
.place { margin: 5.5px 0 0; font: 13px/1.5 var(--mono); overflow-wrap: anywhere; }
pre { margin: 12px 0 0; padding: 9px 0; overflow-x: auto; background: var(--raised); border: 1px solid var(--line); border-radius: 7px; font: 12.75px/1.6 var(--mono); tab-size: 2; white-space: pre; }
pre > span { display: block; min-height: 1.6em; width: max-content; min-width: 100%; box-sizing: border-box; padding: 0 14.5px; }
pre i { font-style: normal; color: var(--faint); user-select: none; -webkit-user-select: none; }
pre .at { background: var(--tint); }
pre .mark { color: var(--red); font-weight: 700; background: var(--tint); min-height: 0; line-height: 1.1; }
.text { padding: 9px 14.5px; white-space: pre-wrap; overflow-wrap: anywhere; }
.hint { margin: 12px 0 0; padding-left: 12px; border-left: 3px solid var(--blue); overflow-wrap: anywhere; }
.hint b { font-weight: 600; color: var(--blue); }
h3 { margin: 16px 0 5px; font: 600 12.5px/1.4 var(--sans); color: var(--faint); }
ol { list-style: none; margin: 0; padding: 0; font: 12.75px/1.65 var(--mono); }
li { overflow-wrap: anywhere; padding: 0 1px; }
li .name { color: var(--text); margin-right: .75em; }
li .name:empty { display: none; }
li .name + * { color: var(--faint); }
li .name + a { color: var(--blue); }
li.foreign .name { color: var(--faint); }
li.note { margin-top: 8px; color: var(--red); font-family: var(--sans); font-weight: 600; }
ol:not(.all) > .foreign { display: none; }
.more { margin-top: 7px; }
.wait { color: var(--faint); }
footer { border-top: 1px solid var(--line); color: var(--faint); font-size: 12.5px; padding-block: 8px; }
footer label { display: flex; align-items: center; gap: 7px; }
@media (max-width: 544px) {
  dialog { width: 100vw; margin: 0; margin-top: auto; max-height: 92vh; border-width: 1px 0 0; border-radius: 10px 10px 0 0; inset: auto 0 0; }
  kbd { display: none; }
  nav { order: 1; flex-basis: 100%; margin: 0; }
  header, footer, article { padding-inline: 13px; }
}
@media (forced-colors: active) { .box { border-top: 3px solid; } pre .mark { forced-color-adjust: auto; } }
`;
