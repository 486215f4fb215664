import { UserError } from "../cli/user-error";

import type { OfferFile } from "./offer-file";
import type { Fetch } from "./refresh";

/** The largest offer file has some tens of megabytes. */
const patienceMs = 180_000;

/** AWS's price list, or a copy of it elsewhere. */
export const priceList =
  (from: string): Fetch =>
  async (path) => {
    const url = new URL(path, from);
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) }).catch((error: unknown) => {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      throw new UserError(`${url.host} cannot be reached (${cause}). The bundled prices stay as they are.`);
    });
    if (!answer.ok) throw new UserError(`${url} answers ${answer.status}. The bundled prices stay as they are.`);
    return (await answer.json()) as OfferFile;
  };
