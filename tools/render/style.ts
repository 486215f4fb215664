/** Light or dark as the reader's system is set; always light on paper. */
export const style = `
:root { --ground: #ffffff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --band: #f6f8fa;
  --focus: #0b62c4; --warning: #b3540e; --ok: #1a7f37; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --ink: #e6edf3; --quiet: #9ea7b3; --line: #30363d; --band: #161b22;
    --focus: #6cb0ff; --warning: #f0995a; --ok: #56d364; }
}
@media print {
  :root { --ground: #ffffff; --ink: #000000; --quiet: #333333; --line: #999999; --band: #ffffff;
    --focus: #0b62c4; --warning: #b3540e; --ok: #1a7f37; }
  section, figure { break-inside: avoid; }
  .frame { overflow: visible; }
}
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 0.5rem; }
.frame { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
.frame:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 0.87rem; }
th, td { padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); background: var(--band); font-weight: 600; }
tbody th { font-weight: 500; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .figure { white-space: normal; }
.sum > * { font-weight: 700; }
.note { color: var(--quiet); font-size: 0.87rem; }
.warning { border-left: 4px solid var(--warning); padding: 0.25rem 0.75rem; background: var(--band); }
figure { margin: 2.25rem 0 1.5rem; }
figure h2 { margin-top: 0; }
figcaption { color: var(--quiet); font-size: 0.87rem; margin-top: 0.5rem; }
.chart { display: grid; grid-template: auto 1fr auto auto auto / auto 1fr; font-size: 0.8rem; padding-right: 1.5rem; }
.chart.bars { padding-right: 4rem; }
.chart > * { grid-column: 2; }
.chart .axis { color: var(--quiet); margin: 0 0 0.35rem; grid-column: 1 / -1; }
.chart .axis.end { text-align: center; margin: 0 0 0.35rem; grid-column: 2; }
.chart .labels { grid-column: 1; position: relative; text-align: right; padding-right: 0.5rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.chart .labels span { position: absolute; right: 0.5rem; transform: translateY(-50%); }
.chart .labels i { visibility: hidden; font-style: normal; }
.chart.bars .labels span { position: static; transform: none; display: block; height: 28px; line-height: 28px; }
.plot { position: relative; height: 260px; }
.plot svg { position: absolute; width: 100%; height: 100%; overflow: visible; }
.plot svg * { vector-effect: non-scaling-stroke; }
.plot .total { position: absolute; line-height: 28px; padding-left: 0.4rem; }
.plot .grid { stroke: var(--line); }
.plot .limit { stroke: var(--ink); stroke-dasharray: 7 4; }
.plot polyline { stroke-width: 2; stroke-linejoin: round; }
.plot .dot { stroke-width: 7; stroke-linecap: round; }
.chart .below { position: relative; height: 1.7em; margin-top: 0.25rem; font-variant-numeric: tabular-nums; }
.chart .below span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.legend { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.1rem 1.25rem; }
.legend i { display: inline-block; width: 1.6rem; margin-right: 0.4rem; vertical-align: middle; }
ul { padding-left: 1.25rem; }
`;
