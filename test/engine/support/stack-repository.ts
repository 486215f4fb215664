import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "./sandbox";

/** A repository with the stack files, whose remote has the branch main. */
export class StackRepository {
  readonly remote: string;

  constructor(private readonly sandbox: Sandbox) {
    this.remote = join(sandbox.root, "remote.git");
    this.git("init", "--quiet", "--initial-branch", "main");
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch", "main", this.remote]);
    this.git("remote", "add", "origin", this.remote);
    this.commit("start");
  }

  git(...args: string[]): string {
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    return execFileSync("git", [...who, ...args], { cwd: this.sandbox.project, encoding: "utf8" });
  }

  commit(message: string): void {
    this.git("add", "Pulumi.dev.yaml", "Pulumi.prod.yaml");
    this.git("commit", "--quiet", "--allow-empty", "--message", message);
    this.git("push", "--quiet", "--force", "origin", "main");
  }

  /** The stack file of a branch of the remote. */
  fileOf(branch: string): string {
    return execFileSync("git", ["show", `${branch}:Pulumi.prod.yaml`], { cwd: this.remote, encoding: "utf8" });
  }

  /** Refuses pushes to main, as a protected branch does. */
  protectMain(): void {
    const hook = join(this.remote, "hooks/update");
    writeFileSync(hook, '#!/bin/sh\n[ "$1" != refs/heads/main ]\n');
    chmodSync(hook, 0o755);
  }
}
