/**
 * The same text on a host and on a board: opens a socket to a printer's status and says what it reads.
 *
 * On a host:   node examples/same-text-host.js tcp://192.168.1.20
 * On a board:  require("same-text")(require("sockets"), print), with this file in Storage as "same-text"
 * To a board that this one dials (docs/peers.md): require("same-text")(require("sockets"), print, "ward3#printer0:status")
 */
module.exports = function (sockets, say, address) {
  var s = sockets.socket(sockets.AF_DEVICE, sockets.SOCK_STREAM);
  var text = "";
  function read(error, data) {
    if (error) return say("failed: " + error.code);
    if (data !== null) {
      text += data;
      return sockets.recv(s, 256, 0, read);
    }
    var status = JSON.parse(text);
    sockets.close(s, function () {
      say("printer0: " + (status.answers === false ? "does not answer" : "answers") + ", " + status.jobs + " jobs");
    });
  }
  sockets.connect(s, address || "printer0:status", function (error) {
    if (error) return say("refused: " + error.code);
    sockets.recv(s, 256, 0, read);
  });
};
