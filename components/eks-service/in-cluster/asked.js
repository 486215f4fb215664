/** As long as target tracking on ECS waits before it adds replicas. */
const sustainedMinutes = 3;

/**
 * The replicas that the requests of the last minutes ask for, the newest first. Requests that are above what is asked for in each of three
 * minutes raise it. It falls to the busiest of all minutes.
 */
function askedBy(requests, target, before = 0) {
  const replicas = requests.map((count) => Math.ceil(count / target));
  const sustained = Math.min(...replicas.slice(0, sustainedMinutes));
  return Math.min(Math.max(before, sustained), Math.max(...replicas));
}

module.exports = { askedBy };
