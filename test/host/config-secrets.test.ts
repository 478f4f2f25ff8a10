import assert from "node:assert/strict";
import { configJsonSchema, parseConfig } from "../../host/index.js";
import type { Config, ConfigError } from "../../host/index.js";
import { textsOf, withSecrets } from "../../host/config/secrets.js";

const KEY = "0123456789abcdef".repeat(4);
const base = { board: "espruino-wifi", name: "desk", links: { tcp: { port: 9180 } } };
const of = (password: string): Config => parseConfig({ ...base, key: KEY, network: { ssid: "lab", password } });

describe("a configuration's secrets", () => {
  it("are apart from the rest, and both together are what it was", () => {
    const config = of("of the lab");
    const { open, secret } = textsOf(config);
    assert.deepEqual(JSON.parse(open), { ...base, network: { ssid: "lab" } });
    assert.deepEqual(JSON.parse(secret), { key: KEY, network: { password: "of the lab" } });
    // What it was made from is as it was.
    assert.equal(config.key, KEY);
    assert.deepEqual(textsOf(parseConfig({ ...base, links: {} })).secret, "{}");
  });

  it("do not show how long a password is by the length of their file", () => {
    const lengths = [8, 9, 20].map((length) => Buffer.byteLength(textsOf(of("x".repeat(length))).secret));
    assert.deepEqual(new Set(lengths).size, 1);
  });

  it("come from elsewhere into a configuration that has none, and a key not into an open one", () => {
    const given = { key: KEY, wifiPassword: "of the lab" };
    const joins = { ...base, network: { ssid: "lab" } };
    assert.deepEqual(withSecrets(JSON.stringify(joins), given), {
      key: KEY,
      ...base,
      network: { password: "of the lab", ssid: "lab" },
    });
    assert.deepEqual(withSecrets({ ...base, key: "mine" }, given), { ...base, key: "mine" });
    for (const open of [{ board: "linux", links: { tcp: { port: 1, insecure: true } } }, { board: "pico" }])
      assert.deepEqual(withSecrets(open, given), open);
    // What is no configuration is said by who reads it.
    for (const other of ["{", "[", 7]) assert.equal(withSecrets(other, given), other);
  });

  it("are marked, whatever they are called in whatever part", () => {
    const unmarked: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== "object" || schema === null) return;
      for (const [name, part] of Object.entries(schema as Record<string, unknown>)) {
        const secret = /key|password|secret|token/i.test(name) && path.endsWith("/properties");
        if (secret && (part as { writeOnly?: boolean }).writeOnly !== true) unmarked.push(`${path}/${name}`);
        walk(part, `${path}/${name}`);
      }
    };
    walk(configJsonSchema(), "");
    assert.deepEqual(unmarked, []);
  });

  it("are not in what is said of them when they are wrong", () => {
    for (const password of [12_345_678, "x".repeat(64), ["secret99"]])
      assert.throws(
        () => parseConfig({ ...base, key: "12345678", network: { ssid: "lab", password } }),
        (error: ConfigError) => !/12345678|xxxx|secret99/.test(JSON.stringify(error) + error.message),
      );
  });
});
