/** What is told of boards that are networks of their own, and to whoever updates one over its network. */
import assert from "node:assert/strict";
import { joining } from "../../host/cli/joining.js";
import { describePlace, ownNetworkOf } from "../../host/flash/own-network.js";
import type { Config } from "../../host/index.js";

const within = (network?: Config["network"]): Config => ({ board: "esp32", name: "desk", network });

describe("a board that is updated over a network", () => {
  it("has to be met where it will be within three minutes", () => {
    const [own, other] = [describePlace(within({ accessPoint: true })), describePlace(within({ ssid: "ward" }))];
    assert.match(
      own.join(),
      /^it becomes the network desk: if that is another network than now, have this computer there/,
    );
    assert.match(other.join(), /^it joins ward: .* or it goes back to what it had, and say hello to it there/);
    assert.deepEqual(describePlace(within({ ip: "10.0.0.7" })), []);
  });

  it("is found by itself at an address of its own, and by its UDP link", () => {
    const links = { udp: { port: 9180, insecure: true } };
    for (const config of [within({ ssid: "ward", ip: "10.0.0.7" }), { ...within({ ssid: "ward" }), links }])
      assert.match(describePlace(config).join(), /or it goes back to what it had$/);
  });
});

describe("a board that is a network of its own", () => {
  it("is joined with a password that follows from its key, or is printed at its console", () => {
    const config = within({ accessPoint: true });
    assert.deepEqual(
      joining(ownNetworkOf({ ...config, key: "2f".repeat(32), links: { tcp: { port: 9180 } } })!, "desk.key"),
      [
        "its network is desk, with the password that this says: devsock key wifi desk.key",
        "next, in there: devsock ls tcp://192.168.4.1:9180 --key-file desk.key",
      ],
    );
    assert.deepEqual(joining(ownNetworkOf({ ...config, links: { udp: { port: 9200, insecure: true } } })!), [
      "its network is desk, with the password that it prints at its console, another one at each start",
      "next, in there: devsock ls udp://192.168.4.1:9200",
    ]);
    assert.equal(ownNetworkOf(within({ ssid: "lab" })), undefined);
  });
});
