/** A suite that this machine cannot run: its tests are listed as skipped, with what is missing. */
export function skippedSuite(title: string, missing: string, body: (scene: () => never) => void): void {
  const none = () => {
    throw new Error(missing);
  };
  describe.skip(`${title} [skipped: ${missing}]`, () => body(none));
}
