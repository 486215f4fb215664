import { get } from "node:http";

/** The container's own health check: exit code 0 when the server on this machine answers /health with 200. */
const request = get({ host: "127.0.0.1", port: process.env.PORT || 8080, path: "/health", timeout: 3000 }, (response) =>
  process.exit(response.statusCode === 200 ? 0 : 1),
);
request.on("timeout", () => request.destroy(new Error("no answer within 3 s")));
request.on("error", (error) => {
  console.error(`/health: ${error.message}`);
  process.exit(1);
});
