// A custom handler on Fastify, one process, its logger off.

import Fastify from "fastify";
import { allocate } from "./sample.mjs";

const app = Fastify({ logger: false });

app.get("/", async () => "");

app.post("/api/allocate", async (request, reply) => {
  const answer = allocate(request.body);
  reply.code(answer.refused ? 400 : 200);
  return answer;
});

await app.listen({ host: "127.0.0.1", port: Number(process.env.FUNCTIONS_CUSTOMHANDLER_PORT) });
