// Builds each sheet and notes of which sources it was made, so that a test without Node can see what was forgotten.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const SHEETS = ["kuitti", "pay", "admin", "reference"];

const digest = createHash("sha256");
for (const name of readdirSync(".").filter((file) => file.endsWith(".css")).sort()) {
  digest.update(readFileSync(name));
}
const note = `/* made of ${digest.digest("hex").slice(0, 16)} */\n`;

for (const sheet of SHEETS) {
  const built = `../static/css/${sheet}.css`;
  execFileSync("tailwindcss", ["--input", `${sheet}.css`, "--output", built, "--minify"], { stdio: "inherit" });
  appendFileSync(built, note);
}

// The one script that is not ours, as it was published, with its licence.
const version = JSON.parse(readFileSync("package.json")).devDependencies["driver.js"];
const licence = readFileSync("node_modules/driver.js/license", "utf8").trim();
mkdirSync("../static/vendor", { recursive: true });
writeFileSync(
  "../static/vendor/driver.js",
  `/* driver.js ${version}\n\n${licence}\n*/\n${readFileSync("node_modules/driver.js/dist/driver.js.iife.js", "utf8")}`,
);
