/** The longest wait between two starts. ECS waits up to 27 minutes: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html */
const longestMs = 60_000;

/** How long a service waits before it starts tasks again after failed starts. */
export class Throttle {
  failures = 0;
  private untilMs = 0;

  get isWaiting(): boolean {
    return Date.now() < this.untilMs;
  }

  count(): void {
    this.failures += 1;
    this.untilMs = Date.now() + Math.min(longestMs, 500 * 2 ** this.failures);
  }

  end(): void {
    [this.failures, this.untilMs] = [0, 0];
  }
}
