import type { Cpu } from "../cpu";
import { contestant, isOurs, type Name } from "./contestants";
import { markdown } from "./markdown";
import type { Result } from "./measure";
import { at, clientsOf, isDisturbed, type Slice } from "./slices";
import { median } from "./statistics";

/** What each of ours is compared with: the same runtime and arithmetic in Python, and what it is to be better than. */
const pairs: readonly (readonly [own: Name, other: Name])[] = [
  ["app onnxruntime fp32", "Flask torch fp32"],
  ["app onnxruntime fp32", "FastAPI onnxruntime fp32"],
  ["app onnxruntime int8", "Flask torch fp32"],
  ["app onnxruntime int8", "FastAPI onnxruntime int8"],
  ["app OpenVINO fp32", "app onnxruntime fp32"],
  ["app OpenVINO fp32", "FastAPI OpenVINO fp32"],
  ["app OpenVINO bf16", "app onnxruntime fp32"],
  ["app OpenVINO bf16", "FastAPI OpenVINO bf16"],
  ["app OpenVINO int8", "app onnxruntime int8"],
  ["app OpenVINO int8", "FastAPI OpenVINO int8"],
];

interface Floor {
  /** By number of callers. */
  rate: Record<number, number>;
  memoryAtMost?: number;
}

/** On this kind of CPU. */
function floorOf(own: Name, other: Name, { vnni, extensions }: Cpu): Floor | undefined {
  const [{ runtime, precision }, beside] = [contestant(own), contestant(other)];
  if (beside.program === "Flask") return { rate: { 16: precision === "int8" ? (vnni ? 4 : 2.5) : 1.7 } };
  if (runtime === "onnxruntime") return { rate: { 1: 1.1, 16: precision === "int8" ? 1.2 : 1.15 }, memoryAtMost: 0.7 };
  const goals = { bf16: 2, int8: 1.5, fp32: undefined };
  const goal = isOurs(other) && extensions.some((each) => each.startsWith("amx_")) ? goals[precision] : undefined;
  return goal === undefined ? undefined : { rate: { 16: goal } };
}

/** Each ratio is the median, and of several the range, of the rounds in which neither was disturbed. */
export function ratioTable(measured: readonly Result[], cpu: Cpu): string {
  const counts = clientsOf(measured);
  const results = new Map(measured.map((result) => [result.name, result]));
  const rows = pairs.flatMap(([own, other]) => {
    const [ours, beside] = [results.get(own), results.get(other)];
    if (!ours || !beside) return [];
    const ratios = counts.map((clients) => rateRatio(at(ours, clients), at(beside, clients)));
    const floor = floorOf(own, other, cpu);
    return [
      [own, other, ...ratios, (ours.residentMb / beside.residentMb).toFixed(2)],
      ...(floor ? [["", "floor", ...counts.map((count) => String(floor.rate[count] ?? "")), most(floor)]] : []),
    ];
  });
  const head = ["times the rate", "of", ...counts.map((clients) => `c=${clients}`), "memory"];
  return rows.length === 0 ? "No server of Python ran to compare with." : markdown(head, rows);
}

const most = ({ memoryAtMost }: Floor) => (memoryAtMost === undefined ? "" : `${memoryAtMost}`);

function rateRatio(own: Slice[], other: Slice[]): string {
  const ratios = own.flatMap((slice) => {
    const beside = other.find((one) => one.round === slice.round);
    return beside && !isDisturbed(slice) && !isDisturbed(beside) ? [slice.perSecond / beside.perSecond] : [];
  });
  return ratios.length < 2 ? "disturbed" : times(ratios);
}

const times = (ratios: number[]) =>
  `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(1)}-${Math.max(...ratios).toFixed(1)})`;
