/** Losses of workers within the window that make a replica unfit for traffic, and failed runs with no good one between. */
const mostLosses = 3;
const mostFailures = 3;
const windowSeconds = 60;

/**
 * Whether predictions come to a good end. A replica whose workers die again and again, or whose runs all fail, answers 500 at once, and
 * a load balancer that looks for the fewest open requests would send it more than the others. It gets another chance after a
 * minute without trouble, which without traffic is a minute.
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
