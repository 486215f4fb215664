/** One metric of one resource. */
export interface Metric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export type Statistic = "Sum" | "Average" | "Minimum" | "Maximum" | "p50" | "p90" | "p99";

/** A line of a chart: a metric, or a formula over several. */
export interface Line {
  readonly label: string;
  readonly colour: string;
  readonly statistic: Statistic;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Metric maths over the names of `metrics`. Without it there is one metric, drawn as it is. */
  readonly expression?: string;
}

export type Widget =
  | { readonly kind: "chart"; readonly title: string; readonly unit: string; readonly lines: readonly Line[] }
  /** Draws every metric that the search finds, one line each. */
  | { readonly kind: "search"; readonly title: string; readonly unit: string; readonly searches: readonly Search[] }
  | { readonly kind: "alarms"; readonly title: string; readonly arns: readonly string[] }
  | { readonly kind: "text"; readonly markdown: string };

export interface Search {
  readonly label: string;
  readonly colour: string;
  readonly statistic: Statistic;
  readonly namespace: string;
  readonly dimensions: readonly string[];
  readonly metric: string;
}

/** Widgets of one height that share the width of the page. */
export interface Row {
  readonly height: number;
  readonly widgets: readonly Widget[];
}

export interface Placed {
  readonly widget: Widget;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** CloudWatch's grid. */
export const columns = 24;

/** Places rows below each other, and the widgets of a row side by side. */
export function place(rows: readonly Row[]): Placed[] {
  let y = 0;
  return rows.flatMap(({ height, widgets }) => {
    const width = Math.floor(columns / widgets.length);
    const placed = widgets.map((widget, index) => ({ widget, x: index * width, y, width, height }));
    y += height;
    return placed;
  });
}

/** The dashboard as PutDashboard takes it. */
export function body(rows: readonly Row[], region: string) {
  const widgets = place(rows).map(({ widget, ...where }) => ({ ...where, ...rendered(widget, region) }));
  return { start: "-PT3H", periodOverride: "inherit", widgets };
}

function rendered(widget: Widget, region: string) {
  if (widget.kind === "text") return { type: "text", properties: { markdown: widget.markdown } };
  if (widget.kind === "alarms") return { type: "alarm", properties: { title: widget.title, alarms: [...widget.arns] } };
  const metrics = widget.kind === "chart" ? widget.lines.flatMap(drawn) : widget.searches.map(searched);
  const { title, unit } = widget;
  const yAxis = { left: { min: 0, label: unit, showUnits: false } };
  const properties = { title, region, view: "timeSeries", stacked: false, period: 60, yAxis, metrics };
  return { type: "metric", properties };
}

function drawn({ label, colour, statistic, metrics, expression }: Line, index: number) {
  // The lines of a chart share one namespace of ids.
  const own = (id: string) => `${id}${index}`;
  const measured = Object.entries(metrics).map(([id, { namespace, metric, dimensions }]) => [
    namespace,
    metric,
    ...Object.entries(dimensions).flat(),
    { id: own(id), stat: statistic, ...(expression ? { visible: false } : { label, color: colour }) },
  ]);
  if (!expression) return measured;
  const names = new RegExp(`\\b(${Object.keys(metrics).join("|")})\\b`, "g");
  const computed = { id: own("line"), expression: expression.replace(names, own), label, color: colour };
  return [...measured, [computed]];
}

function searched({ label, colour, statistic, namespace, dimensions, metric }: Search, index: number) {
  const schema = `{${[namespace, ...dimensions].join(",")}}`;
  const expression = `SEARCH('${schema} MetricName="${metric}"', '${statistic}', 60)`;
  return [{ id: `search${index}`, expression, label, color: colour }];
}
