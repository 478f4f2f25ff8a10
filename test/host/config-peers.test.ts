import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../../host/config/index.js";
import { textsOf } from "../../host/config/secrets.js";

const KEY = "7a".repeat(32);
const BASE = { board: "linux", links: { tcp: { port: 9180, insecure: true } } };

function faults(config: object): string[] {
  try {
    parseConfig({ ...BASE, ...config }, { simulated: true });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ path, problem }) => `${path}: ${problem}`);
  }
}

describe("configuration: other boards", () => {
  it("takes a board by its address and its key, and a port for its printer", () => {
    const peers = { ward3: { address: "192.168.1.7:9180", key: KEY } };
    assert.deepEqual(
      faults({ peers, endpoints: [{ service: "raw", peer: "ward3", device: "printer0", port: 9100 }] }),
      [],
    );
  });

  it("keeps the key where no link shows it", () => {
    const config = parseConfig({ ...BASE, peers: { ward3: { address: "192.168.1.7:9180", key: KEY } } });
    const { open, secret } = textsOf(config);
    assert.ok(secret.includes(KEY) && !open.includes(KEY));
  });

  it("says what is wrong", () => {
    assert.match(faults({ peers: { ward3: { address: "192.168.1.7:9180" } } })[0]!, /^peers.ward3: .*give its "key"/);
    assert.match(faults({ peers: { ward3: { address: "192.168.1.7" } } })[0]!, /^peers.ward3.address: must be/);
    assert.match(
      faults({ endpoints: [{ service: "raw", peer: "ward9", device: "printer0", port: 9100 }] })[0]!,
      /^endpoints\[0\].peer: there is no board ward9; add it under "peers"/,
    );
    const peers = { ward3: { address: "192.168.1.7:9180", insecure: true } };
    assert.match(faults({ board: "mdbt42q", peers })[0]!, /^peers: mdbt42q has no room for dialling/);
  });
});
