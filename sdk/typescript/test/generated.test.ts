import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bin } from "./repository.js";

const top = new URL("../../", import.meta.url);

test("src/generated is what the document gives", () => {
  execFileSync(process.execPath, [fileURLToPath(new URL("generate.mjs", top)), "--check"], {
    env: { ...process.env, SEN_BIN: bin },
    stdio: "pipe",
  });
});

test("what merchants load needs no module of a runtime and no package", () => {
  const dist = new URL("dist/src/", top);
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  assert.ok(files.includes("index.js"));
  for (const name of files) {
    const text = readFileSync(new URL(name, dist), "utf8");
    for (const [, from] of text.matchAll(/\bfrom "([^"]+)"|\bimport "([^"]+)"/g)) {
      assert.ok(from?.startsWith("./") || from?.startsWith("../"), `${name} loads ${from}`);
    }
  }
});
