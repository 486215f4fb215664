import { image, Releases } from "./releases";
import { succeeds } from "./succeeds";
import { describeWithEngine } from "./suite";

/** A suite of releases on a deployed stack dev, which runs the image a. */
export function describeReleases(
  title: string,
  config: Readonly<Record<string, unknown>>,
  body: (releases: () => Releases) => void,
): void {
  describeWithEngine(title, (open) => {
    let releases: Releases;
    before(async () => {
      const sandbox = await open();
      releases = new Releases(sandbox);
      await sandbox.createStack("dev", { "inference:image": image("a"), ...config });
      succeeds(await sandbox.up());
    });
    body(() => releases);
  });
}
