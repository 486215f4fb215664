export interface Plan {
  rounds: number;
  sliceMs: number;
  clients: number[];
  /** Arrivals as multiples of what the server answers at 16 clients. */
  overloads: number[];
  starts: number;
}

export const fullPlan: Plan = { rounds: 5, sliceMs: 5000, clients: [1, 4, 16, 64], overloads: [2, 4, 6], starts: 5 };
/** Long enough to see what a change did, too short to quote. */
export const quickPlan: Plan = { rounds: 2, sliceMs: 3000, clients: [1, 16], overloads: [4], starts: 1 };
