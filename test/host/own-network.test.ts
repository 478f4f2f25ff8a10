/** What is told of boards that are networks of their own, and to whoever updates one over the network that it leaves. */
import assert from "node:assert/strict";
import { joining } from "../../host/cli/joining.js";
import { describeMove, ownNetworkOf } from "../../host/flash/own-network.js";
import type { Config } from "../../host/index.js";

const within = (network?: Config["network"]): Config => ({ board: "esp32", name: "desk", network });

describe("a board that changes its network", () => {
  it("has to be met in the new one within three minutes", () => {
    const own = within({ accessPoint: true });
    const lab = within({ ssid: "lab" });
    assert.match(
      describeMove(own, lab)!,
      /^it joins the network lab: this computer has to be there within three minutes/,
    );
    assert.match(describeMove(lab, within({ ssid: "ward" }))!, /^it joins the network ward: /);
    assert.match(describeMove(lab, own)!, /^it becomes the network desk: /);
  });

  it("is where it was with another password, with another address, or by its cable", () => {
    const lab = within({ ssid: "lab" });
    assert.equal(describeMove(lab, within({ ssid: "lab", password: "of the lab", ip: "10.0.0.7" })), undefined);
    assert.equal(describeMove(within(), within({ ip: "10.0.0.7" })), undefined);
    assert.equal(describeMove(within({ accessPoint: true }), within({ accessPoint: true })), undefined);
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
      "its network is desk, with the password that it prints at its console when it starts",
      "next, in there: devsock ls udp://192.168.4.1:9200",
    ]);
    assert.equal(ownNetworkOf(within({ ssid: "lab" })), undefined);
  });
});
