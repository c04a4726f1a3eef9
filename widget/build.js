/**
 * Builds dist/: one minified file for browsers and a manifest with its version, size and subresource-integrity hash.
 * The same sources and lock file give the same bytes. `--check` builds aside and fails if dist/ differs.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TARGET = ["chrome109", "firefox115", "safari16.4"];

const cssAsText = {
  name: "css-as-text",
  setup: (setup) => setup.onLoad({ filter: /\.css$/ }, async ({ path }) => {
    const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: TARGET });
    return { contents: code.trim(), loader: "text" };
  }),
};

/** @returns {Promise<{script: Buffer, manifest: string}>} What dist/ must hold. */
export async function make() {
  const { version } = JSON.parse(await readFile(here("package.json"), "utf8"));
  const result = await build({
    absWorkingDir: here("."), entryPoints: ["src/register.js"], bundle: true, minify: true, format: "iife", target: TARGET,
    charset: "utf8", legalComments: "none", write: false, plugins: [cssAsText], define: { VERSION: JSON.stringify(version) },
    banner: { js: `/*! AskImmune widget ${version} | Apache-2.0 */` },
  });
  const script = Buffer.from(result.outputFiles[0].contents);
  const manifest = {
    version, file: "askimmune.js", integrity: `sha384-${createHash("sha384").update(script).digest("base64")}`,
    bytes: script.length,
  };
  return { script, manifest: `${JSON.stringify(manifest, null, 2)}\n` };
}

async function main() {
  const { script, manifest } = await make();
  const gzip = gzipSync(script, { level: 9 }).length;
  if (process.argv.includes("--check")) {
    const same = script.equals(await readFile(here("dist/askimmune.js"))) && manifest === await readFile(here("dist/manifest.json"), "utf8");
    if (!same) throw new Error("dist/ is not what src/ builds: run `npm run build` and commit dist/");
    return console.log("dist/ is what src/ builds");
  }
  await mkdir(here("dist"), { recursive: true });
  await writeFile(here("dist/askimmune.js"), script);
  await writeFile(here("dist/manifest.json"), manifest);
  console.log(`dist/askimmune.js: ${script.length} bytes, ${gzip} with gzip\n${manifest}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
