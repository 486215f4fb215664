/** How the hand-over of traffic controls the replicas of one variant on its platform. */
export interface Rollout {
  /**
   * Resolves once every replica runs the declared version; rejects with the platform's reason when the rollout fails or takes too long. In a
   * schedule window with 0 replicas it wakes one, which runs until `release`.
   */
  complete(): Promise<void>;
  /** Raises the count to this number and keeps autoscaling from removing replicas without load. True if it raised it. */
  raise(replicas: number): Promise<boolean>;
  /** How long raised replicas must be kept once traffic has moved: until autoscaling has measured the load. */
  readonly holdSeconds: number;
  /** Returns the count to autoscaling within the bounds of now, also after an earlier update that was killed. */
  release(): Promise<void>;
  /** An error with the summary and the cause that the platform reports. */
  explain(summary: string): Promise<Error>;
}
