import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { containerOf } from "../../../components/core/container";
import { projectFolder } from "../../../tools/stack/file";
import { problemsOf, settingsOf } from "../support/settings";

const page = readFileSync(join(projectFolder, "docs/operations.md"), "utf8");
const [, yaml = ""] = page.match(/<!-- prometheus: .* -->\n```yaml\n([\s\S]*?)```/) ?? [];
const { config } = parse(yaml) as { config: Record<string, unknown> };

interface AgentConfig {
  readonly agent: { readonly region: string };
  readonly logs: {
    readonly metrics_collected: {
      readonly prometheus: {
        readonly log_group_name: string;
        readonly prometheus_config_path: string;
        readonly emf_processor: {
          readonly metric_declaration: readonly {
            readonly source_labels: readonly string[];
            readonly label_matcher: string;
            readonly dimensions: readonly (readonly string[])[];
            readonly metric_selectors: readonly string[];
          }[];
        };
      };
    };
  };
}

interface ScrapeConfig {
  readonly scrape_configs: readonly {
    readonly metrics_path: string;
    readonly static_configs: readonly {
      readonly targets: readonly string[];
      readonly labels: Record<string, string>;
    }[];
  }[];
}

describe("The stack with Prometheus metrics in docs/operations.md", () => {
  const settings = settingsOf(config);
  const { environment = {} } = settings.sidecars.metrics ?? {};
  const agent: AgentConfig = JSON.parse(environment.CW_CONFIG_CONTENT ?? "{}");
  const { prometheus } = agent.logs.metrics_collected;
  const [scrape] = (parse(environment.PROMETHEUS_CONFIG_CONTENT ?? "") as ScrapeConfig).scrape_configs;
  const [target] = scrape?.static_configs ?? [];

  it("is accepted", () => assert.deepEqual(problemsOf(config), []));

  it("asks the container at its own port and path", () => {
    const { port, metricsPath } = containerOf(settings.container);
    assert.deepEqual([target?.targets, scrape?.metrics_path], [[`127.0.0.1:${port}`], metricsPath]);
  });

  it("gives the agent the configuration that it names", () =>
    assert.equal(environment[prometheus.prometheus_config_path.replace(/^env:/, "")] === undefined, false));

  it("may write into the log group of the metrics, and into no other", () => {
    const resource = `arn:aws:logs:${agent.agent.region}:123456789012:log-group:${prometheus.log_group_name}:*`;
    const actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
    assert.deepEqual(settings.permissions, [{ actions, resources: [resource] }]);
  });

  it("selects metrics by name, with dimensions that the target has", () => {
    for (const declared of prometheus.emf_processor.metric_declaration) {
      for (const selector of declared.metric_selectors) assert.match(selector, /^\^[\w:()|]+\$$/);
      for (const label of [...declared.source_labels, ...declared.dimensions.flat()])
        assert.match(target?.labels[label] ?? "", new RegExp(declared.label_matcher));
    }
  });
});
