/** `npm run schema`: writes docs/config.schema.json from the schema that the host checks configurations with. */
import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../host/config/index.js";

const file = new URL("../docs/config.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
