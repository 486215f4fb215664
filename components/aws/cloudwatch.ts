import { type AwsConnection, asking, clientConfig, once } from "./connection";

/** Reads the state of alarms. */
export interface AlarmReader {
  /** Those of these alarms that are in the state ALARM. */
  firing(names: readonly string[]): Promise<readonly string[]>;
}

/** Loads the SDK at the first call; a preview makes none. */
export function alarmReader(connection: AwsConnection): AlarmReader {
  const client = once(async () => {
    const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
    return new CloudWatchClient(await clientConfig(connection, "cloudwatch"));
  });
  return {
    firing: (names) =>
      asking("CloudWatch", async () => {
        if (names.length === 0) return [];
        const { DescribeAlarmsCommand } = await import("@aws-sdk/client-cloudwatch");
        const wanted = new DescribeAlarmsCommand({ AlarmNames: [...names] });
        const { MetricAlarms = [] } = await (await client()).send(wanted);
        return MetricAlarms.flatMap(({ AlarmName, StateValue }) =>
          AlarmName && StateValue === "ALARM" ? AlarmName : [],
        );
      }),
  };
}
