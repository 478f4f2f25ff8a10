/** The page at /: the picture, and how it is. It asks for nothing from elsewhere. */
import { createHash } from "node:crypto";

const STYLE = `body{font:1rem system-ui,sans-serif;margin:1rem;color:#222;background:#fff}
img{max-width:100%;border:1px solid #999;display:block}
.old{opacity:.3}`;

/** A picture that does not move any more must not look as if it did. */
const SCRIPT = `const picture = document.querySelector("img");
const state = document.querySelector("p");
async function look() {
  let words = "devsock does not answer";
  let running = false;
  try {
    const status = await (await fetch("status.json")).json();
    running = status.running;
    words = status.summary;
  } catch {}
  state.textContent = words;
  picture.className = running ? "" : "old";
  if (!running) picture.src = "stream.mjpg?" + Date.now();
}
setInterval(look, 2000);
setTimeout(look, 500);`;

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

export const PAGE_HEADERS = {
  "content-security-policy": `default-src 'none'; img-src 'self'; connect-src 'self'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; frame-ancestors 'self'`,
};

/** @param name of the camera: what a board may be configured to */
export function page(name: string): string {
  const safe = name.replace(/[^\w.-]/g, "?");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${safe}</title>
<style>${STYLE}</style>
<h1>${safe}</h1>
<img src="stream.mjpg" alt="what ${safe} sees">
<p role="status">waiting for the first picture</p>
<a href="snapshot.jpg">one picture</a>
<script>${SCRIPT}</script>
</html>
`;
}
