// A small model server whose habits, good and bad, are variables.
const { createServer } = require("node:http");
const { mkdirSync, writeFileSync } = require("node:fs");

const {
  PORT = "8080",
  LISTEN_PORT = PORT,
  LISTEN_HOST = "0.0.0.0",
  HEALTH_PATH = "/health",
  KEEP_ALIVE_SECONDS = "300",
  ANSWER_MS = "0",
  ON_TERM = "drain",
  WRITES = "",
} = process.env;

if (WRITES !== "") {
  mkdirSync(WRITES, { recursive: true });
  writeFileSync(`${WRITES}/model.bin`, "weights");
}

const server = createServer((request, response) => {
  if (request.url === HEALTH_PATH) return response.end("ok");
  if (request.url !== "/predict") return response.writeHead(404).end();
  setTimeout(() => response.end("{}"), Number(ANSWER_MS));
});
server.keepAliveTimeout = Number(KEEP_ALIVE_SECONDS) * 1000;
// Node adds a second of its own unless told otherwise.
server.keepAliveTimeoutBuffer = 0;
server.listen(Number(LISTEN_PORT), LISTEN_HOST, () => console.log("listening"));

if (ON_TERM === "drain") {
  process.on("SIGTERM", () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
if (ON_TERM === "drop") process.on("SIGTERM", () => process.exit(0));
