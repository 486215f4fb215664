import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./account";

/** What a test tells the fake providers to do, beside what they do anyway. */
export interface Order {
  /** Name of the resource in the program, or the token of a function. */
  name: string;
  /** For a name that resources of several types share. */
  type?: string;
  op: Operation;
  /**
   * `fail` refuses; `hang` answers only when cancelled; `slow` waits first; `failDeployment` accepts, as ECS does, what
   * it then cannot start: a new service never runs, a changed one goes on as it was; `soundAlarm` starts the version and has the alarm
   * named in the message fire, of which only a service that watches that alarm takes any notice.
   */
  does: "fail" | "hang" | "slow" | "failDeployment" | "soundAlarm";
  message?: string;
  milliseconds?: number;
}

const fileIn = (folder: string) => join(folder, "orders.json");

export function giveOrders(folder: string, orders: Order[]): void {
  writeFileSync(fileIn(folder), JSON.stringify(orders));
}

/** Read at every operation, so that a test can change its mind while a deployment runs. */
export function orderFor(folder: string, op: Operation, subject: { name: string; type: string }): Order | undefined {
  if (!existsSync(fileIn(folder))) return undefined;
  const orders = JSON.parse(readFileSync(fileIn(folder), "utf8")) as Order[];
  return orders.find(
    (order) => order.op === op && order.name === subject.name && (order.type ?? subject.type) === subject.type,
  );
}
