import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { make } from "../../build.js";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url));
/** Raised only with a reason in the commit: a patient on a slow line waits for each kilobyte. */
const LIMIT_GZIP_BYTES = 19 * 1024;

test("dist/ is what src/ builds, byte for byte", async () => {
  const { script, manifest } = await make();
  assert.ok(script.equals(read("dist/askimmune.js")), "run npm run build");
  assert.equal(manifest, read("dist/manifest.json").toString());
});

test("the built file stays small", () => {
  assert.ok(gzipSync(read("dist/askimmune.js"), { level: 9 }).length <= LIMIT_GZIP_BYTES);
});

test("the manifest tells the truth about the file", () => {
  const script = read("dist/askimmune.js");
  const manifest = JSON.parse(read("dist/manifest.json"));
  assert.equal(manifest.integrity, `sha384-${createHash("sha384").update(script).digest("base64")}`);
  assert.equal(manifest.bytes, script.length);
  assert.equal(manifest.version, JSON.parse(read("package.json")).version);
});

test("nothing in it can turn text into markup or code, or call another host", () => {
  const built = read("dist/askimmune.js").toString();
  for (const sink of ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc", "createContextualFragment", "DOMParser"]) {
    assert.ok(!built.includes(sink), sink);
  }
  assert.deepEqual(built.match(/https?:\/\/[a-z][a-z.]+/g), null);
});

test("it has no runtime dependency, and the lock file names no host", () => {
  assert.equal(JSON.parse(read("package.json")).dependencies, undefined);
  assert.ok(!read("package-lock.json").toString().includes('"resolved"'));
  for (const name of readdirSync(new URL("../../src/", import.meta.url))) {
    for (const [, from] of read(`src/${name}`).toString().matchAll(/^import .* from "([^"]+)"/gm)) assert.match(from, /^\.\//, name);
  }
});
