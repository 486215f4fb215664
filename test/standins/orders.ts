import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./account";

/** What a test tells the stand-ins to do, beside what they do anyway. */
export interface Order {
  /** Name of the resource in the program, or the token of a function. */
  name: string;
  op: Operation;
  /**
   * `fail` refuses; `failStarting` makes the resource but reports that it never became ready; `hang` answers only when
   * cancelled; `slow` waits first; `rollBack` accepts an update and silently keeps the old state, as the circuit
   * breaker of ECS does; `answer` is what a function returns.
   */
  does: "fail" | "failStarting" | "hang" | "slow" | "rollBack" | "answer";
  message?: string;
  milliseconds?: number;
  outputs?: Record<string, unknown>;
}

const fileIn = (folder: string) => join(folder, "orders.json");

export function giveOrders(folder: string, orders: Order[]): void {
  writeFileSync(fileIn(folder), JSON.stringify(orders));
}

/** Read at every operation, so that a test can change its mind while a deployment runs. */
export function orderFor(folder: string, op: Operation, name: string): Order | undefined {
  if (!existsSync(fileIn(folder))) return undefined;
  const orders = JSON.parse(readFileSync(fileIn(folder), "utf8")) as Order[];
  return orders.find((order) => order.op === op && order.name === name);
}
