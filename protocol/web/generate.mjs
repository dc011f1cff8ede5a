// JSON Schema on standard input to TypeScript on standard output; run by ops/generate_messages.py.
import { readFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const schema = JSON.parse(readFileSync(0, "utf8"));
const text = await compile(schema, "Messages", {
  additionalProperties: false,
  bannerComment: "",
  format: true,
  ignoreMinAndMaxItems: true,
  style: { printWidth: 110 },
  unreachableDefinitions: true,
});
process.stdout.write(
  text
    .replace(/(?:\/\*\*\n| \*\n) \* This interface was referenced by .*\n \* via .*\n \*\/\n/g, (found) =>
      found.startsWith("/**") ? "" : " */\n",
    )
    .replace(/export interface Messages \{\}\n/, "")
    .replace(/\n(\/\*\*|export )/g, "\n\n$1")
    .replace(/ \*\/\n\nexport/g, " */\nexport")
    .replace(/\n{3,}/g, "\n\n"),
);
