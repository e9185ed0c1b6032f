// Builds each sheet and notes of which sources it was made, so that a test without Node can see what was forgotten.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";

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
