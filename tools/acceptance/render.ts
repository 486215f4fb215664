import { span } from "../compare/scaling";
import { section as asHtml, escaped, page } from "../render/html";
import { section as asMarkdown } from "../render/markdown";
import type { Section } from "../render/section";
import { assumed } from "./estimate";
import type { Report } from "./report";
import { duration, faultOf, lostOf } from "./spoken";

export const titleOf = ({ region, startedAt }: Report) => `Acceptance on AWS, ${region}, ${startedAt.slice(0, 10)}`;

const count = (value: number) => value.toLocaleString("en");

/** The result in one sentence. */
export function verdict({ isMet, steps, missing, sent, lost }: Report): string {
  const titles = (of: (step: Report["steps"][number]) => boolean) => steps.filter(of).map(({ title }) => title);
  const bad = titles((step) => step.outcome !== "interrupted" && faultOf(step) !== undefined);
  const ended = titles(({ outcome }) => outcome === "interrupted");
  const requests = `${count(lost)} of ${count(sent)} requests lost`;
  if (isMet) return `Passed: all ${steps.length} steps did what they must. ${requests}.`;
  return [
    "Not passed.",
    ...(bad.length > 0 ? [`Wrong: ${bad.join(", ")}.`] : []),
    ...(ended.length > 0 ? [`Interrupted: ${ended.join(", ")}.`] : []),
    ...(missing.length > 0 ? [`Not done: ${missing.join(", ")}.`] : []),
    `${requests}.`,
  ].join(" ");
}

export function sections(report: Report): Section[] {
  const all = [
    stepTable(report),
    besidePublished(report),
    besideEstimates(report),
    costs(report),
    left(report),
    conditions(report),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

function stepTable({ steps, perSecond }: Report): Section {
  return {
    title: "Steps",
    head: ["step", "result", "time", "sent", "lost", "p50 ms", "p99 ms"],
    rows: steps.map((step) => {
      const { title, seconds, requests } = step;
      const result = faultOf(step) === undefined ? "passed" : step.outcome === "done" ? "wrong" : step.outcome;
      const counts = requests
        ? [count(requests.requests), count(requests.errors), requests.p50Ms.toFixed(0), requests.p99Ms.toFixed(0)]
        : ["", "", "", ""];
      return [title, result, duration(seconds), ...counts];
    }),
    figures: 5,
    notes: [
      `While something changed, ${perSecond} requests/s were sent through the load balancer, whether or not earlier ones were answered. A request is lost if its answer is not 2xx, or does not come within 30 s.`,
      ...steps.flatMap((step) => notesOf(step)),
    ],
  };
}

function notesOf(step: Report["steps"][number]): string[] {
  const { title, facts, requests, why } = step;
  const lost = requests && requests.errors > 0 ? [`${lostOf(requests)}.`] : [];
  const texts = [...(why === undefined ? [] : [why]), ...facts, ...lost];
  return texts.length === 0 ? [] : [`${title}: ${texts.join(" ").replaceAll("\n", " ")}`];
}

function besidePublished({ beside }: Report): Section {
  return {
    title: "Beside published times",
    head: ["", "here", "published", "source"],
    rows: beside.map(({ what, seconds, figure, source }) => [what, duration(seconds), figure, source]),
    figures: 0,
    notes: [
      "The published times are other people's. A task's time is from its start to RUNNING, read every three seconds.",
    ],
  };
}

function besideEstimates({ estimated }: Report): Section {
  return {
    title: "Beside the estimates of npm run compare",
    head: ["", "estimated", "measured"],
    rows: estimated.map(({ what, estimatedSeconds: least, estimatedMost: most, seconds }) => [
      what,
      span({ least, most }),
      seconds === undefined ? "-" : `${seconds} s`,
    ]),
    figures: 2,
    notes: ["Parts run in parallel, so they do not add up."],
  };
}

function costs({ estimate, hours, usd }: Report): Section {
  return {
    title: "Bill of the run, by list prices",
    head: ["", "hours", "USD"],
    rows: [
      ["about, as estimated before", `${estimate.hours}`, estimate.usd.toFixed(2)],
      ["about, by the hours it took", hours.toFixed(1), usd.toFixed(2)],
    ],
    figures: 2,
    notes: [`List prices of ${estimate.pricesOf}. ${assumed} The bill of AWS follows within a day.`],
  };
}

function left({ steps }: Report): Section {
  const all = steps.flatMap(({ leftovers = [] }) => leftovers);
  return {
    title: "Left in the account",
    head: ["resource", "why", "delete it with"],
    rows: all.map(({ arn, kept = "left behind", remove }) => [arn, kept, remove]),
    figures: 0,
    notes: [],
  };
}

function conditions({ versions, region, startedAt, differences }: Report): Section {
  return {
    title: "Conditions",
    head: ["", ""],
    rows: [
      ["started", `${startedAt.slice(0, 16).replace("T", " ")} UTC`],
      ["region", region],
      ...Object.entries(versions),
    ],
    figures: 0,
    notes: [...differences],
  };
}

const proof = (report: Report) => (report.isMet ? "" : "warning");

export const html = (report: Report) =>
  page(titleOf(report), [
    `<p${proof(report) && ` class="${proof(report)}"`}>${escaped(verdict(report))}</p>`,
    ...sections(report).map(asHtml),
  ]);

export const markdown = (report: Report) =>
  [`# ${titleOf(report)}`, verdict(report), ...sections(report).flatMap(asMarkdown)].join("\n\n");
