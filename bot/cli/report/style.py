"""How the page looks, by day and by night, on a phone and on a desk."""

SERIES = 6
"""How many accounts have a colour of their own; further ones share the last."""

CSS = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #dfe3e8; --text: #171b21; --soft: #5b6572;
  --sent: #1b8a4b; --failed: #c93a36; --ambiguous: #b57600; --skipped: #8a94a1;
  --retracted: #7c5cc4; --queued: #c9d0d8; --sending: #5d8fd6;
  --series0: #2f6fd0; --series1: #d97706; --series2: #12857c; --series3: #b4418f;
  --series4: #6b59c9; --series5: #7a8491;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101318; --card: #181d24; --line: #2b323c; --text: #e8ebef; --soft: #9aa5b2;
    --sent: #3fb873; --failed: #ef6a63; --ambiguous: #e0a63a; --skipped: #7b8694;
    --retracted: #a58be6; --queued: #3a434f; --sending: #6fa3ea;
    --series0: #5b96ec; --series1: #f0a04b; --series2: #3cb8ad; --series3: #dd75bb;
    --series4: #9a8af0; --series5: #9aa5b2;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(1rem, 4vw, 3rem) clamp(.75rem, 4vw, 2rem);
  background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
main, header, footer { max-width: 68rem; margin: 0 auto; }
h1 { font-size: clamp(1.5rem, 5vw, 2.25rem); line-height: 1.2; margin: .25rem 0 .5rem; }
h1, td, li, blockquote, .soft { overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: .875rem; }
.state {
  display: inline-block; border: 1px solid currentColor; border-radius: 1rem;
  padding: .05rem .65rem; font-size: .8125rem; font-weight: 600;
}
section {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: clamp(1rem, 3vw, 1.5rem); margin: 1rem 0;
}
.tiles { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); }
.tiles div {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: .75rem 1rem; border-top: 3px solid var(--mark, var(--line));
}
.tiles dt { color: var(--soft); font-size: .8125rem; }
.tiles dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.25; }
.tiles dd small { font-size: .8125rem; font-weight: 400; color: var(--soft); }
dl { margin: 1.25rem 0 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: .8125rem; }
th, td { padding: .45rem 1rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
tfoot td, tfoot th { font-weight: 650; color: var(--text); border-top: 1px solid var(--line); }
.n { text-align: right; white-space: nowrap; }
.share { min-width: 7rem; width: 30%; }
.bar { display: flex; gap: 1px; height: .7rem; margin-top: .4rem; }
.bar i { background: var(--mark); min-width: 2px; }
.dot::before {
  content: ""; display: inline-block; width: .65rem; height: .65rem; border-radius: .15rem;
  margin-right: .45rem; background: var(--mark);
}
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; }
.legend { margin: 0 0 1rem; padding: 0; font-size: .875rem; }
.plot { display: grid; grid-template: 15rem auto / auto 1fr; column-gap: .6rem; }
.plot svg { width: 100%; height: 100%; display: block; overflow: visible; }
.plot rect { fill: var(--mark); }
.plot line { stroke: var(--line); vector-effect: non-scaling-stroke; }
.ys { display: flex; flex-direction: column; justify-content: space-between; }
.ys { margin: -.65em 0; text-align: right; }
.xs { grid-column: 2; display: flex; justify-content: space-between; padding-top: .5rem; }
.ys, .xs { color: var(--soft); font-size: .75rem; }
blockquote { margin: 0 0 1rem; padding-left: 1rem; border-left: 3px solid var(--line); }
blockquote { white-space: pre-wrap; }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; }
section > :last-child { margin-bottom: 0; }
.account { white-space: nowrap; min-width: 6rem; }
.account .soft { white-space: normal; }
summary { cursor: pointer; font-weight: 650; font-size: 1.05rem; }
details[open] summary { margin-bottom: 1rem; }
footer { margin-top: 1.5rem; }
@media (max-width: 40rem) { .share { display: none; } th, td { padding-right: .75rem; } }
"""
