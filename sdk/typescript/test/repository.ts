import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The top of the repository, seen from dist/test. */
const root = new URL("../../../../", import.meta.url);

/** The program under test. */
export const bin = process.env["SEN_BIN"] ?? fileURLToPath(new URL("bin/sen", root));

/** Reads a file of the vectors that all SDKs share. */
export function vectors<T>(name: string): T[] {
  const all = JSON.parse(readFileSync(new URL(`testdata/vectors/${name}`, root), "utf8")) as T[];
  if (all.length === 0) throw new Error(`${name} is empty`);
  return all;
}
