import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { priceList } from "./price-list-server";
import { type PriceList, refresh } from "./refresh";

const usage = `npm run prices -- [--from <url>] [--file <path>]

Fetches today's prices from the public AWS price list and writes them into the
bundled table. Needs no AWS account.
--from    Default: https://pricing.us-east-1.amazonaws.com
--file    Default: components/pricing/price-list.json`;

const ours = join(__dirname, "../../components/pricing/price-list.json");

async function main(): Promise<void> {
  const options = {
    from: { ...text, default: "https://pricing.us-east-1.amazonaws.com" },
    file: { ...text, default: ours },
    help,
  };
  const values = optionsOf(process.argv.slice(2), options, usage);
  if (values.help) return console.log(usage);
  const list: PriceList = JSON.parse(readFileSync(values.file, "utf8"));
  const today = new Date().toISOString().slice(0, 10);
  const {
    list: next,
    changed,
    kept,
  } = await refresh(list, priceList(values.from), today, (part) => console.log(`  ${part}`));
  writeFileSync(values.file, `${JSON.stringify(next, null, 2)}\n`);
  console.log([`${changed.length} prices changed`, ...changed].join("\n  "));
  if (kept.length > 0) console.log([`${kept.length} prices not found; their old values stay`, ...kept].join("\n  "));
}

run(main);
