/** A replica is unsteady after so many lost workers, or failed runs in a row, within the window. */
const mostLosses = 3;
const mostFailures = 3;
const windowSeconds = 60;

/**
 * Whether predictions succeed. A replica whose workers keep dying, or whose runs all fail, answers 500 at once, so a load balancer that
 * prefers the fewest open requests would send it more traffic. A minute without failures makes it steady again.
 */
export class Steadiness {
  private losses: number[] = [];
  private failures: number[] = [];

  constructor(private readonly now = () => performance.now() / 1000) {}

  get isSteady(): boolean {
    return this.within(this.losses) < mostLosses && this.within(this.failures) < mostFailures;
  }

  lost(): void {
    this.losses = [...this.losses, this.now()].slice(-mostLosses);
  }

  ran(isGood: boolean): void {
    this.failures = isGood ? [] : [...this.failures, this.now()].slice(-mostFailures);
  }

  private within(times: readonly number[]): number {
    return times.filter((time) => this.now() - time < windowSeconds).length;
  }
}
