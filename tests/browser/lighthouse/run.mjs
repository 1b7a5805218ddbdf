// Runs Lighthouse (its mobile setting) on pages, in a Chromium that listens already:
//   node run.mjs PORT RUNS URL...
// Performance is the median of RUNS; the other categories do not depend on time and are judged once.
// Prints one line of JSON a page.
import lighthouse from "lighthouse";

const [port, runs, ...urls] = process.argv.slice(2);

// A busy machine can make the browser answer too late: that is no verdict on the page, and it is asked again.
async function judge(url, onlyCategories, tries = 3) {
  let said = "";
  for (let i = 0; i < tries; i++) {
    try {
      const result = await lighthouse(url, { port: Number(port), output: "json", logLevel: "silent", onlyCategories });
      const { categories, audits, runtimeError } = result.lhr;
      if (!runtimeError) return { categories, audits };
      said = runtimeError.message;
    } catch (error) {
      said = error.message;
    }
    console.error(`${url}: ${said}`);
  }
  throw new Error(`${url}: ${said}`);
}

const score = (found, name) => Math.round((found.categories[name]?.score ?? 0) * 100);
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

for (const url of urls) {
  const other = ["accessibility", "best-practices", "seo"];
  const first = await judge(url, [...(Number(runs) ? ["performance"] : []), ...other]);
  const timed = Number(runs) ? [first] : [];
  while (timed.length < Number(runs)) timed.push(await judge(url, ["performance"]));
  const value = (name) => Math.round(median(timed.map((found) => found.audits[name]?.numericValue ?? 0)));
  const failed = other.flatMap((name) =>
    first.categories[name].auditRefs
      .filter((ref) => ref.weight > 0 && first.audits[ref.id].score !== null && first.audits[ref.id].score < 1)
      .map((ref) => ref.id),
  );
  console.log(
    JSON.stringify({
      url,
      performance: timed.length ? median(timed.map((found) => score(found, "performance"))) : null,
      accessibility: score(first, "accessibility"),
      practices: score(first, "best-practices"),
      seo: score(first, "seo"),
      failed,
      paint: value("first-contentful-paint"),
      largest: value("largest-contentful-paint"),
      blocking: value("total-blocking-time"),
      shift: timed.length ? median(timed.map((found) => found.audits["cumulative-layout-shift"].numericValue)) : 0,
    }),
  );
}
