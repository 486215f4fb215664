/** Light and dark by the reader's own setting; on paper always light. */
export const style = `
:root { --ground: #ffffff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --band: #f6f8fa;
  --a: #0b62c4; --b: #b3540e; --c: #1a7f37; --d: #8250df; --e: #a40e6e; --f: #57606a; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --ink: #e6edf3; --quiet: #9ea7b3; --line: #30363d; --band: #161b22;
    --a: #6cb0ff; --b: #f0995a; --c: #56d364; --d: #c297ff; --e: #ff8ac6; --f: #9ea7b3; }
}
@media print {
  :root { --ground: #ffffff; --ink: #000000; --quiet: #333333; --line: #999999; --band: #ffffff;
    --a: #0b62c4; --b: #b3540e; --c: #1a7f37; --d: #8250df; --e: #a40e6e; --f: #57606a; }
  section, figure { break-inside: avoid; }
  .frame { overflow: visible; }
}
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 0.5rem; }
.frame { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
.frame:focus-visible { outline: 3px solid var(--a); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 0.87rem; }
th, td { padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); background: var(--band); font-weight: 600; }
tbody th { font-weight: 500; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .figure { white-space: normal; }
.sum > * { font-weight: 700; }
.note { color: var(--quiet); font-size: 0.87rem; }
.warning { border-left: 4px solid var(--b); padding: 0.25rem 0.75rem; background: var(--band); }
figure { margin: 1.5rem 0; }
figcaption { color: var(--quiet); font-size: 0.87rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .quiet { fill: var(--quiet); }
svg .axis { stroke: var(--line); }
ul { padding-left: 1.25rem; }
`;
