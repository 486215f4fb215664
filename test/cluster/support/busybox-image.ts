import { chmodSync, copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "../../../tools/start/docker";
import { temporaryFolder } from "../../support/folder";

const busybox = "/bin/busybox";

/** The reason why this machine cannot make the image. */
export const missingBusybox = (): string | undefined =>
  existsSync(busybox) ? undefined : `no ${busybox} to make a small image from (apt-get install busybox-static)`;

/** Serves /www on port 8080. MODE=crash ends at once, MODE=sick has no readiness path. It prints the machine's uptime at SIGTERM. */
const serve = `#!/bin/busybox sh
uptime() { read now rest < /proc/uptime; echo "$1 $now"; }
[ "$MODE" != crash ] || { echo "no model"; exit 3; }
mkdir -p /tmp/www || exit 4
echo "$VERSION" > /tmp/www/version
[ "$MODE" = sick ] || echo ok > /tmp/www/ready
trap 'uptime SIGTERM; [ "$MODE" = deaf ] || { kill $server; exit 0; }' TERM
/bin/busybox httpd -f -p 8080 -h /tmp/www &
server=$!
uptime started
while :; do wait $server; done
`;

const dockerfile = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN ["/bin/mkdir", "-m", "1777", "/tmp"]
COPY serve /serve
CMD ["/serve"]
`;

/** Builds an image of a few MB without pulling anything, and returns its id. */
export async function buildBusyboxImage(docker: Docker): Promise<string> {
  const folder = temporaryFolder("busybox");
  copyFileSync(busybox, join(folder, "busybox"));
  writeFileSync(join(folder, "serve"), serve);
  chmodSync(join(folder, "serve"), 0o755);
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  return docker.build(folder, "inference-tests/busybox:1");
}
