import { readFileSync } from "node:fs";
import { UserError } from "../cli/user-error";

const limitMs = 20_000;
const perPage = 100;

interface Comment {
  readonly id: number;
  readonly body?: string;
}

interface PullRequest {
  /** https://docs.github.com/rest/issues/comments: a pull request is an issue as well. */
  readonly comments: string;
  readonly token: string;
}

/** From the environment of a job of GitHub Actions for a pull request. */
export function pullRequestOf(env: NodeJS.ProcessEnv): PullRequest & { readonly api: string } {
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token, GITHUB_EVENT_PATH: event } = env;
  if (!api || !repository || !token || !event)
    throw new UserError(
      "--post needs GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH and GITHUB_TOKEN: run it in GitHub Actions, with env GITHUB_TOKEN",
    );
  const { pull_request: request } = JSON.parse(readFileSync(event, "utf8")) as { pull_request?: { number: number } };
  if (request === undefined) throw new UserError("--post needs a pull request; this job runs for another event");
  const issues = `${api}/repos/${repository}/issues`;
  return { api: issues, comments: `${issues}/${request.number}/comments`, token };
}

/** Replaces the comment with this marker, or adds one. */
export async function postComment(body: string, marker: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { api, comments, token } = pullRequestOf(env);
  const before = await findComment(comments, marker, token);
  if (before === undefined) await send("POST", comments, token, { body });
  else await send("PATCH", `${api}/comments/${before.id}`, token, { body });
}

async function findComment(comments: string, marker: string, token: string): Promise<Comment | undefined> {
  for (let page = 1; ; page += 1) {
    const found = (await send("GET", `${comments}?per_page=${perPage}&page=${page}`, token)) as readonly Comment[];
    const own = found.find(({ body }) => body?.startsWith(marker));
    if (own || found.length < perPage) return own;
  }
}

async function send(method: string, url: string, token: string, body?: object): Promise<unknown> {
  const headers = { accept: "application/vnd.github+json", authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(limitMs);
  const response = await fetch(url, { method, headers, signal, ...(body && { body: JSON.stringify(body) }) }).catch(
    (error: Error) => {
      const why = signal.aborted ? `no answer within ${limitMs / 1000} s` : error.message;
      throw new UserError(`GitHub did not answer ${method} ${url}: ${why}`);
    },
  );
  if (response.ok) return response.json();
  const hint = response.status === 403 ? " The job needs the permission pull-requests: write." : "";
  throw new UserError(`GitHub refused ${method} ${url}: ${response.status} ${await response.text()}.${hint}`);
}
