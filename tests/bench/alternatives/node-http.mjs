// A custom handler on Node's own HTTP server, one process.

import { createServer } from "node:http";
import { allocate } from "./sample.mjs";

const server = createServer((request, response) => {
  if (request.method === "GET" && request.url === "/") return response.end();
  if (request.method !== "POST" || request.url !== "/api/allocate") {
    response.statusCode = 404;
    return response.end();
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    let answer;
    try {
      answer = allocate(JSON.parse(Buffer.concat(chunks).toString()));
    } catch {
      answer = { refused: "the body is not JSON" };
    }
    response.statusCode = answer.refused ? 400 : 200;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(answer));
  });
});

server.listen(Number(process.env.FUNCTIONS_CUSTOMHANDLER_PORT), "127.0.0.1");
