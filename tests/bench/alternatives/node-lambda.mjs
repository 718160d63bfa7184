// A function of AWS Lambda without a client of the runtime API beside Node's own.

import { Agent, request } from "node:http";
import { allocate } from "./sample.mjs";

const API = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true });

function ask(method, url, body) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

function answer(event) {
  const keys = new URLSearchParams(event.rawQueryString).getAll("code");
  if (!keys.includes(process.env.ALLOCATE_KEY_1)) return { statusCode: 401 };
  const decided = allocate(JSON.parse(event.body));
  return {
    statusCode: decided.refused ? 400 : 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(decided),
  };
}

for (;;) {
  const next = await ask("GET", `${API}/next`);
  const id = next.headers["lambda-runtime-aws-request-id"];
  await ask("POST", `${API}/${id}/response`, JSON.stringify(answer(JSON.parse(next.body))));
}
