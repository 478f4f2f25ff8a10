/** What cameras send: JPEGs that are almost whole, and the records that bear them. */
import { thumbnail } from "../../host/device/thumbnail.js";
import { checkJpeg } from "../../host/device/jpeg.js";
import { decodeImage, imageFailure, imageHeader } from "../../protocols/service/images.js";
import { below } from "../random.js";
import type { Random } from "../random.js";
import { mutated, noise } from "./mutate.js";
import { demand } from "./target.js";
import type { Target } from "./target.js";

/** Grey with restart markers, and colours with tables of their own. */
const WHOLE = [
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//wAALCAARACEBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/90ABAAF/9oACAEBAAA/AOKh/wBYKs1g1NB0NS1//9Diof8AWCrNYNTQdDUtf//R4qH/AFgqzWDU0HQ1LX//2Q==",
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAARACEDAREAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAwQFBv/EABgQAQADAQAAAAAAAAAAAAAAAAABAzEz/8QAGAEAAwEBAAAAAAAAAAAAAAAAAgMEBQb/xAAaEQEAAwEBAQAAAAAAAAAAAAAAAQIxMgME/9oADAMBAAIRAxEAPwDiqekIrYl8e4Ugp1CyWC6Io1GSXfVfz5JQnqqekMa2Mbx7hSCnULJYLoijUZJd9V/PklCeqp6QxrYxvHuFIKdQslguiKNRkl31X8+SUJ7/2Q==",
].map((text) => Buffer.from(text, "base64"));

/** Of what is taken for whole the end is there, and without it nothing is. */
class JpegTarget implements Target {
  readonly name = "jpeg";

  try(rand: Random): void {
    const right = WHOLE[below(rand, WHOLE.length)]!;
    const bytes = rand() < 0.1 ? Buffer.concat([right.subarray(0, 2), noise(rand, 500)]) : mutated(right, rand);
    const found = checkJpeg(bytes);
    const small = thumbnail(bytes);
    if (typeof found === "string") return demand(found !== "" && small === undefined, "a broken one has a picture");
    const { width, height, length } = found;
    demand(length <= bytes.length && bytes[length - 2] === 0xff && bytes[length - 1] === 0xd9, `it ends at ${length}`);
    demand(typeof checkJpeg(bytes.subarray(0, length - 1)) === "string", "it is whole without its last byte");
    const pixels = Math.ceil(width / 8) * Math.ceil(height / 8);
    demand(!small || small.pixels.length === 3 * pixels, `${small?.pixels.length} of ${pixels} pixels`);
  }
}

/** What is taken for an image has no more bytes than it says. */
class ImageTarget implements Target {
  readonly name = "image";

  try(rand: Random): void {
    const data = noise(rand, below(rand, 40));
    const image = Buffer.concat([imageHeader(rand() * 1000, data.length + below(rand, 3)), data]);
    const record = decodeImage(mutated(rand() < 0.3 ? Buffer.from(imageFailure(1, "EIO: no; look")) : image, rand));
    if (record?.kind === "image") demand(record.data.length <= record.length, "more bytes than it says");
    demand(!record || (record.tick >= 0 && record.tick < 2 ** 48), `at ${record?.tick}`);
  }
}

export function images(): Target[] {
  return [new JpegTarget(), new ImageTarget()];
}
