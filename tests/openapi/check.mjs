// Validates the document that a program prints: node check.mjs PROGRAM FOLDER, where FOLDER is for the packages.
// Ends with 77 where the packages cannot be had.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [program, folder] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));

function fail(message) {
  console.error(message);
  process.exit(1);
}

function installPackages() {
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(here, name), join(folder, name));
  const install = spawnSync("npm", ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: folder, encoding: "utf8" });
  if (install.status === 0) return;
  console.error(install.stderr ?? install.error);
  process.exit(/EINTEGRITY|EUSAGE/.test(install.stderr ?? "") ? 1 : 77);
}

const load = (path) => import(pathToFileURL(join(folder, "node_modules", path)));

installPackages();
const { Validator } = await load("@seriousme/openapi-schema-validator/index.js");
const { default: Ajv2020 } = await load("ajv/dist/2020.js");

const printed = spawnSync(program, { encoding: "utf8" });
if (printed.status !== 0) fail(`${program} ended with ${printed.status}`);
const document = JSON.parse(printed.stdout);

const outcome = await new Validator().validate(structuredClone(document));
if (!outcome.valid) fail(JSON.stringify(outcome.errors, null, 2));

for (const part of ["info", "paths"]) {
  const broken = structuredClone(document);
  broken[part] = 5;
  if ((await new Validator().validate(broken)).valid) fail(`a document whose ${part} is a number was taken as valid`);
}

// The schemas have to mean something to who checks bodies with them.
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
ajv.addKeyword("components");
ajv.addSchema({ $id: "document", components: document.components });
for (const name of Object.keys(document.components.schemas)) {
  const check = ajv.compile({ $ref: `document#/components/schemas/${name}` });
  if (check(5)) fail(`${name} takes a number for an object`);
  if (name.endsWith(".new") && check({ noSuchField: 1 })) fail(`${name} takes a field that no entity has`);
}
console.log(`${Object.keys(document.paths).length} paths, ${Object.keys(document.components.schemas).length} schemas: valid`);
