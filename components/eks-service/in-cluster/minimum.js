/**
 * Requests raise the minimum of an autoscaler above its base. The program, the jobs of a schedule and the request scaler write the field, so
 * each of them reads this note first, and writes it together with the field.
 */
const noteKey = "inference/request-scaling";
/** Pulumi declares it. Without it, requests raise nothing. */
const targetKey = "inference/requests-per-minute-per-replica";

const annotationsOf = ({ metadata }) => metadata.annotations ?? {};

/** Requests a minute that a replica should answer. */
function targetOf(autoscaler) {
  const target = Number(annotationsOf(autoscaler)[targetKey]);
  return target > 0 ? target : undefined;
}

/** What the requests ask for, the base, and the minimum that follows from both. */
function noteOf(autoscaler) {
  try {
    const { asked, base, minimum } = JSON.parse(annotationsOf(autoscaler)[noteKey]);
    return [asked, base, minimum].every(Number.isInteger) ? { asked, base, minimum } : undefined;
  } catch {
    return undefined;
  }
}

const askedOf = (autoscaler) => (targetOf(autoscaler) === undefined ? undefined : noteOf(autoscaler)?.asked);

/** The bounds without requests. A minimum that is not the noted one is from a writer that does not know the note: it is the base. */
function boundsOf(autoscaler) {
  const { minReplicas: standing = 1, maxReplicas: max } = autoscaler.spec;
  const note = noteOf(autoscaler);
  return { min: note?.minimum === standing ? note.base : standing, max };
}

/** A merge patch that sets the bounds without requests, and keeps what the requests ask for. The API server refuses it if the object has changed. */
function patchOf(autoscaler, { min, max }, asked = askedOf(autoscaler)) {
  const minimum = asked === undefined ? min : Math.max(min, Math.min(asked, max));
  const note = asked === undefined ? null : JSON.stringify({ asked, base: min, minimum });
  const { resourceVersion } = autoscaler.metadata;
  return {
    metadata: { resourceVersion, annotations: { [noteKey]: note } },
    spec: { minReplicas: minimum, maxReplicas: max },
  };
}

/** Whether a patch of patchOf changes anything. */
const isChange = (autoscaler, { metadata, spec }) =>
  autoscaler.spec.minReplicas !== spec.minReplicas ||
  autoscaler.spec.maxReplicas !== spec.maxReplicas ||
  (annotationsOf(autoscaler)[noteKey] ?? null) !== metadata.annotations[noteKey];

module.exports = { targetKey, targetOf, askedOf, boundsOf, patchOf, isChange };
