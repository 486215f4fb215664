/** The replicas of one variant on their platform, as far as the hand-over of traffic asks about them and changes their number. */
export interface Rollout {
  /** Resolves once every replica runs the declared version; rejects with the platform's reason when that failed or takes too long. */
  complete(): Promise<void>;
  /** Starts what is missing to this number and keeps autoscaling from removing replicas that have no load yet. True if it had to. */
  raise(replicas: number): Promise<boolean>;
  /** For how long after traffic has come raised replicas have to be kept: until autoscaling has measured the load. */
  readonly holdSeconds: number;
  /** Gives the number back to autoscaling, also when an earlier update was killed before it could. */
  release(): Promise<void>;
  /** The failure, with what the platform knows of its cause. */
  explain(summary: string): Promise<Error>;
}
